"""A submission as a Microsoft Access database, in pure Python.

The empty databases in `empty/` were made by `tools/access` (their tables have no index and no
key, so a row is nothing but bytes on a page). This module puts rows into a copy of one. What it
knows of the file format ("Jet 4", Access 2000 to 2003):

* a file is pages of 4,096 bytes; a table has a definition page (kind 2) that lists its columns,
  counts its rows and points to two usage maps: the pages it owns, the pages with room left;
* a data page (kind 1) has a header of 14 bytes, then the offsets of its rows, which are filled
  in from the end of the page towards its start;
* a usage map is a row on a page of maps, either bits (kind 0: a first page, then one bit a page)
  or pointers to pages of bits (kind 1).

The database is read back alike by mdbtools and Jackcess; nobody has opened one in Microsoft
Access itself.
"""

import datetime as dt
import shutil
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import compress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from validation.dataset import Table, dataset
from validation.writing.archive import cells, whole_or_nothing

EMPTY = Path(__file__).parent / "empty"

PAGE = 4096
# Header of a data page: kind, free bytes, owner, (unused), number of rows.
PAGE_HEADER = struct.Struct("<BBHIIH")
DATA_PAGE, BITS_PAGE = b"\x01\x01", b"\x05\x01"
BITS_A_PAGE = (PAGE - 4) * 8
# The usage map of the pages that nobody owns is the first row of page 1.
FREE_PAGES = (0, 1)

INTEGER, DOUBLE, DATE_TIME, TEXT = 3, 7, 8, 10
DAY_NOUGHT = dt.date(1899, 12, 30)
SECONDS_A_DAY = 86_400
WIDEST_TEXT = 255
COMPRESSED = b"\xff\xfe"


class Column(NamedTuple):
    """A column as a table's definition has it. `offset` is that of a fixed-size value in the
    row's fixed part, `place` that of a Text among the row's texts."""

    name: str
    kind: int
    number: int
    place: int
    fixed: bool
    offset: int
    size: int


class Definition(NamedTuple):
    """A table's definition: the number of its page, its columns and its usage map of owned pages
    (row and page on which the map stands)."""

    page: int
    columns: tuple[Column, ...]
    owned: tuple[int, int]


def write_access(path: Path, version: str, rows: Mapping[str, Iterable[Mapping[str, str]]]) -> None:
    """Write `rows` (by table; texts by column, "" or left out for NULL) to a database at `path`.

    The texts are those of the CSV form, turned into the column's Access type: dates
    `YYYY-MM-DD` and times `HH:MM[:SS]` become Date/Time, scores whole numbers, decimals Double,
    the rest Text of up to 255 characters. Rows may be generators: memory stays flat.

    The file is made anew; no part of one is left behind after an error. Raises KeyError for an
    unknown version, ValueError (naming table and column, never the value) for a table or column
    that the version does not have and for a text that the column's type cannot hold.
    """
    tables = dataset(version).tables
    if strange := set(rows) - set(tables):
        raise ValueError(f"version {version} has no table {min(strange)}")
    with whole_or_nothing(path):
        shutil.copyfile(EMPTY / f"IAPT_v{version}.mdb", path)
        with path.open("r+b") as file:
            definitions = _definitions(file)
            for name, given in rows.items():
                table = tables[name]
                _fill(file, definitions[tuple(table.columns)], table, given)
            _forget_free_pages(file)


def _fill(
    file: BinaryIO, definition: Definition, table: Table, rows: Iterable[Mapping[str, str]]
) -> None:
    """Append the rows on pages of their own and enter those pages in the table's usage map."""
    count, owned = 0, []
    texts = (cells(table, row) for row in rows)
    for records in _pages(_records(definition.columns, table.name, texts)):
        owned.append(_append(file, _data_page(definition.page, records)))
        count += len(records)
    _own(file, definition.owned, owned)
    place = definition.page * PAGE + 16
    file.seek(place)
    (already,) = struct.unpack("<I", file.read(4))
    file.seek(place)
    file.write(struct.pack("<I", already + count))


# Reading the empty database


