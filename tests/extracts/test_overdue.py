"""After the close: runs that lie, windows that are late, commissioners that nobody receives for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from extracts import overdue, processing, publishing
from extracts.models import Run
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import Window
from tests.submissions.places import put


@pytest.mark.parametrize(
    ("state", "troubled"),
    [
        ({"status": "ASKED"}, False),
        ({"status": "ASKED", "asked_at": -6}, True),
        ({"status": "RUNNING", "lease_until": 1}, False),
        ({"status": "RUNNING", "lease_until": -1}, True),
        ({"status": "FAILED"}, True),
        ({"status": "DONE"}, False),
    ],
)
def test_runs(window: Window, erin: User, state: dict[str, object], troubled: bool) -> None:
    calendar.close(window=window, by=erin)
    run = processing.ask(window=window, by=erin)
    now = timezone.now()
    moments = {
        name: now + timedelta(minutes=value) if isinstance(value, int) else value
        for name, value in state.items()
    }
    Run.objects.filter(id=run.id).update(**moments)
    assert list(overdue.troubled_runs()) == ([run] if troubled else [])


def test_a_run_that_was_asked_for_anew_is_past(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    processing.ask(window=window, by=erin)
    Run.objects.update(status="FAILED")
    processing.ask(window=window, by=erin)
    assert not overdue.troubled_runs().exists()


def days_ago(window: Window, processing_week: int, data_available: int) -> None:
    """The window closed ten days ago; those days are so many days from today."""
    today = timezone.localdate()
    Window.objects.filter(id=window.id).update(
        opens=today - timedelta(days=30),
        closes=today - timedelta(days=20),
        processing_week=today + timedelta(days=processing_week),
        data_available=today + timedelta(days=data_available),
        closes_at=timezone.now() - timedelta(days=3),
    )


@pytest.mark.parametrize(
    ("week", "available", "words"),
    [(0, 7, []), (-8, 1, ["its processing week ended"]), (-8, 0, ["its data should be available"])],
)
def test_late_windows(window: Window, week: int, available: int, words: list[str]) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    days_ago(window, week, available)
    late = overdue.late_windows()
    assert len(late) == len(words)
    assert all(each.words.startswith(said) for each, said in zip(late, words, strict=True))


def test_what_took_nothing_or_was_published_is_not_late(window: Window) -> None:
    days_ago(window, -8, -1)
    assert not overdue.late_windows(), "nobody sent anything, as in 2013"
    put(window, "RZ1", Status.ACCEPTED)
    assert overdue.late_windows()
    Window.objects.filter(id=window.id).update(published_at=timezone.now())
    assert not overdue.late_windows()


def test_commissioners_without_an_account(run: Run, window: Window, erin: User) -> None:
    newest = overdue.newest_run_without_account()
    assert newest is not None
    assert "99Z" in newest.without_account
    publishing.publish(window=window, by=erin)
    Run.objects.update(without_account=[])
    assert overdue.newest_run_without_account() is None
