"""What may be shown of counts: nothing that is left out can be reckoned back, asked with a solver.
The published figures are in `test_published_2016`, the statistics in `test_shielding`."""

import math
from collections.abc import Sequence
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from extracts.disclosure import TOGETHER, Policy, Shown, ShownTable, policies, shown_table

PUBLISHED, PORTAL = policies()["published-2016"], policies()["portal"]


def test_a_published_table() -> None:
    shown = shown_table({"RZ1": (96, 4), "RZ2": (3, 0)}, PUBLISHED)
    assert shown.rows == {
        "RZ1": Shown(100, (95, None), Decimal(96)),
        "RZ2": Shown(None, (None, None), None),
    }
    assert shown.national.parts == (99, 4)


# -- what the portal shows --------------------------------------------------------------------


def test_a_national_figure_needs_ten_providers() -> None:
    nine = {f"RZ{number}": (52, 31) for number in range(9)}
    assert shown_table(nine, PORTAL).national == Shown(745, (470, 280), Decimal(63))
    ten = nine | {"RZ9": (52, 31)}
    assert shown_table(ten, PORTAL).national == Shown(830, (520, 310), Decimal("62.7"))


def test_nothing_of_a_provider_that_is_all_but_perfect() -> None:
    """118 of 119: shown, it would tell that one or two are not."""
    table = {"RZ1": (118, 1), "RZ2": (60, 40), "RZ3": (50, 50)}
    assert shown_table(table, PORTAL).rows["RZ1"] == Shown(120, (None, None), None, 95)


@pytest.mark.parametrize(("whole", "highest"), [(9, None), (10, 50), (50, 90), (99, 90), (100, 95)])
def test_a_band_leaves_room_for_what_is_not_small(whole: int, highest: int | None) -> None:
    assert next(iter(PORTAL.bands_of(whole)), None) == highest


def test_a_small_provider_stands_together_with_the_next() -> None:
    shown = shown_table({"RZ1": (60, 40), "RZ2": (2, 1), "RZ3": (30, 20), "RZ4": (0, 0)}, PORTAL)
    assert shown.together == ("RZ2", "RZ3", "RZ4")
    assert set(shown.rows) == {"RZ1", TOGETHER}
    assert shown.rows[TOGETHER].whole == 55


@pytest.mark.parametrize("table", [{}, {"RZ1": (2, 2)}, {"RZ1": (4, 0), "RZ2": (0, 0)}])
def test_where_all_are_small_nothing_is_shown(table: dict[str, tuple[int, int]]) -> None:
    shown = shown_table(table, PORTAL)
    assert not shown.rows
    assert shown.national.whole is None
    assert set(shown.national.parts) <= {None}


def test_the_only_star_that_could_be_small_does_not_stand_alone() -> None:
    """The other stars are rates in bands: so C's three would be known to be under five."""
    rows = shown_table({"C": (40, 3), "D": (60, 7), "E": (50, 12)}, PORTAL).rows
    starred = [name for name, row in rows.items() if row.parts[1] is None]
    assert "C" in starred
    assert len(starred) > 1


# -- an attacker with a solver ----------------------------------------------------------------


