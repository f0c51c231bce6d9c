"""The files that are measured, made once in a run, with what a check of each must count."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from validation import dataset
from validation.sample import Asked, write
from validation.sample.month import Month
from validation.sample.planting import plant
from validation.sample.submission import rows
from validation.writing import write_archive

Row = dict[str, str]
Change = Callable[[str, int, Row], Row]
# Columns that get something that is no code of their list: it warns, and nothing follows from it.
BAD = {
    "Person": ("Gender", "BAFIndicator", "LTCondition"),
    "Disability": ("Disability",),
    "Referral": ("SourceReferral", "RecurInd", "ServReqAccInd"),
    "Appointment": ("ConsMedium", "EmpStatus", "PsychMed"),
}


@dataclass(frozen=True)
class File:
    """A file, what each rule counts in it, and how many rows of each table stand (where that is
    known beforehand)."""

    path: Path
    counts: dict[str, int] | None
    standing: dict[str, int] | None

    @property
    def unpacked(self) -> int:
        """Bytes of its tables."""
        with zipfile.ZipFile(self.path) as archive:
            return sum(info.file_size for info in archive.infolist())


@cache
def sample(folder: Path, asked: Asked) -> File:
    """A usual month."""
    place = folder / f"sample {asked.appointments} {asked.errors} {asked.form}"
    path = write(place, asked)
    expected = json.loads((place / "expected.json").read_text())
    standing = {name: table["standing"] for name, table in expected["tables"].items()}
    return File(path, expected["counts"], standing)


@cache
def every_row_bad(folder: Path, asked: Asked) -> File:
    """A month in which every row warns, and stands."""
    clean = sample(folder, asked)
    path = _changed(folder / f"bad {asked.appointments}", asked, _warned)
    counts: dict[str, int] = {}
    assert clean.standing is not None
    for name, columns in BAD.items():
        for column in columns:
            rule = dataset.dataset(asked.version).tables[name].columns[column].invalid_rule
            counts[rule] = counts.get(rule, 0) + clean.standing[name]
    return File(path, counts, clean.standing)


@cache
def every_cell_garbage(folder: Path, asked: Asked) -> File:
    """A month in which no cell is valid and no two are alike."""
    return File(_changed(folder / f"garbage {asked.appointments}", asked, _garbled), None, None)


def _changed(folder: Path, asked: Asked, change: Change) -> Path:
    folder.mkdir()
    path = folder / f"IAPT_{asked.provider}_{asked.period}.zip"
    month = Month(asked)
    made = rows(month, plant(month))
    changed = {name: _each(name, table, change) for name, table in made.items()}
    write_archive(path, asked.version, changed)
    return path


def _each(name: str, table: Iterable[Row], change: Change) -> Iterator[Row]:
    for number, row in enumerate(table):
        yield row if name == "Header" else change(name, number, row)


def _warned(name: str, number: int, row: Row) -> Row:
    return row | {column: f"{row[column]}?" for column in BAD[name]}


def _garbled(name: str, number: int, row: Row) -> Row:
    return {column: f"?{number:x}~{place}" for place, column in enumerate(row)}
