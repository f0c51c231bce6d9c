"""Secondary suppression: what else has to be left out so that nothing that is left out can be
reckoned back from what is shown.

A table of counts has a row for each provider and, last, their sum. A cell is shown within bounds
(all that its rounded figure or its rate allow) or left out. A cell that is left out is safe when
another table, one that would be shown the same, has another number there, and where the number is
too small to be shown, one that is not. Such a table is looked for by moving counts about: every
row keeps its whole and every column its sum. Where none is found, the smallest of the shown
cells that stand in the way is left out too, and so on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Cell = tuple[int, int]
# A row (True) or a column, and its number.
Place = tuple[bool, int]
Bounds = tuple[int, int]
# Any count.
UNKNOWN = (0, 10**12)


@dataclass
class Table:
    """The cells' numbers, and between which bounds an onlooker knows each to lie. The last row is
    the sum of the others: it is kept negative, so that every column's sum is nothing."""

    numbers: list[list[int]]
    lows: list[list[int]]
    highs: list[list[int]]

    def bound(self, cell: Cell, bounds: Bounds) -> None:
        """An onlooker knows a cell, a sum too, to lie between `bounds`."""
        row, column = cell
        is_sum = row == len(self.numbers) - 1
        low, high = sorted(-bound if is_sum else bound for bound in bounds)
        self.lows[row][column], self.highs[row][column] = low, high

    def room(self, cell: Cell, up: bool) -> int:
        """How far the number of a cell could go up, or down, within its bounds."""
        row, column = cell
        number = self.numbers[row][column]
        return self.highs[row][column] - number if up else number - self.lows[row][column]

    def steps(self, at: Place) -> Iterator[tuple[Place, Cell, bool]]:
        """Where one gets from a row (True) or a column: from a row by a cell of it that goes up, to
        that cell's column; from a column by a cell that goes down, to that cell's row."""
        is_row, place = at
        if is_row:
            for column in range(len(self.numbers[place])):
                yield (False, column), (place, column), True
        else:
            for row in range(len(self.numbers)):
                yield (True, row), (row, place), False

    def move(self, cell: Cell, by: int) -> set[Cell]:
        """Change a cell by so much, others with it so that all wholes and sums stay. Returns the
        cells that stand in the way; none when it is done. The numbers are changed in any case."""
        row, column = cell
        start, goal = ((False, column), (True, row)) if by > 0 else ((True, row), (False, column))
        left = abs(by)
        while left:
            came, blocked = self._reach(start, goal, cell)
            if goal not in came:
                # What leads to a place that was reached another way does not block.
                return {other for place, other in blocked if place not in came}
            path: list[tuple[Cell, bool]] = []
            at = goal
            while at != start:
                at, other, up = came[at]
                path.append((other, up))
            step = min([left, *(self.room(other, up) for other, up in path)])
            for (r, c), up in path:
                self.numbers[r][c] += step if up else -step
            left -= step
        return set()

    def _reach(
        self, start: Place, goal: Place, without: Cell
    ) -> tuple[dict[Place, tuple[Place, Cell, bool]], list[tuple[Place, Cell]]]:
        """How each place was come to from `start` until `goal`, and which cells had no room."""
        came = {start: (start, without, True)}
        waiting: list[Place] = [start]
        blocked: list[tuple[Place, Cell]] = []
        while waiting and goal not in came:
            # The newest first: nearly any row leads on, and one need not look at all of them.
            at = waiting.pop()
            for place, cell, up in self.steps(at):
                if cell == without or place in came:
                    continue
                if self.room(cell, up):
                    came[place] = (at, cell, up)
                    waiting.append(place)
                else:
                    blocked.append((place, cell))
        return came, blocked


class Hidden(NamedTuple):
    """The cells to leave out, and those of them of which bounds can be told still."""

    cells: set[Cell]
    bounded: set[Cell]


def protect(
    numbers: Sequence[Sequence[int]],
    bounds: Sequence[Sequence[Bounds]],
    hidden: set[Cell],
    bands: Mapping[Cell, Bounds],
    least: int,
) -> Hidden | None:
    """All cells to leave out: those that are `hidden` at first, and what they need. The last row is
    the sum of the others. A cell of `bands` that is left out is told to lie within its band, if
    that does no harm. None when nothing of the table can be shown."""
    last = len(numbers) - 1
    table = Table(
        [[-one if row == last else one for one in line] for row, line in enumerate(numbers)],
        [[0] * len(line) for line in numbers],
        [[0] * len(line) for line in numbers],
    )
    for row, line in enumerate(bounds):
        for column, pair in enumerate(line):
            cell = (row, column)
            table.bound(cell, UNKNOWN if cell in hidden else pair)
    left_out, unknown, waiting = set(hidden), set(hidden), sorted(hidden)
    while waiting:
        in_the_way = _in_the_way(table, waiting[-1], least)
        if not in_the_way:
            waiting.pop()
            continue
        candidates = in_the_way - unknown
        if not candidates:
            return None
        smallest = min(candidates, key=lambda cell: (numbers[cell[0]][cell[1]], cell))
        if smallest in left_out or smallest not in bands:
            table.bound(smallest, UNKNOWN)
            unknown.add(smallest)
        else:
            table.bound(smallest, bands[smallest])
        if smallest not in left_out:
            left_out.add(smallest)
            waiting.insert(0, smallest)
    return Hidden(left_out, left_out - unknown)


def _in_the_way(table: Table, cell: Cell, least: int) -> set[Cell]:
    """What keeps a cell that is left out from being safe; nothing when it is."""
    row, column = cell
    number = abs(table.numbers[row][column])
    more = -1 if row == len(table.numbers) - 1 else 1
    if number < least:
        return _blocked(table, cell, more * (least - number))
    fewer = _blocked(table, cell, -more)
    return fewer if fewer and _blocked(table, cell, more) else set()


def _blocked(table: Table, cell: Cell, by: int) -> set[Cell]:
    """What keeps a cell from changing by so much; the table stays as it is."""
    kept = [list(numbers) for numbers in table.numbers]
    blocked = table.move(cell, by)
    table.numbers = kept
    return blocked
