"""Reading a submission that is a Microsoft Access database, with mdbtools.

mdbtools ends with status 0 on many a damaged file and prints fewer rows, or blanks. A table
counts as read only if everything agrees: the size of the file, the program's end, its silence on
stderr, the number of rows, and something in the columns that the data set requires.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from validation.dataset import Column, Table, widest
from validation.finding import Found
from validation.reading.access_pages import DAMAGED, check_header, has_wiped_records
from validation.reading.box import Stumbled, answer, running
from validation.reading.delimited import code_table, safe_name, safe_names
from validation.sent import Sent, SentColumn, SentTable, Unreadable

# Between the names that mdb-tables prints; Access allows no control character in a name.
BETWEEN = "\x1f"
LOCAL_TABLE = "1"
LINKS = {"4", "6"}

# What stands between a column's name, in brackets, and its type in mdb-schema's words, and what
# may follow the type.
BEFORE_TYPE = "]\t\t\t"
AFTER_TYPE = re.compile(r" \(| NOT NULL|,| $")
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

# Types that mdb-export cannot print, in mdb-schema's words, and findings that no table deserves.
UNPRINTABLE = "Unknown"
NO_TABLE = {"F15", "F17"}
TO_TEXT = "Make it Short Text."

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
            others.append(own)
    return {name: wanted[name] for name in widest().tables if name in wanted}, safe_names(others)


def _names(path: Path) -> Iterator[tuple[str, str]]:
    """What the catalogue lists: kind ("1" a table) and name."""
    listed = answer(path, "mdb-tables", "-t", "any", "-T", "-d", BETWEEN, "FILE")
    for entry in listed.decode("utf-8", "replace").split(BETWEEN):
        kind, _, name = entry.strip("\n").partition(" ")
        if name:
            yield kind, name


# A table


class Sort(NamedTuple):
    """A column of the file: its own name, its Access type, and what it is in the data set."""

    own: str
    type: str
    column: Column | None


def _read_table(path: Path, own: str, table: Table) -> tuple[SentTable, list[Found]]:
    """One table, and why it or some columns of it cannot be read (F06)."""
    sorts = _sorts(path, own, table)
    if not any(sort.column for sort in sorts):
        words = "The table has none of the columns that it should have."
        return _unread(table, sorts), [Found("F06", table.name, words=words)]
    if silenced := [sort for sort in sorts if sort.type.startswith(UNPRINTABLE)]:
        return _unread(table, sorts), [_unprintable(table, sort) for sort in silenced]
    sent, counted = _export(path, own, table, sorts)
    if sent.rows != counted and has_wiped_records(path):
        raise Unreadable(DAMAGED, table.name)
    columns, findings = _columns(sorts, sent, table)
    _check_not_hollow(table, columns, sent.rows)
    return SentTable(table.name, columns, sent.rows, None, sent.unknown), findings


def _unread(table: Table, sorts: list[Sort]) -> SentTable:
    return SentTable(table.name, {}, 0, None, safe_names([s.own for s in sorts if not s.column]))


def _unprintable(table: Table, sort: Sort) -> Found:
    """mdbtools complains at each value of such a column, and then nothing of the table counts."""
    name = sort.column.name if sort.column else None
    words = f"The column {name or safe_name(sort.own)} has a type that cannot be read."
    return Found("F06", table.name, name, words=f"{words} {TO_TEXT if name else 'Delete it.'}")


def _sorts(path: Path, own: str, table: Table) -> list[Sort]:
    """The columns of the file's table in their order; Unreadable for two of one name."""
    calculated = _calculated(path, own)
    known = {name.lower(): column for name, column in table.columns.items()}
    sorts: list[Sort] = []
    for name, type_ in _schema(path, own):
        column = known.get(name.lower()) if name.isascii() else None
        if column and any(sort.column is column for sort in sorts):
            words = f"The table {table.name} has two columns named {column.name}. Remove one."
            raise Unreadable(words, table.name)
        sorts.append(Sort(name, CALCULATED if name in calculated else type_, column))
    return sorts


def _schema(path: Path, own: str) -> Iterator[tuple[str, str]]:
    """The name and the type of each column."""
    options = ["--no-indexes", "--no-relations", "--no-comments", "-T", own]
    schema = answer(path, "mdb-schema", *options, "FILE", "access").decode("utf-8", "replace")
    for line in schema.split("\n"):
        name, between, type_ = line.rpartition(BEFORE_TYPE)
        if between and name.startswith("\t["):
            yield name.removeprefix("\t["), AFTER_TYPE.split(type_)[0]


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


