"""The extract specification as data: every column of every table, in order.

`columns.csv` beside this file says for each column its SQL type, where it comes from (submitted,
assigned, derived, geography, later) and the SQL expression over the tables that `extracts.numbers`
prepares (`t` the record, `x` its numbers, `s` the submission, `r` the run). A column whose
derivation belongs to a later step has none, and is NULL.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPECIFICATION_VERSION = "2026.11"
TABLES = ("Header", "Person", "Disability", "Referral", "Appointment")


@dataclass(frozen=True)
class ExtractColumn:
    """One column of an extract table. `recipient` is "own" where only the provider gets it;
    `sent` are the columns of a submission that it is made from (`Person.BirthDate`)."""

    table: str
    name: str
    sql_type: str
    origin: str
    recipient: str
    expression: str
    sent: tuple[str, ...]


@cache
def columns() -> tuple[ExtractColumn, ...]:
    path = Path(__file__).parent / "columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            ExtractColumn(
                row["table"],
                row["column"],
                row["sql_type"],
                row["origin"],
                row["recipient"],
                row["expression"],
                tuple(row["sent"].split()),
            )
            for row in csv.DictReader(file)
        )


def made_from(table: str, column: str) -> list[ExtractColumn]:
    """The extract's columns that a column of a submission goes into."""
    return [extracted for extracted in columns() if f"{table}.{column}" in extracted.sent]


def columns_for(table: str, *, own: bool) -> list[ExtractColumn]:
    """The columns of a table, in order; with `own` those that only the provider itself gets."""
    return [
        column for column in columns() if column.table == table and (own or not column.recipient)
    ]
