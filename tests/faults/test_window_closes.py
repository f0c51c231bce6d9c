"""The window closes while files arrive: by the moment the whole file is here, nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent, User
from accounts.refusals import Refusal
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import clock
from submissions.proposing import Days
from submissions.receiving import refuse_when_closed
from tests.conftest import Portal, wait_until
from tests.faults.invariants import arriving, assert_all_is_well, stored_files
from tests.faults.processes import Gate
from tests.faults.test_at_once import at_once
from tests.faults.visitor import Visitor

Visit = Callable[[User], Visitor]


def test_a_file_whose_last_bytes_come_after_the_close_is_refused(
    portal: Portal, visit: Visit, window: Window, alice: User, erin: User, large: bytes
):
    visitor = visit(alice)
    form = visitor.form()
    held = visitor.begin(form, form.body(("sent.zip", large)), hold_back=200)
    wait_until(arriving, 20, "it begins to arrive")
    calendar.close(window=window, by=erin)

    answer = held.finish()

    window = Window.objects.get(id=window.id)
    assert answer.status == 422
    assert "Nothing was kept" in answer.words
    assert f"closed on {calendar.london(window.closes_at)}" in answer.words
    assert "The next window opens on" in answer.words
    assert not Submission.objects.exists()
    assert not stored_files()
    assert_all_is_well()


def test_a_file_that_was_whole_before_the_close_counts_though_it_is_checked_later(
    portal: Portal, visit: Visit, window: Window, alice: User, erin: User, small: bytes
):
    with Gate("submissions_personrecord") as gate:
        gate.shut()
        submission = visit(alice).send(small).receipt
        gate.wait_for_somebody()
        calendar.close(window=window, by=erin)

    assert_all_is_well()
    submission.refresh_from_db()
    closed = Window.objects.get(id=window.id).closes_at
    assert submission.status == Status.ACCEPTED
    assert submission.received_at < closed < submission.finished_at
    assert submission.stands


def test_while_staff_close_every_receipt_is_wholly_before(
    portal: Portal, visit: Visit, window: Window, alice: User, bob: User, erin: User, small: bytes
):
    senders, staff = [visit(alice), visit(bob)], visit(erin).says_who()
    forms = [(senders[number % 2], senders[number % 2].form()) for number in range(20)]
    late = senders[0].form()

    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda pair: pair[0].send(small, form=pair[1]), forms)
        wait_until(lambda: Submission.objects.count() >= 5, 30, "some are received")
        assert staff.press(f"/windows/{window.id}/close/").status == 302
        answers = list(answers)
    # However the race went: one more is certainly late.
    answers.append(senders[0].send(small, form=late))

    received = [answer for answer in answers if answer.status == 302]
    refused = [answer for answer in answers if answer.status == 422]
    assert len(received) + len(refused) == 21
    assert received
    assert refused
    assert all("closed on" in answer.words for answer in refused)
    closed = Window.objects.get(id=window.id).closes_at
    assert Submission.objects.filter(received_at__lt=closed).count() == len(received)
    assert Submission.objects.count() == len(received) == len(stored_files())
    assert_all_is_well()


def test_two_of_staff_close_at_once_and_one_of_them_did(
    portal: Portal, visit: Visit, window: Window, erin: User, frank: User
):
    visitors = [visit(erin).says_who(), visit(frank).says_who()]
    path = f"/windows/{window.id}/close/"

    answers = at_once(*(lambda visitor=visitor: visitor.press(path) for visitor in visitors))

    assert {answer.status for answer in answers} == {302}
    assert AuditEvent.objects.filter(what="window closed").count() == 1
    shown = [visitor.get(f"/windows/{window.id}/").words for visitor in visitors]
    assert sorted("This window is not open: it closed on" in words for words in shown) == [
        False,
        True,
    ]


# The end of the closing day in London. Clocks went forward on 31 March 2013, back on 27 October.
ENDS = {
    date(2013, 4, 26): datetime(2013, 4, 26, 23, tzinfo=UTC),
    date(2013, 11, 29): datetime(2013, 11, 30, 0, tzinfo=UTC),
    date(2013, 3, 30): datetime(2013, 3, 31, 0, tzinfo=UTC),
    date(2013, 3, 31): datetime(2013, 3, 31, 23, tzinfo=UTC),
    date(2013, 10, 26): datetime(2013, 10, 26, 23, tzinfo=UTC),
    date(2013, 10, 27): datetime(2013, 10, 28, 0, tzinfo=UTC),
}


def closing_on(day: date) -> Window:
    days = [day + timedelta(days=further) for further in (-20, 0, 3, 30)]
    return calendar.window_from_days(Days(day.replace(day=1), *days))


@pytest.mark.parametrize(("day", "end"), ENDS.items())
def test_a_window_is_open_to_the_last_moment_of_its_closing_day_in_london(day, end):
    window = closing_on(day)
    window.now = end - timedelta(microseconds=1)
    refuse_when_closed(window)


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "end"), ENDS.items())
def test_and_closed_from_the_next_midnight_on(day, end):
    window = closing_on(day)
    window.now = end
    with pytest.raises(Refusal, match=r"closed on .* at 00:00 (BST|GMT)"):
        refuse_when_closed(window)


def test_the_database_s_clock_decides_and_not_this_machine_s(
    portal: Portal, visit: Visit, window: Window, alice: User, small: bytes
):
    """The window's last moment is now: what comes after it by the database's clock is late."""
    visitor = visit(alice)
    form = visitor.form()
    Window.objects.filter(id=window.id).update(closes_at=clock())

    answer = visitor.send(small, form=form)

    assert answer.status == 422
    closed = Window.objects.get(id=window.id).closes_at
    assert f"closed on {calendar.london(closed)}" in answer.words
    assert not Submission.objects.exists()
    assert_all_is_well()
