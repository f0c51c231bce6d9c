"""CSV bytes into rows of cells: where each cell begins and ends, found on whole blocks at once.

The rules are RFC 4180's, with the three line ends that are met (LF, CRLF, CR, also mixed):
a quote opens a quoted cell only as the cell's first byte, inside it `""` stands for a quote and
commas and line ends are text, and after the closing quote the cell is over. What Python's own
`csv` reads with `strict=True` is read here, alike.

All bytes that mean something are ASCII, and neither UTF-8 nor Windows-1252 uses those bytes for
anything else; so rows are found before it is known in which of the two the file is written.
"""

import re
import secrets
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

COMMA, LF, CR, QUOTE = b',\n\r"'

# Cells up to this length are compared as machine words (no column of the data set needs more),
# longer ones one by one.
LONGEST_IN_WORDS = 32
AT_ONCE = 1 << 16

_EDGE = np.zeros(256, dtype=bool)
_EDGE[[COMMA, LF, CR, QUOTE]] = True

# A cell that begins with one of these bytes is certainly not blank.
_INK = np.zeros(256, dtype=bool)
_INK[0x21:0x7F] = True
_INK[QUOTE] = False

_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)

_QUOTED_CELL = re.compile(rb'(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+("?)')


@dataclass(frozen=True, eq=False)
class Block:
    """The whole rows at the head of `data`.

    `starts` and `ends` hold each cell's first byte and the one after its last; `first` each row's
    first cell, `widths` its number of cells, `lines` the line on which it begins. `used` is how
    many bytes these rows take, `next_line` the line behind them. `open_quote` is the place of
    a quote behind them that is not closed; `broken`: no further byte can close it rightly.
    """

    data: bytes
    starts: Positions
    ends: Positions
    first: Positions
    widths: Positions
    lines: Positions
    used: int
    next_line: int
    open_quote: int | None
    broken: bool

    def cell(self, place: int) -> bytes:
        return self.data[self.starts[place] : self.ends[place]]

    def row(self, row: int) -> list[bytes]:
        return [self.cell(place) for place in self.cells_of(np.array([row]))[0]]

    def cells_of(self, rows: Positions) -> tuple[Positions, Positions]:
        """All cells of some rows, and the row of each."""
        widths = self.widths[rows]
        behind = np.cumsum(widths)
        within = np.arange(behind[-1]) - np.repeat(behind - widths, widths)
        return np.repeat(self.first[rows], widths) + within, np.repeat(rows, widths)


def line_ends(data: bytes) -> int:
    """How many lines end in `data`."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def scan(data: bytes, line: int) -> Block:
    """Find the whole rows of `data`, which begins with a row, on line `line`.

    `data` must not end between a CR and its LF.
    """
    view = np.frombuffer(data, dtype=np.uint8)
    breaks = _breaks(data, view)
    marks = breaks | (view == COMMA)
    open_quote, broken = None, False
    if QUOTE in data:
        quotes, open_quote, broken = _quotes(data)
        marks &= ~_inside(quotes, len(data))
    places = np.flatnonzero(marks)
    last_cells = np.flatnonzero(view[places] != COMMA)
    places = places[: last_cells[-1] + 1 if len(last_cells) else 0]
    starts = np.concatenate([[0], places[:-1] + 1]) if len(places) else places
    first = np.concatenate([[0], last_cells[:-1] + 1]) if len(last_cells) else last_cells
    used = int(places[-1]) + 1 if len(places) else 0
    return Block(
        data=data,
        starts=starts,
        ends=_without_cr(view, starts, places, last_cells),
        first=first,
        widths=last_cells - first + 1,
        lines=_lines(breaks if QUOTE in data else None, starts[first], line),
        used=used,
        next_line=line + int(np.count_nonzero(breaks[:used])),
        open_quote=open_quote,
        broken=broken,
    )


def _breaks(data: bytes, view: Bytes) -> npt.NDArray[np.bool_]:
    """True on the last byte of each line end, in quotes or not."""
    breaks = view == LF
    if CR in data:
        alone = view == CR
        alone[:-1] &= ~breaks[1:]
        breaks |= alone
    return breaks


def _lines(breaks: npt.NDArray[np.bool_] | None, begins: Positions, line: int) -> Positions:
    """The line of each row; without quotes (None) every line is a row."""
    if breaks is None:
        return np.arange(line, line + len(begins))
    return line + np.searchsorted(np.flatnonzero(breaks), begins)


def _without_cr(view: Bytes, starts: Positions, ends: Positions, last: Positions) -> Positions:
    """The ends of cells, where a row's last one stops before the CR of its CRLF."""
    ends = ends.copy()
    at = ends[last]
    crlf = (view[at] == LF) & (at > starts[last]) & (view[at - 1] == CR)
    ends[last] = at - crlf
    return ends


def _inside(quotes: Positions, length: int) -> npt.NDArray[np.bool_]:
    """True on the bytes of quoted cells, the opening quote included."""
    turns = np.zeros(length, dtype=np.uint8)
    turns[quotes] = 1
    return (np.cumsum(turns, dtype=np.uint8) & 1).astype(bool)


def _quotes(data: bytes) -> tuple[Positions, int | None, bool]:
    """The quotes that open and close, in turn; see `Block` for the other two.

    A doubled quote counts as closing and opening again, so that turns stay right. After an open
    quote there is no further one: all bytes behind it count as quoted.
    """
    around = np.frombuffer(b"\n" + data + b"\n", dtype=np.uint8)
    quotes = np.flatnonzero(around == QUOTE) - 1
    opening, closing = quotes[0::2], quotes[1::2]
    literal = opening[~_EDGE[around[opening]]]
    wrong = closing[~_EDGE[around[closing + 2]]]
    if len(literal) and not (len(wrong) and wrong[0] < literal[0]):
        return _quotes_one_by_one(data)
    if not len(wrong) and len(quotes) % 2 == 0:
        return quotes, None, False
    cells = opening[around[opening] != QUOTE]
    if len(wrong):
        cells = cells[cells < wrong[0]]
    return quotes[quotes <= cells[-1]], int(cells[-1]), bool(len(wrong))


