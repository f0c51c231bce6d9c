"""The calendar as iCalendar (RFC 5545): whole days, as they are in force; the closing by its
instant."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from icalendar import Calendar, Event

from accounts.clock import LONDON
from submissions.models import Window

PRODUCT = "-//IAPT submission portal//Submission windows//EN"


def feed(windows: Iterable[Window], address: str) -> bytes:
    """The feed of `windows` (read with the clock); `address` is the page that each points to."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "IAPT submission windows")
    for window in windows:
        for event in _events(window):
            event.add("url", address)
            event.add("dtstamp", window.now)
            calendar.add_component(event)
    return calendar.to_ical()


def _events(window: Window) -> Iterator[Event]:
    name = str(window)
    yield _days(window, "open", f"IAPT window open: {name}", window.opened_on, window.closed_on)
    closing = Event()
    closing.add("uid", _uid(window, "closes"))
    closing.add("summary", f"IAPT window closes: {name}")
    closing.add("dtstart", window.closes_at - timedelta(minutes=1))
    closing.add("dtend", window.closes_at)
    yield closing
    week = window.processing_week, window.processing_ends
    yield _days(window, "processing", f"IAPT processing: {name}", *week)
    came = window.published_at
    day = came.astimezone(LONDON).date() if came else window.data_available
    yield _days(window, "available", f"IAPT data available: {name}", day, day)
    # When they came is told by the calendar of publications: the windows do not know it.
    day = window.statistics_due
    yield _days(window, "statistics", f"IAPT statistics announced for today: {name}", day, day)


def _days(window: Window, what: str, summary: str, first: date, last: date) -> Event:
    event = Event()
    event.add("uid", _uid(window, what))
    event.add("summary", summary)
    event.add("dtstart", first)
    # The end of whole days is the day after the last.
    event.add("dtend", last + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _uid(window: Window, what: str) -> str:
    return f"{window.primary_period:%Y-%m}-{what}@iapt-submission-portal"
