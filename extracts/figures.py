"""The main figures of an extract: how many pathways did what in its period.

Each is declared in `specification/figures.csv`: its formula in words and in SQL over what is
derived, and which other figure its rate is out of. They are counted for all recipients of a stage
at once, from the tables that the extracts themselves are made of, and stored with each extract.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.db import connection

from extracts.specification.derivations import rows

Counted = dict[str, int]


class Figure(NamedTuple):
    """A count of pathways; `of` names the figure that it is a part of, if any."""

    name: str
    title: str
    sql: str
    of: str
    formula: str
    source: str


@cache
def figures() -> tuple[Figure, ...]:
    return tuple(Figure(**row) for row in rows("figures.csv"))


def counted() -> dict[str, Counted]:
    """The figures of each recipient, once its extract's tables are prepared (`extracts.numbers`).
    Each pathway counts once: by its newest instance in the month."""
    told = {figure.name: figure.sql for figure in figures()}
    asked = [f"count(*) FILTER (WHERE {sql.format(**told)})" for sql in told.values()]
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
    titles = {figure.name: figure.title for figure in figures()}
    largest = max((max(one.values()) for one in several if one), default=0) or 1
    return [
        Line(figure, titles.get(figure.of, ""), [_said(figure, one, largest) for one in several])
        for figure in figures()
    ]


def _said(figure: Figure, one: Counted, largest: int) -> Said | None:
    if not one:
        return None
    number, whole = one[figure.name], one.get(figure.of, 0)
    # Half a percent goes up, and no float decides which half it is.
    rate = (200 * number + whole) // (2 * whole) if whole else None
    return Said(number, rate, 60 * number // largest)
