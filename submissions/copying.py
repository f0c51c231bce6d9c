"""Rows on their way into the database by COPY.

Every value is written once for each distinct text of a column and spread over the rows block by
block, so that the text handed to COPY never meets an unescaped value, the work does not grow with
the rows, and no table is ever held whole as text.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import Queue
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from django.db import connection

# About twenty megabytes of text: the last of it is on its way while other things are worked out.
BLOCKS_WAITING = 16
NULL = r"\N"
ROWS_IN_A_BLOCK = 10_000
# What joining two columns may cost beforehand: so many texts, and not more than one for so many
# rows.
MOST_PAIRS = 4096
ROWS_FOR_A_PAIR = 8
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

END, STOP = object(), object()

Places = npt.NDArray[np.integer]
Progress = Callable[[int], None]


def copy_text(value: str | None) -> str:
    """A value as PostgreSQL's COPY text format wants it."""
    return NULL if value is None else value.translate(_ESCAPES)


def copy_texts(values: list[str | None]) -> list[str]:
    """The same for many values: most columns hold nothing that needs an escape."""
    if _NEEDS_ESCAPE.search("".join(filter(None, values))):
        return [copy_text(value) for value in values]
    return [NULL if value is None else value for value in values]


class Cells(Protocol):
    """One column's COPY texts, a block of rows at a time."""

    def __len__(self) -> int: ...

    def block(self, start: int, stop: int) -> list[str]: ...


class Spread:
    """Few distinct values over many rows: `places` says for each row which one it has."""

    def __init__(self, distinct: Iterable[str | None], places: Places):
        self.texts = np.array(copy_texts(list(distinct)), dtype=object)
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def places(self, start: int, stop: int) -> Places:
        return self._places[start:stop]

    def block(self, start: int, stop: int) -> list[str]:
        return self.texts[self.places(start, stop)].tolist()


class Joined(Spread):
    """Two neighbouring columns as one: a text for each pair that there could be."""

    def __init__(self, left: Spread, right: Spread):
        self._left, self._right = left, right
        pairs = [f"{one}\t{other}" for one in left.texts for other in right.texts]
        self.texts = np.array(pairs, dtype=object)

    def __len__(self) -> int:
        return len(self._left)

    def places(self, start: int, stop: int) -> Places:
        left = self._left.places(start, stop).astype(np.int32)
        return left * np.int32(len(self._right.texts)) + self._right.places(start, stop)


def joined(columns: Iterable[Cells]) -> list[Cells]:
    """The same columns, neighbours joined while their pairs are few beside the rows: most
    columns hold codes, so a row is put together from a dozen texts instead of fifty."""
    together: list[Cells] = []
    for column in columns:
        left = together[-1] if together else None
        if isinstance(left, Spread) and isinstance(column, Spread) and _few(left, column):
            together[-1] = Joined(left, column)
        else:
            together.append(column)
    return together


def _few(left: Spread, right: Spread) -> bool:
    pairs = len(left.texts) * len(right.texts)
    return pairs <= min(MOST_PAIRS, len(left) // ROWS_FOR_A_PAIR)


class Numbers:
    """Whole numbers, one for each row; negative means NULL."""

    def __init__(self, numbers: Places):
        self._numbers = numbers.astype(np.int32)

    def __len__(self) -> int:
        return len(self._numbers)

    def block(self, start: int, stop: int) -> list[str]:
        numbers = self._numbers[start:stop].tolist()
        return [NULL if number < 0 else str(number) for number in numbers]


class Hexadecimal:
    """Rows of bytes over many rows, as `Spread` has texts; they become texts with their block."""

    def __init__(self, distinct: npt.NDArray[np.uint8], places: Places):
        self._distinct, self._places = distinct, places

    def __len__(self) -> int:
        return len(self._places)

    def block(self, start: int, stop: int) -> list[str]:
        block = self._distinct[self._places[start:stop]]
        # From the left, a blank behind each row's bytes.
        return block.tobytes().hex(" ", -block.shape[1]).split(" ")


def constant(text: str, rows: int) -> Spread:
    """The same text in every row."""
    return Spread([text], np.zeros(rows, dtype=np.uint8))


@dataclass
class Sheet:
    """Columns on their way into one table. `is_told` is whether its rows are records, which the
    progress tells of."""

    table: str
    columns: dict[str, Cells] = field(default_factory=dict)
    is_told: bool = True

    def blocks(self) -> Iterator[tuple[int, str]]:
        """The COPY text in blocks of rows, each with its number of rows."""
        columns = joined(self.columns.values())
        rows = len(columns[0])
        for start in range(0, rows, ROWS_IN_A_BLOCK):
            stop = min(start + ROWS_IN_A_BLOCK, rows)
            block = zip(*(column.block(start, stop) for column in columns), strict=True)
            yield stop - start, "\n".join(map("\t".join, block)) + "\n"

    @property
    def statement(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns)
        return f'COPY "{self.table}" ({names}) FROM STDIN'


class Sending:
    """Copies to the database in a thread of its own, while the next block is put together.

    It writes on the caller's connection, in the caller's transaction; the caller keeps its hands
    off the connection until the end, where a fault of the thread is raised.
    """

    def __init__(self, progress: Progress):
        self._progress = progress
        # A statement, its blocks, END; and so on until STOP.
        self._items: Queue[Any] = Queue(maxsize=BLOCKS_WAITING)
        self._is_open = False
        self._error: Exception | None = None
        connection.ensure_connection()
        self._connection = connection.connection
        self._thread = threading.Thread(target=self._work, daemon=True)

    def send(self, sheet: Sheet) -> None:
        self._is_open = True
        self._items.put(sheet.statement)
        for rows, block in sheet.blocks():
            self._items.put(block.encode())
            if sheet.is_told:
                self._progress(rows)
        self._items.put(END)
        self._is_open = False

    def _work(self) -> None:
        for statement in iter(self._items.get, STOP):
            blocks = self._blocks()
            if self._error is None:
                try:
                    self._copy(statement, blocks)
                except Exception as error:  # noqa: BLE001 (raised in the caller's thread)
                    self._error = error
            # Blocks that came after a fault are let go, so that the caller is never held up.
            for _ in blocks:
                pass

    def _blocks(self) -> Iterator[bytes]:
        """What comes up to END; STOP ends it too, and is left for whoever asks next."""
        while (item := self._items.get()) not in (END, STOP):
            yield item
        if item is STOP:
            self._items.put(STOP)

    def _copy(self, statement: str, blocks: Iterator[bytes]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._is_open:
            # The caller stumbled in the middle: its transaction is rolled back.
            self._items.put(END)
        self._items.put(STOP)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error
