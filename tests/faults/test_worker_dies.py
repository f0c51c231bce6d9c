"""Workers, their children and their connections are killed while they check a large file."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from accounts.models import User
from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal
from tests.faults.invariants import assert_all_is_well, records
from tests.faults.processes import (
    Gate,
    catch,
    end_connections,
    others,
    signal_all,
    worker_children,
)

Send = Callable[..., Submission]


def assert_accepted_after(submission: Submission, attempts: int) -> None:
    submission.refresh_from_db()
    assert (submission.status, submission.attempt) == (Status.ACCEPTED, attempts)


@pytest.mark.long
@pytest.mark.parametrize("moment", ["reading", "copying"])
def test_a_killed_child_s_file_is_checked_again_from_the_start(
    portal: Portal, send: Send, alice: User, large: bytes, moment: str
):
    submission = send(alice, large)
    catch(portal, moment)

    signal_all(worker_children(portal), signal.SIGKILL)

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


@pytest.mark.long
@pytest.mark.parametrize("moment", ["claimed", "copying"])
def test_a_killed_worker_s_file_is_finished_once_it_runs_again(
    portal: Portal, send: Send, alice: User, large: bytes, moment: str
):
    submission = send(alice, large)
    catch(portal, moment)

    portal.kill("worker")
    portal.start("worker")

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


# Where the worker stands in the verdict's transaction: half of the records are copied, all are,
# and the step to ACCEPTED is taken but not committed.
GATES = pytest.mark.parametrize(
    "table", ["submissions_appointmentrecord", "submissions_qualitycount", "accounts_auditevent"]
)


@contextmanager
def stopped_at(
    table: str, send: Callable[[], Submission]
) -> Iterator[tuple[Submission, list[int]]]:
    """A worker has come with a file as far as to the table and stands there. Gives the submission
    and the worker's connection to the database.

    It is first stopped where the verdict begins: receiving and claiming write to some tables too.
    """
    before, there = Gate("submissions_tablecount"), Gate(table)
    with there:
        with before:
            before.shut()
            submission = send()
            before.wait_for_somebody()
            there.shut()
        yield submission, there.wait_for_somebody()


@GATES
def test_nothing_of_a_verdict_is_seen_when_its_worker_is_killed_in_it(
    portal: Portal, send: Send, alice: User, small: bytes, table: str
):
    with stopped_at(table, lambda: send(alice, small)) as (submission, _):
        assert not any(records(submission).values())
        portal.kill("worker")
        assert not any(records(submission).values())
        submission.refresh_from_db()
        assert submission.status == Status.CHECKING
    portal.start("worker")

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


@GATES
def test_nothing_of_a_verdict_is_seen_when_the_database_ends_the_connection_in_it(
    portal: Portal, send: Send, alice: User, small: bytes, table: str
):
    with stopped_at(table, lambda: send(alice, small)) as (submission, connections):
        end_connections(connections)

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


def test_the_database_ends_all_connections_while_records_are_copied(
    portal: Portal, send: Send, alice: User, large: bytes
):
    submission = send(alice, large)
    catch(portal, "copying")

    end_connections(others())

    assert_all_is_well()
    assert_accepted_after(submission, attempts=2)


def test_by_its_settings_a_dead_worker_s_file_is_taken_again_within_two_minutes():
    """The lease was just renewed, the sweep was just over; then the bell rings at once."""
    as_shipped = {
        name: value
        for name, value in os.environ.items()
        if name not in {"LEASE_SECONDS", "SWEEP_SECONDS", "RING_AGAIN_SECONDS"}
    }
    words = "from django.conf import settings as s; print(s.LEASE.seconds + s.SWEEP_SECONDS)"
    asked = [sys.executable, "-c", words]
    assert int(subprocess.check_output(asked, env=as_shipped)) <= 2 * 60 - 30