class _Rows:
    """mdb-export's rows behind a header line of our own, counted as they pass.

    Its own header line is of no use: it does not quote the names, and a name may hold a comma.
    """

    def __init__(self, output: IO[bytes], names: list[str], most: int):
        self.output, self.most, self.count, self.is_quoted = output, most, 0, 0
        line = ",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n"
        self.header = line.encode()

    def read(self, size: int, /) -> bytes:
        """Some more bytes; Unreadable when there are more rows than the database counts."""
        if self.header:
            start, self.header = self.header[:size], self.header[size:]
            return start
        some = self.output.read(size)
        parts = some.split(b'"')
        self.count += b",".join(parts[self.is_quoted :: 2]).count(b"\n")
        self.is_quoted ^= (len(parts) - 1) % 2
        if self.count > self.most:
            raise Unreadable(DAMAGED)
        return some


def _counted(path: Path, own: str) -> int:
    """The number of rows that the table's definition states."""
    said = answer(path, "mdb-count", "FILE", own).strip()
    if not said.isdigit():
        raise Unreadable(DAMAGED)
    return int(said)


def _export(path: Path, own: str, table: Table, sorts: list[Sort]) -> tuple[SentTable, int]:
    """The table as mdbtools prints it, and the number of rows before blank ones are left out."""
    counted = _counted(path, own)
    options = ["-H", "-b", "strip", "-D", WHOLE_MOMENT, "-T", WHOLE_MOMENT]
    with running(path, "mdb-export", *options, "FILE", own) as output:
        rows = _Rows(output, [sort.own for sort in sorts], counted)
        try:
            sent, findings = code_table(table.name, rows, lines=False)
        except Unreadable as fault:
            # a line of what mdbtools prints is no line that the sender has
            raise Unreadable(DAMAGED if fault.line else fault.words, table.name) from None
    if rows.count != counted or any(found.rule in NO_TABLE for found in findings):
        raise Unreadable(DAMAGED, table.name)
    return sent, counted


# Values


def _plain(sort: Sort) -> Callable[[str], str] | None:
    """What turns mdb-export's text into the one that the CSV form would hold; None: it is it."""
    if sort.type in NUMBERS:
        digits = NUMBERS[sort.type]
        return lambda text: plain_number(text, digits)
    if sort.type == DATE_TIME and sort.column:
        return plain_time if sort.column.kind == "time" else plain_date
    return None


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
    sorts: list[Sort], sent: SentTable, table: Table
) -> tuple[dict[str, SentColumn], list[Found]]:
    """The columns with values as the CSV form has them; F06 for those that cannot be read."""
    columns, findings = dict(sent.columns), []
    for sort in sorts:
        if not sort.column:
            continue
        name, kind = sort.column.name, sort.column.kind
        columns[name] = recoded(columns[name], _plain(sort))
        if words := why_not(sort.type, kind, columns[name].distinct):
            findings.append(Found("F06", table.name, name, words=words))
            del columns[name]
    return columns, findings


def recoded(column: SentColumn, plain: Callable[[str], str] | None) -> SentColumn:
    """The column with each text made plain; texts that become equal become one."""
    if plain is None:
        return column
    places: dict[str, int] = {}
    moved = [places.setdefault(plain(text), len(places)) for text in column.distinct]
    smallest = np.min_scalar_type(len(places))
    return SentColumn(list(places), np.array(moved, dtype=smallest)[column.codes])


def why_not(access_type: str, kind: str, distinct: list[str]) -> str:
    """Why a column of this Access type cannot serve for this kind of the data set; "" if it can."""
    if access_type in NUMBERS:
        return _why_no_number(access_type, kind, distinct)
    if access_type == DATE_TIME and kind not in ("date", "time"):
        return f"The column has the type Date/Time. {TO_TEXT}"
    if access_type == DATE_TIME or access_type in TEXTS:
        return ""
    shown = NAMES_IN_ACCESS.get(access_type, "a type that cannot be read here")
    return f"The column has {shown}. {TO_TEXT}"


def _why_no_number(access_type: str, kind: str, distinct: list[str]) -> str:
    if kind in NOT_FOR_NUMBERS:
        return f"The column has the type Number. Make it {NOT_FOR_NUMBERS[kind]}."
    if kind in ("integer", "decimal") or _all_whole(distinct, NUMBERS[access_type]):
        return ""
    return (
        "The column is a Number and holds some that are not whole or have more digits than"
        f" Access keeps. {TO_TEXT[:-1]} and enter those values again."
    )


def _all_whole(distinct: list[str], digits: int) -> bool:
    numbers = [text.removeprefix("-") for text in distinct if text]
    return all(number.isdigit() and len(number) <= digits for number in numbers)


def _check_not_hollow(table: Table, columns: dict[str, SentColumn], rows: int) -> None:
    """Rows without anything in a required column are what mdbtools makes of a cut file."""
    required = [
        columns[name]
        for name, column in table.columns.items()
        if column.requirement == "M" and name in columns
    ]
    if rows and required and not any(any(column.distinct) for column in required):
        raise Unreadable(DAMAGED, table.name)
