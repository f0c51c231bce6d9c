"""Secondary suppression: what else has to be left out so that nothing that is left out can be
reckoned back from what is shown.

A table of counts has a row for each provider, or age, … and, last, their sum. A cell is shown, so
that an onlooker knows it to lie within bounds, or it is left out. A cell that is left out is safe
when another table, one that would be shown the same, has another number there, and where the number
is too small to be shown, one that is not. Such a table is looked for by exchange: in one row
pathways become of another kind (`extracts.structure`), in others as many take their place, so that
every sum stays. Where no exchange is found, that one is made possible which costs the least of what
is shown: its cells are left out too, and so on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from extracts.structure import Kind

Cell = tuple[int, int]
Bounds = tuple[int, int]
# What cells can go up for, and down.
Costs = tuple[np.ndarray, np.ndarray]
ANY = 10**9
# Any count.
UNKNOWN: Bounds = (0, ANY)
# A cost that is no number, so that it can be multiplied by nothing.
NEVER = 1e15


class Exchange(NamedTuple):
    """What it means to be of another kind: no longer counted in some columns, but in others."""

    lost: list[int]
    gained: list[int]

    def back(self) -> "Exchange":
        return Exchange(self.gained, self.lost)

    @classmethod
    def between(cls, one: Kind, other: Kind) -> "Exchange":
        return cls(sorted(one - other), sorted(other - one))


class Among:
    """Kinds that pathways can change between: which columns are inside each."""

    def __init__(self, kinds: Sequence[Kind]):
        self.kinds = kinds
        self.columns = sorted(frozenset().union(*kinds))
        self.inside = np.array(
            [[column in kind for column in self.columns] for kind in kinds], dtype=float
        )

    def exchange(self, start: int, goal: int) -> Exchange:
        return Exchange.between(self.kinds[start], self.kinds[goal])


class Way(NamedTuple):
    """Exchanges in rows that together change no sum; what they cost of what is shown, and the cells
    to leave out for them."""

    cost: float
    cells: list[Cell]
    by: int
    steps: list[tuple[int, Exchange]]


class Hidden(NamedTuple):
    """The cells to leave out, those of them of which bounds can be told still, and the columns of
    which no row can be shown."""

    cells: set[Cell]
    bounded: set[Cell]
    given_up: set[int]


class Table:
    """How far each cell could go up and down within its bounds, and what it costs to leave it out.
    The last row is the sum of the others: it is kept negative, so that a change in it is balanced
    like any other."""

    def __init__(
        self,
        numbers: Sequence[Sequence[int]],
        bounds: Sequence[Sequence[Bounds]],
        kinds: Sequence[Sequence[Kind]],
        costs: np.ndarray,
    ):
        self.numbers = np.array(numbers, dtype=np.int64)
        self.lows, self.highs = np.moveaxis(np.array(bounds, dtype=np.int64), 2, 0)
        self.last = len(self.numbers) - 1
        self.up, self.down = self.highs - self.numbers, self.numbers - self.lows
        self._turn_last()
        self.cost = costs
        self.kinds = [Among(one) for one in kinds]
        self.exchanges = _exchanges(kinds, self.numbers.shape[1])

    def _turn_last(self) -> None:
        self.up[self.last], self.down[self.last] = (
            self.down[self.last].copy(),
            self.up[self.last].copy(),
        )

    def loosen(self, cell: Cell, bounds: Bounds) -> None:
        """An onlooker knows no more of a cell than that it lies between `bounds`."""
        ways = bounds[1] - self.numbers[cell], self.numbers[cell] - bounds[0]
        self.up[cell], self.down[cell] = ways[::-1] if cell[0] == self.last else ways
        if bounds == UNKNOWN:
            self.cost[cell] = NEVER

    def _ways(self, cell: Cell, more: bool) -> list[Exchange]:
        """The exchanges by which a cell becomes more, or less."""
        row, column = cell
        found = self.exchanges[column]
        return found if more != (row == self.last) else [one.back() for one in found]

    def together_with(self, column: int) -> set[int]:
        """All columns of the figures that a column belongs to: as long as no row shows any of them,
        any row may hold all there is."""
        return {other for among in self.kinds if column in among.columns for other in among.columns}

    def asked_for(self, cell: Cell, by: int, more: bool) -> tuple[float, list[Cell]]:
        """What else has to be left out so that a cell could become so much more, or less, and all
        that is shown stay as it is: what it costs, and the cells; nothing where it could."""
        made = list(self._exchanged(cell, by, more))
        left = by - sum(-int(taken[cell[0]]) for taken, _ in made)
        found: tuple[float, list[Cell]] = (0, [])
        while left:
            way = self._cheapest(cell, left, more) or self._cheapest(cell, 1, more)
            found = (way.cost, way.cells) if way else (NEVER, [])
            if found[0]:
                break
            left -= way.by
            made += self._go(way)
            if self._is_overdrawn():
                found = (NEVER, [])
                break
        for taken, exchange in made:
            self._change(-taken, exchange)
        return found

    def _exchanged(self, cell: Cell, by: int, more: bool) -> Iterator[tuple[np.ndarray, Exchange]]:
        """Change the table, as far as it can be done: by row so many exchanges, in the row of the
        cell so many back."""
        row, left = cell[0], by
        ways = self._ways(cell, more)
        tried = 0
        while left and tried < len(ways):
            exchange, tried = ways[tried], tried + 1
            if not (own := min(left, self._room(exchange, row))):
                continue
            back = exchange.back()
            room = self._rooms(back)
            room[row] = 0
            # Of each row what the rows before it leave to be done.
            taken = np.diff(np.minimum(np.cumsum(room), own), prepend=0)
            if step := int(taken.sum()):
                taken[row] = -step
                self._change(taken, back)
                left -= step
                # What could not be exchanged before may be now.
                tried = 0
                yield taken, back

    def _room(self, exchange: Exchange, row: int) -> int:
        up, down = self.up[row], self.down[row]
        return int(min(up[exchange.gained].min(initial=ANY), down[exchange.lost].min(initial=ANY)))

    def _rooms(self, exchange: Exchange) -> np.ndarray:
        """How many of each row can be of another kind."""
        return np.minimum(
            self.up[:, exchange.gained].min(axis=1, initial=ANY),
            self.down[:, exchange.lost].min(axis=1, initial=ANY),
        )

    def _change(self, by: np.ndarray, exchange: Exchange) -> None:
        (rows,) = by.nonzero()
        amounts = by[rows, None]
        for columns, sign in ((exchange.gained, 1), (exchange.lost, -1)):
            if columns:
                cells = np.ix_(rows, columns)
                self.up[cells] -= sign * amounts
                self.down[cells] += sign * amounts

    def _cheapest(self, cell: Cell, by: int, more: bool) -> "Way | None":
        """The way to make a cell so much more, or less, that costs the least of what is shown."""
        costs = self._costs(by)
        ways = (self._between(one, cell, more, costs, by) for one in self.kinds)
        return next(filter(None, ways), None)

    def _costs(self, by: int) -> tuple[np.ndarray, np.ndarray]:
        """What it costs that a cell can go up, and down, so far."""
        up = np.where(self.up >= by, 0, self.cost)
        down = np.where(self.down >= by, 0, self.cost)
        # Nothing becomes less than none.
        down[:-1][(down[:-1] > 0) & (self.numbers[:-1] < by)] = NEVER
        up[-1][(up[-1] > 0) & (self.numbers[-1] < by)] = NEVER
        return up, down

    def _between(
        self, among: "Among", cell: Cell, more: bool, costs: Costs, by: int
    ) -> "Way | None":
        """The cheapest way round some kinds: in the row of the cell from one to another, and back
        in other rows, by way of any."""
        row, column = cell
        has = np.array([column in kind for kind in among.kinds])
        is_asked = np.outer(~has, has) if more != (row == self.last) else np.outer(has, ~has)
        if not is_asked.any():
            return None
        own, others, via = self._costs_between(among, row, costs)
        back, then = _shortest(others)
        total = np.where(is_asked, own + back.T, NEVER)
        start, goal = np.unravel_index(total.argmin(), total.shape)
        if total[start, goal] >= NEVER:
            return None
        steps = [(row, among.exchange(start, goal))]
        at = goal
        while at != start:
            onto = then[at, start]
            steps.append((int(via[at, onto]), among.exchange(at, onto)))
            at = onto
        cells = {
            (place, column)
            for place, exchange in steps
            for columns, found in zip((exchange.gained, exchange.lost), costs, strict=True)
            for column in columns
            if found[place, column]
        }
        return Way(float(total[start, goal]), sorted(cells), by, steps)

    @staticmethod
    def _costs_between(
        among: "Among", row: int, costs: Costs
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What it costs to go from each kind to each other in a row, what in the cheapest of the
        others, and which that is."""
        up, down = (one[:, None, among.columns] for one in costs)
        inside, outside = among.inside, 1 - among.inside
        found = (outside * up) @ inside.T + (inside * down) @ outside.T
        own = found[row].copy()
        found[row] = NEVER
        return own, found.min(axis=0), found.argmin(axis=0)

    def _is_overdrawn(self) -> bool:
        """Whether a cell went further than it could."""
        return bool((self.up < 0).any() or (self.down < 0).any())

    def _go(self, way: "Way") -> Iterator[tuple[np.ndarray, Exchange]]:
        for row, exchange in way.steps:
            taken = np.zeros(len(self.numbers), dtype=np.int64)
            taken[row] = way.by
            self._change(taken, exchange)
            yield taken, exchange


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


