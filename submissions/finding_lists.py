"""The full list of a submission's findings: one sealed file beside the raw file, and gone with it.

It is kept by columns, not by findings: for each rule and column the rows where it was broken, and
for each table the records that any finding names, as distinct texts and codes. A file in which
every row is bad costs a few arrays more than one in which a few are.
"""

import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.files.base import File
from django.core.files.storage import default_storage

from submissions import reporting
from submissions.history import Missing
from submissions.models import Submission
from submissions.raw_files import LISTS
from submissions.sealed_parts import Reader, Writer
from validation import dataset
from validation.columns import JudgedColumn
from validation.engine import Verdict, severity
from validation.finding import Found
from validation.rows import Rows
from validation.sent import Sent

Numbers = npt.NDArray[np.int32]
# Stands for a valid NHS number, birth date or postcode, which is kept nowhere.
NOT_KEPT = "\x1a"
# Between texts; no file with a NUL in it is read.
NUL = "\0"


# -- writing ----------------------------------------------------------------------------------


def store(submission: Submission, verdict: Verdict, sent: Sent | None, folder: Path) -> str:
    """Write the list of this verdict into the store; its name there, or nothing where nothing was
    found. Until a submission names it, it is a leftover that the sweeper removes.

    It is put together in `folder`, sealed, and part after part, so that memory stays flat.
    """
    if not verdict.findings:
        return ""
    name = f"{LISTS}/{uuid.uuid4().hex}"
    path = folder / "findings"
    with path.open("w+b") as file:
        parts = Writer(file, _bound(submission, name))
        tables = rows_of(verdict, sent)
        found = [_finding(parts, one, tables) for one in verdict.findings]
        named = {
            table: _table(parts, rows, [f for f in verdict.findings if f.table == table])
            for table, rows in tables.items()
        }
        parts.finish({"findings": found, "tables": {k: v for k, v in named.items() if v}})
        file.seek(0)
        saved = default_storage.save(name, File(file))
    path.unlink()
    assert saved == name
    return name


def _bound(submission: Submission, name: str) -> str:
    """What a list is sealed for: this submission, this file."""
    return f"findings|{submission.id}|{name}"


def rows_of(verdict: Verdict, sent: Sent | None) -> dict[str, Rows]:
    """The tables as they were judged; of a file in which nobody stands, as they were sent."""
    if verdict.rows or verdict.header is None or sent is None:
        return verdict.rows
    tables = dataset.dataset(verdict.header.version).tables
    return {
        name: Rows(tables[name], sent.tables[name], verdict.header, None)
        for name in dataset.DATA_TABLES
        if name in sent.tables
    }


def _finding(parts: Writer, found: Found, tables: dict[str, Rows]) -> dict[str, Any]:
    """What the index says of a finding; its rows become parts."""
    has_rows = bool(len(found.rows)) and found.table in tables
    return {
        "rule": found.rule,
        "severity": severity(found),
        "table": reporting.masked(found.table or ""),
        "column": reporting.masked(found.column or ""),
        "words": reporting.masked(found.words),
        "line": found.line,
        "count": found.count,
        "rows": parts.add(_packed(found.rows)) if has_rows else None,
        "others": parts.add(_packed(found.other_rows))
        if has_rows and found.other_rows is not None
        else None,
        "keys": parts.add(NUL.join(found.keys).encode()) if isinstance(found, Missing) else None,
    }


def _table(parts: Writer, rows: Rows, found: list[Found]) -> dict[str, Any] | None:
    """The records that findings name: their rows, lines and columns; None where they name none."""
    named = np.zeros(rows.count + 1, dtype=bool)
    for one in found:
        named[one.rows] = True
        if one.other_rows is not None:
            named[one.other_rows] = True
    # 0 is no row.
    named[0] = False
    numbers = np.flatnonzero(named).astype(np.int32)
    if not len(numbers):
        return None
    columns = {name: _column(parts, judged, numbers) for name, judged in rows.columns.items()}
    return {
        "rows": parts.add(_packed(numbers)),
        "lines": parts.add(_packed(rows.lines[numbers - 1])) if rows.lines is not None else None,
        "columns": {name: column for name, column in columns.items() if column},
    }


def _column(parts: Writer, judged: JudgedColumn, rows: Numbers) -> dict[str, int] | None:
    """Its distinct texts and their codes; None where it is blank in all of those rows."""
    codes = judged.codes[rows - 1]
    used = np.zeros(len(judged.texts), dtype=bool)
    used[codes] = True
    texts = [_kept(judged, place) for place in np.flatnonzero(used).tolist()]
    if not any(texts):
        return None
    codes = (np.cumsum(used, dtype=np.int32) - 1)[codes]
    return {"texts": parts.add(NUL.join(texts).encode()), "codes": parts.add(_packed(codes))}


def _kept(judged: JudgedColumn, place: int) -> str:
    """A text as it may be seen again: the sender's own identifiers, and of all others that
    identify only what is not valid."""
    column = judged.column
    if column.sensitivity == "identifying" and column.kind != "local_id":
        return judged.texts[place] if judged.canonical[place] is None else NOT_KEPT
    return judged.texts[place]