class Attacker:
    """Knows what a release shows and how it is made, and asks how small and how large a number
    that is left out can be. The numbers: the parts of the first row, of the second, and so on."""

    def __init__(self, shown: ShownTable, policy: Policy, table: dict[str, tuple[int, ...]]):
        self.rows, self.policy = list(shown.rows.values()), policy
        self.width = len(shown.national.parts)
        self.equations: list[tuple[np.ndarray, float, float]] = []
        for place, row in enumerate(self.rows):
            self.learn(row, [place], [False] * (self.width + 1))
        # A national figure is exact where ten providers are seen to have a count.
        columns = [*zip(*(row.parts for row in self.rows), strict=True)]
        columns.append(tuple(row.whole for row in self.rows))
        seen = [[one is not None for one in column] for column in columns]
        seen[0] = [row.parts[0] is not None or row.at_least is not None for row in self.rows]
        exact = [sum(column) >= 10 for column in seen]
        self.learn(shown.national, list(range(len(self.rows))), exact)

    def learn(self, row: Shown, places: list[int], exact: list[bool]) -> None:
        of_parts = [self.sum_of(places, [column]) for column in range(self.width)]
        for number, sum_, is_exact in zip(row.parts, of_parts, exact[:-1], strict=True):
            self.know(sum_, number, is_exact)
        whole = self.sum_of(places, range(self.width))
        self.know(whole, row.whole, exact[-1])
        if row.rate is not None:
            half = float(Decimal(1).scaleb(row.rate.as_tuple().exponent)) / 2
            for rate, low, high in (
                (float(row.rate) - half, 0, math.inf),
                (float(row.rate) + half, -math.inf, 0),
            ):
                self.equations.append((of_parts[0] - rate / 100 * whole, low, high))

        if row.at_least is not None:
            self.learn_band(row, of_parts[0], whole)

    def learn_band(self, row: Shown, first: np.ndarray, whole: np.ndarray) -> None:
        """At least so many percent; and less than in a higher band that would have been told."""
        self.equations.append((first - row.at_least / 100 * whole, 0, math.inf))
        smallest = PORTAL.bounds(row.whole)[0]
        higher = [band for band in self.policy.bands_of(smallest) if band > row.at_least]
        if higher:
            self.equations.append((first - min(higher) / 100 * whole, -math.inf, 0))

    def know(self, sum_: np.ndarray, number: int | None, is_exact: bool) -> None:
        if number is not None:
            low, high = (number, number) if is_exact else self.policy.bounds(number)
            self.equations.append((sum_, low, high))

    def sum_of(self, places: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        chosen = np.zeros((len(self.rows), self.width))
        chosen[np.ix_(places, columns)] = 1
        return chosen.ravel()

    def range_of(self, sum_: np.ndarray) -> tuple[int, int]:
        found = []
        for sign in (1, -1):
            asked = milp(
                sign * sum_,
                constraints=[LinearConstraint(*equation) for equation in self.equations],
                integrality=np.ones_like(sum_),
                bounds=Bounds(0, 100_000),
            )
            assert asked.success, asked.message
            # They are whole numbers, but for the solver's tolerance.
            found.append(round(sign * asked.fun))
        return found[0], found[1]

    def left_out(self, national: Shown) -> list[np.ndarray]:
        every = range(len(self.rows))
        cells = [
            self.sum_of([place], [column])
            for place, row in enumerate(self.rows)
            for column, number in enumerate(row.parts)
            if number is None
        ]
        return cells + [
            self.sum_of(every, [column])
            for column, number in enumerate(national.parts)
            if number is None
        ]


def generated(seed: int) -> dict[str, tuple[int, ...]]:
    """Providers of all sizes; most values valid, as in life."""
    dice = Random(seed)
    table = {}
    width = dice.choice((2, 3, 4, 5))
    for number in range(dice.choice((1, 2, 3, 5, 11, 13))):
        valid = dice.choice((0, 3, 20, 200, 3000)) + dice.randrange(30)
        others = [dice.choice((0, 0, 1, 2, 4, 5, 8, 30)) for _ in range(width - 1)]
        table[f"RZ{number}"] = (valid, *others)
    return table


@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_is_left_out_can_be_reckoned_back(seed: int) -> None:
    table = generated(seed)
    shown = shown_table(table, PORTAL)
    if not shown.rows:
        return
    attacker = Attacker(shown, PORTAL, table)
    left_out = attacker.left_out(shown.national)
    for cell in left_out[:: max(1, len(left_out) // 12)]:
        low, high = attacker.range_of(cell)
        assert high >= PORTAL.least
        assert low < high


def test_without_protection_the_solver_reckons_back() -> None:
    """The same question of the same table under the other policy: it can fail."""
    table = {"RZ1": (118, 1), "RZ2": (60, 40), "RZ3": (50, 50)}
    shown = shown_table(table, PUBLISHED)
    attacker = Attacker(shown, PUBLISHED, table)
    (cell,) = attacker.left_out(shown.national)
    assert attacker.range_of(cell)[1] < PUBLISHED.least
