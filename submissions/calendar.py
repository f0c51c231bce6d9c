"""The calendar: windows loaded as published, opened and closed by the clock and by staff."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from submissions.models import Window
from submissions.models.calendar import State, clock
from submissions.receiving import LONDON, london
from submissions.refusals import Refusal

# The windows of 2013 and 2013/14 as they were published, slips and all.
PUBLISHED = Path(__file__).parent / "published_calendar.csv"


def start_of(day: date) -> datetime:
    """Midnight in London at which a day begins."""
    return datetime.combine(day, time.min, LONDON)


def month(text: str) -> date:
    """`2013-04` as the first of the month."""
    return date.fromisoformat(f"{text}-01")


def month_before(period: date) -> date:
    return (period - timedelta(days=1)).replace(day=1)


def window_from_days(
    primary_period: date, opens: date, closes: date, processing_week: date, data_available: date
) -> Window:
    """A window that opens as the opening day begins and closes as the closing day ends."""
    return Window(
        primary_period=primary_period,
        refresh_period=month_before(primary_period),
        opens=opens,
        closes=closes,
        processing_week=processing_week,
        data_available=data_available,
        opens_at=start_of(opens),
        closes_at=start_of(closes + timedelta(days=1)),
    )


def load_published() -> int:
    """Load the published calendar where it is not loaded yet; returns how many windows came new."""
    known = set(Window.objects.values_list("primary_period", flat=True))
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        windows = [_published_window(row) for row in csv.DictReader(file)]
    new = [window for window in windows if window.primary_period not in known]
    Window.objects.bulk_create(new)
    return len(new)


def _published_window(row: dict[str, str]) -> Window:
    return window_from_days(
        month(row["primary_period"]),
        date.fromisoformat(row["opens"]),
        date.fromisoformat(row["closes"]),
        date.fromisoformat(row["processing_week_commencing"]),
        date.fromisoformat(row["data_available"]),
    )


def lock_for_change(window: Window) -> Window:
    """The window FOR UPDATE: no receipt is made while it is held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM submissions_window WHERE id = %s FOR UPDATE", [window.id])
    return Window.objects.with_clock().get(id=window.id)


@transaction.atomic
def close(*, window: Window, by: User) -> None:
    """Close an open window at this moment. Raises Refusal when it is not open."""
    window = lock_for_change(window)
    if window.state == State.UPCOMING:
        raise Refusal(f"This window is not open yet: it opens on {london(window.opens_at)}.")
    if window.state != State.OPEN:
        raise Refusal(f"This window is not open: it closed on {london(window.closes_at)}.")
    Window.objects.filter(id=window.id).update(closes_at=clock())
    audit.record("window closed", by=by, period=window.primary_period.isoformat())


@transaction.atomic
def open_until(*, window: Window, until: date, by: User) -> None:
    """Open a window now (again), up to the end of the day `until` in London.

    Raises Refusal when it was published already, when the day is over, or when another window
    is open in that time.
    """
    window = lock_for_change(window)
    closes_at = start_of(until + timedelta(days=1))
    if window.published_at:
        raise Refusal("Its extracts are published, so this window stays closed.")
    if closes_at <= window.now:
        raise Refusal("That day is over. Choose today or a later day.")
    other = Window.objects.exclude(id=window.id).filter(
        opens_at__lt=closes_at, closes_at__gt=clock()
    )
    if overlap := other.first():
        raise Refusal(f"The window for {overlap} would overlap.")
    # One that is opened again begins now: other windows may lie between its first days and today.
    Window.objects.filter(id=window.id).update(
        opens_at=F("opens_at") if window.state == State.OPEN else clock(), closes_at=closes_at
    )
    audit.record(
        "window opened",
        by=by,
        period=window.primary_period.isoformat(),
        until=until.isoformat(),
    )