def _quotes_one_by_one(data: bytes) -> tuple[Positions, int | None, bool]:
    """As `_quotes`, where some quote stands inside an unquoted cell and is mere text."""
    quotes: list[int] = []
    for cell in _QUOTED_CELL.finditer(data):
        quotes.append(cell.start())
        broken = data[cell.end() : cell.end() + 1] not in (b"", b",", b"\n", b"\r")
        if broken or not cell[1]:
            return np.array(quotes), cell.start(), broken
        quotes.append(cell.end() - 1)
    return np.array(quotes, dtype=np.int64), None, False


class Cells:
    """The cells of a block as machine words, ready to be told apart column by column."""

    def __init__(self, block: Block):
        self.block = block
        self.lengths = block.ends - block.starts
        self._buffer = np.frombuffer(block.data + bytes(LONGEST_IN_WORDS), dtype=np.uint8)
        self._heads = self._words(block.starts, self.lengths)

    def has_ink(self) -> npt.NDArray[np.bool_]:
        """True for the rows that are surely not blank, by the first two bytes of their cells."""
        first = self._heads.astype(np.uint8)
        second = (self._heads >> np.uint64(8)).astype(np.uint8)
        ink = _INK[first] | ((first == QUOTE) & _INK[second])
        return np.logical_or.reduceat(ink, self.block.first)

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """True for the rows that hold commas only, or nothing."""
        block = self.block
        last = block.first + block.widths - 1
        return block.ends[last] - block.starts[block.first] == block.widths - 1

    def column(self, cells: slice | Positions, long: dict[bytes, int]) -> list[Words]:
        """The words of some cells: the first word of each, the second of each, and so on.

        Bytes behind the end of a cell are zero. A cell too long for that becomes a number, given
        to it in `long`, behind a zero byte, with which no text begins.
        """
        lengths = self.lengths[cells]
        longest = int(lengths.max(initial=0))
        words = [self._heads[cells]]
        if longest > 8:
            starts, reach = self.block.starts[cells], min(longest, LONGEST_IN_WORDS)
            words += [self._words(starts + k, lengths - k) for k in range(8, reach, 8)]
        if longest > LONGEST_IN_WORDS:
            self._number(cells, words, long)
        return words

    def _number(self, cells: slice | Positions, words: list[Words], long: dict[bytes, int]) -> None:
        places = np.arange(len(self.lengths))[cells]
        for row in np.flatnonzero(self.lengths[places] > LONGEST_IN_WORDS):
            number = long.setdefault(self.block.cell(places[row]), len(long) + 1)
            words[0][row] = number << 8
            for word in words[1:]:
                word[row] = 0

    def _words(self, starts: Positions, lengths: Positions) -> Words:
        """Eight bytes from each start; behind the end of its cell they are zero."""
        buffer = self._buffer
        anywhere: Words = np.ndarray((len(buffer) - 7,), "<u8", buffer=buffer, strides=(1,))
        # "clip": what has no length left is taken for none, more than eight for eight.
        return anywhere[starts] & _FIRST_BYTES.take(lengths, mode="clip")


def _random_factors() -> Words:
    """Random, so that nobody can prepare cells that crowd one place of a hash table; odd, so that
    a single word keeps its difference from every other."""
    return np.array(
        [secrets.randbits(64) | 1 for _ in range(LONGEST_IN_WORDS // 8)], dtype=np.uint64
    )


_FACTORS = _random_factors()
_BACK = np.uint64(pow(int(_FACTORS[0]), -1, 1 << 64))


def distinct_words(words: list[Words]) -> tuple[Positions, list[Words]]:
    """The place of each cell among the distinct ones, and the words of those."""
    if len(words) == 1:
        codes, products = pd.factorize(words[0] * _FACTORS[0])
        return codes, [products * _BACK]
    factors = _FACTORS
    while True:
        mixed = words[0] * factors[0]
        for word, factor in zip(words[1:], factors[1:], strict=False):
            mixed += word * factor
        codes, hashes = pd.factorize(mixed)
        first = np.zeros(len(hashes), dtype=np.int64)
        first[codes] = np.arange(len(codes))
        # Two cells with one hash are not to be expected in the life of the portal.
        if all((word == word[first][codes]).all() for word in words):
            return codes, [word[first] for word in words]
        factors = _random_factors()


def texts(words: list[Words], long: dict[bytes, int]) -> list[str]:
    """Cells as texts of one character a byte."""
    found: list[str] = []
    for start in range(0, len(words[0]), AT_ONCE):
        some = np.stack([word[start : start + AT_ONCE] for word in words], axis=1)
        found += _latin(some.view(f"S{8 * len(words)}").ravel())
    if long:
        cells = dict(zip(long.values(), long, strict=True))
        for place in np.flatnonzero((words[0] != 0) & (words[0].astype(np.uint8) == 0)):
            found[place] = cells[int(words[0][place]) >> 8].decode("latin-1")
    return found


def _latin(cells: npt.NDArray[np.bytes_]) -> list[str]:
    try:
        return cells.astype(str).tolist()
    except UnicodeDecodeError:
        return [cell.decode("latin-1") for cell in cells.tolist()]
