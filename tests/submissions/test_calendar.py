"""The calendar: as published, by the clock, and by staff."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import second_person
from accounts.clock import last_moment, london
from accounts.models import AuditEvent, Mail, User
from accounts.refusals import Refusal
from submissions import calendar
from submissions.models import Window
from submissions.models.calendar import State, clock
from submissions.proposing import Days
from submissions.receiving import refuse_when_closed

# As published for the financial year 2013/14: two processing weeks begin on a Sunday.
PUBLISHED = {
    "2013-04": ("2013-05-07", "2013-05-24", "2013-05-26", "2013-06-03"),
    "2013-07": ("2013-08-05", "2013-08-23", "2013-08-25", "2013-09-02"),
    "2013-12": ("2014-01-06", "2014-01-24", "2014-01-27", "2014-02-03"),
    "2014-03": ("2014-03-31", "2014-04-25", "2014-04-28", "2014-05-06"),
}


def window_of(text: str) -> Window:
    return Window.objects.with_clock().get(primary_period=calendar.month(text))


def reread(window: Window) -> Window:
    return Window.objects.with_clock().get(id=window.id)


@pytest.mark.django_db
def test_published_calendar_is_loaded_verbatim() -> None:
    assert calendar.load_published() == 15
    assert AuditEvent.objects.get(what="calendar loaded").facts == {"windows": 15}
    for period, days in PUBLISHED.items():
        found = window_of(period)
        stored = (found.opens, found.closes, found.processing_week, found.data_available)
        assert stored == tuple(map(date.fromisoformat, days))
    assert window_of("2013-04").processing_week.strftime("%A") == "Sunday"


@pytest.mark.django_db
def test_loaded_again_it_stays_as_it_is() -> None:
    calendar.load_published()
    moved = window_of("2013-05")
    Window.objects.filter(id=moved.id).update(closes_at=moved.closes_at + timedelta(hours=1))
    assert calendar.load_published() == 0
    assert AuditEvent.objects.filter(what="calendar loaded").count() == 1
    assert window_of("2013-05").closes_at == moved.closes_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2013, 2, 23), datetime(2013, 2, 23, 0, tzinfo=UTC)),
        (date(2013, 4, 27), datetime(2013, 4, 26, 23, tzinfo=UTC)),
        (date(2013, 3, 31), datetime(2013, 3, 31, 0, tzinfo=UTC)),  # clocks go forward at one
        (date(2013, 4, 1), datetime(2013, 3, 31, 23, tzinfo=UTC)),
        (date(2013, 10, 27), datetime(2013, 10, 26, 23, tzinfo=UTC)),  # clocks go back at two
        (date(2013, 10, 28), datetime(2013, 10, 28, 0, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_in_london(day: date, instant: datetime) -> None:
    assert calendar.start_of(day) == instant


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2013-03-31T23:59:59.999+01:00", State.UPCOMING),
        ("2013-04-01T00:00:00.000+01:00", State.OPEN),
        ("2013-04-26T23:59:59.999+01:00", State.OPEN),
        ("2013-04-27T00:00:00.000+01:00", State.CLOSED),
        ("2013-04-26T23:00:00.000+00:00", State.CLOSED),
    ],
)
@pytest.mark.django_db
def test_open_to_the_last_moment_of_its_last_day(moment: str, state: State) -> None:
    calendar.load_published()
    window = window_of("2013-03")
    window.now = datetime.fromisoformat(moment)
    assert window.state == state
    if state == State.OPEN:
        refuse_when_closed(window)
    else:
        with pytest.raises(Refusal):
            refuse_when_closed(window)


def test_moments_are_said_with_the_zone() -> None:
    assert london(datetime(2013, 4, 26, 23, tzinfo=UTC)) == "27 April 2013 at 00:00 BST"
    assert london(datetime(2013, 12, 1, 12, tzinfo=UTC)) == "1 December 2013 at 12:00 GMT"


@pytest.mark.django_db
def test_database_refuses_windows_that_overlap(window: Window) -> None:
    other = window_of("2013-05")
    with pytest.raises(IntegrityError, match="windows_do_not_overlap"), transaction.atomic():
        Window.objects.filter(id=other.id).update(
            opens_at=window.opens_at + timedelta(days=1), closes_at=window.closes_at
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"refresh_period": date(2012, 1, 1)},
        {"processing_week": date(2000, 1, 1)},
    ],
)
@pytest.mark.django_db
def test_database_refuses_a_window_that_cannot_be(window: Window, wrong: dict[str, date]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Window.objects.filter(id=window.id).update(**wrong)


def shifted(window: Window, by: timedelta) -> Window:
    """The window, moved on the clock."""
    moved = {"opens_at": window.opens_at + by, "closes_at": window.closes_at + by}
    Window.objects.filter(id=window.id).update(**moved)
    return reread(window)


def test_state_goes_by_the_clock(window: Window) -> None:
    assert reread(window).state == State.OPEN
    assert shifted(window, timedelta(days=-60)).state == State.CLOSED
    Window.objects.filter(id=window.id).update(published_at=clock())
    assert reread(window).state == State.PUBLISHED


def test_upcoming_open_past(window: Window) -> None:
    upcoming = Window.objects.upcoming().get()
    assert upcoming.state == State.UPCOMING
    assert Window.objects.open().get() == window
    assert Window.objects.past().first().state == State.CLOSED
    assert Window.objects.past().count() == 15


def test_staff_close(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    closed = reread(window)
    assert closed.state == State.CLOSED
    assert closed.closes == window.closes, "the published day stays"
    event = AuditEvent.objects.get(what="window closed")
    assert (event.by, event.facts["period"]) == (erin, str(window.primary_period))


def test_closing_twice_is_refused(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match="it closed on"):
        calendar.close(window=window, by=erin)
    assert AuditEvent.objects.filter(what="window closed").count() == 1


def test_closing_what_is_yet_to_open_is_refused(window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match="it opens on"):
        calendar.close(window=Window.objects.upcoming().get(), by=erin)


def today(window: Window) -> date:
    return reread(window).now.astimezone(calendar.LONDON).date()


def test_opened_again_to_the_end_of_a_day(window: Window, erin: User, frank: User) -> None:
    calendar.close(window=window, by=erin)
    until = today(window) + timedelta(days=1)
    asked = calendar.ask_to_reopen(window=window, until=until, by=erin)
    assert reread(window).state == State.CLOSED
    second_person.confirm(asked=asked, by=frank)
    opened = reread(window)
    assert opened.state == State.OPEN
    assert opened.closes_at == calendar.start_of(until + timedelta(days=1))
    event = AuditEvent.objects.get(what="window reopened")
    assert (event.by, event.facts["asked_by"]) == (frank, erin.id)
    assert event.facts["until"] == str(until)


def test_staff_extend_an_open_window(window: Window, erin: User) -> None:
    until = window.closes + timedelta(days=2)
    calendar.open_until(window=window, until=until, by=erin)
    extended = reread(window)
    assert extended.opens_at == window.opens_at
    assert extended.closes_at == calendar.start_of(until + timedelta(days=1))
    assert AuditEvent.objects.get(what="window extended").facts["until"] == str(until)


def test_staff_open_one_early(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    early = Window.objects.upcoming().get()
    calendar.open_until(window=early, until=early.closes, by=erin)
    assert reread(early).state == State.OPEN


def test_staff_open_an_old_one_although_others_lie_between(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    old = window_of("2013-06")
    calendar.reopen(window=old, until=today(window) + timedelta(days=1), by=erin)
    assert reread(old).state == State.OPEN
    assert Window.objects.open().get() == old


Change = Callable[[Window], tuple[Window, date]]
REFUSED: dict[str, Change] = {
    "published": lambda window: (published(window), window.closes),
    "That day is over": lambda window: (window, today(window) - timedelta(days=1)),
    "would overlap": lambda window: (window, Window.objects.upcoming().get().opens),
}


def published(window: Window) -> Window:
    Window.objects.filter(id=window.id).update(published_at=clock())
    return window


@pytest.mark.parametrize("words", REFUSED)
def test_opening_is_refused(window: Window, erin: User, words: str) -> None:
    asked, until = REFUSED[words](window)
    with pytest.raises(Refusal, match=words):
        calendar.open_until(window=asked, until=until, by=erin)
    assert not AuditEvent.objects.filter(what__startswith="window ").exists()
    assert not Mail.objects.exists()
    assert reread(window).closes_at == window.closes_at


def test_one_person_alone_opens_nothing_again(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match=r"by Erin Ellis\. To open it again needs a second person"):
        calendar.open_until(window=window, until=window.closes, by=erin)
    assert reread(window).state == State.CLOSED


def test_opening_again_is_refused_before_anybody_is_asked(window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match="nothing to open again"):
        calendar.ask_to_reopen(window=window, until=window.closes, by=erin)
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match="That day is over"):
        calendar.ask_to_reopen(window=window, until=date(2013, 1, 1), by=erin)
    with pytest.raises(Refusal, match="published"):
        calendar.reopen(window=published(window), until=window.closes, by=erin)
    assert not second_person.waiting().exists()


def test_the_second_to_close_reads_who_was_first(window: Window, erin: User, frank: User) -> None:
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match=r"it closed on .*, by Erin Ellis\."):
        calendar.close(window=window, by=frank)
    with pytest.raises(Refusal, match=r"it closed on [^,]*\.$"):
        calendar.close(window=window_of("2013-06"), by=frank)


MOVED: dict[str, Callable[[Window, User], object]] = {
    "More time to send": lambda window, by: calendar.open_until(
        window=window, until=window.closes + timedelta(days=2), by=by
    ),
    "Less time to send": lambda window, by: calendar.open_until(
        window=window, until=window.closes - timedelta(days=2), by=by
    ),
    "Closed early": lambda window, by: calendar.close(window=window, by=by),
}


@pytest.mark.parametrize("subject", MOVED)
def test_users_of_providers_are_told_the_old_close_and_the_new(
    window: Window, erin: User, subject: str
) -> None:
    MOVED[subject](window, erin)
    letters = Mail.objects.filter(subject__startswith=subject)
    assert {letter.to.first_name for letter in letters} == {"Alice", "Bob", "Charlie", "Grace"}
    body = letters[0].body
    moved = reread(window)
    assert f"It was to close {last_moment(window.closes_at)}." in body
    assert london(moved.closes_at) in body or last_moment(moved.closes_at) in body
    assert moved.closes_at.astimezone(calendar.LONDON).tzname() in body


def test_users_are_told_of_a_window_open_again(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    closed = reread(window)
    calendar.reopen(window=window, until=today(window), by=erin)
    body = Mail.objects.filter(subject__startswith="Open again").first().body
    assert f"It had closed {last_moment(closed.closes_at)}." in body
    assert f"It now closes {last_moment(reread(window).closes_at)}." in body


def test_a_closing_day_that_is_the_same_tells_nobody(window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match=r"closes at the end of .* already"):
        calendar.open_until(window=window, until=window.closed_on, by=erin)
    assert not Mail.objects.exists()


def test_staff_give_an_upcoming_window_other_days(window: Window, erin: User) -> None:
    upcoming = Window.objects.upcoming().get()
    before = calendar.days_of(upcoming)
    days = before._replace(opens=before.opens + timedelta(days=1))
    calendar.edit(window=upcoming, days=days, by=erin)
    edited = reread(upcoming)
    assert calendar.days_of(edited) == days
    assert edited.opens_at == calendar.start_of(days.opens)
    event = AuditEvent.objects.get(what="window edited", by=erin)
    assert event.facts["before"]["opens"] == str(before.opens)
    assert event.facts["after"]["opens"] == str(days.opens)


EDITS: dict[str, Callable[[Window], tuple[Window, Days]]] = {
    "published days stay": lambda window: (window, calendar.days_of(window)),
    "closing must not be before": lambda window: changed(window, closes=-60),
    "would overlap": lambda window: changed(window, opens=-12),
    "opening day has begun": lambda window: changed(window, opens=-400),
    "keeps its period": lambda window: changed(window, primary_period=31),
}


def changed(window: Window, **days: int) -> tuple[Window, Days]:
    upcoming = Window.objects.upcoming().get()
    kept = calendar.days_of(upcoming)
    moved = {name: getattr(kept, name) + timedelta(days=by) for name, by in days.items()}
    return upcoming, kept._replace(**moved)


@pytest.mark.parametrize("words", EDITS)
def test_days_that_cannot_be_are_refused(window: Window, erin: User, words: str) -> None:
    edited, days = EDITS[words](window)
    before = calendar.days_of(edited)
    with pytest.raises(Refusal, match=words):
        calendar.edit(window=edited, days=days, by=erin)
    assert calendar.days_of(reread(edited)) == before
    assert not AuditEvent.objects.filter(what="window edited").exists()


def test_an_opening_before_the_data_of_the_window_before_is_warned_of(window: Window) -> None:
    days = calendar.days_of(Window.objects.upcoming().get())
    early = days._replace(opens=window.data_available - timedelta(days=1))
    [warned] = [
        words
        for words in calendar.warnings([early])[days.primary_period]
        if "comes before" in words
    ]
    assert f"{window.data_available:%-d %B %Y}" in warned
    on_the_day = days._replace(opens=window.data_available)
    assert not any(
        "comes before" in w for w in calendar.warnings([on_the_day])[days.primary_period]
    )
