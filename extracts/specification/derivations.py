"""What is derived of a pathway, each value declared once: its name, its formula in words and in
SQL, where it comes from.

Single ones stand in `derivations.csv`. First and last answers are made for each row of
`measures.csv`, counts of therapies for each of `therapies.csv`, problem descriptors from
`problems.csv`; the words that formulas use stand in `terms.csv`. Step 1 sums up the attended
appointments within a referral; a later step may use what the steps before it made. Names in small
letters are no columns of the extract.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from validation import dataset
from validation.dataset import Column

HERE = Path(__file__).parent
# A moment and a value travel as one number, `moment * ROOM + value`, so that the least of them is
# the first and the greatest the last; every value is less than this.
ROOM = 100_000
DICTIONARY = "dictionary of the national v1 extract"


@dataclass(frozen=True)
class Derivation:
    """One derived value; `sent` are the columns of a submission that it is made from."""

    name: str
    step: int
    sql: str
    title: str
    formula: str
    sent: tuple[str, ...]
    source: str

    @property
    def is_column(self) -> bool:
        """Whether the extract shows it."""
        return self.name.isupper()

    @property
    def stored(self) -> str:
        """Its name in the database."""
        return self.name.lower()


class Term(NamedTuple):
    """A word that formulas use. `versions` are those of the data set that it is meant for."""

    term: str
    name: str
    words: str
    sql: str
    versions: str
    source: str


@dataclass(frozen=True)
class Measure:
    """A question asked at appointments whose first and last answers are derived, with the score
    from which it is at caseness and the change that is reliable, where it has them; `diagnosis`
    is the pattern of IC_PROVDIAG to which it is specific, `adsm` its word in IC_ADSM."""

    column: Column
    first: str
    last: str
    title: str
    caseness: str
    reliable_change: str
    diagnosis: str
    adsm: str
    last_needs_end: bool

    @property
    def record(self) -> str:
        return self.column.record

    @property
    def value(self) -> str:
        """An answer as a whole number, in SQL."""
        match self.column.kind:
            case "code":
                return f"array_position({self._codes}, a.{self.record}::text)"
            case "decimal":
                return f"(a.{self.record} * 100)::int"
            case _:
                return f"a.{self.record}"

    def answer(self, encoded: str) -> str:
        """The answer in the number it travelled in."""
        number = f"mod({encoded}, {ROOM})::int"
        match self.column.kind:
            case "code":
                return f"({self._codes})[{number}]"
            case "decimal":
                return f"({number} / 100.0)::numeric(4, 2)"
            case _:
                return number

    @property
    def _codes(self) -> str:
        return f"ARRAY[{', '.join(_text(code.code) for code in self.column.codes)}]"


class Therapy(NamedTuple):
    """A count of sessions, and the codes that it counts."""

    column: str
    codes: tuple[str, ...]
    title: str


class Problem(NamedTuple):
    """The label of a problem descriptor for a pattern of IC_PROVDIAG; the first that fits."""

    column: str
    diagnosis: str
    label: str


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a file beside this one."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _text(value: str) -> str:
    """A text in SQL."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


@cache
def terms() -> dict[str, Term]:
    return {row["term"]: Term(**row) for row in rows("terms.csv")}


@cache
def measures() -> tuple[Measure, ...]:
    asked = dataset.widest().tables["Appointment"].columns
    return tuple(
        Measure(
            column=asked[row.pop("sent")],
            last_needs_end=row.pop("last_needs_end") == "Y",
            **row,
        )
        for row in rows("measures.csv")
    )


@cache
def therapies() -> tuple[Therapy, ...]:
    return tuple(
        Therapy(row["column"], tuple(row["codes"].split()), row["title"])
        for row in rows("therapies.csv")
    )


@cache
def problems() -> tuple[Problem, ...]:
    return tuple(Problem(**row) for row in rows("problems.csv"))


@cache
def derivations() -> tuple[Derivation, ...]:
    """All of them, in the order of their steps."""
    made = [*_single(), *_answers(), *_sessions(), *_problem_descriptors()]
    return tuple(sorted(made, key=lambda one: one.step))


def _single() -> Iterator[Derivation]:
    filled = _measures_in_sql()
    for row in rows("derivations.csv"):
        sql = row["sql"]
        for name, text in filled.items():
            sql = sql.replace(f"{{{name}}}", text)
        yield Derivation(
            row["name"],
            int(row["step"]),
            sql,
            row["title"],
            row["formula"],
            tuple(row["sent"].split()),
            row["source"],
        )


