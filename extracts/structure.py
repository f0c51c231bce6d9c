"""How figures hang together: which are parts of which, as `specification/figures.csv` declares it.

Besides the figures themselves there are the rests: those of a whole who are in none of its parts,
where these need not be all of it. They are shown nowhere, but whoever subtracts can reckon them, so
that they are columns here like the figures.

A kind is what one pathway counts as: the columns that it is counted in. What is shown of a table
allows for another table if pathways of it can be of another kind without being seen, so that
disclosure control (`extracts.protection`) asks for exchanges of kinds that differ in little.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

from extracts.figures import Figure

Kind = frozenset[int]
NOBODY: Kind = frozenset()


class Rest(NamedTuple):
    """Those of a whole that are in none of the parts. These do not overlap, but for two that may
    have an `overlap`, a figure itself."""

    whole: int
    parts: tuple[int, ...]
    overlap: int | None = None


class Structure:
    """The columns of a table of figures: the figures in their order, then the rests."""

    def __init__(self, figures: Sequence[Figure]):
        self.names = [one.name for one in figures]
        place = {name: column for column, name in enumerate(self.names)}
        self.whole = [place.get(one.whole) for one in figures]
        self.also_in = [[place[name] for name in one.also_in if name in place] for one in figures]
        # By whole: the groups of parts that do not overlap, and whether they are all of it.
        self.groups: dict[int | None, list[tuple[tuple[int, ...], bool]]] = {}
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
                    self.groups.setdefault(whole, []).append((parts, is_all))
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

    def tables(self, numbers: Sequence[int]) -> list[list[Kind]]:
        """Kinds that pathways can change between, those of a table all alike in what they do not
        differ in; the smallest tables first. Of the many kinds that there are, those that are
        likely by the `numbers` of a whole table."""
        found: list[list[Kind]] = []
        for whole in range(len(self.names)):
            around = self._around(whole)
            for cluster in self._clusters(whole):
                kinds = [around | kind for kind in self._kinds(whole, cluster, numbers)]
                if len(kinds) > 1 and all(map(self._is_whole, kinds)):
                    found.append([self._with_rests(kind) for kind in kinds])
        for root in (parts[0] for parts, _ in self.groups.get(None, [])):
            kinds = [frozenset({root}) | kind for kind in self._likely(root, numbers)]
            found.append([NOBODY, *map(self._with_rests, kinds)])
        return sorted(found, key=len)

    def _around(self, column: int | None) -> Kind:
        """A figure with all that it is a part of."""
        if column is None:
            return NOBODY
        return frozenset({column}).union(*(self._around(one) for one in self.above(column)))

    def _in_common(self, columns: Iterable[int]) -> set[int]:
        """The figures that all of these are parts of, but those that others of them are part of."""
        common = frozenset.intersection(*(self._around(one) - {one} for one in columns))
        return set(common.difference(*(self._around(one) - {one} for one in common)))

    def _is_whole(self, kind: Kind) -> bool:
        """Whether all are there that its figures are parts of, and what these have in common."""
        return all(self._around(column) <= kind for column in kind) and self._has_overlaps(kind)

    def _has_overlaps(self, kind: Kind) -> bool:
        return all(
            overlap in kind for overlap, parts in self.overlaps.items() if kind.issuperset(parts)
        )

    def _with_rests(self, kind: Kind) -> Kind:
        return kind | {
            len(self.names) + place
            for place, (whole, parts, _) in enumerate(self.rests)
            if whole in kind and kind.isdisjoint(parts)
        }

    def _clusters(self, whole: int) -> Iterator[list[tuple[tuple[int, ...], bool]]]:
        """The groups of parts of a whole, together where a figure is in parts of several."""
        left = list(self.groups.get(whole, []))
        while left:
            cluster, inside = [], self.beneath(left[0][0])
            while touching := [one for one in left if not inside.isdisjoint(self.beneath(one[0]))]:
                cluster += touching
                left = [one for one in left if one not in touching]
                inside = inside.union(*(self.beneath(parts) for parts, _ in touching))
            yield cluster

    def _kinds(
        self, whole: int, cluster: list[tuple[tuple[int, ...], bool]], numbers: Sequence[int]
    ) -> list[Kind]:
        """What can be beneath a whole, in some of its groups of parts."""
        choices = []
        for parts, is_all in cluster:
            chosen = [
                frozenset({part}) | kind for part in parts for kind in self._likely(part, numbers)
            ]
            choices.append(chosen if is_all else [NOBODY, *chosen])
        around = self._around(whole)
        inside = self.beneath({whole})
        kinds = [NOBODY.union(*chosen) for chosen in product(*choices)]
        return [
            kind
            for kind in kinds
            if all((self._around(column) & inside) <= around | kind for column in kind)
            and self._has_overlaps(around | kind)
        ]

    def _likely(self, whole: int, numbers: Sequence[int]) -> list[Kind]:
        """What can be beneath a whole: the likeliest, and each that differs from it in one of the
        clusters."""
        by_cluster = [
            sorted(
                self._kinds(whole, cluster, numbers),
                key=lambda kind: -self._size(self._around(whole) | kind, numbers),
            )
            for cluster in self._clusters(whole)
        ]
        likeliest = [kinds[0] for kinds in by_cluster]
        found = [NOBODY.union(*likeliest)]
        for place, kinds in enumerate(by_cluster):
            others = NOBODY.union(*(kind for at, kind in enumerate(likeliest) if at != place))
            found += [others | kind for kind in kinds[1:]]
        return found

    def _size(self, kind: Kind, numbers: Sequence[int]) -> int:
        return min(numbers[column] for column in self._with_rests(kind))
