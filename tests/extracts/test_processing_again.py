"""A month that was published is processed again after a correction: for a reason, beside what it
was, and by two persons."""

import pytest

from accounts.models import AuditEvent, Mail, User
from accounts.refusals import Refusal
from extracts import differing, processing, publishing
from extracts.models import Publication, Run
from submissions.models import Submission, Window
from submissions.withdrawing import withdraw_later
from tests.extracts.reading import process
from tests.pages import confirmed, visit

WHY = "RZ2 had sent another's file"


@pytest.fixture
def corrected(run: Run, window: Window, erin: User) -> Run:
    """Published; then RZ2's file was withdrawn and the window processed again."""
    publishing.publish(window=window, by=erin)
    withdraw_later(submission=Submission.objects.get(provider__code="RZ2"), by=erin, why=WHY)
    again = processing.ask(window=window, by=erin, why=WHY)
    processing.process(again.id)
    again.refresh_from_db()
    return again


def test_a_reason_is_needed_and_written_down(corrected: Run, window: Window, erin: User) -> None:
    assert corrected.why == WHY
    event = AuditEvent.objects.filter(what="processing asked").latest("id")
    assert (event.by, event.facts["why"]) == (erin, WHY)
    client = visit(erin)
    address = f"/windows/{window.id}/process/"
    for nothing in (" ", "\0", "because\0", "x" * 501):
        page = client.post(address, {"why": nothing}, follow=True).content.decode()
        assert "enter a reason" in page
    assert Run.objects.count() == 2


def test_the_difference_is_there_before_anybody_publishes(
    run: Run, corrected: Run, window: Window, frank: User
) -> None:
    found = differing.from_the_run_before(corrected)
    assert found is not None
    assert found.before == run
    changed = {
        (one.extract.code, one.extract.stage): {
            change.name: (change.before, change.now) for change in one.changes
        }
        for one in found.differing
    }
    assert changed["RZ2", "P"]["Person rows"] == (5, None)
    assert changed["91A", "P"]["Person rows"] == (8, 4)
    assert changed["91A", "P"]["Referrals received"] == (8, 4)
    assert ("RZ1", "P") not in changed
    page = visit(frank).get(f"/windows/{window.id}/").content.decode()
    assert "RZ2 had sent another&#x27;s file" in page
    assert "Numbers that differ" in page
    assert "Ask to publish the extracts" in page


def test_two_persons_publish_it_and_what_was_published_stays(
    run: Run, corrected: Run, window: Window, alice: User, charlie: User, erin: User, frank: User
) -> None:
    before = Window.objects.get(id=window.id).published_at
    asked = publishing.ask(window=window, by=erin)
    assert Publication.objects.count() == 1
    publishing.publish_as_asked(by=frank, asked_by=erin, **asked.facts)
    assert [one.run for one in Publication.objects.order_by("id")] == [run, corrected]
    assert Window.objects.get(id=window.id).published_at == before
    for made in (run, corrected):
        extract = made.extracts.get(recipient__code="RZ1", stage="P")
        assert visit(alice).get(f"/downloads/{extract.id}/").status_code == 200
    earlier = run.extracts.get(recipient__code="RZ2")
    assert visit(charlie).get(f"/downloads/{earlier.id}/").status_code == 200
    letter = Mail.objects.filter(to=alice, subject__startswith="Processed data").latest("id")
    assert f"The reason: {WHY}" in letter.body
    with pytest.raises(Refusal, match="published already, by Frank Foster"):
        publishing.publish(window=window, by=erin)


def test_the_first_run_is_beside_nothing(run: Run, window: Window, erin: User) -> None:
    assert differing.from_the_run_before(run) is None
    again = process(window, erin)
    found = differing.from_the_run_before(again)
    assert found is not None
    assert (found.differing, found.alike) == ([], again.extracts.count())


def test_processed_again_from_the_page(run: Run, window: Window, erin: User) -> None:
    publishing.publish(window=window, by=erin)
    client = confirmed(erin)
    assert (
        "Process it again after a correction"
        in client.get(f"/windows/{window.id}/").content.decode()
    )
    client.post(f"/windows/{window.id}/process/", {"why": WHY})
    assert Run.objects.first().why == WHY