def _measures_in_sql() -> dict[str, str]:
    """What `derivations.csv` leaves open in braces: it stands in the table of measures."""
    by_column = {measure.column.name: measure for measure in measures()}
    specific = [measure for measure in measures() if measure.adsm]
    otherwise = next(measure.adsm for measure in specific if not measure.diagnosis)
    chosen = " ".join(
        f"WHEN ic_provdiag LIKE {_text(measure.diagnosis)} AND {measure.first} >= "
        f"{measure.caseness} AND {measure.last} IS NOT NULL THEN {_text(measure.adsm)}"
        for measure in specific
        if measure.diagnosis
    )

    def by_adsm(attribute: str) -> str:
        told = " ".join(
            f"WHEN {_text(one.adsm)} THEN {getattr(one, attribute)}" for one in specific
        )
        return f"CASE ic_adsm {told} END"

    phq9 = by_column["PHQ9_Score"]
    return {
        "room": str(ROOM),
        "adsm": f"CASE {chosen} ELSE {_text(otherwise)} END",
        "adsm_first": by_adsm("first"),
        "adsm_last": by_adsm("last"),
        "adsm_caseness": by_adsm("caseness"),
        "adsm_change": by_adsm("reliable_change"),
        "phq9_caseness": phq9.caseness,
        "phq9_change": phq9.reliable_change,
    }


def _answers() -> Iterator[Derivation]:
    """The first and the last answer to each question."""
    for one in measures():
        sent = (f"Appointment.{one.column.name}",)
        low, high, answers = f"{one.record}_low", f"{one.record}_high", f"{one.record}_answers"
        for name, aggregate in ((low, "min"), (high, "max"), (answers, "count")):
            sql = f"{aggregate}(answered_at + {one.record})"
            yield Derivation(name, 1, sql, "", "", sent, "")
        ended = "the referral has ended and " if one.last_needs_end else ""
        needed = " AND enddate IS NOT NULL" if one.last_needs_end else ""
        yield Derivation(
            one.first,
            2,
            one.answer(low),
            f"First answer: {one.title}",
            f"The earliest valid {one.title} of the attended appointments within the referral that "
            "are no follow-ups",
            sent,
            DICTIONARY,
        )
        yield Derivation(
            one.last,
            2,
            f"CASE WHEN {answers} > 1{needed} THEN {one.answer(high)} END",
            f"Last answer: {one.title}",
            f"The latest valid {one.title} of the same appointments as {one.first}, where {ended}"
            "there are two or more; else blank",
            sent,
            DICTIONARY,
        )


def _sessions() -> Iterator[Derivation]:
    """How many treatment appointments record a therapy."""
    sent = tuple(f"Appointment.TherType{number}" for number in (1, 2, 3, 4))
    for one in therapies():
        bits = sum(1 << int(code) for code in one.codes)
        recorded = f" that record {one.title}"
        if one.codes:
            recorded += f" (therapy type {' or '.join(one.codes)}); each counts once"
        for ending, also, words in (
            ("", "", ""),
            ("_INYEAR", " AND in_year", " in the financial year of the period"),
        ):
            yield Derivation(
                f"{one.column}{ending}",
                1,
                f"count(appointment) FILTER (WHERE therapies & {bits} <> 0{also})",
                f"Sessions{words}: {one.title}",
                f"Number of treatment appointments{words}{recorded}",
                sent,
                DICTIONARY,
            )


def _problem_descriptors() -> Iterator[Derivation]:
    """Labels of the diagnosis."""
    titles = {
        "IC_PROBDESC_PRIMARY": "Problem descriptor, group",
        "IC_PROBDESC_SECONDARY": "Problem descriptor",
    }
    for column, title in titles.items():
        told = " ".join(
            f"WHEN ic_provdiag LIKE {_text(one.diagnosis)} THEN {_text(one.label)}"
            for one in problems()
            if one.column == column
        )
        yield Derivation(
            column,
            2,
            f"CASE {told} END",
            title,
            "The label of IC_PROVDIAG in the table of problem descriptors; blank where none fits",
            ("Referral.ProvDiag",),
            "NHS England's published SQL",
        )
