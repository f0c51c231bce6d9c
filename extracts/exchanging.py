"""A table of counts, and what could be otherwise in it unseen.

Pathways of one row become of another kind (`extracts.structure`), and in other rows as many become
of that kind again, so that every sum stays. Each cell can go up and down only as far as an onlooker
could not see it: what is shown exactly not at all, what is rounded within its bounds, what is left
out as far as counts go. Where this is not enough, it costs something: more has to be left out.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from extracts.structure import Kind

Cell = tuple[int, int]
Bounds = tuple[int, int]
ANY = 10**9
# Any count.
UNKNOWN: Bounds = (0, ANY)
# A cost that nothing is worth; a number, so that it can be multiplied by nothing.
NEVER = 1e15
# What it costs that cells go up, and down.
Costs = tuple[np.ndarray, np.ndarray]


class Exchange(NamedTuple):
    """What it means to become of another kind: no longer counted in some columns, but in others."""

    lost: list[int]
    gained: list[int]

    def back(self) -> "Exchange":
        return Exchange(self.gained, self.lost)


class Way(NamedTuple):
    """Exchanges of so many pathways, each in a row, that together change no sum; what they cost,
    and the cells to leave out for them."""

    cost: float
    cells: list[Cell]
    by: int
    steps: list[tuple[int, Exchange]]


class Among:
    """Kinds that pathways can change between, and which of their columns are inside each."""

    def __init__(self, kinds: Sequence[Kind]):
        self.kinds = kinds
        self.columns: list[int] = sorted(frozenset[int]().union(*kinds))
        self.inside = np.array(
            [[column in kind for column in self.columns] for kind in kinds], dtype=float
        )

    def exchange(self, start: int, goal: int) -> Exchange:
        one, other = self.kinds[start], self.kinds[goal]
        return Exchange(sorted(one - other), sorted(other - one))

    def exchanges(self) -> Iterator[Exchange]:
        for start in range(len(self.kinds)):
            for goal in range(len(self.kinds)):
                yield self.exchange(start, goal)


class Table:
    """How far each cell could go up and down, and what it costs to leave it out. The last row is
    the sum of the others: it is kept negative, so that a change in it is balanced like any."""

    def __init__(
        self,
        numbers: Sequence[Sequence[int]],
        bounds: Sequence[Sequence[Bounds]],
        kinds: Sequence[Sequence[Kind]],
        costs: np.ndarray,
    ):
        self.numbers = np.array(numbers, dtype=np.int64)
        self.last = len(self.numbers) - 1
        self.among = [Among(one) for one in kinds]
        self.cost = costs
        self.up, self.down = np.zeros((2, *self.numbers.shape), dtype=np.int64)
        for row, line in enumerate(bounds):
            for column, pair in enumerate(line):
                self.bound((row, column), pair)
        self.gaining: list[list[Exchange]] = [[] for _ in self.numbers[0]]
        for among in self.among:
            for exchange in among.exchanges():
                for column in exchange.gained:
                    self.gaining[column].append(exchange)

    def bound(self, cell: Cell, bounds: Bounds) -> None:
        """An onlooker knows no more of a cell than that it lies between `bounds`."""
        up, down = bounds[1] - self.numbers[cell], self.numbers[cell] - bounds[0]
        self.up[cell], self.down[cell] = (down, up) if cell[0] == self.last else (up, down)

    def leave_out(self, cell: Cell) -> None:
        """An onlooker knows nothing of a cell."""
        self.bound(cell, UNKNOWN)
        self.cost[cell] = NEVER

    def together_with(self, column: int) -> set[int]:
        """All columns that pathways in a column may be counted in: as long as no row shows any of
        these, any row may hold all there is."""
        return {other for among in self.among if column in among.columns for other in among.columns}

    def could(self, cell: Cell, by: int, more: bool) -> bool:
        """Whether a cell could become so much more, or less, unseen: by the simplest exchanges."""
        before = self.up.copy(), self.down.copy()
        done = self._exchange(cell, by, more)
        self.up, self.down = before
        return done == by

    def asked_for(self, cell: Cell, by: int, more: bool) -> tuple[float, list[Cell]]:
        """What has to be left out so that a cell could become so much more, or less, unseen: what
        it costs, and the cells; nothing where it could already."""
        before = self.up.copy(), self.down.copy()
        left = by - self._exchange(cell, by, more)
        found: tuple[float, list[Cell]] = (0, [])
        while left and not found[0]:
            way = self._cheapest(cell, left, more) or self._cheapest(cell, 1, more)
            if way and not way.cost and self._go(way):
                left -= way.by
            else:
                found = (way.cost, way.cells) if way and way.cost else (NEVER, [])
        self.up, self.down = before
        return found

    def _exchange(self, cell: Cell, by: int, more: bool) -> int:
        """Change a cell by so much, or as far as it goes, with other rows that have the room for
        the very opposite. Returns how far it went."""
        row, column = cell
        ways = self.gaining[column]
        if more == (row == self.last):
            ways = [one.back() for one in ways]
        done = 0
        full, empty = self._stuck(row)
        for exchange in ways:
            if done == by:
                break
            if full.isdisjoint(exchange.gained) and empty.isdisjoint(exchange.lost):
                done += self._exchange_with_others(row, exchange, by - done)
                full, empty = self._stuck(row)
        return done

    def _stuck(self, row: int) -> tuple[set[int], set[int]]:
        """The columns in which a row cannot go up, and down."""
        return set(np.flatnonzero(self.up[row] < 1)), set(np.flatnonzero(self.down[row] < 1))

    def _exchange_with_others(self, row: int, exchange: Exchange, most: int) -> int:
        back = exchange.back()
        room = np.maximum(self._room(back), 0)
        most = min(most, int(self._room(exchange)[row]))
        room[row] = 0
        # Of each row what the rows before it leave to be done.
        taken = np.diff(np.minimum(np.cumsum(room), most), prepend=0)
        done = int(taken.sum())
        taken[row] = -done
        self._change(taken, back)
        return done

    def _room(self, exchange: Exchange) -> np.ndarray:
        """How many pathways of each row can become of another kind."""
        return np.minimum(
            self.up[:, exchange.gained].min(axis=1, initial=ANY),
            self.down[:, exchange.lost].min(axis=1, initial=ANY),
        )

    def _change(self, by: np.ndarray, exchange: Exchange) -> None:
        """Exchange so many in each row."""
        for columns, sign in ((exchange.gained, 1), (exchange.lost, -1)):
            self.up[:, columns] -= sign * by[:, None]
            self.down[:, columns] += sign * by[:, None]

    def _go(self, way: Way) -> bool:
        """Whether a way can be gone: its exchanges may need the same cells."""
        for row, exchange in way.steps:
            by = np.zeros(len(self.numbers), dtype=np.int64)
            by[row] = way.by
            self._change(by, exchange)
        return bool((self.up >= 0).all() and (self.down >= 0).all())

    def _cheapest(self, cell: Cell, by: int, more: bool) -> Way | None:
        """The cheapest way to make a cell so much more, or less, among the kinds of which the
        fewest other columns hang; none where there is no way."""
        costs = self._costs(by)
        ways = (self._round(among, cell, more, costs, by) for among in self.among)
        return next(filter(None, ways), None)

    def _costs(self, by: int) -> Costs:
        """What it costs that each cell can go up, and down, so far."""
        up = np.where(self.up >= by, 0, self.cost)
        down = np.where(self.down >= by, 0, self.cost)
        # Nothing becomes less than none.
        down[:-1][(down[:-1] > 0) & (self.numbers[:-1] < by)] = NEVER
        up[-1][(up[-1] > 0) & (self.numbers[-1] < by)] = NEVER
        return up, down

    def _round(self, among: Among, cell: Cell, more: bool, costs: Costs, by: int) -> Way | None:
        """The cheapest way round some kinds: in the row of the cell from one to another, and back
        in other rows, by way of any."""
        row, column = cell
        has = np.array([column in kind for kind in among.kinds])
        is_asked = np.outer(~has, has) if more != (row == self.last) else np.outer(has, ~has)
        if not is_asked.any():
            return None
        own, others, via = _costs_between(among, row, costs)
        back, then = _shortest(others)
        total = np.where(is_asked, own + back.T, NEVER)
        start, goal = map(int, np.unravel_index(total.argmin(), total.shape))
        if total[start, goal] >= NEVER:
            return None
        steps = [(row, among.exchange(start, goal))]
        at = goal
        while at != start:
            onto = int(then[at, start])
            steps.append((int(via[at, onto]), among.exchange(at, onto)))
            at = onto
        return Way(float(total[start, goal]), _costly(steps, costs), by, steps)


def _costs_between(
    among: Among, row: int, costs: Costs
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What it costs to go from each kind to each other in a row, what in the cheapest of the other
    rows, and which that is."""
    up, down = (one[:, None, among.columns] for one in costs)
    inside, outside = among.inside, 1 - among.inside
    found = (outside * up) @ inside.T + (inside * down) @ outside.T
    own = found[row].copy()
    found[row] = NEVER
    return own, found.min(axis=0), found.argmin(axis=0)


def _shortest(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From each place to each other: what the cheapest way costs, and where it goes first."""
    costs = costs.copy()
    np.fill_diagonal(costs, 0)
    then = np.tile(np.arange(len(costs)), (len(costs), 1))
    for middle in range(len(costs)):
        through = costs[:, middle, None] + costs[middle]
        is_cheaper = through < costs
        costs = np.where(is_cheaper, through, costs)
        then = np.where(is_cheaper, then[:, middle, None], then)
    return costs, then


def _costly(steps: list[tuple[int, Exchange]], costs: Costs) -> list[Cell]:
    """The cells in which steps cost something."""
    up, down = costs
    return sorted(
        {
            (row, column)
            for row, (lost, gained) in steps
            for columns, cost in ((gained, up), (lost, down))
            for column in columns
            if cost[row, column]
        }
    )
