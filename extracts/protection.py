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
ANY = 10**9
# Any count.
UNKNOWN: Bounds = (0, ANY)
NEVER = np.inf


class Exchange(NamedTuple):
    """What it means to be of another kind: no longer counted in some columns, but in others."""

    lost: list[int]
    gained: list[int]

    def back(self) -> "Exchange":
        return Exchange(self.gained, self.lost)


class Hidden(NamedTuple):
    """The cells to leave out, and those of them of which bounds can be told still."""

    cells: set[Cell]
    bounded: set[Cell]


class Table:
    """How far each cell could go up and down within its bounds, and what it costs to leave it out.
    The last row is the sum of the others: it is kept negative, so that a change in it is balanced
    like any other. `kept` says of a cell that it cannot be left out."""

    def __init__(
        self,
        numbers: Sequence[Sequence[int]],
        bounds: Sequence[Sequence[Bounds]],
        kinds: Sequence[Sequence[Kind]],
        kept: np.ndarray | bool,
    ):
        self.numbers = np.array(numbers, dtype=np.int64)
        self.lows, self.highs = np.moveaxis(np.array(bounds, dtype=np.int64), 2, 0)
        self.last = len(self.numbers) - 1
        self.up, self.down = self.highs - self.numbers, self.numbers - self.lows
        self._turn_last()
        self.cost = np.maximum(self.numbers, 1).astype(float)
        self.cost[kept] = NEVER
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

    def asked_for(self, cell: Cell, by: int, more: bool) -> tuple[float, list[Cell]]:
        """What else has to be left out so that a cell could become so much more, or less, and all
        that is shown stay as it is: what it costs, and the cells; nothing where it could."""
        made = list(self._exchanged(cell, by, more))
        left = by - sum(-int(taken[cell[0]]) for taken, _ in made)
        found: tuple[float, list[Cell]] = (0, []) if not left else (NEVER, [])
        for step in (left, 1):
            if found[0] == NEVER:
                found = self._cheapest(cell, step, more)
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

    def _cheapest(self, cell: Cell, by: int, more: bool) -> tuple[float, list[Cell]]:
        """The cells to leave out so that a cell can become so much more, or less, by one exchange
        with one other row; and what they cost."""
        cost_up = np.where(self.up >= by, 0, self.cost)
        cost_down = np.where(self.down >= by, 0, self.cost)
        # Nothing becomes less than none.
        cost_down[:-1][(cost_down[:-1] > 0) & (self.numbers[:-1] < by)] = NEVER
        cost_up[-1][(cost_up[-1] > 0) & (self.numbers[-1] < by)] = NEVER
        best, found = NEVER, None
        for exchange in self._ways(cell, more):
            back = exchange.back()
            own = cost_up[cell[0], exchange.gained].sum() + cost_down[cell[0], exchange.lost].sum()
            if own >= best:
                continue
            others = cost_up[:, back.gained].sum(axis=1) + cost_down[:, back.lost].sum(axis=1)
            others[cell[0]] = NEVER
            other = int(others.argmin())
            if own + others[other] < best:
                best, found = own + others[other], (exchange, other)
        if found is None:
            return NEVER, []
        exchange, other = found
        cells = []
        for row, one in ((cell[0], exchange), (other, exchange.back())):
            cells += [(row, column) for column in one.gained if cost_up[row, column]]
            cells += [(row, column) for column in one.lost if cost_down[row, column]]
        return best, cells


def _exchanges(kinds: Sequence[Sequence[Kind]], width: int) -> list[list[Exchange]]:
    """By column: the exchanges that it gains by."""
    found: list[list[Exchange]] = [[] for _ in range(width)]
    for table in kinds:
        for one in table:
            for other in table:
                exchange = Exchange(sorted(one - other), sorted(other - one))
                for column in exchange.gained:
                    found[column].append(exchange)
    return found


def protect(
    numbers: Sequence[Sequence[int]],
    bounds: Sequence[Sequence[Bounds]],
    hidden: set[Cell],
    bands: Mapping[Cell, Bounds],
    kinds: Sequence[Sequence[Kind]],
    least: int,
    kept: np.ndarray | bool = False,
) -> Hidden | None:
    """All cells to leave out: those that are `hidden` at first, and what they need. The last row is
    the sum of the others. A cell of `bands` that is left out is told to lie within its band, if
    that does no harm. None when nothing of the table can be shown."""
    table = Table(numbers, bounds, kinds, kept)
    for cell in hidden:
        table.loosen(cell, UNKNOWN)
    left_out, unknown = set(hidden), set(hidden)
    waiting = sorted(hidden)
    while waiting:
        cell = waiting[-1]
        in_the_way = _in_the_way(table, cell, least)
        if in_the_way is None:
            return None
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
    return Hidden(left_out, left_out - unknown)


def _in_the_way(table: Table, cell: Cell, least: int) -> list[Cell] | None:
    """The cells to leave out so that a cell is safe; empty when it is, None when there are none."""
    number = int(table.numbers[cell])
    asked = [(least - number, True)] if number < least else [(1, True), (1, False)]
    cost, cells = min(table.asked_for(cell, by, more) for by, more in asked)
    return None if cost == NEVER else cells
