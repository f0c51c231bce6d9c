"""Alice and Bob send for RZ1 while the window is open."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from submissions.models import Submission
from tests.conftest import wait_until
from tests.journeys.files import mixed
from tests.journeys.people import PATIENCE_SECONDS


def test_the_same_rows_as_database_and_as_csv(people, make, letters, window):
    """Given a month with a few faults, when Alice sends it as an Access database and Bob the same
    rows as a zip of CSV, then both see the same result and everybody has the receipt by mail; and
    when Bob withdraws his file, Alice's stands again."""
    rows = mixed(make.rows())
    database = make.mdb("our month.mdb", rows)
    alice = people.signed_in("Alice")
    first = alice.sends("Primary", database)
    alice.waits_for_the_result(first)
    assert first.kind == "P"
    alice.sees(
        first.reference,
        "Alder Valley Talking Therapies (RZ1)",
        f"Primary, {window.primary_period:%B %Y}",
        "Alice Archer",
        "our month.mdb",
        f"{database.stat().st_size:,} bytes",
        hashlib.sha256(database.read_bytes()).hexdigest(),
        f"{first.received_at:%Y}",
        "This file stands",
        "9 of 49 rows are rejected",
    )
    counted = {
        "Person": [12, 10, 2],
        "Disability": [1, 1, 0],
        "Referral": [12, 10, 2],
        "Appointment": [24, 19, 5],
    }
    assert alice.rows_by_table() == counted
    findings = alice.findings()
    assert {"P02", "P11", "P21", "P16", "R01", "R12", "A01", "A04", "A20"} <= set(findings)
    assert findings["P02"] == "P02 Row rejected Duplicate person record. Person.LPTID 2"
    assert findings["P21"] == "P21 Warning Gender is not a valid code. Person.Gender 1"
    assert (
        "Ethnicity and LTCondition: missing. Person.Ethnicity and Person.LTCondition 2"
        in (findings["P16"])
    )
    assert "Row See row 4 5 5 4" in alice.places(first, "P02")
    ethnicity = alice.places(first, "P16&column=Person.Ethnicity")
    assert "P16 Ethnicity is missing. Warning Person, column Ethnicity, 1 time in all" in ethnicity
    assert "Permitted: One of A (White: British), B (White: Irish)" in ethnicity
    alice.follows("Show which records these are")
    alice.sees("P6")
    alice.follows("By record")
    alice.sees("Person, row 7")
    alice.follows("Person, row 7")
    alice.sees("Person, row 7: P6", "The record", "valid, and not kept")

    letter = letters("Bob", f"Receipt {first.reference}")
    assert first.sha256 in letter
    assert f"/submissions/{first.reference}/" in letter
    assert letters("Alice", first.reference)

    bob = people.signed_in("Bob")
    second = bob.sends("Primary", make.zip("our month.zip", rows))
    bob.waits_for_the_result(second)
    assert bob.rows_by_table() == counted
    again = bob.findings()
    assert first.reference in again.pop("F12")
    assert again == findings

    alice.goes_to(f"/submissions/{first.id}/")
    alice.sees("A later file was accepted and stands in its place.")
    bob.opens("Withdraw this file and return to the previous one")
    bob.presses("Return to the previous file")
    bob.sees(f"The file is withdrawn. The one before it stands again: {first.reference}.")
    alice.goes_to(f"/submissions/{first.id}/")
    alice.sees("This file stands")
    alice.goes_to("/")
    alice.sees(f"The file that stands has receipt number {first.reference}")


def test_a_broken_second_file_leaves_the_first_standing(people, make):
    """Given an accepted file, when Alice sends one without a table, then she reads what is wrong
    and what to do, and the first one still stands."""
    alice = people.signed_in("Alice")
    first = alice.sends("Primary", make.zip("good.zip", make.rows()))
    assert "Every row stands" in alice.waits_for_the_result(first)
    broken = make.changed("broken.zip", lambda members: members.pop("Referral.csv"))
    second = alice.sends("Primary", broken)
    verdict = alice.waits_for_the_result(second)

    assert "The file is rejected" in verdict
    assert "The table Referral is missing" in verdict
    alice.sees("What to do", "still stands")
    alice.goes_to("/")
    alice.sees(f"The file that stands has receipt number {first.reference}", "was rejected")
    assert Submission.objects.get(id=first.id).stands


def test_progress_becomes_the_result(people, make, portal):
    """Given that no worker is there, when Alice sends a file, then she sees that it waits; and when
    a worker comes, the page becomes the result by itself, and for Bob, whose browser runs no
    script, by loading it again."""
    portal.stop("worker")
    alice = people.signed_in("Alice")
    bob = people.signed_in("Bob", java_script_enabled=False)
    sent = alice.sends("Primary", make.zip("month.zip", make.rows()))
    alice.sees("Received. Waiting to be checked.")
    assert bob.goes_to(f"/submissions/{sent.id}/") == 200
    bob.sees("Received. Waiting to be checked.")
    bob.follows("Look again")
    bob.sees("Received. Waiting to be checked.")

    portal.start("worker")
    verdict = alice.main.locator(".nhsuk-lede-text")
    expect(verdict).to_contain_text("accepted", timeout=PATIENCE_SECONDS * 1000)

    def bob_looks_again() -> bool:
        if bob.page.get_by_role("link", name="Look again").count():
            with bob.page.expect_navigation():
                bob.follows("Look again")
        return "The file is accepted" in bob.text

    wait_until(bob_looks_again, PATIENCE_SECONDS, "the result without JavaScript")


def test_sending_without_a_script(people, make):
    """Given a browser that runs no script, when Alice sends a picture she is refused in words; and
    when she sends her month, she comes to the receipt."""
    alice = people.signed_in("Alice", java_script_enabled=False)
    words = alice.is_refused("Primary", make.bytes("photo.mdb", b"\x89PNG\r\n\x1a\n" + bytes(99)))
    assert "PNG picture" in words
    sent = alice.sends("Refresh", make.zip("m.zip", make.rows(period=make.window.refresh_period)))
    assert sent.kind == "R"


def test_a_double_click_sends_once(people, make):
    """Given a chosen file, when the button is pressed twice, then one submission is made, with a
    script in the page and without."""
    file = make.zip("month.zip", make.rows())
    for number, script in enumerate((True, False), 1):
        alice = people.signed_in("Alice", java_script_enabled=script)
        alice.chooses("Primary", file)
        alice.main.get_by_role("button", name="Send the file").dblclick()
        alice.page.wait_for_url(re.compile(r"/submissions/\d+/$"))
        assert Submission.objects.count() == number


@pytest.mark.parametrize("script", [True, False])
def test_nothing_chosen(people, script):
    """When Alice presses the button with nothing chosen, the page says at each field what lacks."""
    alice = people.signed_in("Alice", java_script_enabled=script)
    alice.goes_to("/send/")
    alice.presses("Send the file")
    alice.sees("Choose Primary or Refresh", "Choose a file to send")
    assert alice.page.title().startswith("Error: ")
    assert not Submission.objects.exists()
