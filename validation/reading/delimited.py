"""A table as comma separated text, read into coded columns in one pass with little memory.

Used for the members of a zip and for what the Access reader's programs print. Cells are told
apart as bytes, block by block (`cells.py`); only the distinct ones of each column become texts:
they are decoded, unquoted and trimmed once, at the end, when the encoding is known.
"""

import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.dataset import widest
from validation.finding import Found
from validation.reading.cells import (
    Block,
    Cells,
    Positions,
    Words,
    distinct_words,
    line_ends,
    scan,
    texts,
)
from validation.reading.encoding import Encoding, Readable, blocks, no_text
from validation.sent import SentColumn, SentTable, Unreadable

# Blank rows count too, so that a file of nothing but line ends comes to an end.
MOST_ROWS = 3_000_000
# No row of the data set comes near; a longer one is what an unclosed quote looks like.
LONGEST_ROW = 1 << 20
# Rows of the wrong width that are named one by one before reading is given up.
MOST_RAGGED = 20
LONGEST_SHOWN_NAME = 60
NO_NAME = "(no name)"
MOST_SHOWN_NAMES = 100

# Unicode's white space and no-break spaces (as `str.isspace` knows them), and the byte order mark
# that some programs leave in the middle of a file.
SPACES = "".join(chr(n) for n in range(0x3001) if chr(n).isspace()) + "\ufeff"
_PLAIN_SPACES = [char for char in SPACES if char.isascii()]

Codes = npt.NDArray[np.unsignedinteger]


def trim(text: str) -> str:
    """The text without the white space, no-break spaces and byte order marks around it."""
    return text.strip(SPACES)


def safe_name(name: str) -> str:
    """A sender's name of a table, column or file, short and without invisible characters."""
    shown = "".join(
        "_" if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" else char
        for char in trim(name[: 4 * LONGEST_SHOWN_NAME])
    )
    if len(shown) > LONGEST_SHOWN_NAME:
        shown = shown[: LONGEST_SHOWN_NAME - 1] + "…"
    return shown or NO_NAME


def safe_names(names: list[str]) -> tuple[str, ...]:
    """At most a hundred of them, and how many more there are."""
    shown = [safe_name(name) for name in names[:MOST_SHOWN_NAMES]]
    if len(names) > MOST_SHOWN_NAMES:
        shown.append(f"and {len(names) - MOST_SHOWN_NAMES:,} more")
    return tuple(shown)


def code_table(
    name: str, data: bytes | Readable, *, lines: bool = True, most_rows: int = MOST_ROWS
) -> tuple[SentTable, list[Found]]:
    """Read one table of the data set, header line first, and say what is wrong with its form.

    `name` is the table's name in the data set. `lines`: whether each row's line is wanted.
    Findings: F06 (a column twice, no column names), F15 (Windows-1252), F17 (not well-formed CSV;
    rows of the wrong width are left out, and behind a quote that is not closed nothing is read).
    Raises Unreadable for bytes that are no text, and beyond `most_rows` rows.
    """
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    marked, text = blocks(stream)
    table = _Table(name, Encoding(name, marked), lines, most_rows)
    rest = b""
    for chunk in text:
        rest = table.take(rest + chunk)
        if table.is_given_up:
            break
    table.take_last(rest)
    return table.done(), table.findings


@dataclass
class _Column:
    """A column in the making: block by block the distinct cells, and each row's among them."""

    distinct: list[list[Words]] = field(default_factory=list)
    codes: list[Codes] = field(default_factory=list)
    long: dict[bytes, int] = field(default_factory=dict)

    def add(self, cells: Cells, which: slice | Positions) -> None:
        codes, distinct = distinct_words(cells.column(which, self.long))
        self.distinct.append(distinct)
        self.codes.append(codes.astype(_smallest(len(distinct[0]))))

    def done(self, encoding: str) -> SentColumn:
        """The finished column; its making is spent."""
        places, cells = self._merged()
        if not _is_plain(cells):
            # Most cells of most columns are their texts as they stand.
            found = [cell if _is_word(cell) else _text(cell, encoding) for cell in cells]
            if found != cells:
                codes, distinct = pd.factorize(np.array(found, dtype=object))
                cells, places = distinct.tolist(), codes[places]
        return SentColumn(cells, self._codes(places.astype(_smallest(len(cells)))))

    def _merged(self) -> tuple[Positions, list[str]]:
        """Each block's distinct cells, one block after the other, by place among all, and these."""
        most = max(map(len, self.distinct), default=1)
        nothing = np.zeros(0, dtype=np.uint64)
        words = [
            np.concatenate([nothing, *(_word(block, k) for block in self.distinct)])
            for k in range(most)
        ]
        self.sizes = [len(block[0]) for block in self.distinct]
        self.distinct.clear()
        places, distinct = distinct_words(words)
        return places, texts(distinct, self.long)

    def _codes(self, places: Codes) -> Codes:
        """Each row's place among all distinct cells."""
        found, start = np.empty(sum(map(len, self.codes)), dtype=places.dtype), 0
        offset = 0
        for codes, size in zip(self.codes, self.sizes, strict=True):
            found[start : start + len(codes)] = places[offset : offset + size][codes]
            start, offset = start + len(codes), offset + size
        self.codes.clear()
        return found


