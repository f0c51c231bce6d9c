"""The window closes, the month is processed and published, everybody takes what is theirs."""

import csv
import io
import zipfile

from accounts.models import User
from submissions import calendar
from submissions.models import Submission
from tests.conftest import wait_until
from tests.journeys.files import Rows
from tests.journeys.people import PATIENCE_SECONDS, Person


def test_from_the_close_to_the_extracts(people, make, window, letters):
    """Given Alice's Primary and Refresh, when Erin closes, processes and asks to publish and Frank
    confirms, then everybody gets one mail, and Alice and Dora download extracts whose rows are
    those that were sent."""
    alice = people.signed_in("Alice")
    primary, refresh = make.rows(), make.rows(period=window.refresh_period)
    sent = [
        alice.sends("Primary", make.mdb("primary.mdb", primary)),
        alice.sends("Refresh", make.zip("refresh.zip", refresh)),
    ]
    for one in sent:
        assert "accepted" in alice.waits_for_the_result(one)

    erin = people.signed_in("Erin")
    erin.follows("This window")
    erin.sees(sent[0].reference, sent[1].reference, "not sent")
    erin.sees("1 of 3 standing, 2 without a file that stands")
    erin.opens("Close the window now")
    erin.presses("Close the window now")
    erin.confirms()
    erin.sees("The window is closed.")
    erin.presses("Process")
    erin.sees("Processing has been asked for.")
    is_processed(erin)
    erin.sees("6 of 6 extracts made", "no file is made for them: 95A")
    nothing_to_download(alice)
    erin.presses("Ask to publish the extracts")
    erin.sees("once another member of staff confirms it", "Waits for a second person")
    nothing_to_download(alice)
    frank = people.signed_in("Frank")
    frank.sees("Waits for a second person", "Asked for by Erin Ellis")
    frank.follows("Confirm or decline")
    frank.presses("Confirm")
    frank.confirms()
    frank.sees("Confirmed and done: Publish the 6 extracts")
    erin.goes_to("/desk/mails/")
    erin.sees("Processed data are available", "alice@portal.example")

    provider, staff = {"/downloads/", "/submissions/"}, {f"/windows/{window.id}/"}
    theirs = {"Alice": provider, "Bob": provider, "Charlie": provider, "Dora": {"/downloads/"}}
    for name, pages in (theirs | {"Erin": staff, "Frank": staff}).items():
        letter = letters(name, f"The submission window for {window} is closed")
        assert {page for page in provider | staff if page in letter} == pages, name

    dora = people.signed_in("Dora")
    months = {"P": window.primary_period, "R": window.refresh_period}
    for stage, period in months.items():
        rows = primary if stage == "P" else refresh
        provider = takes(alice, f"IAPT_RZ1_{period:%Y-%m}_{stage}_post.zip")
        assert counts(provider) == counts(rows)
        commissioner = takes(dora, f"IAPT_91A_{period:%Y-%m}_{stage}_post.zip")
        assert counts(commissioner) == counts(paid_for_by(rows, "91A"))
        assert {row["ORGCODECOMM"] for row in commissioner["Referral"]} == {"91A"}
        assert "LPTID" not in commissioner["Person"][0]
    assert people.signed_in("Charlie").goes_to("/downloads/") == 200


def is_processed(erin: Person) -> None:
    def ready() -> bool:
        erin.page.reload()
        return "Ready to publish" in erin.text

    wait_until(ready, PATIENCE_SECONDS, "processed")


def nothing_to_download(person: Person) -> None:
    person.goes_to("/downloads/")
    person.sees("No extract has been published for you yet.")


def takes(person: Person, name: str) -> Rows:
    """Downloads an extract by its name; its rows by table."""
    person.goes_to("/downloads/")
    with person.page.expect_download() as download:
        person.follows(name)
    assert download.value.suggested_filename == name
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        return {
            member.removesuffix(".csv"): rows_of(archive.read(member))
            for member in archive.namelist()
            if member.endswith(".csv")
        }


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def counts(rows: Rows) -> dict[str, int]:
    return {
        table: len(rows[table]) for table in ("Person", "Disability", "Referral", "Appointment")
    }


def paid_for_by(rows: Rows, commissioner: str) -> Rows:
    """What a commissioner should get: its referrals, and what hangs on their persons."""
    referrals = [row for row in rows["Referral"] if row["OrgCodeComm"] == commissioner]
    theirs = {row["LPTID"] for row in referrals}
    hanging = {
        table: [row for row in rows[table] if row["LPTID"] in theirs]
        for table in ("Person", "Disability", "Appointment")
    }
    return {**hanging, "Referral": referrals}


def test_a_window_that_closes_while_the_page_is_open(people, make, window):
    """Given Alice who has chosen her file, when the window closes before she sends it, then she is
    told that it is closed and when the next one opens, and nothing travels."""
    alice = people.signed_in("Alice")
    alice.chooses("Primary", make.zip("late.zip", make.rows()))
    calendar.close(window=window, by=User.objects.get(first_name="Erin"))
    alice.presses("Send the file")
    summary = alice.page.locator(".nhsuk-error-summary")
    summary.wait_for()
    assert "No window is open" in summary.inner_text()
    assert "opens on" in summary.inner_text()
    assert "days left" not in alice.text
    assert not Submission.objects.exists()


def test_a_closed_window(people, make, window):
    """Given an accepted file, when the window is closed, then its result stays visible, nothing can
    be sent or withdrawn, and the page names the day on which the next window opens."""
    alice = people.signed_in("Alice")
    sent = alice.sends("Primary", make.zip("month.zip", make.rows()))
    alice.waits_for_the_result(sent)
    late = people.signed_in("Bob", java_script_enabled=False)
    late.chooses("Primary", make.zip("late.zip", make.rows()))
    erin = people.signed_in("Erin")
    erin.goes_to(f"/windows/{window.id}/")
    erin.opens("Close the window now")
    erin.presses("Close the window now")
    erin.confirms()
    erin.sees("The window is closed.")

    upcoming = type(window).objects.upcoming().first()
    opens = f"{upcoming.opens:%-d %B %Y}"
    late.presses("Send the file")
    late.sees("Nothing was kept", opens)
    assert Submission.objects.count() == 1
    alice.goes_to("/send/")
    alice.sees("No window is open", opens)
    assert not alice.page.locator("input[type=file]").count()
    alice.goes_to(f"/submissions/{sent.id}/")
    alice.sees("This file stands", "Every row stands")
    assert not alice.page.get_by_role("button", name="Withdraw").count()
