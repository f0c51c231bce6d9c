"""Disclosure control: what may be shown of counts of patients.

The policies are data (`specification/disclosure.csv`). A table has a row of counts for each
provider; the counts of a row are parts of a whole. What is left out is None, shown as a star.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from math import ceil
from typing import NamedTuple

import numpy as np

from extracts.exchanging import Cell
from extracts.protection import Hidden, protect
from extracts.specification.derivations import rows

STAR = "*"
# More providers than there are.
MANY = 10**6


@dataclass(frozen=True)
class Policy:
    """One policy: the least count that is shown, what counts are rounded to, the decimals of rates,
    how many providers a national figure needs to be told exactly, whether provisional ones are
    told so, whether further figures are left out so that none can be reckoned back, and the bands
    that rates are then told in."""

    name: str
    title: str
    least: int
    base: int
    national_decimals: int
    decimals: int
    contributors: int
    provisional: str
    protected: bool
    bands: tuple[int, ...]
    words: str

    def of_provisional(self) -> "Policy":
        """The policy as it is for what is provisional. Rounded, it can be compared with what is
        final, and this tells of no single person who came or went between the two."""
        return replace(self, contributors=MANY) if self.provisional == "rounded" else self

    def count(self, number: int) -> int | None:
        """A count as it is shown, where it is not a national one."""
        return None if number < self.least else rounded(number, self.base)

    def bounds(self, number: int) -> tuple[int, int]:
        """The smallest and the largest count that is shown as this one is."""
        low = rounded(number, self.base) - self.base // 2
        return max(low, self.least), low + self.base - 1

    def rate(self, part: int, whole: int, is_national: bool = False) -> Decimal | None:
        """Percent of unrounded counts; a national one of any counts but none."""
        if is_national:
            return percent(part, whole, self.national_decimals) if whole else None
        return percent(part, whole, self.decimals) if min(part, whole) >= self.least else None

    def bands_of(self, whole: int) -> list[int]:
        """The bands that a rate of a whole is told in, the highest first: what is not in the part
        may be a count that is shown."""
        return [band for band in self.bands if whole * (100 - band) >= 100 * self.least]

    def bounds_with_rate(self, part: int, whole: int) -> tuple[int, int]:
        """Between what an onlooker who knew the whole would know a count to lie, if it is shown,
        and its rate with it."""
        low, high = self.bounds(part)
        if (rate := self.rate(part, whole)) is None:
            return low, high
        half = Fraction(1, 2 * 10**self.decimals)
        least, most = (whole * (Fraction(rate) + way) / 100 for way in (-half, half))
        return max(low, ceil(least)), min(high, ceil(most) - 1)

    def band(self, part: int, whole: int) -> int | None:
        """The highest band that a rate reaches."""
        return next((one for one in self.bands_of(whole) if 100 * part >= one * whole), None)

    def band_bounds(self, part: int, whole: int) -> tuple[int, int] | None:
        """Between what a count lies, in the band of its rate; none where it is in no band."""
        if (band := self.band(part, whole)) is None:
            return None
        higher = [one for one in self.bands_of(whole) if one > band]
        high = ceil(Fraction(min(higher) * whole, 100)) - 1 if higher else whole
        return ceil(Fraction(band * whole, 100)), high

    def tells_exactly(self, numbers: Sequence[int]) -> bool:
        """Whether enough providers contribute to a national figure, by the number of each."""
        return sum(number > 0 for number in numbers) >= self.contributors


@cache
def policies() -> dict[str, Policy]:
    return {
        row["policy"]: Policy(
            name=row["policy"],
            title=row["title"],
            least=int(row["least"]),
            base=int(row["base"]),
            national_decimals=int(row["national_decimals"]),
            decimals=int(row["decimals"]),
            contributors=int(row["contributors"]),
            provisional=row["provisional"],
            protected=row["protected"] == "yes",
            bands=tuple(map(int, row["bands"].split())),
            words=row["words"],
        )
        for row in rows("disclosure.csv")
    }


def titled(name: str) -> str:
    """What a policy is called, also one that is no longer declared."""
    return policies()[name].title if name in policies() else name


def rounded(number: int, base: int) -> int:
    """To the nearest multiple of `base`."""
    return (2 * number + base) // (2 * base) * base


def percent(part: int, whole: int, decimals: int) -> Decimal:
    """Half away from zero."""
    step = Decimal(1).scaleb(-decimals)
    return (Decimal(100 * part) / Decimal(whole)).quantize(step, ROUND_HALF_UP)


class Shown(NamedTuple):
    """A row as it is shown: its whole, its parts, and the rate of its first part; or, where the
    rate is left out, how many percent it is at least."""

    whole: int | None
    parts: tuple[int | None, ...]
    rate: Decimal | None
    at_least: int | None = None


@dataclass(frozen=True)
class ShownTable:
    """A table as it is shown. `together` are the providers that stand in it as one row named
    TOGETHER, because one of them must not stand alone."""

    rows: dict[str, Shown]
    national: Shown
    together: tuple[str, ...] = ()


TOGETHER = "together"


def shown_table(
    table: Mapping[str, Sequence[int]], policy: Policy, apart: Collection[str] = ()
) -> ShownTable:
    """What a policy shows of a table: for each provider its counts, as parts of their sum.

    Under a protected policy providers whose whole is too small, and those of `apart`, which must
    not stand alone, are one row together with the next larger one, so that no whole is left out.
    Where there is no larger one, nothing is shown.
    """
    kept, together = _large_enough(table, policy, apart) if policy.protected else (dict(table), ())
    columns = list(zip(*table.values(), strict=True))
    nothing = ShownTable({}, Shown(None, (None,) * len(columns), None), tuple(sorted(table)))
    if not kept:
        return nothing
    nation = _Row([sum(column) for column in columns], policy)
    nation.exact = [policy.tells_exactly(column) for column in columns]
    nation.exact_whole = policy.tells_exactly([sum(parts) for parts in table.values()])
    lines = [*(_Row(list(parts), policy) for parts in kept.values()), nation]
    if policy.protected:
        hidden = _protected(lines, policy, set())
        if alone := _beside_one_alone(lines, hidden):
            more = _protected(lines, policy, alone)
            hidden = hidden if more.given_up else more
        if hidden.given_up:
            return nothing
        for row, column in hidden.cells:
            lines[row].left_out.add(column)
        for row, _ in hidden.bounded:
            lines[row].tells_band = True
        nation.tell_exactly_what_many_show(lines[:-1])
    shown = [line.shown() for line in lines]
    return ShownTable(dict(zip(kept, shown, strict=False)), shown[-1], together)


def _protected(lines: list["_Row"], policy: Policy, doubtful: set[Cell]) -> Hidden:
    return protect(
        [line.numbers for line in lines],
        [line.bounds() for line in lines],
        {(r, c) for r, line in enumerate(lines) for c in line.hidden()} | doubtful,
        bands={(r, 0): band for r, line in enumerate(lines) if (band := line.band_bounds())},
        profiles=[[frozenset({column}) for column in range(len(lines[0].numbers))]],
        costs=np.maximum([line.numbers for line in lines], 1.0),
        least=policy.least,
        doubtful=doubtful,
    )


def _beside_one_alone(lines: list["_Row"], hidden: Hidden) -> set[Cell]:
    """What else to leave out where a single star could be a small number: since something small has
    to be there, that star would be it. The smallest number that is shown will do."""
    if len(hidden.cells - hidden.bounded) != 1:
        return set()
    shown = [
        (number, r, c)
        for r, line in enumerate(lines[:-1])
        for c, number in enumerate(line.numbers)
        if (r, c) not in hidden.cells
    ]
    return {(r, c) for _, r, c in sorted(shown)[:1]}


def _large_enough(
    table: Mapping[str, Sequence[int]], policy: Policy, apart: Collection[str]
) -> tuple[dict[str, Sequence[int]], tuple[str, ...]]:
    """The rows that can stand alone, and one of the others with the smallest of them: its whole
    tells of none of them that it is small."""
    small = [name for name, parts in table.items() if sum(parts) < policy.least or name in apart]
    large = sorted((sum(table[name]), name) for name in table if name not in small)
    if not small:
        return dict(table), ()
    together = tuple(sorted([*small, *(name for _, name in large[:1])]))
    kept = {name: parts for name, parts in table.items() if name not in together}
    if large:
        merged = [sum(column) for column in zip(*(table[name] for name in together), strict=True)]
        kept[TOGETHER] = merged
    return kept, together


class _Row:
    """The counts of a provider, or of the nation: then some may be exact."""

    def __init__(self, numbers: list[int], policy: Policy):
        self.numbers, self.policy = numbers, policy
        self.whole = sum(numbers)
        self.exact = [False] * len(numbers)
        self.exact_whole = False
        # What is left out besides what is too small.
        self.left_out: set[int] = set()
        self.tells_band = False

    def tell_exactly_what_many_show(self, rows: list["_Row"]) -> None:
        """Of the nation under a protected policy: what is exact tells nothing of how many rows have
        a count where they show a star."""
        told = [
            sum(column not in row.hidden() or (row.tells_band and not column) for row in rows)
            for column in range(len(self.numbers))
        ]
        self.exact = [many >= self.policy.contributors for many in told]
        self.exact_whole = len(rows) >= self.policy.contributors

    def hidden(self) -> set[int]:
        small = {
            column
            for column, number in enumerate(self.numbers)
            if not self.exact[column] and number < self.policy.least
        }
        return small | self.left_out

    def rate(self) -> Decimal | None:
        if 0 in self.hidden():
            return None
        return self.policy.rate(self.numbers[0], self.whole, self.exact[0] and self.exact_whole)

    def band(self) -> int | None:
        return self.policy.band(self.numbers[0], self.whole)

    def band_bounds(self) -> tuple[int, int] | None:
        return self.policy.band_bounds(self.numbers[0], self.whole)

    def bounds(self) -> list[tuple[int, int]]:
        """Between what an onlooker who knew the whole would know each count to lie, if shown."""
        found = [
            (number, number) if exact else self.policy.bounds(number)
            for number, exact in zip(self.numbers, self.exact, strict=True)
        ]
        # The rate of an exact count tells nothing more.
        if self.rate() is not None and not self.exact[0]:
            found[0] = self.policy.bounds_with_rate(self.numbers[0], self.whole)
        return found

    def shown(self) -> Shown:
        hidden = self.hidden()
        parts = tuple(
            None if column in hidden else number if exact else self.policy.count(number)
            for column, (number, exact) in enumerate(zip(self.numbers, self.exact, strict=True))
        )
        whole = self.whole if self.exact_whole else self.policy.count(self.whole)
        return Shown(whole, parts, self.rate(), self.band() if self.tells_band else None)
