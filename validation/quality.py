"""Data quality counts: valid, other, default, invalid, missing for each measured item.

The items are data (`dataset/quality.csv`); counted over rows that stand, score and therapy items
over attended appointments that are not follow-ups.
"""

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np

from validation.columns import JudgedColumn, Mask
from validation.dataset import HERE
from validation.rows import Rows

DEFINITIONS_VERSION = "2026.11"
CATEGORIES = ("valid", "other", "default", "invalid", "missing")
ATTENDED = ("5", "6")
FOLLOW_UP = "06"


@dataclass(frozen=True)
class Item:
    """One measured item: its title, where it is sent, over which rows it is counted."""

    name: str
    title: str
    table: str
    column: str
    population: str


@cache
def items() -> tuple[Item, ...]:
    with (HERE / "quality.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple(
            Item(row["item"], row["title"], row["table"], row["column"], row["population"])
            for row in rows
        )


def category(column: JudgedColumn, text: str, canonical: str | None) -> str:
    """The category of one distinct text of a column."""
    if not text:
        return "missing"
    if canonical is None:
        return "invalid"
    declared = {code.code: code.quality for code in column.column.codes}
    return declared.get(canonical, "valid")


def population(item: Item, rows: Rows) -> Mask:
    if item.population != "attended":
        return rows.stands
    return rows.stands & rows.Attendance.isin(*ATTENDED) & ~rows.AppType.isin(FOLLOW_UP)


def counts(rows: dict[str, Rows]) -> dict[str, dict[str, int]]:
    """For each item the number of rows in each category."""
    counted = {}
    for item in items():
        column = rows[item.table].columns[item.column]
        places = [
            CATEGORIES.index(category(column, text, value))
            for text, value in zip(column.texts, column.canonical, strict=True)
        ]
        of_rows = column.spread(np.array(places, dtype=np.int64))[
            population(item, rows[item.table])
        ]
        tally = np.bincount(of_rows, minlength=len(CATEGORIES)).tolist()
        counted[item.name] = dict(zip(CATEGORIES, tally, strict=True))
    return counted