def _word(block: list[Words], k: int) -> Words:
    return block[k] if k < len(block) else np.zeros(len(block[0]), dtype=np.uint64)


def _smallest(number: int) -> npt.DTypeLike:
    return np.min_scalar_type(number)


def _is_plain(cells: list[str]) -> bool:
    """Whether the cells are their texts: no quote, nothing to decode, no white space around."""
    # No file with a NUL in it is read.
    together = "\0".join(["", *cells, ""])
    if '"' in together or not together.isascii():
        return False
    # To look for one character is many times quicker than to look for two.
    spaces = [char for char in _PLAIN_SPACES if char in together]
    return not any(f"\0{char}" in together or f"{char}\0" in together for char in spaces)


def _is_word(cell: str) -> bool:
    """Whether a cell is its text because it holds nothing but letters and digits."""
    return cell.isalnum() and cell.isascii()


def _text(cell: str, encoding: str) -> str:
    """The text of a cell that is given as one character a byte."""
    if cell.startswith('"'):
        cell = cell[1:-1].replace('""', '"')
    if not cell.isascii():
        cell = cell.encode("latin-1").decode(encoding)
    return trim(cell)


def _name(cell: str) -> str:
    """The text of such a cell, before it is known how the rest is encoded."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return _text(cell, encoding)
        except UnicodeDecodeError:
            continue
    return _text(cell, "latin-1")


class _Table:
    """A table in the making."""

    def __init__(self, name: str, encoding: Encoding, lines: bool, most_rows: int):
        self.name, self.encoding, self.most_rows = name, encoding, most_rows
        self.findings: list[Found] = []
        self.is_given_up = False
        self.line = 1
        self.seen = 0
        self.rows = 0
        self.lines: list[npt.NDArray[np.int32]] | None = [] if lines else None
        self.width = 0
        self.columns: dict[str, tuple[int, _Column]] = {}
        # Columns that the data set does not know, and those without a name: empty, they are what
        # a spreadsheet leaves at the end of each line, and nothing to speak of.
        self.unknown: list[str] = []
        self.nameless: list[tuple[int, _Column]] = []

    def take(self, data: bytes) -> bytes:
        """Read the whole rows at the head of `data`; gives back what is left of it."""
        if (nul := data.find(0)) >= 0:
            raise no_text(self.name, self.line + line_ends(data[:nul]))
        block = scan(data, self.line)
        self.encoding.look(data[: block.used], self.line)
        if len(block.first):
            self._take_rows(block)
        rest = data[block.used :]
        if block.broken or len(rest) > LONGEST_ROW:
            self._give_up(block)
        self.line = block.next_line
        return b"" if self.is_given_up else rest

    def take_last(self, rest: bytes) -> None:
        """Read what the last line end left over: a last row without one, a DOS end of file."""
        rest = rest.rstrip(b"\x1a")
        if rest and not self.is_given_up and self.take(rest + b"\n"):
            self._give_up(scan(rest + b"\n", self.line))

    def _give_up(self, block: Block) -> None:
        """Say where the quote was opened that nothing closes, or where a row never ends."""
        self.is_given_up = True
        if block.open_quote is None:
            self._malformed(
                self.line + line_ends(block.data[: block.used]),
                "the row that begins here is longer than a megabyte.",
            )
            return
        self._malformed(
            self.line + line_ends(block.data[: block.open_quote]),
            "the quotation mark that opens a cell here is not closed, or is followed by text. "
            "Inside a cell write a quotation mark twice.",
        )

    def _malformed(self, line: int, words: str) -> None:
        where = f"{self.name}.csv, line {line:,}"
        self.findings.append(Found("F17", self.name, words=f"{where}: {words}", line=line))

    def _take_rows(self, block: Block) -> None:
        self.seen += len(block.first)
        if self.seen > self.most_rows:
            raise Unreadable(
                f"The file has more than {MOST_ROWS:,} rows, which is more than can be read.",
                self.name,
            )
        cells = Cells(block)
        filled = self._filled(block, cells)
        if not self.width and len(filled):
            self._take_header(block.row(int(filled[0])))
            filled = filled[1:]
        if self.is_given_up:
            return
        ragged = filled[block.widths[filled] != self.width]
        if len(ragged):
            filled = self._take_ragged(block, filled, ragged)
        self._take_cells(cells, filled)

    def _filled(self, block: Block, cells: Cells) -> Positions:
        """The rows in which some cell is not blank."""
        filled = cells.has_ink()
        doubtful = np.flatnonzero(~filled & ~cells.is_empty())
        if len(doubtful):
            # Judged by their distinct cells: there may be millions of such rows.
            long: dict[bytes, int] = {}
            which, rows = block.cells_of(doubtful)
            codes, distinct = distinct_words(cells.column(which, long))
            says = np.array([bool(_name(text)) for text in texts(distinct, long)])
            filled[rows[says[codes]]] = True
        return np.flatnonzero(filled)

    def _take_header(self, cells: list[bytes]) -> None:
        names = [_name(cell.decode("latin-1")) for cell in cells]
        known = {column.lower(): column for column in widest().tables[self.name].columns}
        wanted = [known.get(name.lower()) for name in names]
        self.width = len(names)
        for place, column in enumerate(wanted):
            if column is not None:
                self.columns.setdefault(column, (place, _Column()))
            elif not names[place]:
                self.nameless.append((place, _Column()))
        if not self.columns:
            # The names are not shown: where the header is missing they are a person's values.
            self._no_header(names)
            return
        self.unknown = [n for n, known_as in zip(names, wanted, strict=True) if n and not known_as]
        for name, times in Counter(name.lower() for name in names if name).items():
            if times > 1:
                self._twice(known.get(name), safe_name(name), times)

    def _no_header(self, names: list[str]) -> None:
        words = f"The first line of {self.name}.csv does not hold the names of its columns."
        if len(names) == 1 and re.search("[;\t|]", names[0]):
            words += " Its cells seem to be separated by something else than a comma."
        self.findings.append(Found("F06", self.name, words=words))
        self.is_given_up = True

    def _twice(self, column: str | None, name: str, times: int) -> None:
        words = (
            f"In {self.name}.csv {column or name} is the name of {times} columns; it may stand "
            "only once."
        )
        self.findings.append(Found("F06", self.name, column, words=words))

    def _take_ragged(self, block: Block, filled: Positions, ragged: Positions) -> Positions:
        """Name the rows of the wrong width; gives the others, up to where reading is given up."""
        room = MOST_RAGGED - sum(found.rule == "F17" for found in self.findings)
        for row in ragged[:room]:
            words = f"this row has {block.widths[row]:,} cells; the first line has {self.width:,}."
            self._malformed(int(block.lines[row]), words)
        if len(ragged) >= room:
            self.is_given_up = True
            filled = filled[filled < ragged[room - 1]]
        return filled[block.widths[filled] == self.width]

    def _take_cells(self, cells: Cells, rows: Positions) -> None:
        if not len(rows):
            return
        block = cells.block
        self.rows += len(rows)
        if self.lines is not None:
            self.lines.append(block.lines[rows].astype(np.int32))
        first, width = block.first[rows], self.width
        together = first[-1] - first[0] == width * (len(rows) - 1)
        for place, column in (*self.columns.values(), *self.nameless):
            # Rows without gaps between them are the rule; a slice is several times faster.
            every = slice(first[0] + place, first[-1] + place + 1, width)
            column.add(cells, every if together else first + place)

    def done(self) -> SentTable:
        encoding = self.encoding.decided()
        if encoding == "cp1252":
            self.findings.append(Found("F15", self.name))
        if any(any(column.done(encoding).distinct) for _, column in self.nameless):
            self.unknown.append(NO_NAME)
        lines = self.lines
        return SentTable(
            self.name,
            {name: column.done(encoding) for name, (_, column) in self.columns.items()},
            self.rows,
            None if lines is None else np.concatenate([np.zeros(0, dtype=np.int32), *lines]),
            safe_names(self.unknown),
        )
