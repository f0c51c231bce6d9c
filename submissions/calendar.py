"""The calendar: windows loaded as published, opened and closed by the clock and by staff."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Func

from accounts import audit, second_person
from accounts.clock import last_moment, london, this_day
from accounts.models import AskedDeed, AuditEvent, User
from accounts.refusals import Refusal
from submissions import announcing
from submissions.models import Window
from submissions.models.calendar import LONDON, State, Windows, clock
from submissions.periods import month_after, month_before
from submissions.proposing import Days, out_of_order, slips

# The windows of 2013 and 2013/14 as they were published, slips and all.
PUBLISHED = Path(__file__).parent / "published_calendar.csv"


OUT_OF_ORDER = (
    "closing must not be before opening, processing must be after closing, and data available "
    "after processing."
)


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
    return month_after(last.primary_period) if last else month_before(this_day().replace(day=1))


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


@transaction.atomic
def load_published() -> int:
    """Load the published calendar where it is not loaded yet; returns how many windows came new."""
    known = set(Window.objects.values_list("primary_period", flat=True))
    new = [days for days in published() if days.primary_period not in known]
    Window.objects.bulk_create(map(window_from_days, new))
    if new:
        audit.record("calendar loaded", by=None, windows=len(new))
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
            raise Refusal(f"{days.primary_period:%B %Y}: {OUT_OF_ORDER} Nothing was kept.")
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
            **_as_text(days),
        )


def _overlapping(opens_at: datetime | Func, closes_at: datetime) -> Windows:
    return Window.objects.filter(opens_at__lt=closes_at, closes_at__gt=opens_at)


def lock_for_change(window: Window) -> Window:
    """The window FOR UPDATE: no receipt is made while it is held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM submissions_window WHERE id = %s FOR UPDATE", [window.id])
    return Window.objects.with_clock().get(id=window.id)


@transaction.atomic
def edit(*, window: Window, days: Days, by: User) -> None:
    """Give an upcoming window other days: those published and the instants in force.

    Raises Refusal when it is open or over, when the days are out of order, or when it would
    overlap another. Slips against the calendar's own rules are the caller's to tell.
    """
    window = lock_for_change(window)
    if window.state != State.UPCOMING:
        raise Refusal(
            f"This window opened on {london(window.opens_at)}: its published days stay as they "
            "are. Its closing can be moved."
        )
    if days.primary_period != window.primary_period:
        raise Refusal("A window keeps its period.")
    if out_of_order(days):
        raise Refusal(OUT_OF_ORDER)
    changed = window_from_days(days)
    if changed.opens_at <= window.now:
        raise Refusal("That opening day has begun. Choose a later one, or open the window now.")
    overlap = _overlapping(changed.opens_at, changed.closes_at).exclude(id=window.id).first()
    if overlap:
        raise Refusal(f"The window for {overlap} would overlap.")
    before = days_of(window)
    Window.objects.filter(id=window.id).update(
        opens_at=changed.opens_at, closes_at=changed.closes_at, **days._asdict()
    )
    _record("window edited", window, by, before=_as_text(before), after=_as_text(days))


def _as_text(days: Days) -> dict[str, Any]:
    return {name: day.isoformat() for name, day in days._asdict().items()}


def _record(what: str, window: Window, by: User, **facts: Any) -> None:
    audit.record(what, by=by, period=window.primary_period.isoformat(), **facts)


@transaction.atomic
def close(*, window: Window, by: User) -> None:
    """Close an open window at this moment; the providers' users are told. Raises Refusal when it
    is not open."""
    window = lock_for_change(window)
    if window.state == State.UPCOMING:
        raise Refusal(f"This window is not open yet: it opens on {london(window.opens_at)}.")
    if window.state != State.OPEN:
        raise Refusal(
            f"This window is not open: it closed on {london(window.closes_at)}{_closed_by(window)}."
        )
    Window.objects.filter(id=window.id).update(closes_at=clock())
    _record("window closed", window, by)
    announcing.closed(_reread(window), window.closes_at)


def _closed_by(window: Window) -> str:
    """Who closed it, where it was not the clock."""
    event = AuditEvent.objects.filter(
        what="window closed",
        facts__period=window.primary_period.isoformat(),
        at__range=(window.closes_at, window.closes_at + timedelta(minutes=1)),
    ).last()
    return f", by {event.by}" if event else ""


