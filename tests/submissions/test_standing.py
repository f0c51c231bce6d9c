"""Which submission stands: a question, never a flag."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent, Mail, User
from accounts.refusals import Refusal
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import PersonRecord, Submission, Window
from submissions.models.calendar import Kind
from submissions.withdrawing import withdraw, withdraw_later
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import checked, send, send_and_check


def standing(period: date, kind: str = Kind.PRIMARY) -> list[Submission]:
    return list(Submission.objects.standing(period, kind))


def test_last_accepted_one_stands(alice: User, window: Window, rows: Rows, period: date) -> None:
    assert standing(period) == []
    first = send_and_check(alice, window, rows)
    assert standing(period) == [first]
    second = send_and_check(alice, window, rows)
    assert standing(period) == [second]
    assert (first.stands, second.stands) == (False, True)
    listed = Submission.objects.with_standing()
    assert {one.id: one.stands for one in listed} == {first.id: False, second.id: True}


def test_later_receipt_stands_whichever_is_checked_last(
    alice: User, bob: User, window: Window, rows: Rows, period: date
) -> None:
    first, second = send(alice, window, rows), send(bob, window, rows)
    checked(second)
    checked(first)
    assert standing(period) == [second]


def test_later_bad_file_changes_nothing(
    alice: User, window: Window, rows: Rows, period: date
) -> None:
    first = send_and_check(alice, window, rows)
    records = list(PersonRecord.objects.values())
    bad = send_and_check(alice, window, b"PK\3\4 not a zip")
    assert bad.status == Status.REJECTED
    assert standing(period) == [first]
    assert list(PersonRecord.objects.values()) == records
    assert first.tables.count() == 4


def test_one_in_hand_or_failed_does_not_stand(
    alice: User, window: Window, rows: Rows, period: date
) -> None:
    first, second = send_and_check(alice, window, rows), send(alice, window, rows)
    assert standing(period) == [first]
    Submission.objects.filter(id=second.id).update(status=Status.FAILED)
    assert standing(period) == [first]


def test_each_provider_has_its_own(
    alice: User, charlie: User, window: Window, period: date
) -> None:
    here = send_and_check(alice, window, month(period))
    there = send_and_check(charlie, window, month(period, "RZ2"))
    assert {one.id for one in standing(period)} == {here.id, there.id}


def test_refresh_stands_for_its_period_whenever_the_primary_came(
    alice: User, window: Window
) -> None:
    before = window.refresh_period
    refresh = send_and_check(alice, window, month(before), Kind.REFRESH)
    primary = send(alice, window, month(before))
    Submission.objects.filter(id=primary.id).update(period=before, status=Status.ACCEPTED)
    assert list(Submission.objects.standing_for_period(before)) == [refresh]
    assert list(Submission.objects.standing(before, Kind.PRIMARY)) == [primary]
    Submission.objects.filter(id=refresh.id).update(status=Status.REJECTED)
    assert list(Submission.objects.standing_for_period(before)) == [primary]


def test_withdrawn_the_one_before_stands_again(
    alice: User, bob: User, window: Window, rows: Rows, period: date
) -> None:
    first, second = (send_and_check(alice, window, rows) for _ in range(2))
    withdraw(submission=second, by=bob)
    assert standing(period) == [first]
    assert AuditEvent.objects.get(what="submission withdrawn").by == bob
    withdraw(submission=first, by=bob)
    assert standing(period) == []


def test_withdrawn_twice_is_refused(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, rows)
    stale = Submission.objects.get(id=submission.id)
    withdraw(submission=submission, by=alice)
    with pytest.raises(Refusal, match="does not stand any more"):
        withdraw(submission=stale, by=alice)


def test_rejected_cannot_be_withdrawn(alice: User, window: Window) -> None:
    submission = send_and_check(alice, window, b"PK\3\4 not a zip")
    with pytest.raises(Refusal):
        withdraw(submission=submission, by=alice)


def test_after_the_close_it_stays_as_it_is(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    submission = send_and_check(alice, window, rows)
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match="window closed on"):
        withdraw(submission=submission, by=alice)
    assert submission.stands


def test_received_before_the_close_and_checked_after_it_stands(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    submission = send(alice, window, rows)
    calendar.close(window=window, by=erin)
    assert checked(submission).status == Status.ACCEPTED
    assert standing(period) == [submission]
    assert submission.received_at + timedelta(minutes=5) > submission.finished_at


def test_staff_withdraw_once_the_window_is_over(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    first, second = (send_and_check(alice, window, rows) for _ in range(2))
    with pytest.raises(Refusal, match="its provider can withdraw"):
        withdraw_later(submission=second, by=erin, why="the wrong month")
    calendar.close(window=window, by=erin)
    withdraw_later(submission=second, by=erin, why="the wrong month")
    assert standing(period) == [first]
    event = AuditEvent.objects.filter(what="submission withdrawn").latest("id")
    assert (event.by, event.facts["why"]) == (erin, "the wrong month")
    letter = Mail.objects.filter(to=alice, subject__startswith="Withdrawn by the helpdesk").get()
    assert "the wrong month" in letter.body
    with pytest.raises(Refusal, match="Only a file that was accepted"):
        withdraw_later(submission=second, by=erin, why="again")


def test_on_the_page_staff_give_a_reason(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    first = send_and_check(alice, window, rows)
    calendar.close(window=window, by=erin)
    client = visit(erin)
    assert (
        "Withdraw this file for a reason"
        in client.get(f"/submissions/{first.id}/").content.decode()
    )
    client.post(f"/submissions/{first.id}/withdraw/", {"why": ""})
    assert standing(period) == [first]
    client.post(f"/submissions/{first.id}/withdraw/", {"why": "the wrong month"})
    assert standing(period) == []
