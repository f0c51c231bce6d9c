"""How figures hang together: which are parts of which, as `specification/figures.csv` declares it.

Besides the figures themselves there are the rests: those of a whole who are in none of its parts,
where these need not be all of it. They are shown nowhere, but whoever subtracts can reckon them, so
that they are columns here like the figures.

A profile is what one pathway counts as: the columns that it is counted in. What is shown of a table
allows for another table if pathways of it can change their profile unseen, so that disclosure
control (`extracts.protection`) asks for profiles that differ in little.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

from extracts.figures import Figure

Profile = frozenset[int]
NOBODY: Profile = frozenset()


class Rest(NamedTuple):
    """Those of a whole that are in none of the parts. These do not overlap, but for two that may
    have an `overlap`, a figure itself."""

    whole: int
    parts: tuple[int, ...]
    overlap: int | None = None


class Group(NamedTuple):
    """Parts of a whole that do not overlap, and whether they are all of it."""

    parts: tuple[int, ...]
    is_all: bool


class Structure:
    """The columns of a table of figures: the figures in their order, then the rests."""

    def __init__(self, figures: Sequence[Figure]):
        self.names = [one.name for one in figures]
        place = {name: column for column, name in enumerate(self.names)}
        self.whole = [place.get(one.whole) for one in figures]
        self.also_in = [[place[name] for name in one.also_in if name in place] for one in figures]
        # By whole; None: the figures that are parts of nothing.
        self.groups: dict[int | None, list[Group]] = {}
        self.rests: list[Rest] = []
        for whole in [None, *range(len(figures))]:
            grouped: dict[object, list[int]] = {}
            for column, one in enumerate(figures):
                if whole in self.above(column):
                    grouped.setdefault((one.whole, one.partition or column), []).append(column)
            for parts in map(tuple, grouped.values()):
                first = figures[parts[0]]
                is_all = bool(first.partition) and self.whole[parts[0]] == whole
                if whole is not None and not is_all:
                    self.rests.append(Rest(whole, parts))
                if self.whole[parts[0]] == whole:
                    self.groups.setdefault(whole, []).append(Group(parts, is_all))
        self.overlaps = {
            column: tuple(one for one in self.above(column) if one is not None)
            for column, figure in enumerate(figures)
            if figure.is_overlap
        }
        for overlap, parts in self.overlaps.items():
            self.rests += [Rest(whole, parts, overlap) for whole in self._in_common(parts)]

    def above(self, column: int) -> list[int | None]:
        """What a figure is directly a part of; None: of nothing."""
        return [self.whole[column], *self.also_in[column]]

    @cached_property
    def width(self) -> int:
        return len(self.names) + len(self.rests)

    def numbers(self, counts: Mapping[str, int]) -> list[int]:
        """The numbers of all columns, from those of the figures."""
        found = [counts[name] for name in self.names]
        for whole, parts, overlap in self.rests:
            twice = 0 if overlap is None else found[overlap]
            found.append(found[whole] - sum(found[part] for part in parts) + twice)
        return found

    def beneath(self, columns: Iterable[int]) -> set[int]:
        """The figures that are parts of any of these, and their parts, with themselves."""
        found = set(columns)
        while more := {
            column
            for column in range(len(self.names))
            if column not in found and found & set(self.above(column))
        }:
            found |= more
        return found

    def families(self) -> list[set[int]]:
        """Figures that hang together; no other tells anything of them."""
        return [self.beneath({part}) for parts, _ in self.groups.get(None, []) for part in parts]

    def tables(self, numbers: Sequence[int]) -> list[list[Profile]]:
        """Kinds that pathways can change between, those of a table all alike in what they do not
        differ in; the smallest tables first. Of the many profiles that there are, those that are
        likely by the `numbers` of a whole table."""
        found: list[list[Profile]] = []
        for whole in range(len(self.names)):
            around = self._around(whole)
            for cluster in self._clusters(whole):
                profiles = [around | profile for profile in self._profiles(whole, cluster, numbers)]
                if len(profiles) > 1 and all(map(self._is_whole, profiles)):
                    found.append([self._with_rests(profile) for profile in profiles])
        for root in (parts[0] for parts, _ in self.groups.get(None, [])):
            profiles = [frozenset({root}) | profile for profile in self._likely(root, numbers)]
            found.append([NOBODY, *map(self._with_rests, profiles)])
        return sorted([*found, *map(self._both_or_one, self.overlaps)], key=len)

    def _both_or_one(self, overlap: int) -> list[Profile]:
        """What two pathways change between that keep all but an overlap: one that is in both parts
        and one that is in neither, or each of them in one."""
        named = list(enumerate(self.rests, len(self.names)))
        neither = {column for column, rest in named if rest.overlap == overlap}
        one_each = {column for column, rest in named if rest.parts == (overlap,)}
        return [frozenset({overlap} | neither), frozenset(one_each)]

    def _around(self, column: int | None) -> Profile:
        """A figure with all that it is a part of."""
        if column is None:
            return NOBODY
        return frozenset({column}).union(*(self._around(one) for one in self.above(column)))

    def _in_common(self, columns: Iterable[int]) -> set[int]:
        """The figures that all of these are parts of, but those that others of them are part of."""
        common = frozenset.intersection(*(self._around(one) - {one} for one in columns))
        return set(common.difference(*(self._around(one) - {one} for one in common)))

    def _is_whole(self, profile: Profile) -> bool:
        """Whether all are there that its figures are parts of, and what these have in common."""
        return all(self._around(column) <= profile for column in profile) and self._has_overlaps(
            profile
        )

    def _has_overlaps(self, profile: Profile) -> bool:
        return all(
            overlap in profile
            for overlap, parts in self.overlaps.items()
            if profile.issuperset(parts)
        )

    def _with_rests(self, profile: Profile) -> Profile:
        return profile | {
            len(self.names) + place
            for place, (whole, parts, _) in enumerate(self.rests)
            if whole in profile and profile.isdisjoint(parts)
        }

    def _clusters(self, whole: int) -> Iterator[list[Group]]:
        """The groups of parts of a whole, together where a figure is in parts of several."""
        left = list(self.groups.get(whole, []))
        while left:
            cluster, inside = [], self.beneath(left[0].parts)
            while touching := [one for one in left if inside & self.beneath(one.parts)]:
                cluster += touching
                left = [one for one in left if one not in touching]
                inside = inside.union(*(self.beneath(one.parts) for one in touching))
            yield cluster

    def _profiles(self, whole: int, cluster: list[Group], numbers: Sequence[int]) -> list[Profile]:
        """What can be beneath a whole, in some of its groups of parts."""
        choices = []
        for parts, is_all in cluster:
            chosen = [
                frozenset({part}) | profile
                for part in parts
                for profile in self._likely(part, numbers)
            ]
            choices.append(chosen if is_all else [NOBODY, *chosen])
        around = self._around(whole)
        inside = self.beneath({whole})
        profiles = [NOBODY.union(*chosen) for chosen in product(*choices)]
        return [
            profile
            for profile in profiles
            if all((self._around(column) & inside) <= around | profile for column in profile)
            and self._has_overlaps(around | profile)
        ]

    def _likely(self, whole: int, numbers: Sequence[int]) -> list[Profile]:
        """What can be beneath a whole: the likeliest, and each that differs from it in one of the
        clusters."""
        by_cluster = [
            sorted(
                self._profiles(whole, cluster, numbers),
                key=lambda profile: -self._size(self._around(whole) | profile, numbers),
            )
            for cluster in self._clusters(whole)
        ]
        likeliest = [profiles[0] for profiles in by_cluster]
        found = [NOBODY.union(*likeliest)]
        for place, profiles in enumerate(by_cluster):
            others = NOBODY.union(*(profile for at, profile in enumerate(likeliest) if at != place))
            found += [others | profile for profile in profiles[1:]]
        return found

    def _size(self, profile: Profile, numbers: Sequence[int]) -> int:
        return min(numbers[column] for column in self._with_rests(profile))
