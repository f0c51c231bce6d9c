"""The life of a submission: every pair of statuses, taken or refused."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, User
from submissions.lifecycle import STEPS, NotNow, Status, drawing, move
from submissions.models import StatusChange, Submission, Window
from submissions.models.calendar import clock
from tests.submissions.rows import Rows
from tests.submissions.sending import send

PAIRS = list(product(Status, Status))
TAKEN = [pair for pair in PAIRS if pair[1] in STEPS[pair[0]]]
REFUSED = [pair for pair in PAIRS if pair[1] not in STEPS[pair[0]]]


@pytest.fixture
def submission(alice: User, window: Window, rows: Rows) -> Submission:
    return send(alice, window, rows)


def set_to(submission: Submission, status: Status) -> None:
    """Put a submission there without taking a step."""
    lease = clock() if status == Status.CHECKING else None
    Submission.objects.filter(id=submission.id).update(status=status, lease_until=lease)
    submission.refresh_from_db()


def lease(after: Status) -> dict[str, object]:
    return {"lease_until": clock()} if after == Status.CHECKING else {}


def test_the_life() -> None:
    assert {(str(before), str(after)) for before, after in TAKEN} == {
        ("RECEIVED", "CHECKING"),
        ("CHECKING", "ACCEPTED"),
        ("CHECKING", "REJECTED"),
        ("CHECKING", "FAILED"),
        ("FAILED", "CHECKING"),
        ("ACCEPTED", "WITHDRAWN"),
    }


@pytest.mark.parametrize(("before", "after"), TAKEN)
def test_step_is_taken_and_written_down(
    submission: Submission, alice: User, before: Status, after: Status
) -> None:
    set_to(submission, before)
    move(submission, after, by=alice, **lease(after))
    assert submission.status == after
    change = StatusChange.objects.filter(submission=submission).last()
    assert (change.before, change.after, change.by) == (before, after, alice)
    event = AuditEvent.objects.get(what=f"submission {after.lower()}")
    assert event.facts["submission"] == submission.reference


@pytest.mark.parametrize(("before", "after"), REFUSED)
def test_step_is_refused_and_leaves_nothing(
    submission: Submission, before: Status, after: Status
) -> None:
    set_to(submission, before)
    changes, events = submission.changes.count(), AuditEvent.objects.count()
    with pytest.raises(NotNow):
        move(submission, after, by=None, **lease(after))
    submission.refresh_from_db()
    assert submission.status == before
    assert (submission.changes.count(), AuditEvent.objects.count()) == (changes, events)


def test_two_take_the_same_step(submission: Submission) -> None:
    mine, theirs = (Submission.objects.get(id=submission.id) for _ in range(2))
    move(mine, Status.CHECKING, by=None, **lease(Status.CHECKING))
    with pytest.raises(NotNow, match="somebody was first"):
        move(theirs, Status.CHECKING, by=None, **lease(Status.CHECKING))


def test_late_attempt_is_fenced_off(submission: Submission) -> None:
    set_to(submission, Status.CHECKING)
    Submission.objects.filter(id=submission.id).update(attempt=2)
    with pytest.raises(NotNow):
        move(submission, Status.ACCEPTED, by=None, seen_attempt=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "DONE"},
        {"status": Status.CHECKING, "lease_until": None},
        {"status": Status.RECEIVED, "lease_until": clock()},
    ],
)
def test_database_refuses_a_state_that_cannot_be(
    submission: Submission, wrong: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(id=submission.id).update(**wrong)


def test_drawing_shows_every_step() -> None:
    lines = drawing().splitlines()
    assert len(lines) == len(STEPS)
    for before, after in TAKEN:
        assert any(line.startswith(before) and after in line for line in lines)
