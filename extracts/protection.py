"""Secondary suppression: what else has to be left out so that nothing that is left out can be
reckoned back from what is shown.

A table of counts has a row for each provider, or age, … and, last, their sum. A cell is shown, so
that an onlooker knows it to lie within bounds, or it is left out. A cell that is left out is safe
when another table, one that would be shown the same, has another number there, and where the number
is too small to be shown, one that is not. Such a table is looked for by exchanges
(`extracts.exchanging`). Where none is found, those are made possible that cost the least of what is
shown: their cells are left out too, and so on.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from extracts.exchanging import NEVER, Bounds, Cell, Table
from extracts.structure import Profile


class Hidden(NamedTuple):
    """The cells to leave out, those of them of which bounds can be told still, and the columns of
    which no row can be shown."""

    cells: set[Cell]
    bounded: set[Cell]
    given_up: set[int]


def protect(
    numbers: Sequence[Sequence[int]],
    bounds: Sequence[Sequence[Bounds]],
    hidden: set[Cell],
    *,
    bands: Mapping[Cell, Bounds],
    profiles: Sequence[Sequence[Profile]],
    costs: np.ndarray,
    least: int,
    doubtful: Collection[Cell] = (),
    telling: Collection[Cell] = (),
) -> Hidden:
    """All cells to leave out: those that are `hidden` at first, and what they need. The last row is
    the sum of the others. A cell of `bands` that is left out is told to lie within its band, if
    that does no harm. `costs` says how much is lost with each cell; NEVER, where it cannot be left
    out. Cells that are `doubtful` are left out so that others are not known to be small: they have
    to be such as could be small themselves. Those that are `telling` are left out because what they
    are would tell of something small elsewhere: they have to be such as could be larger."""
    table = Table(numbers, bounds, profiles, costs)
    left_out, unknown, given_up = set(hidden), set(hidden), set[int]()
    waiting = sorted(hidden)
    for cell in hidden:
        table.leave_out(cell)
    while waiting:
        cell = waiting[-1]
        asked = _asked(int(table.numbers[cell]), least, cell in doubtful, cell in telling)
        in_the_way = [] if cell[1] in given_up else _in_the_way(table, cell, asked)
        if in_the_way is None:
            given_up |= table.together_with(cell[1])
        elif not in_the_way:
            waiting.pop()
        for other in in_the_way or []:
            if other not in left_out and _contains(bands.get(other), bounds[other[0]][other[1]]):
                table.bound(other, bands[other])
                # To give up the band as well costs next to nothing.
                table.cost[other] = 1
            else:
                table.leave_out(other)
                unknown.add(other)
            if other not in left_out:
                left_out.add(other)
                waiting.insert(0, other)
    return Hidden(left_out, left_out - unknown, given_up)


def _contains(band: Bounds | None, known: Bounds) -> bool:
    """Whether a band leaves open all that was before: what was found safe has to stay so."""
    return band is not None and band[0] <= known[0] and known[1] <= band[1]


def _asked(number: int, least: int, is_doubtful: bool, is_telling: bool) -> list[tuple[int, bool]]:
    """By how much a number has to be able to be otherwise, more or less: one of these is enough."""
    if is_telling:
        return [(least, True)]
    if number < least:
        return [(least - number, True)]
    return [(number - least + 1, False)] if is_doubtful else [(1, True), (1, False)]


def _in_the_way(table: Table, cell: Cell, asked: list[tuple[int, bool]]) -> list[Cell] | None:
    """The cells to leave out so that a cell is safe; empty when it is, None when there are none."""
    if any(table.could(cell, by, more) for by, more in asked):
        return []
    cost, cells = min(table.asked_for(cell, by, more) for by, more in asked)
    return None if cost >= NEVER else cells
