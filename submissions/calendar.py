"""The calendar: windows loaded as published, opened and closed by the clock and by staff."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F, Func
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from submissions.models import Window
from submissions.models.calendar import LONDON, State, Windows, clock
from submissions.periods import month_after, month_before
from submissions.proposing import Days, out_of_order
from submissions.receiving import london

# The windows of 2013 and 2013/14 as they were published, slips and all.
PUBLISHED = Path(__file__).parent / "published_calendar.csv"


def start_of(day: date) -> datetime:
    """Midnight in London at which a day begins."""
    return datetime.combine(day, time.min, LONDON)


def month(text: str) -> date:
    """`2013-04` as the first of the month."""
    return date.fromisoformat(f"{text}-01")


def window_from_days(days: Days) -> Window:
    """A window that opens as the opening day begins and closes as the closing day ends."""
    return Window(
        **days._asdict(),
        refresh_period=month_before(days.primary_period),
        opens_at=start_of(days.opens),
        closes_at=start_of(days.closes + timedelta(days=1)),
    )


def days_of(window: Window) -> Days:
    """The days of a window as they are published."""
    return Days(**{name: getattr(window, name) for name in Days._fields})


def first_period_without_window() -> date:
    """The period after the last one that has a window."""
    last = Window.objects.order_by("primary_period").last()
    return (
        month_after(last.primary_period)
        if last
        else month_before(timezone.localdate().replace(day=1))
    )


def published() -> list[Days]:
    """The published windows, slips and all."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return [
            Days(
                month(row["primary_period"]),
                date.fromisoformat(row["opens"]),
                date.fromisoformat(row["closes"]),
                date.fromisoformat(row["processing_week_commencing"]),
                date.fromisoformat(row["data_available"]),
            )
            for row in csv.DictReader(file)
        ]


def load_published() -> int:
    """Load the published calendar where it is not loaded yet; returns how many windows came new."""
    known = set(Window.objects.values_list("primary_period", flat=True))
    new = [days for days in published() if days.primary_period not in known]
    Window.objects.bulk_create(map(window_from_days, new))
    return len(new)


@transaction.atomic
def keep(*, proposed: Sequence[Days], by: User) -> None:
    """Put further windows into the calendar. Raises Refusal, and keeps none, when one has its
    days out of order, is there already, or would overlap another."""
    with connection.cursor() as cursor:
        # Nobody else puts a window into the calendar meanwhile.
        cursor.execute("LOCK TABLE submissions_window IN SHARE ROW EXCLUSIVE MODE")
    for days in proposed:
        if out_of_order(days):
            raise Refusal(
                f"{days.primary_period:%B %Y}: closing must not be before opening, processing must "
                "be after closing, and data available after processing. Nothing was kept."
            )
        if Window.objects.filter(primary_period=days.primary_period).exists():
            raise Refusal(f"{days.primary_period:%B %Y} has a window already. Nothing was kept.")
        window = window_from_days(days)
        if overlap := _overlapping(window.opens_at, window.closes_at).first():
            raise Refusal(
                f"{days.primary_period:%B %Y} would overlap the window for {overlap}. "
                "Nothing was kept."
            )
        window.save()
        audit.record(
            "window kept",
            by=by,
            period=days.primary_period.isoformat(),
            **{name: day.isoformat() for name, day in days._asdict().items()},
        )


def _overlapping(opens_at: datetime | Func, closes_at: datetime) -> Windows:
    return Window.objects.filter(opens_at__lt=closes_at, closes_at__gt=opens_at)


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
    if overlap := _overlapping(clock(), closes_at).exclude(id=window.id).first():
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
