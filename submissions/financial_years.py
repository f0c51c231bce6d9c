"""A financial year of the calendar: its windows, and a drawing of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from submissions.models import Window
from submissions.models.calendar import LONDON
from submissions.periods import APRIL, financial_year, month_after, year_end, year_start

# Of the drawing, in its own units.
WIDTH, LEFT, TOP, ROW = 960, 132, 36, 34
WEEK = timedelta(days=7)


def of(period: date) -> int:
    """The year in which the financial year of a period begins."""
    return year_start(period).year


def words(first_year: int) -> str:
    return financial_year(date(first_year, APRIL, 1))


def all_with_windows() -> list[int]:
    """The financial years that have a window, the newest first."""
    periods = Window.objects.values_list("primary_period", flat=True)
    return sorted({of(period) for period in periods}, reverse=True)


def windows(first_year: int) -> list[Window]:
    """The windows of a financial year's periods, in their order."""
    first = date(first_year, APRIL, 1)
    found = Window.objects.with_clock().filter(primary_period__range=(first, year_end(first)))
    return list(found.order_by("primary_period"))


@dataclass(frozen=True)
class Bar:
    """A stretch of days in the drawing."""

    x: float
    width: float


@dataclass(frozen=True)
class Line:
    """One window in the drawing: its place and what is drawn on it."""

    window: Window
    y: int
    is_open: Bar
    processing: Bar
    available: float


@dataclass(frozen=True)
class Drawing:
    """All of it: lines, and where the months begin."""

    lines: list[Line]
    months: list[tuple[float, date]]
    today: float | None
    width: int
    height: int
    left: int
    row: int


def drawing(shown: list[Window]) -> Drawing | None:
    """The windows along the days from the first opening to the last availability."""
    if not shown:
        return None
    first = min(window.opened_on for window in shown).replace(day=1)
    last = max(max(window.data_available, window.closed_on) for window in shown) + WEEK
    scale = (WIDTH - LEFT) / (last - first).days

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    def bar(start: date, end: date) -> Bar:
        return Bar(x(start), round(x(end + timedelta(days=1)) - x(start), 1))

    lines = [
        Line(
            window=window,
            y=TOP + place * ROW,
            is_open=bar(window.opened_on, window.closed_on),
            processing=bar(window.processing_week, window.processing_ends),
            available=x(window.data_available),
        )
        for place, window in enumerate(shown)
    ]
    today = shown[0].now.astimezone(LONDON).date()
    return Drawing(
        lines=lines,
        months=[(x(month), month) for month in _months(first, last)],
        today=x(today) if first <= today <= last else None,
        width=WIDTH,
        height=TOP + len(shown) * ROW + 8,
        left=LEFT,
        row=ROW,
    )


def _months(first: date, last: date) -> list[date]:
    months = []
    month = first
    while month < last:
        months.append(month)
        month = month_after(month)
    return months