def _packed(numbers: npt.NDArray[Any]) -> bytes:
    """Each as its difference from the one before, which compresses well where they rise, and in
    one byte where that is enough."""
    if numbers.max(initial=0) < 256:
        return b"\1" + numbers.astype(np.uint8).tobytes()
    return b"\4" + np.diff(numbers.astype("<i4"), prepend=np.int32(0)).tobytes()


def _unpacked(data: bytes) -> Numbers:
    if data[0] == 1:
        return np.frombuffer(data, dtype=np.uint8, offset=1).astype(np.int32)
    return np.cumsum(np.frombuffer(data, dtype="<i4", offset=1), dtype=np.int32)


# -- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A finding as the index tells it: one rule, in one column of one table."""

    number: int
    rule: str
    severity: str
    table: str
    column: str
    words: str
    line: int | None
    count: int


class FindingList:
    """All findings of a submission. Nothing is opened before it is asked for."""

    def __init__(self, parts: Reader):
        self._parts = parts
        self._found = parts.contents["findings"]
        names = Listed.__dataclass_fields__.keys() - {"number"}
        self.findings = [
            Listed(number, **{name: found[name] for name in names})
            for number, found in enumerate(self._found)
        ]
        self._tables: dict[str, KeptRecords] = {}
        self._opened: dict[int, Numbers] = {}

    def rows(self, found: Listed) -> Numbers:
        """The rows where it was found, rising; none where it is about no row."""
        return self._numbers(self._found[found.number]["rows"])

    def others(self, found: Listed) -> Numbers:
        """Beside its rows the other row that each is about, 0 for none."""
        number = self._found[found.number]["others"]
        return self._numbers(number) if number is not None else np.zeros_like(self.rows(found))

    def keys(self, found: Listed) -> list[str]:
        """The sender's own keys, as far as they are kept, of records that are not in the file."""
        part = self._found[found.number].get("keys")
        return self._parts.part(part).decode().split(NUL) if part is not None else []

    def has_rows(self, found: Listed) -> bool:
        return self._found[found.number]["rows"] is not None

    def records(self, table: str) -> "KeptRecords":
        """The records of a table that findings name. Raises KeyError where they name none."""
        if table not in self._tables:
            self._tables[table] = KeptRecords(
                self._parts, table, self._parts.contents["tables"][table]
            )
        return self._tables[table]

    @property
    def tables(self) -> list[str]:
        """The tables of which findings name records, in the data set's order."""
        return [name for name in dataset.TABLES if name in self._parts.contents["tables"]]

    def _numbers(self, part: int | None) -> Numbers:
        if part is None:
            return np.zeros(0, dtype=np.int32)
        if part not in self._opened:
            self._opened[part] = _unpacked(self._parts.part(part))
        return self._opened[part]


class KeptRecords:
    """Of one table the records that findings name, a column at a time."""

    def __init__(self, parts: Reader, table: str, kept: dict[str, Any]):
        self._parts, self._kept = parts, kept
        self.table = dataset.widest().tables[table]
        self._columns: dict[str, tuple[list[str], Numbers]] = {}

    @cached_property
    def rows(self) -> Numbers:
        return _unpacked(self._parts.part(self._kept["rows"]))

    @cached_property
    def _lines(self) -> Numbers | None:
        part = self._kept["lines"]
        return _unpacked(self._parts.part(part)) if part is not None else None

    def lines(self, rows: Numbers) -> list[int | None]:
        """The line on which each row begins in the CSV file; None for Access."""
        lines = self._lines
        if lines is None:
            return [None] * len(rows)
        return lines[self._places(rows)].tolist()

    def texts(self, column: str, rows: Numbers) -> list[str]:
        """What stands in a column of those rows; `NOT_KEPT` where it is kept nowhere."""
        if column not in self._kept["columns"]:
            return [""] * len(rows)
        texts, codes = self._column(column)
        return [texts[code] for code in codes[self._places(rows)].tolist()]

    def keys(self, rows: Numbers) -> list[str]:
        """The sender's own key of each record."""
        columns = [self.texts(name, rows) for name in self.table.key]
        return [" ".join(key) for key in zip(*columns, strict=True)]

    def with_text(self, column: str, text: str) -> Numbers:
        """The rows in which a column holds that text, in any case."""
        if column not in self._kept["columns"]:
            return np.zeros(0, dtype=np.int32)
        texts, codes = self._column(column)
        sought = text.upper()
        same = np.array([each.upper() == sought for each in texts], dtype=bool)
        return self.rows[same[codes]]

    def _places(self, rows: Numbers) -> npt.NDArray[np.int64]:
        return np.searchsorted(self.rows, rows)

    def _column(self, name: str) -> tuple[list[str], Numbers]:
        if name not in self._columns:
            part = self._kept["columns"][name]
            texts = self._parts.part(part["texts"]).decode().split(NUL)
            self._columns[name] = texts, _unpacked(self._parts.part(part["codes"]))
        return self._columns[name]


def open_list(submission: Submission) -> FindingList | None:
    """The list, or None where nothing was found or it is kept no more."""
    name = submission.findings_as
    if not name or submission.erase_raw:
        return None
    try:
        with default_storage.open(name, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        # Removed this moment, with the raw file.
        return None
    return FindingList(Reader(data, _bound(submission, name)))
