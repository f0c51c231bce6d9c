"""What may be shown of the figures of a stage: the nation, and by provider, commissioner, age, …

Figures are parts of each other (`extracts.structure`), and the rows of each breakdown add up to the
nation: so what is left out must not be had from the other figures of its row, from the other rows
of its breakdown, nor from a rate. A national figure that is left out is left out everywhere; for
the rest each breakdown is looked at alone, as no exchange within it changes the nation, and so
nothing of another breakdown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from extracts.disclosure import Policy
from extracts.exchanging import ANY, NEVER, UNKNOWN, Bounds, Cell
from extracts.figures import Figure, Place
from extracts.protection import Hidden, protect
from extracts.specification.breakdowns import NATIONAL, PROVIDER
from extracts.structure import Profile, Structure

Counts = Mapping[str, int]
# One main figure is worth so many others of its size.
MAIN = 10


class Shown(NamedTuple):
    """A figure as it is shown, and its rate; or at least how many percent it is."""

    number: int | None
    rate: Decimal | None = None
    at_least: int | None = None


ShownRow = dict[str, Shown]


class ShownFigures(NamedTuple):
    """The figures of the nation, with the names of those that are exact, and by breakdown and
    row."""

    national: ShownRow
    exact: list[str]
    breakdowns: dict[str, dict[str, ShownRow]]


def shown_figures(
    figures: Sequence[Figure],
    policy: Policy,
    national: Counts,
    contributors: Counts,
    breakdowns: Mapping[str, Mapping[str, Counts]],
    *,
    telling: Collection[Place] = (),
) -> ShownFigures:
    """What a policy shows of the counts of the nation and of the rows of each breakdown, which add
    up to them. `contributors` tells how many providers contribute to each national figure: under a
    protected policy fewer figures are exact, those that enough are seen to contribute to. What is
    `telling` is left out, because it would tell of something small that is shown nowhere here."""
    structure = Structure(figures)
    told = defaultdict(list)
    for by, of, name in telling:
        told[by, of].append(name)
    nation = _Row(figures, structure, national, policy)
    nation.exact = {
        column
        for column, name in enumerate(structure.names)
        if contributors[name] >= policy.contributors
    }
    nation.leave_out_small()
    nation.leave_out_telling(told[NATIONAL, ""])
    profiles = structure.tables(nation.numbers)
    if policy.protected:
        _protect_nation(nation, profiles)
    found: dict[str, dict[str, ShownRow]] = {}
    for by, counts in breakdowns.items():
        rows = {of: _Row(figures, structure, one, policy) for of, one in counts.items()}
        for of, row in rows.items():
            row.leave_out_small()
            row.leave_out_telling(told[by, of])
        if policy.protected:
            _protect_rows(list(rows.values()), nation, profiles)
        found[by] = {of: row.shown() for of, row in rows.items()}
    if policy.protected and PROVIDER in found:
        nation.exact &= _exact_ones(found[PROVIDER], structure, policy)
    exact = [structure.names[column] for column in sorted(nation.exact - nation.left_out)]
    return ShownFigures(nation.shown(), exact, found)


def _exact_ones(
    providers: Mapping[str, ShownRow], structure: Structure, policy: Policy
) -> set[int]:
    """The national figures that are told exactly: those that enough providers are seen to have
    somebody in, by the figure, its band or a part of it.

    That a figure is exact, or is not, is public. If it told how many providers have a count but
    none, 13 of the nation, exactly, would tell of every star among the providers that it is 4 or
    less; and nine shown ones without it, that every star is none. So it tells what is seen anyway.
    """
    found = set()
    for column in range(len(structure.names)):
        names = [structure.names[one] for one in structure.beneath({column})]
        seen = [row for row in providers.values() if any(map(_is_told, map(row.get, names)))]
        if len(seen) >= policy.contributors:
            found.add(column)
    return found


def _is_told(one: Shown | None) -> bool:
    return one is not None and (one.number is not None or one.at_least is not None)


def _protect_nation(nation: "_Row", profiles: Sequence[Sequence[Profile]]) -> None:
    """Of the nation by itself: whatever is left out may be otherwise in every breakdown, since it
    is left out there too, with all that it consists of."""
    anything = [(-ANY, ANY)] * nation.structure.width
    before: set[int] | None = None
    while before != nation.left_out:
        before = nation.left_out = nation.structure.beneath(nation.left_out)
        hidden = protect(
            [nation.numbers, [0] * len(anything)],
            [nation.fixed(), anything],
            {(0, column) for column in nation.hidden()},
            bands={},
            profiles=profiles,
            costs=_costs([nation]),
            least=nation.policy.least,
            telling={(0, column) for column in nation.telling},
        )
        assert not hidden.given_up, "what is beside the nation can be anything"
        nation.leave_out(column for _, column in hidden.cells)


def _protect_rows(
    rows: list["_Row"], nation: "_Row", profiles: Sequence[Sequence[Profile]]
) -> None:
    """Leave out of the rows of a breakdown what has to be."""
    for row in rows:
        row.leave_out(nation.left_out)
    hidden = _protected(rows, nation, profiles, set())
    doubtful: set[Cell] = set()
    while more := _beside_those_alone(rows, nation, hidden) - doubtful:
        doubtful |= more
        found = _protected(rows, nation, profiles, doubtful)
        if found.given_up > hidden.given_up:
            break
        hidden = found
    for place, row in enumerate(rows):
        row.leave_out(column for at, column in hidden.cells if at == place)
        row.leave_out(hidden.given_up)
        row.banded = {column for at, column in hidden.bounded if at == place} - hidden.given_up


def _protected(
    rows: list["_Row"],
    nation: "_Row",
    profiles: Sequence[Sequence[Profile]],
    doubtful: set[Cell],
) -> Hidden:
    return protect(
        [*(row.numbers for row in rows), nation.numbers],
        [*(row.bounds() for row in rows), nation.fixed()],
        {(place, column) for place, row in enumerate(rows) for column in row.hidden()} | doubtful,
        bands={
            (place, column): bounds
            for place, row in enumerate(rows)
            for column, bounds in row.bands().items()
        },
        profiles=profiles,
        costs=_costs(rows),
        least=nation.policy.least,
        doubtful=doubtful,
        telling={(place, column) for place, row in enumerate(rows) for column in row.telling},
    )


def _beside_those_alone(rows: list["_Row"], nation: "_Row", hidden: Hidden) -> set[Cell]:
    """What else to leave out where a single star of a family of figures could be a small number:
    since something small has to be there, that star would be it, unless a rest is small. The
    smallest that is shown of the family will do."""
    structure = nation.structure
    found = set()
    small_rests = {
        structure.rests[column - len(structure.names)].whole
        for row in rows
        for column in row.hidden()
        if column >= len(structure.names)
    }
    for family in structure.families():
        if family & (nation.left_out | hidden.given_up | small_rests):
            continue
        stars = {cell for cell in hidden.cells if cell[1] in family}
        could_be_small = {
            (place, column)
            for place, column in stars - hidden.bounded
            if all((place, part) in stars for part in structure.beneath({column}))
        }
        if len(could_be_small) == 1:
            others = [
                (row.numbers[column], place, column)
                for place, row in enumerate(rows)
                for column in family
                if (place, column) not in stars
                and all((place, part) in stars for part in structure.beneath({column}) - {column})
            ]
            found |= {(place, column) for _, place, column in sorted(others)[:1]}
    return found


class _Row:
    """The counts of a provider, an age, …, or of the nation: then some may be exact."""

    def __init__(
        self, figures: Sequence[Figure], structure: Structure, counts: Counts, policy: Policy
    ):
        self.figures, self.structure, self.policy = figures, structure, policy
        self.numbers = structure.numbers(counts)
        place = {name: column for column, name in enumerate(structure.names)}
        self.of = [place.get(one.of) for one in figures]
        self.exact: set[int] = set()
        self.left_out: set[int] = set()
        self.telling: set[int] = set()
        self.banded: set[int] = set()

    def leave_out_small(self) -> None:
        self.leave_out(
            column
            for column in range(len(self.structure.names))
            if self.numbers[column] < self.policy.least and column not in self.exact
        )

    def leave_out_telling(self, names: Collection[str]) -> None:
        self.telling = {self.structure.names.index(name) for name in names}
        self.leave_out(self.telling)

    def leave_out(self, columns: Iterable[int]) -> None:
        """The rests among them are shown nowhere as it is."""
        names = len(self.structure.names)
        self.left_out = self.left_out.union(one for one in columns if one < names)

    def hidden(self) -> set[int]:
        """What must not be reckoned back: the figures that are left out, and the rests that are
        too small to be shown."""
        rests = range(len(self.structure.names), self.structure.width)
        small = {one for one in rests if self.numbers[one] < self.policy.least}
        return self.left_out | small

    def fixed(self) -> list[Bounds]:
        """What is shown is known exactly."""
        return [
            (number, number) if self._is_shown(column) else UNKNOWN
            for column, number in enumerate(self.numbers)
        ]

    def bounds(self) -> list[Bounds]:
        """Between what an onlooker knows each figure to lie. What rates are out of is taken as
        known exactly, so that no exchange changes a rate unseen."""
        found = self.fixed()
        for column, of in enumerate(self.of):
            if self._is_shown(column) and column not in self.of:
                found[column] = self._bounds(self.numbers[column], of)
        return found

    def _bounds(self, number: int, of: int | None) -> Bounds:
        if of is None or not self._is_shown(of):
            return self.policy.bounds(number)
        return self.policy.bounds_with_rate(number, self.numbers[of])

    def _is_shown(self, column: int) -> bool:
        return column < len(self.structure.names) and column not in self.left_out

    def bands(self) -> dict[int, Bounds]:
        """Between what each figure that has a rate lies, if its band is told."""
        return {
            column: bounds
            for column, of in enumerate(self.of)
            if of is not None
            and (bounds := self.policy.band_bounds(self.numbers[column], self.numbers[of]))
        }

    def shown(self) -> ShownRow:
        return {name: self._shown(column) for column, name in enumerate(self.structure.names)}

    def _shown(self, column: int) -> Shown:
        number, of = self.numbers[column], self.of[column]
        is_exact, is_hidden = column in self.exact, column in self.left_out
        shown = None if is_hidden else number if is_exact else self.policy.count(number)
        if of is None or of in self.left_out:
            return Shown(shown)
        whole = self.numbers[of]
        if is_hidden:
            return Shown(
                None, None, self.policy.band(number, whole) if column in self.banded else None
            )
        return Shown(shown, self.policy.rate(number, whole, is_exact and of in self.exact))


def _costs(rows: list[_Row]) -> np.ndarray:
    """What is lost with each cell: the more the larger it is, and more with a main figure. The
    rests are shown nowhere, so that they cannot be left out; nor can the sum below the rows."""
    figures = rows[0].figures
    costs = np.maximum([row.numbers for row in rows] + [rows[0].numbers], 1.0)
    costs[:, [column for column, one in enumerate(figures) if one.is_main]] *= MAIN
    costs[:, len(figures) :] = costs[-1] = NEVER
    return costs
