"""Reading a submission that is a Microsoft Access database, with mdbtools.

mdbtools ends with status 0 on many a damaged file and prints fewer rows, or blanks. A table
counts as read only if everything agrees: the size of the file, the program's end, its silence on
stderr, the number of rows, and something in the columns that the data set requires.
"""

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.dataset import Column, Table, widest
from validation.finding import Found
from validation.reading.box import Stumbled, answer, running
from validation.sent import Sent, SentColumn, SentTable, Unreadable

EMPTY = "The file is empty. Send it again, or make it again."
NOT_ACCESS = (
    "This is not a Microsoft Access database. Send a .mdb, an .accdb or a zip of CSV files."
)
CUT_SHORT = (
    "The Access database is cut short: its end is missing. Send it again; if this is said again,"
    " run Compact and Repair in Access and send the result."
)
DAMAGED = (
    "The Access database is damaged and cannot be read in full. Open it in Access, run Compact"
    " and Repair, look whether all rows are there, and send the result."
)
ENCRYPTED = (
    "The Access database is encrypted. Open it in Access, remove the password or decode the"
    " database (File, Info, Decrypt Database), save it and send it again."
)
PASSWORD = (
    "The Access database is protected with a password. Open it in Access, remove the password"
    " (Unset Database Password), save it and send it again."
)
TOO_NEW = (
    "The Access database has a format that cannot be read here. Save it as Access 2003 (.mdb)."
)

# The header of the file: a magic word, the version of the engine, and from byte 24 a part that
# is masked with an RC4 stream whose key is the same in every file (no secret, only a veil).
MAGIC = (b"\0\1\0\0Standard Jet DB\0", b"\0\1\0\0Standard ACE DB\0")
JET3, JET4, NEWEST = 0, 1, 6
PAGE_JET3, PAGE = 2048, 4096
VEILED = slice(0x18, 0x18 + 126)
VEIL_KEY = bytes.fromhex("c7da396b")
KEY_AT, DATE_AT = 0x3E - 0x18, 0x72 - 0x18
PASSWORD_AT = {JET3: slice(0x42 - 0x18, 0x56 - 0x18), JET4: slice(0x42 - 0x18, 0x6A - 0x18)}

# Between the names that mdb-tables prints; Access allows no control character in a name.
BETWEEN = "\x1f"
LOCAL_TABLE = "1"
LINKS = {"4", "6"}
LONGEST_NAME = 64

# A column in mdb-schema's words: name in brackets, type, perhaps a size.
SCHEMA_LINE = re.compile(
    r"^\t\[(?P<name>.*)\]\t\t\t(?P<type>.+?)(?: \([\d, ]+\))?(?: NOT NULL)?,? ?$", re.MULTILINE
)
TEXTS = {"Text", "Memo/Hyperlink"}
DATE_TIME = "DateTime"
# Number types, with the digits that hold for sure; more are the noise of binary fractions.
EXACT = 28
NUMBERS = {
    "Byte": EXACT,
    "Integer": EXACT,
    "Long Integer": EXACT,
    "Currency": EXACT,
    "Numeric": EXACT,
    "Single": 7,
    "Double": 15,
}
NOT_FOR_NUMBERS = {"date": "Date/Time", "time": "Date/Time", "year_month": "Short Text"}
CALCULATED = "Calculated"
NAMES_IN_ACCESS = {
    CALCULATED: "a value that Access calculates",
    "Boolean": "the type Yes/No",
    "OLE": "the type OLE Object",
    "Binary": "the type Binary",
    "Replication ID": "the type Replication ID",
}

