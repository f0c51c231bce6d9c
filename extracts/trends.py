"""A trend over months as a drawing: places of points and pieces of lines, of rates or of counts.
Where a figure is left out, the line has a gap, and nothing of it is in the drawing: heights reach
from none to a round number above the largest figure that is shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

Value = Decimal | int | None
Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The size of a drawing, and how much of it lies around the lines."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int

    def across(self, places: int) -> list[float]:
        step = (self.width - self.left - self.right) / max(1, places - 1)
        return [round(self.left + step * place, 1) for place in range(places)]

    def down(self, value: float, most: int) -> float:
        lines = self.height - self.top - self.bottom
        return round(self.top + lines * (1 - value / most), 1)


# Heights have their words at both ends: a narrow screen shows one of them.
LARGE = Frame(720, 260, left=64, top=16, right=64, bottom=36)
SMALL = Frame(240, 64, left=6, top=8, right=6, bottom=8)
ALL = 100
# Times a power of ten, a round number.
ROUND = (1, 2, 4, 6, 8, 10, 20)
HEIGHTS = 4
MOST_WORDS = 8


@dataclass(frozen=True)
class Line:
    """One line: what it is of, the class it is drawn with, a place for each month or None, and how
    far across those lie that are not final: their points are hollow."""

    label: str
    kind: str
    places: list[Point | None]
    not_final: set[float]

    @property
    def points(self) -> list[Point]:
        return [place for place in self.places if place]

    @property
    def pieces(self) -> list[str]:
        """Of months without a gap, as SVG writes them."""
        return [
            " ".join(f"{x},{y}" for x, y in filter(None, some))
            for is_told, some in groupby(self.places, key=bool)
            if is_told
        ]

    @property
    def solid(self) -> list[Point]:
        return [point for point in self.points if point[0] not in self.not_final]

    @property
    def hollow(self) -> list[Point]:
        return [point for point in self.points if point[0] in self.not_final]


@dataclass(frozen=True)
class Trend:
    """A drawing: its lines, its months along the bottom, its heights at the side, in words."""

    frame: Frame
    lines: list[Line]
    months: list[tuple[float, str]]
    heights: list[tuple[float, str]]

    @property
    def is_empty(self) -> bool:
        """Everything is left out."""
        return not any(line.points for line in self.lines)

    @property
    def right(self) -> int:
        return self.frame.width - self.frame.right

    @property
    def base(self) -> int:
        return self.frame.height - self.frame.bottom + 24


def trend(
    months: Sequence[str],
    lines: dict[str, Sequence[Value]],
    *,
    kinds: Sequence[str] = (),
    hollow: Collection[int] = (),
    counts: bool = False,
    frame: Frame = LARGE,
) -> Trend:
    """The drawing of rates, or of counts, by month; every line has a value, or None, for each
    month. The first line is drawn as one's own, the other as what it is compared with, where there
    are two; `kinds` says otherwise. The months at the places `hollow` are not final yet."""
    most = _most(lines.values()) if counts else ALL
    across = frame.across(len(months))
    named = zip(kinds or ["own", "national"][-len(lines) :], lines.items(), strict=True)
    drawn = []
    for kind, (label, values) in named:
        points = [
            None if one is None else (x, frame.down(float(one), most))
            for x, one in zip(across, values, strict=True)
        ]
        drawn.append(Line(label, kind, points, {across[place] for place in hollow}))
    # The newest month has its words; on a long way every other month has.
    step = 1 if len(months) <= MOST_WORDS else 2
    told = list(zip(across, months, strict=True))[::-1][::step][::-1]
    return Trend(frame, drawn, told, _heights(frame, most, counts))


def _most(lines: Collection[Sequence[Value]]) -> int:
    """The round number that the drawing reaches up to; its quarters are whole numbers."""
    largest = max((int(value) for line in lines for value in line if value is not None), default=0)
    power = 10 ** (len(str(largest)) - 1)
    reaching = (start * power for start in ROUND)
    return next(one for one in reaching if one >= largest and one % HEIGHTS == 0)


def _heights(frame: Frame, most: int, counts: bool) -> list[tuple[float, str]]:
    steps = [most * step // HEIGHTS for step in range(HEIGHTS + 1)]
    return [(frame.down(one, most), f"{one:,}" if counts else f"{one}%") for one in steps]
