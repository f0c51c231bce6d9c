"""The sender may see which records were meant; nobody else, and that one looked is written down."""

import pytest

from accounts.models import AuditEvent, User
from submissions.models import Submission, Window
from tests.pages import visit
from tests.submissions.rows import Rows
from tests.submissions.sending import send_and_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(alice: User, window: Window, rows: Rows) -> Submission:
    rows["Person"][2] |= {"Gender": "7<b>", "Postcode": "Leeds"}
    return send_and_check(alice, window, rows)


def page(user: User, submission: Submission, question: str = "") -> str:
    return visit(user).get(f"/submissions/{submission.id}/{question}").content.decode()


def test_the_sender_asks_and_sees_its_own_identifiers(
    alice: User, bob: User, submission: Submission
) -> None:
    assert "PAT002" not in page(alice, submission)
    assert not AuditEvent.objects.filter(what="findings seen").exists()
    shown = page(bob, submission, "?records=shown")
    assert "PAT002" in shown
    assert "7&lt;b&gt;" in shown
    assert "Leeds" in shown
    event = AuditEvent.objects.get(what="findings seen")
    assert (event.by, event.organisation) == (bob, submission.provider)
    assert event.facts == {"submission": submission.reference}


def test_staff_see_what_was_found_and_not_whose_record_it_is(
    erin: User, submission: Submission
) -> None:
    shown = page(erin, submission, "?records=shown")
    assert "P21" in shown
    assert "PAT002" not in shown
    assert "Show which records" not in shown
    assert not AuditEvent.objects.filter(what="findings seen").exists()


def test_what_is_not_valid_is_no_page_of_others(charlie: User, submission: Submission) -> None:
    answer = visit(charlie).get(f"/submissions/{submission.id}/?records=shown")
    assert answer.status_code == 404
