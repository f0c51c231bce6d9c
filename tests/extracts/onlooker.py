"""An onlooker with a solver: knows all that is shown of some figures in the nation and in every
breakdown, how figures are parts of each other and how what is shown is made; and asks how small and
how large a number that is left out can be."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from extracts.disclosure import Policy
from extracts.figures import Figure, figures
from extracts.shielding import Shown, ShownFigures, ShownRow

NATION = ("national", "")
Row = tuple[str, str]
# Figures of rows: so many times each is added up.
Sum = dict[tuple[Row, str], int]
MOST = 100_000


def groups(of: Sequence[Figure]) -> Iterator[tuple[str, list[str], bool]]:
    """Each figure with parts of it that do not overlap, and whether these are all of it."""
    for whole in of:
        by_partition: dict[tuple[str, str], list[str]] = {}
        for one in of:
            if whole.name in (one.whole, *one.also_in):
                key = (one.whole, one.partition or f"of {one.name} alone")
                by_partition.setdefault(key, []).append(one.name)
        for (parent, name), parts in by_partition.items():
            yield whole.name, parts, parent == whole.name and not name.startswith("of ")


def wholes_of(name: str, above: dict[str, set[str]]) -> set[str]:
    """All that a figure is a part of."""
    direct = above[name] - {""}
    return direct.union(*(wholes_of(one, above) for one in direct))


def families() -> dict[str, list[Figure]]:
    """Figures that hang together, by the one that is a part of none."""
    wholes = {one.name: one.whole for one in figures()}
    found: dict[str, list[Figure]] = {}
    for one in figures():
        root = one.name
        while wholes[root]:
            root = wholes[root]
        found.setdefault(root, []).append(one)
    return found


class Onlooker:
    """Looks at one family of figures: no other tells anything of them."""

    def __init__(
        self,
        family: Sequence[Figure],
        policy: Policy,
        shown: ShownFigures,
    ):
        self.family, self.policy = family, policy
        self.rows: dict[Row, ShownRow] = {NATION: shown.national} | {
            (by, of): row for by, found in shown.breakdowns.items() for of, row in found.items()
        }
        self.places = {
            (row, one.name): number
            for number, (row, one) in enumerate((row, one) for row in self.rows for one in family)
        }
        self.known: list[tuple[Sum, float, float]] = []
        for row, told in self.rows.items():
            self.know_structure(row)
            for one in family:
                self.know(row, one, told, row == NATION and one.name in shown.exact)
        for by, found in shown.breakdowns.items():
            for one in family:
                parts: Sum = {((by, of), one.name): 1 for of in found}
                self.known.append((parts | {(NATION, one.name): -1}, 0, 0))

    def know_structure(self, row: Row) -> None:
        for whole, parts, is_all in groups(self.family):
            rest: Sum = {(row, whole): 1} | {(row, part): -1 for part in parts}
            self.known.append((rest, 0, 0 if is_all else math.inf))
        for rest in self.neither(row):
            self.known.append((rest, 0, math.inf))

    def know(self, row: Row, one: Figure, told: ShownRow, is_exact: bool) -> None:
        shown = told[one.name]
        if shown.number is not None:
            number = shown.number
            bounds = (number, number) if is_exact else self.policy.bounds(number)
            self.known.append(({(row, one.name): 1}, *bounds))
        if one.of:
            self.know_rate(row, one, shown, told[one.of])

    def know_rate(self, row: Row, one: Figure, shown: Shown, whole: Shown) -> None:
        def at_least(percent: Fraction, sign: int = 1) -> None:
            # In whole numbers, as the solver is exact with no others.
            part, of = 100 * percent.denominator, -percent.numerator
            sum_: Sum = {(row, one.name): sign * part, (row, one.of): sign * of}
            self.known.append((sum_, 0, math.inf))

        if shown.rate is not None:
            half = Fraction(Decimal(1).scaleb(shown.rate.as_tuple().exponent)) / 2
            at_least(Fraction(shown.rate) - half)
            at_least(Fraction(shown.rate) + half, -1)
        if shown.at_least is not None:
            at_least(Fraction(shown.at_least))
            smallest = self.policy.bounds(whole.number)[0]
            higher = [band for band in self.policy.bands_of(smallest) if band > shown.at_least]
            if higher:
                at_least(Fraction(min(higher)), -1)

    def range_of(self, sum_: Sum) -> tuple[int, int]:
        return self.extreme(sum_, 1), self.most(sum_)

    def most(self, sum_: Sum) -> int:
        return self.extreme(sum_, -1)

    def extreme(self, sum_: Sum, sign: int) -> int:
        """The least that a sum can be, or the most."""
        at = [
            (line, self.places[place], times)
            for line, (told, _, _) in enumerate(self.known)
            for place, times in told.items()
        ]
        lines, places, times = zip(*at, strict=True)
        matrix = csr_array((times, (lines, places)), shape=(len(self.known), len(self.places)))
        asked = np.zeros(len(self.places))
        for place, by in sum_.items():
            asked[self.places[place]] = by
        found = milp(
            sign * asked,
            constraints=LinearConstraint(
                matrix, [low for _, low, _ in self.known], [high for _, _, high in self.known]
            ),
            integrality=np.ones_like(asked),
            bounds=Bounds(0, MOST),
            # Its presolving takes some of these for impossible, though the very counts fulfil them.
            options={"presolve": False},
        )
        assert found.success, found.message
        # They are whole numbers, but for the solver's tolerance.
        return round(sign * found.fun)

    def left_out(self) -> list[Sum]:
        """Every figure that is a star."""
        return [
            {(row, one.name): 1}
            for row, told in self.rows.items()
            for one in self.family
            if told[one.name].number is None
        ]

    def neither(self, row: Row) -> Iterator[Sum]:
        """Where a figure is what two others have in common: those of what both are part of that are
        in neither."""
        above = {one.name: {one.whole, *one.also_in} for one in figures()}
        for one in self.family:
            if one.is_overlap:
                first, second = one.whole, one.also_in[0]
                for whole in wholes_of(first, above) & wholes_of(second, above):
                    yield {(row, whole): 1, (row, first): -1, (row, second): -1, (row, one.name): 1}

    def rests(self) -> list[Sum]:
        """Of every figure those that are in none of some of its parts."""
        return [rest for row in self.rows for rest in self.neither(row)] + [
            {(row, whole): 1} | {(row, part): -1 for part in parts}
            for row in self.rows
            for whole, parts, is_all in groups(self.family)
            if not is_all
        ]
