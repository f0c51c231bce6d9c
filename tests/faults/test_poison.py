"""A file at which the process that reads it dies, every time."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from accounts.models import Mail, User
from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal, wait_until
from tests.faults.invariants import assert_all_is_well
from tests.faults.processes import (
    Gate,
    end_connections,
    readers,
    signal_all,
    waiting_for,
    worker_children,
)
from tests.faults.visitor import Visitor


@contextmanager
def deadly(portal: Portal, size: int) -> Iterator[None]:
    """Whichever process reads a file of that size is killed, as for want of memory."""
    over = threading.Event()

    def hunt() -> None:
        while not over.is_set():
            signal_all(readers(portal, size), signal.SIGKILL)

    hunter = threading.Thread(target=hunt, daemon=True)
    hunter.start()
    try:
        yield
    finally:
        over.set()
        hunter.join()


@pytest.mark.long
def test_after_three_attempts_it_is_our_fault_and_staff_are_told(
    portal: Portal,
    visit: Callable[[User], Visitor],
    alice: User,
    erin: User,
    large: bytes,
    small: bytes,
):
    sender, staff = visit(alice), visit(erin)
    with deadly(portal, len(large)):
        earlier = sender.send(small).receipt
        poison = sender.send(large).receipt
        following = sender.send(small).receipt
        assert_all_is_well()

    poison.refresh_from_db()
    assert (poison.status, poison.attempt) == (Status.FAILED, 3)
    for other in (earlier, following):
        other.refresh_from_db()
        assert (other.status, other.attempt) == (Status.ACCEPTED, 1)
    page = sender.get(f"/submissions/{poison.id}/").words
    assert "our fault, not yours: staff have been told" in page
    assert "Try again" not in page
    told = Mail.objects.filter(subject__contains=f"{poison.reference} failed")
    assert set(told.values_list("to__first_name", flat=True)) == {"Erin", "Frank"}

    assert sender.press(f"/submissions/{poison.id}/try-again/").status == 404
    assert staff.press(f"/submissions/{poison.id}/try-again/").status == 302
    assert_all_is_well()

    poison.refresh_from_db()
    assert (poison.status, poison.attempt) == (Status.ACCEPTED, 4)
    again = poison.changes.get(before=Status.FAILED)
    assert again.by == erin
    assert following.stands


@pytest.mark.long
def test_the_sweeper_gives_up_a_file_whose_worker_dies_every_time(
    portal: Portal, visit: Callable[[User], Visitor], alice: User, small: bytes
):
    """Here the checking process itself dies, so that nobody is left to say so."""
    with Gate("submissions_personrecord") as gate:
        gate.shut()
        submission = visit(alice).send(small).receipt
        for attempt in (1, 2, 3):
            wait_until(partial(is_tried, submission, attempt), 30, f"attempt {attempt}")
            gate.wait_for_somebody()
            end_workers(portal)

        wait_until(lambda: seen(submission).status == Status.FAILED, 30, "it is given up")

    assert_all_is_well()
    assert seen(submission).attempt == 3
    assert Mail.objects.filter(to__first_name="Erin", subject__contains="failed").count() == 1


def seen(submission: Submission) -> Submission:
    return Submission.objects.get(id=submission.id)


def is_tried(submission: Submission, attempt: int) -> bool:
    return seen(submission).attempt == attempt


def end_workers(portal: Portal) -> None:
    """Kill the worker's children, and see that their connections are gone too."""
    signal_all(worker_children(portal), signal.SIGKILL)
    end_connections(waiting_for("submissions_personrecord"))