def _definitions(file: BinaryIO) -> dict[tuple[str, ...], Definition]:
    """The user tables by the names of their columns, which no two tables share."""
    found = {}
    for number in range(2, file.seek(0, 2) // PAGE):
        page = _page(file, number)
        if page[0] == 2 and page[40] == ord("N"):
            definition = _definition(page, number)
            found[tuple(column.name for column in definition.columns)] = definition
    return found


def _definition(page: bytes, number: int) -> Definition:
    (next_page,) = struct.unpack_from("<I", page, 4)
    if next_page:
        raise ValueError("an empty database has a definition that is longer than a page")
    (count,) = struct.unpack_from("<H", page, 45)
    (indexes,) = struct.unpack_from("<I", page, 51)
    start = 63 + 12 * indexes
    names = _names(page, start + 25 * count, count)
    columns = tuple(_column(page, start + 25 * i, names[i]) for i in range(count))
    return Definition(number, columns, (page[55], int.from_bytes(page[56:59], "little")))


def _column(page: bytes, at: int, name: str) -> Column:
    number, place = struct.unpack_from("<HH", page, at + 5)
    offset, size = struct.unpack_from("<HH", page, at + 21)
    return Column(name, page[at], number, place, bool(page[at + 15] & 1), offset, size)


def _names(page: bytes, at: int, count: int) -> list[str]:
    names = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", page, at)
        names.append(page[at + 2 : at + 2 + length].decode("utf-16-le"))
        at += 2 + length
    return names


# Rows


def _records(columns: tuple[Column, ...], table: str, rows: Iterable[list[str]]) -> Iterator[bytes]:
    """Each row as the bytes of its record: number of columns, fixed-size values, texts, the
    places where the texts end and begin (last first), how many they are, and the null mask."""
    encoders = [_encoder(column, table) for column in columns]
    texts = sorted((c.place, i) for i, c in enumerate(columns) if not c.fixed)
    fixed_ones = [(c.offset + 2, i) for i, c in enumerate(columns) if c.fixed]
    fixed_size = max((c.offset + c.size for c in columns if c.fixed), default=0)
    ends = struct.Struct(f"<{len(texts) + 2}H")
    mask_size = (len(columns) + 7) // 8
    bits = [1 << column.number for column in columns]
    start = struct.pack("<H", len(columns)) + bytes(fixed_size)
    for row in rows:
        values = [encode(text) if text else b"" for encode, text in zip(encoders, row, strict=True)]
        record = bytearray(start)
        for at, i in fixed_ones:
            record[at : at + len(values[i])] = values[i]
        offsets = [len(texts)]
        for _, i in texts:
            offsets.append(len(record))
            record += values[i]
        record_end = len(record)
        record += ends.pack(record_end, *reversed(offsets[1:]), offsets[0])
        mask = sum(compress(bits, row))
        yield bytes(record + mask.to_bytes(mask_size, "little"))


def _encoder(column: Column, table: str) -> Callable[[str], bytes]:
    """What turns a text of this column into bytes; equal texts are turned once."""
    encode = ENCODERS[column.kind]

    @lru_cache(maxsize=50_000)
    def encoded(text: str) -> bytes:
        try:
            return encode(text)
        except (ValueError, OverflowError, struct.error):
            # the cause holds the value, which may be a patient's: it goes no further
            message = f"a value of {table}.{column.name} does not fit the column's Access type"
            raise ValueError(message) from None

    return encoded


def _integer(text: str) -> bytes:
    return struct.pack("<h", int(text))


def _double(text: str) -> bytes:
    return struct.pack("<d", float(text))


def _date_time(text: str) -> bytes:
    """Days since 30 December 1899 and the part of the day; a time alone is on day nought. Before
    that day the part still counts forwards, so its sign is the day's."""
    date, time = DAY_NOUGHT, dt.time()
    if "-" in text:
        date = dt.date.fromisoformat(text[:10])
        text = text[11:]
    if text:
        time = dt.time.fromisoformat(text)
    part = (time.hour * 3600 + time.minute * 60 + time.second) / SECONDS_A_DAY
    days = (date - DAY_NOUGHT).days
    return struct.pack("<d", days + part if days >= 0 else days - part)


def _text(text: str) -> bytes:
    if len(text) > WIDEST_TEXT:
        raise ValueError
    # Two bytes FF FE announce compressed text, so a text must not begin with them itself.
    text = text.lstrip("\ufeff")
    if len(text) > len(COMPRESSED) and "\0" not in text and max(text) <= "\xff":
        return COMPRESSED + text.encode("latin-1")
    return text.encode("utf-16-le")


ENCODERS: dict[int, Callable[[str], bytes]] = {
    INTEGER: _integer,
    DOUBLE: _double,
    DATE_TIME: _date_time,
    TEXT: _text,
}


# Pages


def _pages(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The records as they fit on pages, each with two bytes for its offset."""
    page: list[bytes] = []
    room = PAGE - PAGE_HEADER.size
    for record in records:
        if len(record) + 2 > room:
            if not page:
                raise ValueError("a row is too long for a page")
            yield page
            page, room = [], PAGE - PAGE_HEADER.size
        page.append(record)
        room -= len(record) + 2
    if page:
        yield page


def _data_page(owner: int, records: list[bytes]) -> bytes:
    offsets, end = [], PAGE
    for record in records:
        end -= len(record)
        offsets.append(end)
    free = end - PAGE_HEADER.size - 2 * len(records)
    header = PAGE_HEADER.pack(*DATA_PAGE, free, owner, 0, len(records))
    directory = struct.pack(f"<{len(offsets)}H", *offsets)
    return header + directory + bytes(free) + b"".join(reversed(records))


def _page(file: BinaryIO, number: int) -> bytes:
    file.seek(number * PAGE)
    return file.read(PAGE)


def _append(file: BinaryIO, page: bytes) -> int:
    """Put the page at the end of the file and return its number."""
    end = file.seek(0, 2)
    file.write(page)
    return end // PAGE


# Usage maps


def _row(file: BinaryIO, row: int, number: int) -> tuple[int, bytes]:
    """A row of a page, and where in the file it stands."""
    page = _page(file, number)
    (start,) = struct.unpack_from("<H", page, 14 + 2 * row)
    end = struct.unpack_from("<H", page, 14 + 2 * (row - 1))[0] if row else PAGE
    return number * PAGE + (start & 0x1FFF), page[start & 0x1FFF : end & 0x1FFF]


def _own(file: BinaryIO, usage_map: tuple[int, int], pages: list[int]) -> None:
    """Enter the pages in a usage map that points to pages of bits."""
    at, row = _row(file, *usage_map)
    if row[0] != 1:
        raise ValueError("an empty database has a table without a map of pointers")
    pointers = list(struct.unpack_from(f"<{(len(row) - 1) // 4}I", row, 1))
    bits: dict[int, bytearray] = {}
    for page in pages:
        i, bit = divmod(page, BITS_A_PAGE)
        if i not in bits:
            bits[i] = bytearray(_page(file, pointers[i]) if pointers[i] else _no_bits())
        bits[i][4 + bit // 8] |= 1 << bit % 8
    for i, marked in bits.items():
        pointers[i] = pointers[i] or _append(file, _no_bits())
        file.seek(pointers[i] * PAGE)
        file.write(marked)
    file.seek(at + 1)
    file.write(struct.pack(f"<{len(pointers)}I", *pointers))


def _no_bits() -> bytes:
    return BITS_PAGE + bytes(PAGE - 2)


def _forget_free_pages(file: BinaryIO) -> None:
    """Say that no page of the file is free.

    The empty database counts every page after its end as free; ours have grown into those, and
    a program that took one for free would write over rows. So the map gets pages without a bit,
    as many as cover the file.
    """
    at, row = _row(file, *FREE_PAGES)
    needed = file.seek(0, 2) // PAGE // BITS_A_PAGE + 1
    pointers = [_append(file, _no_bits()) for _ in range(needed)]
    file.seek(at)
    file.write(struct.pack(f"<B{needed}I", 1, *pointers).ljust(len(row), b"\0"))
