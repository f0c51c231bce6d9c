"""The figures: how many pathways did what in a period. Their one home is
`specification/figures.csv`, a row for each:

    name       its permanent name, by which counts are kept, released and addressed
    title      what pages call it; `group` the heading that it stands under
    main       Y for the few that an extract carries and "If this were final" shows
    of         the figure that its rate is out of (the denominator); blank: it has no rate. Its
               whole, or a whole of that: "reliably improved" is a part of "paired scores", and its
               rate is of those who finished
    whole      the figure that it is a part of: every pathway counted here is counted there too
               (and in the whole of that, and so on)
    partition  a name for parts that share a whole, never overlap, and together make that whole:
               their counts add up to it exactly, in every stage and breakdown. Blank: it is a part
               of its whole by itself (as "reliably recovered" of "recovered"), with parts of a
               partition beside it that it may overlap
    also_in    further figures, besides its whole and what that is a part of, that it is a part of
               too (names, by spaces), as "entered treatment within 28 days" of "within 6 weeks"
               and of "within 18 weeks"
    former     the key performance indicator that it replaces, of a quarter
    meaning    what that is, for people who do not know the columns
    formula    the same in their words; `source` who says so
    sql        the same over `d` (what is derived), `c` (the referral with its person), `run` (the
               period) and `earlier` (there where data of an earlier period have the pathway), as
               `extracts.counting` puts them together; {name} is a figure above it. Main figures
               use `d` and `run` alone

Everything that can be reckoned from one figure about another, except by dates alone, follows from
`whole`, `partition`, `also_in` and `overlap`; the rest is independent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.db import connection

from extracts.specification.derivations import measures, rows

Counted = dict[str, int]
# A breakdown, which of it, and a figure.
Place = tuple[str, str, str]


class Figure(NamedTuple):
    """A count of pathways, as this module says; `sql` is complete, `also_in` names figures."""

    name: str
    title: str
    group: str
    is_main: bool
    of: str
    whole: str
    partition: str
    also_in: tuple[str, ...]
    is_overlap: bool
    former: str
    meaning: str
    formula: str
    sql: str
    source: str

    @property
    def is_of_last_month(self) -> bool:
        """Whether it is asked of the data of the period's last month alone, so that a quarter has
        the same of it as its last month."""
        return "run.last_month" in self.sql


@cache
def figures() -> tuple[Figure, ...]:
    """All of them, in the order in which they are shown."""
    said = _measures_in_sql()
    found = []
    for row in rows("figures.csv"):
        row["sql"] = row["sql"].format(**said)
        row["formula"] = row["formula"].format(**said)
        said[row["name"]] = row["sql"]
        is_main, is_overlap = row.pop("main") == "Y", row.pop("overlap") == "Y"
        also_in = tuple(row.pop("also_in").split())
        found.append(Figure(is_main=is_main, also_in=also_in, is_overlap=is_overlap, **row))
    return tuple(found)


@cache
def main_figures() -> tuple[Figure, ...]:
    """Those that an extract carries."""
    return tuple(one for one in figures() if one.is_main)


def former(several: Iterable[Figure]) -> list[Figure]:
    """Those among them that replace an indicator, in the order of the indicators."""
    return sorted((one for one in several if one.former), key=lambda one: one.former)


def partitions() -> dict[tuple[str, str], tuple[str, ...]]:
    """By whole and name of the partition: the figures that together make that whole."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in figures():
        if one.partition:
            key = (one.whole, one.partition)
            found[key] = (*found.get(key, ()), one.name)
    return found


def _measures_in_sql() -> dict[str, str]:
    """The problems that have a measure of their own, from the table of measures."""
    specific = [one for one in measures() if one.adsm and one.diagnosis]
    problem = [f"c.ic_provdiag LIKE '{one.diagnosis}'" for one in specific]
    measured = [
        f"{asked} AND d.ic_adsm = '{one.adsm}'"
        for asked, one in zip(problem, specific, strict=True)
    ]
    return {
        "problem_with_measure": " OR ".join(problem),
        "appropriate_measure": " OR ".join(measured),
        "problems": ", ".join(one.diagnosis.replace("%", "…") for one in specific),
    }


def counted() -> dict[str, Counted]:
    """The main figures of each recipient, once its extract's tables are prepared
    (`extracts.numbers`). Each pathway counts once: by its newest instance in the month."""
    told = {figure.name: figure.sql for figure in main_figures()}
    asked = [f"count(*) FILTER (WHERE {sql})" for sql in told.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT x.recipient, {", ".join(asked)}
                FROM x_recipient JOIN x_referral x USING (recipient)
                JOIN d_derived d USING (key) CROSS JOIN d_run run
                WHERE d.ic_use_pathway_flag = 'Y' GROUP BY x.recipient"""
        )
        found = {code: dict(zip(told, numbers, strict=True)) for code, *numbers in cursor}
        cursor.execute("SELECT recipient FROM x_recipient")
        return {code: found.get(code, dict.fromkeys(told, 0)) for (code,) in cursor}


@dataclass(frozen=True)
class Said:
    """A figure as a page shows it: the number, and its rate in whole percent where it has one."""

    number: int
    rate: int | None
    bar: int


@dataclass(frozen=True)
class Line:
    """A figure of several extracts beside each other; None where an extract has no figures."""

    figure: Figure
    of: str
    said: list[Said | None]


def beside(several: list[Counted]) -> list[Line]:
    """The figures of several extracts, line by line. Bars are in sixtieths of the largest number
    of all."""
    titles = {figure.name: figure.title for figure in main_figures()}
    largest = max((max(one.values()) for one in several if one), default=0) or 1
    return [
        Line(figure, titles.get(figure.of, ""), [_said(figure, one, largest) for one in several])
        for figure in main_figures()
    ]


def _said(figure: Figure, one: Counted, largest: int) -> Said | None:
    if not one:
        return None
    number, whole = one[figure.name], one.get(figure.of, 0)
    # Half a percent goes up, and no float decides which half it is.
    rate = (200 * number + whole) // (2 * whole) if whole else None
    return Said(number, rate, 60 * number // largest)
