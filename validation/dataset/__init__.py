"""The data set as data: every table, column, code list and requirement, by version.

`tables.csv`, `columns.csv` and `codes.csv` beside this file are the one home of the
specification; readers, single-column rules, record tables, samples and printed documents
are all made from what `dataset(version)` returns.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

HERE = Path(__file__).parent

# In the order in which they came; the last word of `columns.csv` on what each holds.
VERSIONS = ("1.0", "1.0P")


@dataclass(frozen=True)
class Code:
    """One permitted value: its label, its place in the data quality report, when it was retired."""

    code: str
    label: str
    quality: str
    retired: str


@dataclass(frozen=True)
class Column:
    """One column of one table, as specified."""

    table: str
    name: str
    versions: tuple[str, ...]
    kind: str
    length: int | None
    requirement: str
    codes: tuple[Code, ...]
    minimum: int | None
    maximum: int | None
    missing_rule: str
    invalid_rule: str
    kept: str
    sensitivity: str
    title: str
    meaning: str

    @cached_property
    def permitted(self) -> frozenset[str]:
        """The codes of its list."""
        return frozenset(code.code for code in self.codes)

    @property
    def record(self) -> str:
        """The column's name in the record table."""
        return self.name.lower()

    @property
    def is_recorded(self) -> bool:
        """Whether the value itself is stored in a record (identifying values never are)."""
        return self.table != "Header" and self.sensitivity == "plain"


@dataclass(frozen=True)
class Table:
    """One table: its columns by name, its own key, and the parent it hangs on."""

    name: str
    meaning: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    parent: str
    link: str


@dataclass(frozen=True)
class DataSet:
    """One version of the data set."""

    version: str
    tables: dict[str, Table]

    def columns(self) -> Iterator[Column]:
        for table in self.tables.values():
            yield from table.columns.values()


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _codes(version: str) -> dict[str, tuple[Code, ...]]:
    lists: dict[str, list[Code]] = {}
    for row in _rows("codes.csv"):
        if version in row["versions"].split():
            code = Code(row["code"], row["label"], row["quality"], row["retired"])
            lists.setdefault(row["list"], []).append(code)
    return {name: tuple(codes) for name, codes in lists.items()}


def _number(text: str) -> int | None:
    return int(text) if text else None


def _column(row: dict[str, str], version: str) -> Column:
    return Column(
        table=row["table"],
        name=row["column"],
        versions=tuple(row["versions"].split()),
        kind=row["kind"],
        length=_number(row["length"]),
        requirement=row["requirement"],
        codes=_codes(version)[row["list"]] if row["list"] else (),
        minimum=_number(row["minimum"]),
        maximum=_number(row["maximum"]),
        missing_rule=row["missing_rule"],
        invalid_rule=row["invalid_rule"],
        kept=row["kept"],
        sensitivity=row["sensitivity"],
        title=row["name"],
        meaning=row["meaning"],
    )


@cache
def dataset(version: str) -> DataSet:
    """The data set of one version; KeyError for a version that is not accepted."""
    if version not in VERSIONS:
        raise KeyError(version)
    columns: dict[str, dict[str, Column]] = {}
    for row in _rows("columns.csv"):
        if version in row["versions"].split():
            columns.setdefault(row["table"], {})[row["column"]] = _column(row, version)
    tables = {
        row["table"]: Table(
            name=row["table"],
            meaning=row["meaning"],
            columns=columns[row["table"]],
            key=tuple(row["key"].split()),
            parent=row["parent"],
            link=row["link"],
        )
        for row in _rows("tables.csv")
    }
    return DataSet(version, tables)


@cache
def widest() -> DataSet:
    """All columns of all accepted versions: what a reader reads and a record table has room for."""
    return dataset(VERSIONS[-1])


TABLES = tuple(row["table"] for row in _rows("tables.csv"))
DATA_TABLES = TABLES[1:]
