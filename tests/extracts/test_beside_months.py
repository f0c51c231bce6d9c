"""A quarter beside its three final months: an onlooker with a solver takes all four together."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from extracts import shielding, statistics
from extracts.beside_months import without_what_tells
from extracts.disclosure import policies
from extracts.figures import Place, figures
from extracts.known_ranges import ranges
from extracts.models import ReleasedPart
from extracts.shielding import ShownFigures, ShownRow
from tests.extracts.drawn_months import Month, drawn_month, quarter_of
from tests.extracts.onlooker import Onlooker, Sum, families

POLICY = policies()["portal"]
OF_LAST_MONTH = {one.name for one in figures() if one.is_of_last_month}
SMALL, MORE = [400, 30, 120], [400, 30, 120, 60, 80, 200, 300, 90]
STATISTICS = ReleasedPart.STATISTICS
APRIL, MAY, JUNE = (date(2013, month, 1) for month in (4, 5, 6))


def shown(month: Month, telling: set[Place] = frozenset()) -> ShownFigures:
    of_providers = {"provider": month.breakdowns["provider"]}
    counts = month.national, month.contributors, of_providers
    return shielding.shown_figures(figures(), POLICY, *counts, telling=telling)


def content(figures: ShownFigures) -> dict[str, Any]:
    return statistics._figures(figures)


class OfAll(Onlooker):
    """Knows a month by each name, and under "quarter" their sum."""

    def __init__(self, family: Any, told: Mapping[str, ShownFigures]):
        self.family, self.policy, self.known = family, POLICY, []
        self.rows = {}
        for when, shown in told.items():
            rows = {(when, ""): shown.national} | {
                (when, of): row for of, row in shown.breakdowns["provider"].items()
            }
            self.rows |= rows
            for row, cells in rows.items():
                self.know_structure(row)
                for one in family:
                    self.know(row, one, cells, row[1] == "" and one.name in shown.exact)
            for one in family:
                parts: Sum = {(row, one.name): 1 for row in rows if row[1]}
                self.known.append((parts | {((when, ""), one.name): -1}, 0, 0))
        months = [when for when in told if when != "quarter"]
        for _, of in [row for row in self.rows if row[0] == "quarter"]:
            for one in family:
                of_which = months[-1:] if one.name in OF_LAST_MONTH else months
                parts = {((month, of), one.name): 1 for month in of_which}
                self.known.append((parts | {(("quarter", of), one.name): -1}, 0, 0))
        cells = ((row, one.name) for row in self.rows for one in family)
        self.places = {cell: place for place, cell in enumerate(cells)}
        self.same, self.less = self._lines()

    def _lines(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        lines, places, times = zip(
            *(
                (line, self.places[cell], by)
                for line, (sum_, _, _) in enumerate(self.known)
                for cell, by in sum_.items()
            ),
            strict=True,
        )
        matrix = csr_array((times, (lines, places)), shape=(len(self.known), len(self.places)))
        low, high = (np.array([one[end] for one in self.known], float) for end in (1, 2))
        is_same = low == high
        most, least = (np.isfinite(end) & ~is_same for end in (high, low))
        less = vstack([matrix[most], -matrix[least]]).tocsr()
        return (matrix[is_same], low[is_same]), (less, np.concatenate([high[most], -low[least]]))

    def most(self, sum_: Sum) -> float:
        """Also of parts of persons: so what is found to be small is small."""
        asked = np.zeros(len(self.places))
        for cell, by in sum_.items():
            asked[self.places[cell]] = -by
        found = linprog(asked, *self.less[:1], self.less[1], *self.same, bounds=(0, None))
        # The counts themselves fulfil all of it: nothing else can be in the way of a solution.
        assert found.status in {0, 3}, found.message
        return float("inf") if found.status == 3 else -found.fun


def known_to_be_small(told: Mapping[str, ShownFigures]) -> set[tuple[tuple[str, str], str]]:
    """The stars that can be none but small."""
    found = set()
    for family in families().values():
        onlooker = OfAll(family, told)
        for star in onlooker.left_out():
            if onlooker.most(star) < POLICY.least - 1e-6:
                found |= {*star}
    return found


class Drawn:
    """Three months and their quarter: what is shown of them, and of the quarter `by_itself` and
    `beside` the months."""

    def __init__(self, seed: int, sizes: list[int]):
        drawn = [drawn_month(seed * 10 + month, sizes, 4) for month in range(3)]
        self.months = dict(zip(("april", "may", "june"), map(shown, drawn), strict=True))
        known = {
            month: ranges(STATISTICS, "R", content(one))
            for month, one in zip((APRIL, MAY, JUNE), self.months.values(), strict=True)
        }
        whole = quarter_of(drawn)
        made: list[ShownFigures] = []

        def quarter(telling: set[Place]) -> dict[str, Any]:
            made.append(with_last_month(shown(whole, telling), self.months["june"]))
            return content(made[-1])

        without_what_tells(quarter, known)
        self.by_itself, self.beside = made[0], made[-1]

    def known_to_be_small(self, quarter: ShownFigures) -> int:
        return len(known_to_be_small(self.months | {"quarter": quarter}))


def test_what_is_left_out_of_a_month_is_not_had_from_the_quarter() -> None:
    """But for one in ten of what could be had, where many roundings are narrow together."""
    drawn = [Drawn(seed, SMALL) for seed in range(2, 6)] + [Drawn(2, MORE)]
    before = sum(one.known_to_be_small(one.by_itself) for one in drawn)
    after = sum(one.known_to_be_small(one.beside) for one in drawn)
    assert before > 30
    assert after <= before / 10
    # And a quarter shows more than a month does.
    fewest = sum(min(map(stars, one.months.values())) for one in drawn)
    assert (
        sum(stars(one.by_itself) for one in drawn)
        < sum(stars(one.beside) for one in drawn)
        < fewest
    )


def with_last_month(quarter: ShownFigures, last: ShownFigures) -> ShownFigures:
    """What `statistics.content` does with plain data."""

    def of_last(row: ShownRow, month: ShownRow) -> ShownRow:
        return row | {name: month[name] for name in OF_LAST_MONTH}

    rows = last.breakdowns["provider"]
    by_provider = {of: of_last(row, rows[of]) for of, row in quarter.breakdowns["provider"].items()}
    exact = [name for name in quarter.exact if name not in OF_LAST_MONTH]
    return ShownFigures(
        of_last(quarter.national, last.national),
        exact + [name for name in last.exact if name in OF_LAST_MONTH],
        {"provider": by_provider},
    )


def stars(told: ShownFigures) -> int:
    rows = told.breakdowns["provider"].values()
    return sum(one.number is None for row in rows for one in row.values())


# -- what is looked at ------------------------------------------------------------------------


def of_provider(**told: int | None) -> dict[str, Any]:
    row = {name: [number, None] for name, number in told.items()}
    nation = {name: [1000, None] for name in told}
    return {"exact": [*told], "figures": {"national": {"": nation}, "provider": {"RZ1": row}}}


def left_out(quarter: dict[str, Any], *months: dict[str, Any]) -> set[str]:
    """What a quarter leaves out of the provider beside three months."""
    asked: list[set[Place]] = []

    def made(telling: set[Place]) -> dict[str, Any]:
        asked.append({*telling})
        names = quarter["figures"]["provider"]["RZ1"]
        out = {name: None for by, _, name in telling if by == "provider"}
        return of_provider(**{name: shown[0] for name, shown in names.items()} | out)

    known = {
        month: ranges(STATISTICS, "R", one)
        for month, one in zip((APRIL, MAY, JUNE), months, strict=True)
    }
    without_what_tells(made, known)
    return {name for _, _, name in asked[-1]}


@pytest.mark.parametrize(
    ("quarter", "april", "may", "june", "is_left_out"),
    [
        # rounded to five: 28 to 32 of which 18 to 22 and 8 to 12 leave 0 to 6 for the month
        (30, 20, 10, None, True),
        (35, 20, 10, None, False),
        # a month of which nothing is known is at least none
        (10, 10, None, None, True),
        (20, 10, None, None, False),
        # and it is nothing to the months that show all of it
        (30, 10, 10, 10, False),
        (30, 20, 20, 20, False),
    ],
)
def test_what_a_month_leaves_out(
    quarter: int, april: int | None, may: int | None, june: int | None, is_left_out: bool
) -> None:
    months = (of_provider(ended=one) for one in (april, may, june))
    found = left_out(of_provider(ended=quarter), *months)
    assert found == ({"ended"} if is_left_out else set())


def test_what_is_asked_of_the_last_month_alone_is_its_own() -> None:
    months = (of_provider(open=one) for one in (20, None, 20))
    assert left_out(of_provider(open=40), *months) == set()


def test_of_two_months_nothing_can_be_reckoned() -> None:
    def never(telling: set[Place]) -> dict[str, Any]:
        assert not telling
        return of_provider(ended=30)

    known = {month: ranges(STATISTICS, "R", of_provider(ended=None)) for month in (APRIL, MAY)}
    assert without_what_tells(never, known) == of_provider(ended=30)