def _exchanges(kinds: Sequence[Sequence[Kind]], width: int) -> list[list[Exchange]]:
    """By column: the exchanges that it gains by."""
    found: list[list[Exchange]] = [[] for _ in range(width)]
    for table in kinds:
        for one in table:
            for other in table:
                exchange = Exchange.between(one, other)
                for column in exchange.gained:
                    found[column].append(exchange)
    return found


def protect(
    numbers: Sequence[Sequence[int]],
    bounds: Sequence[Sequence[Bounds]],
    hidden: set[Cell],
    *,
    bands: Mapping[Cell, Bounds],
    kinds: Sequence[Sequence[Kind]],
    costs: np.ndarray,
    least: int,
) -> Hidden:
    """All cells to leave out: those that are `hidden` at first, and what they need. The last row is
    the sum of the others. A cell of `bands` that is left out is told to lie within its band, if
    that does no harm. `costs` says how much is lost with each cell; NEVER, where it cannot be left
    out."""
    table = Table(numbers, bounds, kinds, costs)
    left_out, unknown, given_up = set(hidden), set(hidden), set[int]()
    waiting = sorted(hidden)
    for cell in hidden:
        table.loosen(cell, UNKNOWN)
    while waiting:
        cell = waiting[-1]
        in_the_way = [] if cell[1] in given_up else _in_the_way(table, cell, least)
        if in_the_way is None:
            given_up |= table.together_with(cell[1])
            continue
        if not in_the_way:
            waiting.pop()
        for other in in_the_way:
            if other in bands and other not in left_out:
                table.loosen(other, bands[other])
                # To give up the band as well costs next to nothing.
                table.cost[other] = 1
            else:
                table.loosen(other, UNKNOWN)
                unknown.add(other)
            if other not in left_out:
                left_out.add(other)
                waiting.insert(0, other)
    return Hidden(left_out, left_out - unknown, given_up)


def _in_the_way(table: Table, cell: Cell, least: int) -> list[Cell] | None:
    """The cells to leave out so that a cell is safe; empty when it is, None when there are none."""
    number = int(table.numbers[cell])
    asked = [(least - number, True)] if number < least else [(1, True), (1, False)]
    cost, cells = min(table.asked_for(cell, by, more) for by, more in asked)
    return None if cost >= NEVER else cells
