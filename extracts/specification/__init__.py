"""The extract specification as data: every column of every table, in order.

`columns.csv` beside this file says for each column its SQL type, where it comes from (submitted,
assigned, derived, geography, empty), the SQL expression over the tables that `extracts.writing`
joins (`t` the record, `x` its numbers, `d` what is derived, `s` the submission, `run` the month),
and in words what it is and how it is made. A column without an expression is blank, unless it is
derived of a pathway: then all of that stands in `derivations`. What the v1 extract had and this one
has not is in `left_out.csv`.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extracts.specification.derivations import Derivation, derivations, rows
from validation import dataset

SPECIFICATION_VERSION = "2026.12"
TABLES = ("Header", "Person", "Disability", "Referral", "Appointment")
# What it is that a column's values are, for people and for JSON.
TYPES = {
    "int": ("Whole number", "integer"),
    "bigint": ("Whole number, up to 19 digits", "integer"),
    "decimal": ("Decimal number", "number"),
    "date": ("Date, YYYY-MM-DD", "date"),
    "datetime": ("Date and time, YYYY-MM-DDTHH:MM:SS", "datetime"),
}


@dataclass(frozen=True)
class ExtractColumn:
    """One column of an extract table. `recipient` is "own" where only the provider gets it;
    `sent` are the columns of a submission that it is made from (`Person.BirthDate`); `meaning`,
    `formula` and `source` tell people what it is, how it is made and who says so."""

    table: str
    name: str
    sql_type: str
    origin: str
    recipient: str
    expression: str
    sent: tuple[str, ...]
    meaning: str
    formula: str
    source: str

    @property
    def place(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def type_words(self) -> str:
        """Its type for people."""
        words, _ = TYPES.get(self.sql_type, ("", ""))
        length = self.sql_type.removeprefix("varchar(").removesuffix(")")
        return words or f"Text of at most {length} characters"

    @property
    def json_type(self) -> str:
        _, name = TYPES.get(self.sql_type, ("", "string"))
        return name

    @property
    def recipient_words(self) -> str:
        """Who gets it."""
        return "The provider itself alone" if self.recipient else "Every recipient"

    def is_like(self, words: str) -> bool:
        """Whether a search for `words` means this column."""
        told = (self.place, self.meaning, self.formula, *self.sent)
        return any(words.casefold() in text.casefold() for text in told)


class LeftOut(NamedTuple):
    """Columns of the national v1 extract that this one does not have, and why."""

    tables: str
    columns: str
    reason: str


@cache
def columns() -> tuple[ExtractColumn, ...]:
    path = Path(__file__).parent / "columns.csv"
    derived = {one.name: one for one in derivations()}
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_column(row, derived.get(row["column"])) for row in csv.DictReader(file))


def _column(row: dict[str, str], derived: Derivation | None) -> ExtractColumn:
    if derived:
        row |= {
            "expression": f"d.{derived.stored}",
            "sent": " ".join(derived.sent),
            "meaning": derived.title,
            "formula": derived.formula,
            "source": derived.source,
        }
    elif row["origin"] == "submitted":
        meaning, formula = _as_sent(row)
        row |= {
            "meaning": row["meaning"] or meaning,
            "formula": row["formula"] or formula,
            "source": row["source"] or "data set",
        }
    return ExtractColumn(
        row["table"],
        row["column"],
        row["sql_type"],
        row["origin"],
        row["recipient"],
        row["expression"],
        tuple(row["sent"].split()),
        row["meaning"],
        row["formula"],
        row["source"],
    )


def _as_sent(row: dict[str, str]) -> tuple[str, str]:
    """What a column that was sent is, and how it arrives in the extract."""
    table, _, name = row["sent"].partition(".")
    column = dataset.widest().tables[table].columns[name]
    meaning = column.meaning.partition(". ")[0].removesuffix(".")
    blank = "" if column.kind in {"text", "organisation"} else "; blank where it was not valid"
    pilot = "" if "1.0" in column.versions else " Sent by pilot sites alone (version 1.0P)."
    return meaning, f"As sent{blank}.{pilot}".removesuffix(".")


@cache
def left_out() -> tuple[LeftOut, ...]:
    return tuple(LeftOut(**row) for row in rows("left_out.csv"))


def column(table: str, name: str) -> ExtractColumn:
    """One column, by names in any case. Raises KeyError where there is none."""
    for one in columns():
        if one.place.casefold() == f"{table}.{name}".casefold():
            return one
    raise KeyError(f"{table}.{name}")


def search(words: str) -> list[ExtractColumn]:
    """The columns that a search means; all of them for no words."""
    return [one for one in columns() if one.is_like(words.strip())]


def made_from(table: str, column: str) -> list[ExtractColumn]:
    """The extract's columns that a column of a submission goes into."""
    return [extracted for extracted in columns() if f"{table}.{column}" in extracted.sent]


def columns_for(table: str, *, own: bool) -> list[ExtractColumn]:
    """The columns of a table, in order; with `own` those that only the provider itself gets."""
    return [
        column for column in columns() if column.table == table and (own or not column.recipient)
    ]
