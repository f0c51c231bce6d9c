"""Two at once: two workers at one file, two colleagues, two clicks."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from accounts.models import User
from submissions.lifecycle import Status
from submissions.models import Submission
from submissions.ringing import CHECK, ring
from tests.conftest import Portal, wait_until
from tests.faults.invariants import assert_all_is_well, records, stored_files
from tests.faults.processes import catch, children, readers, signal_all, worker_children
from tests.faults.visitor import Answer, Form, Visitor

Visit = Callable[[User], Visitor]


def at_once(*deeds: Callable[[], Answer]) -> list[Answer]:
    """Do all of this at one moment."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Answer]) -> Answer:
        start.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


def test_the_same_bell_rung_many_times_is_one_check(
    portal: Portal, visit: Visit, alice: User, large: bytes
):
    submission = visit(alice).send(large).receipt
    for _ in range(8):
        ring(CHECK, submission.id)

    assert_all_is_well()
    ring(CHECK, submission.id)

    assert list(submission.changes.values_list("after", flat=True)) == [
        Status.RECEIVED,
        Status.CHECKING,
        Status.ACCEPTED,
    ]
    submission.refresh_from_db()
    assert submission.attempt == 1


@pytest.mark.long
def test_a_worker_that_stood_still_comes_late_and_changes_nothing(
    portal: Portal, visit: Visit, alice: User, large: bytes
):
    """Its lease runs out while it stands still; another takes over and finishes; it goes on."""
    submission = visit(alice).send(large).receipt
    catch(portal, "reading")
    still = [child for child in worker_children(portal) if set(below(child)) & set(readers(portal))]
    assert len(still) == 1
    signal_all(still, signal.SIGSTOP)
    try:
        assert_all_is_well()
        submission.refresh_from_db()
        assert (submission.status, submission.attempt) == (Status.ACCEPTED, 2)
        before = records(submission)
    finally:
        signal_all(still, signal.SIGCONT)

    late = f"submission {submission.id} attempt 1 was overtaken"
    wait_until(lambda: late in portal.log("worker"), 30, "the late worker says so")
    submission.refresh_from_db()
    assert (submission.status, submission.attempt) == (Status.ACCEPTED, 2)
    assert records(submission) == before
    assert_all_is_well()


def below(pid: int) -> list[int]:
    """Children and their children."""
    return [one for child in children(pid) for one in (child, *below(child))]


def test_two_colleagues_send_at_once_and_the_later_receipt_stands(
    portal: Portal, visit: Visit, make: Callable[..., bytes], alice: User, bob: User
):
    ours = {"Alice": make(3_000, seed=1), "Bob": make(4_500, seed=2)}
    visitors = {"Alice": visit(alice), "Bob": visit(bob)}
    forms = {name: visitor.form() for name, visitor in visitors.items()}

    answers = at_once(*(send_as(visitors[name], ours[name], forms[name]) for name in ours))

    one, other = sorted((answer.receipt for answer in answers), key=lambda sent: sent.id)
    assert_all_is_well()
    for sent in (one, other):
        sent.refresh_from_db()
        assert sent.status == Status.ACCEPTED
        assert (
            records(sent)["Appointment"] == {"Alice": 3_000, "Bob": 4_500}[sent.sent_by.first_name]
        )
    assert (one.stands, other.stands) == (False, True)


def send_as(visitor: Visitor, content: bytes, form: Form) -> Callable[[], Answer]:
    return lambda: visitor.send(content, form=form)


def test_the_same_form_sent_four_times_at_once_is_one_submission(
    portal: Portal, visit: Visit, alice: User, small: bytes
):
    visitor = visit(alice)
    for _ in range(3):
        form = visitor.form()
        answers = at_once(*[send_as(visitor, small, form)] * 4)
        assert len({answer.receipt for answer in answers}) == 1
    later = visitor.send(small, form=form)

    assert later.receipt == answers[0].receipt
    assert Submission.objects.count() == len(stored_files()) == 3
    assert_all_is_well()


def test_the_key_of_another_person_s_form_is_refused(
    portal: Portal, visit: Visit, alice: User, bob: User, small: bytes
):
    sender, other = visit(alice), visit(bob)
    form, taken = sender.form(), other.form()
    mine = sender.send(small, form=form).receipt
    taken.fields["once"] = form.fields["once"]

    answer = other.send(small, form=taken)

    assert answer.status == 422
    assert "Open the page again" in answer.words
    assert Submission.objects.get() == mine
    assert_all_is_well()
