"""A trend over months as a drawing: places of points and pieces of lines, in percent of valid
values from none to all. Where a rate is left out, the line has a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 260, 56, 16, 24, 36


@dataclass(frozen=True)
class Line:
    """One line: what it is of, the class it is drawn with, its points and pieces."""

    label: str
    kind: str
    points: list[tuple[float, float]]
    pieces: list[str]


@dataclass(frozen=True)
class Trend:
    """A drawing: its lines, its months along the bottom, its heights at the side."""

    lines: list[Line]
    months: list[tuple[float, str]]
    heights: list[tuple[float, int]]

    width, height, left, right = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT
    base = HEIGHT - BOTTOM + 24


def trend(months: Sequence[str], lines: dict[str, Sequence[Decimal | None]]) -> Trend:
    """The drawing of rates by month; every line has one, or None, for each month. The first line is
    drawn as one's own, the others as what it is compared with, where there are several."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(months) - 1)
    across = [round(LEFT + step * place, 1) for place in range(len(months))]
    kinds = ["own", "national"][-len(lines) :]
    return Trend(
        [
            _line(label, kind, list(zip(across, rates, strict=True)))
            for kind, (label, rates) in zip(kinds, lines.items(), strict=True)
        ],
        list(zip(across, months, strict=True)),
        [(_down(Decimal(rate)), rate) for rate in (0, 25, 50, 75, 100)],
    )


def _down(rate: Decimal) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - float(rate) / 100), 1)


def _line(label: str, kind: str, rates: list[tuple[float, Decimal | None]]) -> Line:
    pieces, points = [], []
    for is_told, some in groupby(rates, key=lambda one: one[1] is not None):
        if is_told:
            piece = [(across, _down(rate)) for across, rate in some if rate is not None]
            points += piece
            pieces.append(" ".join(f"{x},{y}" for x, y in piece))
    return Line(label, kind, points, pieces)