@transaction.atomic
def open_until(*, window: Window, until: date, by: User) -> None:
    """Have an open window close at the end of the day `until` in London, or open an upcoming one
    now up to then; the providers' users are told.

    Raises Refusal when the window has closed (that is `reopen`), when the day is over, or when
    another window is open in that time.
    """
    window = lock_for_change(window)
    closes_at = _end_for(window, until)
    if window.state == State.CLOSED:
        raise Refusal(
            f"This window closed on {london(window.closes_at)}{_closed_by(window)}. "
            "To open it again needs a second person."
        )
    was_open = window.state == State.OPEN
    if was_open and closes_at == window.closes_at:
        raise Refusal(f"This window closes {last_moment(closes_at)} already.")
    Window.objects.filter(id=window.id).update(
        opens_at=F("opens_at") if was_open else clock(), closes_at=closes_at
    )
    what = "window opened"
    if was_open:
        what = "window extended" if closes_at > window.closes_at else "window shortened"
    _record(what, window, by, before=window.closes_at.isoformat(), until=until.isoformat())
    if was_open:
        announcing.moved(_reread(window), window.closes_at)
    else:
        announcing.opened(_reread(window))


def ask_to_reopen(*, window: Window, until: date, by: User) -> AskedDeed:
    """Ask for a second person to open a closed window again. Raises Refusal as `reopen` does, and
    when somebody has asked already."""
    with transaction.atomic():
        locked = lock_for_change(window)
        _refuse_unless_closed(locked)
        _end_for(locked, until)
    return second_person.ask(
        what="reopen",
        subject=f"window {window.id}",
        words=f"Open the window for {window} again, until the end of {until:%A %-d %B %Y}.",
        by=by,
        window=window.id,
        until=until.isoformat(),
    )


@second_person.needs_second_person("reopen")
def reopen_as_asked(*, by: User, asked_by: User, window: int, until: str) -> None:
    """What `ask_to_reopen` asked for, once it is confirmed."""
    found = Window.objects.get(id=window)
    reopen(window=found, until=date.fromisoformat(until), by=by, asked_by=asked_by)


@transaction.atomic
def reopen(*, window: Window, until: date, by: User, asked_by: User | None = None) -> None:
    """Open a closed window again, up to the end of the day `until` in London; the providers' users
    are told. `by` confirmed what `asked_by` asked for.

    Raises Refusal when it is not closed, was published, when the day is over, or when another
    window is open in that time.
    """
    window = lock_for_change(window)
    _refuse_unless_closed(window)
    closes_at = _end_for(window, until)
    # It begins now: other windows may lie between its first days and today.
    Window.objects.filter(id=window.id).update(opens_at=clock(), closes_at=closes_at)
    facts: dict[str, Any] = {"asked_by": asked_by.id} if asked_by else {}
    _record(
        "window reopened",
        window,
        by,
        before=window.closes_at.isoformat(),
        until=until.isoformat(),
        **facts,
    )
    announcing.reopened(_reread(window), window.closes_at)


def _refuse_unless_closed(window: Window) -> None:
    if window.state in {State.UPCOMING, State.OPEN}:
        raise Refusal(f"This window is {window.state}: there is nothing to open again.")


def _end_for(window: Window, until: date) -> datetime:
    """The end of the day `until`. Raises Refusal when the window cannot be open up to then."""
    closes_at = start_of(until + timedelta(days=1))
    if window.published_at:
        raise Refusal("Its extracts are published, so this window stays closed.")
    if closes_at <= window.now:
        raise Refusal("That day is over. Choose today or a later day.")
    if overlap := _overlapping(clock(), closes_at).exclude(id=window.id).first():
        raise Refusal(f"The window for {overlap} would overlap.")
    return closes_at


def _reread(window: Window) -> Window:
    return Window.objects.with_clock().get(id=window.id)


def warnings(proposed: Sequence[Days]) -> dict[date, list[str]]:
    """What staff are told of days they may keep all the same, by period: slips against the
    calendar's own rules, and openings before the data of the window before are there."""
    available = dict(
        Window.objects.filter(
            primary_period__in=[month_before(days.primary_period) for days in proposed]
        ).values_list("primary_period", "data_available")
    ) | {days.primary_period: days.data_available for days in proposed}
    found = {}
    for days in proposed:
        told = list(slips(days))
        before = available.get(month_before(days.primary_period))
        if before and days.opens < before:
            told.append(
                f"Opening {days.opens:%-d %B %Y} comes before the data of the window before "
                f"are available, on {before:%-d %B %Y}."
            )
        found[days.primary_period] = told
    return found
