"""Reminders: by working days, to those alone whose Primary is missing, each once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from accounts.clock import last_moment
from accounts.models import AuditEvent, Mail, Membership, User
from accounts.refusals import Refusal
from submissions import calendar, reminding
from submissions.lifecycle import Status
from submissions.models import Window
from submissions.models.calendar import LONDON, Kind
from submissions.proposing import working_days_before
from tests.submissions.places import put

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "count", "before"),
    [
        # Friday 26 April 2013; 6 May 2013 was a bank holiday, 29 March and 1 April Easter.
        ("2013-04-26", 1, "2013-04-25"),
        ("2013-04-26", 5, "2013-04-19"),
        ("2013-05-07", 1, "2013-05-03"),
        ("2013-04-04", 5, "2013-03-26"),
        ("2013-04-28", 1, "2013-04-26"),
    ],
)
def test_working_days_before(day: str, count: int, before: str) -> None:
    assert working_days_before(date.fromisoformat(day), count) == date.fromisoformat(before)


@pytest.mark.parametrize(
    ("now", "days"),
    [
        # The window of March 2013 closed at the end of Friday 26 April.
        ("2013-04-18 23:59", None),
        ("2013-04-19 07:59", None),
        ("2013-04-19 08:00", 5),
        ("2013-04-24 11:00", 5),
        ("2013-04-25 07:59", None),
        ("2013-04-25 08:00", 1),
        ("2013-04-26 11:00", 1),
    ],
)
def test_which_is_due(window: Window, now: str, days: int | None) -> None:
    march = Window.objects.with_clock().get(primary_period="2013-03-01")
    march.now = datetime.fromisoformat(now).replace(tzinfo=LONDON)
    assert reminding.due(march) == days


@pytest.fixture
def closes_in(window: Window, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Window]:
    """closes_in(days): the window closes so many working days after today, or after the last
    working day where today is none, whatever the hour."""
    monkeypatch.setattr(reminding, "FROM_HOUR", 0)

    def move(days: int) -> Window:
        day = today = window.now.astimezone(LONDON).date()
        while working_days_before(day + timedelta(days=1), days) <= today:
            day += timedelta(days=1)
        Window.objects.filter(id=window.id).update(
            closes_at=calendar.start_of(day + timedelta(days=1))
        )
        Window.objects.filter(opens_at__gt=window.opens_at).delete()
        return Window.objects.with_clock().get(id=window.id)

    return move


def reminded() -> list[str]:
    letters = Mail.objects.filter(subject__startswith="Reminder").order_by("to__first_name")
    return [letter.to.first_name for letter in letters]


@pytest.mark.parametrize("days", [5, 1])
def test_those_whose_primary_is_missing_are_reminded_once(
    closes_in: Callable[[int], Window], days: int
) -> None:
    window = closes_in(days)
    put(window, "RZ1", Status.ACCEPTED)
    put(window, "RZ2", Status.REJECTED)
    put(window, "RZ3", Status.ACCEPTED, Kind.REFRESH)
    assert reminding.remind() == 2
    assert reminding.remind() == 0
    assert reminded() == ["Charlie", "Grace"]
    events = AuditEvent.objects.filter(what="provider reminded")
    assert {(e.organisation.code, e.facts["days"], e.by) for e in events} == {
        ("RZ2", days, None),
        ("RZ3", days, None),
    }


def test_nobody_is_reminded_on_other_days(closes_in: Callable[[int], Window]) -> None:
    closes_in(6)
    assert reminding.remind() == 0
    assert not Mail.objects.exists()


def test_nothing_once_the_window_is_closed(closes_in: Callable[[int], Window], erin: User) -> None:
    calendar.close(window=closes_in(1), by=erin)
    assert reminding.remind() == 0


def test_a_window_that_was_moved_counts_by_its_new_close(
    closes_in: Callable[[int], Window],
) -> None:
    closes_in(1)
    assert reminding.remind() == 3
    closes_in(20)
    assert reminding.remind() == 0
    closes_in(5)
    assert reminding.remind() == 3


def test_what_the_letter_says(closes_in: Callable[[int], Window]) -> None:
    window = closes_in(1)
    last = put(window, "RZ1", Status.REJECTED)
    put(window, "RZ2", Status.ACCEPTED, Kind.REFRESH)
    reminding.remind()
    alice, charlie = (Mail.objects.get(to__first_name=name).body for name in ("Alice", "Charlie"))
    for body in (alice, charlie):
        assert f"no accepted Primary for {window.primary_period:%B %Y}" in body
        assert f"The window closes {last_moment(window.closes_at)}, London time." in body
        assert "/send/" in body
        assert "nobody who has sent one" in body
    assert f"receipt {last.reference}: rejected" in alice
    assert f"Refresh for {window.refresh_period:%B %Y} is missing too" in alice
    assert "Refresh" not in charlie


def test_staff_get_one_list_of_those_who_have_nobody(
    closes_in: Callable[[int], Window],
) -> None:
    closes_in(5)
    Membership.objects.filter(user__first_name__in=["Charlie", "Grace"]).update(
        user=None, since=None
    )
    assert reminding.remind() == 1
    reminding.remind()
    lists = Mail.objects.filter(subject__startswith="Nobody to remind")
    assert {letter.to.first_name for letter in lists} == {"Erin", "Frank"}
    assert lists.count() == 2
    assert "(RZ2)" in lists[0].body
    assert "(RZ3)" in lists[0].body
    assert "(RZ1)" not in lists[0].body


def test_by_hand_to_all_and_once_a_day(window: Window, erin: User, frank: User) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    assert reminding.nudge(window=window, by=erin) == 2
    assert reminded() == ["Charlie", "Grace"]
    assert AuditEvent.objects.filter(what="provider nudged", by=erin).count() == 2
    with pytest.raises(Refusal, match="once a day"):
        reminding.nudge(window=window, by=frank)
    assert len(reminded()) == 2


def test_by_hand_to_one(window: Window, charlie: User, erin: User) -> None:
    provider = charlie.providers.get()
    assert reminding.nudge(window=window, provider=provider, by=erin) == 1
    assert reminded() == ["Charlie"]
    # The others have not been reminded today: they are still to be.
    assert reminding.nudge(window=window, by=erin) == 2
    assert reminded() == ["Alice", "Bob", "Charlie", "Grace"]


def test_by_hand_is_refused(window: Window, alice: User, erin: User) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    with pytest.raises(Refusal, match="has an accepted Primary"):
        reminding.nudge(window=window, provider=alice.providers.get(), by=erin)
    Membership.objects.update(user=None, since=None)
    with pytest.raises(Refusal, match="nobody to write to"):
        reminding.nudge(window=window, by=erin)
    with pytest.raises(Refusal, match="This window is closed"):
        reminding.nudge(window=Window.objects.get(primary_period="2013-03-01"), by=erin)
    assert not Mail.objects.exists()
