"""From what is asked to the file and to what a check of it will count."""

import json
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import numpy as np

from validation.sample import appointments, tables
from validation.sample.dice import Ints
from validation.sample.month import Asked, Month
from validation.sample.planting import Planted, plant, unreferred
from validation.sample.tables import Columns
from validation.writing import write_access, write_archive

AT_ONCE = 20_000
WRITERS = {"zip": write_archive, "mdb": write_access}
Row = dict[str, str]


def write(folder: Path, asked: Asked) -> Path:
    """Make the file in `folder`, and beside it `expected.json`; gives the file's path.

    The same asking makes the same bytes of a zip. Raises OSError where it cannot be written.
    """
    month = Month(asked, unreferred(asked))
    planted = plant(month)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"IAPT_{asked.provider}_{asked.period}.{asked.form}"
    WRITERS[asked.form](path, asked.version, rows(month, planted))
    (folder / "expected.json").write_text(json.dumps(planted.expected(), indent=1) + "\n")
    return path


def rows(month: Month, planted: Planted) -> dict[str, Iterator[Row]]:
    """Every table's rows, made while they are read."""
    made: dict[str, tuple[Callable[[Month, Ints], Columns], int]] = {
        "Person": (tables.person, month.persons),
        "Disability": (tables.disability, len(month.disability_person)),
        "Referral": (tables.referral, len(month.referral_person)),
        "Appointment": (appointments.appointment, len(month.appointment_referral)),
    }
    of_tables = {
        name: _rows(month, make, count, planted.cells[name]) for name, (make, count) in made.items()
    }
    return {"Header": iter([tables.header(month)]), **of_tables}


def _rows(
    month: Month,
    make: Callable[[Month, Ints], Columns],
    count: int,
    changed: dict[int, Row],
) -> Iterator[Row]:
    for first in range(0, count, AT_ONCE):
        places = np.arange(first, min(first + AT_ONCE, count))
        columns = make(month, places)
        texts = zip(*(column.tolist() for column in columns.values()), strict=True)
        for place, (names, row) in enumerate(zip(repeat(list(columns)), texts), first):
            yield dict(zip(names, row, strict=True)) | changed.get(place, {})
