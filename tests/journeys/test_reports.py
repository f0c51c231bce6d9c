"""Alice checks a file before she sends it, and takes away what was found."""

import io
import re

import pytest
from openpyxl import load_workbook

from submissions import reports
from submissions.models import Report, Submission
from tests.conftest import wait_until
from tests.journeys.files import mixed
from tests.journeys.people import PATIENCE_SECONDS
from tests.validation.test_workbook import table


@pytest.mark.parametrize("script", [True, False])
def test_checked_without_sending_then_forgotten(people, make, window, script):
    """Given a month with faults, when Alice has it checked, she sees what would become of it and
    takes it away, nothing is sent, Bob sees nothing of it, and when she has had enough it is gone."""
    file = make.zip("our month.zip", mixed(make.rows()))
    alice, bob = people.signed_in("Alice", java_script_enabled=script), people.signed_in("Bob")
    alice.goes_to("/send/")
    alice.follows("Check a file without sending it")
    alice.sees("This does not send your file")
    alice.checks(file)
    address = alice.page.url
    if not script:
        wait_until(lambda: Report.objects.get().is_ready, PATIENCE_SECONDS, "it is checked")
        alice.follows("Look again")
    alice.sees("Result of a check: nothing was sent", "Would be accepted", "This file was not sent")
    assert alice.rows_by_table()["Person"] == [12, 10, 2]
    assert alice.main.locator(".portal-finding").first.inner_text().startswith("P02")
    workbook = load_workbook(io.BytesIO(alice.downloads("Excel workbook")))
    assert "TWICE" in {row["Your own key"] for row in table(workbook["Findings"])}
    copy = load_workbook(io.BytesIO(alice.downloads("Annotated copy")))
    assert copy["Person"]["A3"].value == "row 4, line 5: P02"
    assert not Submission.objects.exists()
    assert bob.goes_to(address.removeprefix(bob.portal.address)) == 404
    alice.presses("Forget it now")
    alice.sees("Nothing of it is kept")
    assert not Report.objects.exists()
    assert alice.goes_to(address.removeprefix(alice.portal.address)) == 404


def test_no_file_chosen_or_one_that_is_none(people, make):
    """What cannot be checked is refused on the page, with the choice still there."""
    alice = people.signed_in("Alice")
    alice.goes_to("/check/")
    alice.presses("Check the file")
    alice.sees("Choose a file to check")
    assert alice.page.title().startswith("Error: ")
    picture = make.bytes("photo.mdb", b"\x89PNG\r\n\x1a\n" + bytes(99))
    alice.page.locator("input[type=file]").set_input_files(picture)
    alice.presses("Check the file")
    alice.sees("PNG picture", "Nothing was kept")
    assert not Report.objects.exists()


def test_a_submission_as_workbook_and_annotated_copy(people, make, window):
    """When Alice's file is checked, Bob takes the workbook and has the annotated copy made, which
    Alice then downloads too; Charlie finds neither."""
    alice, bob = people.signed_in("Alice"), people.signed_in("Bob")
    sent = alice.sends("Primary", make.mdb("our month.mdb", mixed(make.rows())))
    bob.waits_for_the_result(sent)
    workbook = load_workbook(io.BytesIO(bob.downloads("Excel workbook")))
    assert table(workbook["What to do first"])[0]["Rule"] == "P02"
    bob.has_a_copy_made(sent)
    alice.goes_to(f"/submissions/{sent.id}/annotated/")
    for person in (alice, bob):
        copy = load_workbook(io.BytesIO(person.downloads("Download the annotated copy")))
        assert copy["Person"]["A3"].value == "row 4: P02"
    charlie = people.signed_in("Charlie")
    for what in ("workbook", "annotated", "annotated/file"):
        assert charlie.goes_to(f"/submissions/{sent.id}/{what}/") == 404


def test_a_worker_that_died_is_followed_by_another(people, make, portal):
    """Given a worker that died with a check in hand, it waits and says so until another comes."""
    alice = people.signed_in("Alice")
    portal.stop("worker")
    alice.checks(make.zip("our month.zip", make.rows()))
    alice.sees("Your file is being checked")
    assert reports.claim(Report.objects.get().id) is not None
    Report.objects.update(lease_until="2020-01-01T00:00:00Z")
    portal.start("worker")
    alice.sees("Would be accepted")
    assert re.search(r"/check/\d+/$", alice.page.url)
    assert Report.objects.get().attempt == 2