Codes = npt.NDArray[np.uint32]
NOWHERE = np.uint32(2**32 - 1)
BLOCK = 50_000
# White space of Unicode, the no-break spaces among it, and the byte order mark.
TRIMMED = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680))) + (
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

WHOLE_MOMENT = "%Y-%m-%dT%H:%M:%S"
MIDNIGHT = "T00:00:00"
# What mdbtools prints for a moment before 30 December 1899 or after 4637: a date that no
# calendar has, so that it is judged as not valid and never taken for a blank.
OUT_OF_RANGE = "1900-01-00"


def read_access(path: Path) -> Sent:
    """Read the tables and columns that the data set knows.

    Findings: F06 for a column whose Access type cannot be read or does not serve. Raises
    Unreadable for a file that is no whole, open Access database (F01), CannotCheck where mdbtools
    is missing or does not end in time.
    """
    check_header(path)
    with _damage_named():
        wanted, others = _tables(path)
        read = {name: _read_table(path, own, widest().tables[name]) for name, own in wanted.items()}
    return Sent(
        form="access",
        tables={name: table for name, (table, _) in read.items()},
        unknown=others,
        findings=[found for _, findings in read.values() for found in findings],
    )


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except Stumbled:
        raise Unreadable(DAMAGED) from None


# The file itself


def check_header(path: Path) -> None:
    """Raise Unreadable for what is not a whole, open Access database, as its header tells."""
    with path.open("rb") as file:
        start = file.read(PAGE)
        size = file.seek(0, 2)
    if not size:
        raise Unreadable(EMPTY)
    if not start.startswith(MAGIC):
        raise Unreadable(NOT_ACCESS)
    engine = start[0x14] if len(start) > 0x14 else JET4
    page = PAGE_JET3 if engine == JET3 else PAGE
    # A database has pages for its header, its free pages and its catalogue at the least.
    if size % page or size < 3 * page:
        raise Unreadable(CUT_SHORT)
    if engine > NEWEST:
        raise Unreadable(TOO_NEW)
    _check_open(start, engine)


def _check_open(start: bytes, engine: int) -> None:
    header = _rc4(VEIL_KEY, start[VEILED])
    if any(header[KEY_AT : KEY_AT + 4]):
        raise Unreadable(ENCRYPTED)
    if engine not in PASSWORD_AT:
        return  # later engines have no password without encryption
    password = header[PASSWORD_AT[engine]]
    if engine == JET4:
        # veiled once more with the day on which the database was made
        (made,) = struct.unpack_from("<d", header, DATE_AT)
        day = struct.pack("<i", int(made)) if abs(made) < 2**31 else bytes(4)
        password = bytes(a ^ b for a, b in zip(password, day * 10, strict=True))
    if any(password):
        raise Unreadable(PASSWORD)


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i, j, out = 0, 0, bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


# Names


def _tables(path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The tables we want (the data set's name: the file's own) and the safe names of the rest."""
    wanted: dict[str, str] = {}
    others: list[str] = []
    known = {name.lower(): name for name in widest().tables}
    for kind, own in _names(path):
        name = known.get(own.lower()) if own.isascii() else None
        if name and kind in LINKS:
            raise Unreadable(
                f"{name} is a link to a table in another file, so its rows are not in this one."
                " Import the table into the database (not as a link) and send it again."
            )
        if kind != LOCAL_TABLE or own.startswith(("~", "MSys")):
            continue
        if name in wanted:
            raise Unreadable(f"The database holds two tables named {name}. Keep the one to send.")
        if name:
            wanted[name] = own
        else:
            others.append(safe_name(own))
    return {name: wanted[name] for name in widest().tables if name in wanted}, tuple(others)


def _names(path: Path) -> Iterator[tuple[str, str]]:
    """What the catalogue lists: kind ("1" a table) and name."""
    listed = answer(path, "mdb-tables", "-t", "any", "-T", "-d", BETWEEN, "FILE")
    for entry in listed.decode("utf-8", "replace").split(BETWEEN):
        kind, _, name = entry.strip("\n").partition(" ")
        if name:
            yield kind, name


def safe_name(name: str) -> str:
    """A name made by the sender as it may be shown: short, and without control characters."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


# A table


class Sort(NamedTuple):
    """A column of the file: its own name, its Access type, and what it is in the data set."""

    own: str
    type: str
    column: Column | None


def _read_table(path: Path, own: str, table: Table) -> tuple[SentTable, list[Found]]:
    """One table, and the columns of it that cannot be read (F06)."""
    sorts = _sorts(path, own, table)
    counted = answer(path, "mdb-count", "FILE", own)
    options = ["-H", "-b", "strip", "-D", WHOLE_MOMENT, "-T", WHOLE_MOMENT]
    with running(path, "mdb-export", *options, "FILE", own) as output:
        coded = code_rows(output, sorts)
    if coded.sent != int(counted or -1):
        raise Unreadable(DAMAGED, table.name)
    columns, findings = _columns(sorts, coded, table)
    _check_not_hollow(table, columns, coded.rows)
    unknown = tuple(safe_name(sort.own) for sort in sorts if not sort.column)
    return SentTable(table.name, columns, coded.rows, None, unknown), findings


def _sorts(path: Path, own: str, table: Table) -> list[Sort]:
    """The columns of the file's table in their order; Unreadable for two of one name."""
    options = ["--no-indexes", "--no-relations", "--no-comments", "-T", own]
    schema = answer(path, "mdb-schema", *options, "FILE", "access").decode("utf-8", "replace")
    calculated = _calculated(path, own)
    known = {name.lower(): column for name, column in table.columns.items()}
    sorts: list[Sort] = []
    for line in SCHEMA_LINE.finditer(schema):
        name = line["name"]
        column = known.get(name.lower()) if name.isascii() else None
        if column and any(sort.column is column for sort in sorts):
            words = f"The table {table.name} has two columns named {column.name}. Remove one."
            raise Unreadable(words, table.name)
        kind = CALCULATED if name in calculated else line["type"]
        sorts.append(Sort(name, kind, column))
    return sorts


def _calculated(path: Path, own: str) -> set[str]:
    """The columns that Access calculates; mdb-schema shows them as plain ones, but what mdb-export
    prints for them are not their values."""
    listed = answer(path, "mdb-prop", "FILE", own).decode("utf-8", "replace")
    names, name = set(), ""
    for line in listed.splitlines():
        if line.startswith("name: "):
            name = line.removeprefix("name: ")
        elif line.startswith("\tExpression: "):
            names.add(name)
    return names


class Coder:
    """One column as it is read: the place of each distinct text and the codes of its rows."""

    def __init__(self, plain: Callable[[str], str]):
        self.plain = plain
        self.places: dict[str, int] = {}
        self.codes: list[Codes] = []

    def code(self, cells: pd.Series) -> Codes:
        """The codes of some more cells, which `keep` then keeps."""
        codes, distinct = pd.factorize(cells.to_numpy())
        places = [self._place(text) for text in distinct]
        return np.array(places, dtype=np.uint32)[codes]

    def _place(self, text: str) -> int:
        return self.places.setdefault(self.plain(text.strip(TRIMMED)), len(self.places))

    def column(self) -> SentColumn:
        distinct = list(self.places)
        codes = np.concatenate([np.zeros(0, np.uint32), *self.codes])
        return SentColumn(distinct, codes.astype(np.min_scalar_type(len(distinct))))


class Coded(NamedTuple):
    """The rows of a table: how many were sent, how many hold something, and their columns."""

    sent: int
    rows: int
    columns: list[SentColumn]


def code_rows(output: BinaryIO, sorts: list[Sort]) -> Coded:
    """Code mdb-export's rows, block by block, so that the whole table is never in memory.

    Rows in which every cell is blank are counted as sent and then left out. Raises Unreadable
    where what was printed is no table of so many columns.
    """
    coders = [Coder(_plain(sort)) for sort in sorts]
    sent = rows = 0
    for block in _blocks(output, len(sorts)):
        coded = [coder.code(block[i]) for i, coder in enumerate(coders)]
        filled = np.zeros(len(block), dtype=bool)
        for coder, codes in zip(coders, coded, strict=True):
            filled |= codes != coder.places.get("", NOWHERE)
        sent, rows = sent + len(block), rows + int(filled.sum())
        for coder, codes in zip(coders, coded, strict=True):
            coder.codes.append(codes[filled])
    return Coded(sent, rows, [coder.column() for coder in coders])


def _blocks(output: BinaryIO, width: int) -> Iterator[pd.DataFrame]:
    try:
        # without a header: mdb-export does not quote the names, and a name may hold a comma
        blocks = pd.read_csv(
            output,
            header=None,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            chunksize=BLOCK,
            encoding="utf-8",
        )
        for block in blocks:
            if block.shape[1] != width:
                raise Unreadable(DAMAGED)
            yield block
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, UnicodeDecodeError):
        # the parser's own words may quote the row
        raise Unreadable(DAMAGED) from None


# Values


def _plain(sort: Sort) -> Callable[[str], str]:
    """What turns mdb-export's text into the one that the CSV form would hold."""
    if sort.type in NUMBERS:
        digits = NUMBERS[sort.type]
        return lambda text: plain_number(text, digits)
    if sort.type == DATE_TIME:
        return plain_time if sort.column and sort.column.kind == "time" else plain_date
    return str


def plain_number(text: str, digits: int) -> str:
    """The number in plain digits: no exponent, no zeros after the last decimal, no more digits
    than its type is sure of (8.699999999999999 was 8.7). What is no number stays as it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    rounded = Context(prec=digits).create_decimal(number)
    return f"{rounded.normalize() + 0:f}"


def plain_date(moment: str) -> str:
    """The date, with the time where there is one."""
    return moment.removesuffix(MIDNIGHT)


def plain_time(moment: str) -> str:
    """The time of day, whatever the date."""
    if moment.startswith(OUT_OF_RANGE):
        return OUT_OF_RANGE
    return moment.partition("T")[2]


def _columns(
    sorts: list[Sort], coded: Coded, table: Table
) -> tuple[dict[str, SentColumn], list[Found]]:
    """The columns that the data set knows and we can read; F06 for those that we cannot."""
    columns, findings = {}, []
    for sort, column in zip(sorts, coded.columns, strict=True):
        if not sort.column:
            continue
        words = why_not(sort.type, sort.column.kind, column.distinct)
        if words:
            findings.append(Found("F06", table.name, sort.column.name, words=words))
        else:
            columns[sort.column.name] = column
    return {name: columns[name] for name in table.columns if name in columns}, findings


def why_not(access_type: str, kind: str, distinct: list[str]) -> str:
    """Why a column of this Access type cannot serve for this kind of the data set; "" if it can."""
    if access_type in TEXTS:
        return ""
    if access_type == DATE_TIME:
        if kind in ("date", "time"):
            return ""
        return "The column has the type Date/Time. Make it Short Text."
    if access_type not in NUMBERS:
        shown = NAMES_IN_ACCESS.get(access_type, "a type that cannot be read here")
        return f"The column has {shown}. Make it Short Text."
    if kind in NOT_FOR_NUMBERS:
        return f"The column has the type Number. Make it {NOT_FOR_NUMBERS[kind]}."
    if kind not in ("integer", "decimal") and not _all_whole(distinct, NUMBERS[access_type]):
        return (
            "The column is a Number and holds some that are not whole or have more digits than"
            " Access keeps. Make it Short Text and enter those values again."
        )
    return ""


def _all_whole(distinct: list[str], digits: int) -> bool:
    return all(len(text.lstrip("-")) <= digits and "." not in text for text in distinct)


def _check_not_hollow(table: Table, columns: dict[str, SentColumn], rows: int) -> None:
    """Rows without anything in a required column are what mdbtools makes of a cut file."""
    required = [
        columns[name]
        for name, column in table.columns.items()
        if column.requirement == "M" and name in columns
    ]
    if rows and required and not any(any(column.distinct) for column in required):
        raise Unreadable(DAMAGED, table.name)
