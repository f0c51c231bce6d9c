"""Data quality counts: valid, other, default, invalid, missing for each measured item.

The items are data (`dataset/quality.csv`), with the rows that each is counted over. What each
category means for an item is told by `quality_rules`.
"""

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np

from validation import dataset
from validation.columns import JudgedColumn, Mask
from validation.dataset import HERE, Column
from validation.rows import Rows

DEFINITIONS_VERSION = "2026.12"
CATEGORIES = ("valid", "other", "default", "invalid", "missing")
ATTENDED = ("5", "6")
FOLLOW_UP = "06"
# What the items of a table tell of.
OF = {
    "Person": "patients",
    "Disability": "patients",
    "Referral": "referrals",
    "Appointment": "appointments",
}


@dataclass(frozen=True)
class Item:
    """One measured item: its title, where it is sent, over which rows it is counted, since when it
    was measured, what else there is to know, and what a provider does to have more of it valid."""

    name: str
    title: str
    table: str
    column: str
    population: str
    since: str
    note: str
    advice: str

    @property
    def of(self) -> Column:
        """The column of the data set."""
        return dataset.widest().tables[self.table].columns[self.column]

    @property
    def tells_of(self) -> str:
        return OF[self.table]

    @property
    def categories(self) -> list[str]:
        """The categories that its values can fall into: other and default need a code for it."""
        of_codes = {code.quality for code in self.of.codes}
        return [one for one in CATEGORIES if one not in {"other", "default"} or one in of_codes]


@cache
def items() -> tuple[Item, ...]:
    with (HERE / "quality.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(Item(name=row.pop("item"), **row) for row in rows)


def categories(column: JudgedColumn) -> list[int]:
    """For each distinct text of a column the place of its category."""
    declared = {code.code: CATEGORIES.index(code.quality) for code in column.column.codes}
    valid, invalid, missing = map(CATEGORIES.index, ("valid", "invalid", "missing"))
    return [
        (invalid if text else missing) if value is None else declared.get(value, valid)
        for text, value in zip(column.texts, column.canonical, strict=True)
    ]


def population(item: Item, rows: Rows) -> Mask:
    if item.population == "standing":
        return rows.stands
    if item.population == "ended":
        return rows.stands & ~rows.EndDate.is_blank
    return rows.stands & rows.Attendance.isin(*ATTENDED) & ~rows.AppType.isin(FOLLOW_UP)


def counts(rows: dict[str, Rows]) -> dict[str, dict[str, int]]:
    """For each item the number of rows in each category."""
    counted = {}
    for item in items():
        column = rows[item.table].columns[item.column]
        counted_rows = population(item, rows[item.table])
        of_rows = column.spread(np.array(categories(column), dtype=np.uint8))[counted_rows]
        tally = np.bincount(of_rows, minlength=len(CATEGORIES)).tolist()
        counted[item.name] = dict(zip(CATEGORIES, tally, strict=True))
    return counted
