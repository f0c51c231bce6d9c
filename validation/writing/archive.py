"""A submission as a zip of CSV files."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from validation.dataset import Table, dataset

# The earliest moment that a zip can hold: the same rows make the same bytes on any day.
STAMP = (1980, 1, 1, 0, 0, 0)
# A plain file that its owner alone may read; links and special files are refused by readers.
MODE = 0o100600 << 16


def write_archive(
    path: Path, version: str, rows: Mapping[str, Iterable[Mapping[str, str]]]
) -> None:
    """Write `rows` (by table; texts by column, "" or left out for blank) to a zip at `path`.

    One member for each table of the version (`Person.csv`), with all columns of the version in
    the data set's order: UTF-8, comma, CRLF. A table that `rows` lacks has its header line only.
    The file is made anew; no part of one is left behind after an error. Raises KeyError for an
    unknown version, ValueError for a table or column that the version does not have.
    """
    tables = dataset(version).tables
    if strange := set(rows) - set(tables):
        raise ValueError(f"version {version} has no table {min(strange)}")
    with whole_or_nothing(path), ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for table in tables.values():
            _add(archive, table, rows.get(table.name, ()))


def _add(archive: ZipFile, table: Table, rows: Iterable[Mapping[str, str]]) -> None:
    member = ZipInfo(f"{table.name}.csv", STAMP)
    member.compress_type, member.external_attr = ZIP_DEFLATED, MODE
    with (
        archive.open(member, "w") as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        # DictWriter itself raises ValueError for a column that the version does not have, but
        # would print the row's values: asked here, the message names the column alone.
        writer = csv.writer(text)
        writer.writerow(table.columns)
        writer.writerows(cells(table, row) for row in rows)


def cells(table: Table, row: Mapping[str, str]) -> list[str]:
    """The row's texts in the table's order of columns; ValueError for a strange column."""
    if not row.keys() <= table.columns.keys():
        strange = min(row.keys() - table.columns.keys())
        raise ValueError(f"table {table.name} has no column {strange}")
    return [row.get(name, "") for name in table.columns]


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[None]:
    """Remove the file at `path` when writing it ends in an error."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
