"""A submission as it was sent, in one shape whatever its form."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from validation.finding import Found


@dataclass(frozen=True, eq=False)
class SentColumn:
    """A column: its distinct trimmed texts ("" is blank) and, for each row, its place among them.

    `codes` has one of numpy's unsigned integer types, the smallest that holds `len(distinct)`.
    """

    distinct: list[str]
    codes: npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True, eq=False)
class SentTable:
    """A table: the columns that some version of the data set knows, by the data set's own names.

    Rows in which every cell is blank are left out and not counted, so row 1 is the first row
    that holds something. `lines` gives for each row the line on which it begins in the CSV file
    (None for Access). `unknown` are the names, as sent and made safe to show, of columns that no
    version knows: their values were not read.
    """

    name: str
    columns: dict[str, SentColumn]
    rows: int
    lines: npt.NDArray[np.int32] | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Sent:
    """A whole submission: its form ("csv" or "access"), its tables by the data set's names,
    the safe names of tables that the data set does not know, and what reading it found."""

    form: str
    tables: dict[str, SentTable]
    unknown: tuple[str, ...] = ()
    findings: list[Found] = field(default_factory=list)


# Told of each table once it is read; the larger ones come last.
Arrived = Callable[[SentTable], None]


def ignored(table: SentTable) -> None:
    """Nobody wants to know of tables before all are read."""


class Unreadable(Exception):
    """The file is not a submission at all (F01): damaged, encrypted, of another kind, too large.

    The message is a sentence for the sender; it says what to do and holds no value of a person.
    `line` is the line of the first bad byte where that is known.
    """

    def __init__(self, words: str, table: str | None = None, line: int | None = None):
        super().__init__(words)
        self.words, self.table, self.line = words, table, line


class CannotCheck(Exception):
    """We could not check the file, which says nothing about it: a program or memory is lacking."""
