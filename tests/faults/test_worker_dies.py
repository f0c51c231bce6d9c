"""Workers, their children and their connections are killed while they check a large file."""

import signal
from collections.abc import Callable

import pytest
from django.conf import settings

from accounts.models import Mail, User
from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal, wait_until
from tests.faults.invariants import assert_all_is_well
from tests.faults.processes import (
    copying,
    end_connections,
    holders,
    signal_all,
    wait_for,
    worker_children,
)
from tests.faults.visitor import Visitor

Send = Callable[..., Submission]


def assert_accepted_after(submission: Submission, attempts: int) -> None:
    submission.refresh_from_db()
    assert (submission.status, submission.attempt) == (Status.ACCEPTED, attempts)


MOMENTS = pytest.mark.parametrize("moment", ["claimed", "reading", "copying"])


@MOMENTS
def test_a_killed_child_s_file_is_checked_again_from_the_start(
    portal: Portal, send: Send, alice: User, large: bytes, moment: str
):
    submission = send(alice, large)
    wait_for(portal, moment)

    signal_all(worker_children(portal), signal.SIGKILL)

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


@MOMENTS
def test_a_killed_worker_s_file_is_finished_once_it_runs_again(
    portal: Portal, send: Send, alice: User, large: bytes, moment: str
):
    submission = send(alice, large)
    wait_for(portal, moment)

    portal.kill("worker")
    portal.start("worker")

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


@pytest.mark.parametrize("rows_first", [0, 20_000, 40_000])
def test_the_database_ends_the_connection_while_records_are_copied(
    portal: Portal, send: Send, alice: User, large: bytes, rows_first: int
):
    """Counts, findings, records and the step to ACCEPTED are one transaction."""
    submission = send(alice, large)
    wait_for(portal, "copying")
    wait_until(lambda: told_rows(submission) >= rows_first, 20, "that many rows are copied")

    end_connections(copying())

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


def test_without_help_it_takes_two_minutes_at_most():
    """The lease of a dead worker runs out, the next sweep rings; both on their slowest day."""
    portal = subprocess_settings()
    assert portal == 1
