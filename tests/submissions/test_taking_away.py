"""What a provider's users take away of a submission: the workbook, and the annotated copy."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponse
from openpyxl import Workbook, load_workbook

from accounts.clock import now
from accounts.models import AuditEvent, User
from accounts.refusals import Refusal
from submissions import leftovers, making, raw_files, reports, taking_away
from submissions.lifecycle import Status
from submissions.models import FindingCount, FindingPlace, Report, Submission, Window
from submissions.models.calendar import clock
from submissions.models.reports import KEPT
from tests.pages import same_page, visit
from tests.submissions.rows import Rows
from tests.submissions.sending import send, send_and_check
from tests.validation.test_workbook import table, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(alice: User, window: Window, rows: Rows) -> Submission:
    rows["Person"][2] |= {"Gender": "7", "Postcode": "Leeds"}
    rows["Person"][3]["LPTID"] = ""
    return send_and_check(alice, window, rows)


def get(user: User, submission: Submission, what: str) -> HttpResponse:
    return visit(user).get(f"/submissions/{submission.id}/{what}/")


def book(answer: HttpResponse) -> Workbook:
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert answer["Cache-Control"] == "no-store"
    return load_workbook(io.BytesIO(answer.content))


def made(submission: Submission, by: User) -> Report:
    """The annotated copy, once a worker has been at it."""
    asked = taking_away.ask_for_copy(submission=submission, by=by)
    making.make(asked.id)
    asked.refresh_from_db()
    return asked


def stored() -> list[str]:
    return reports._stored(reports.SENT) + reports._stored(reports.MADE)


# -- the workbook -----------------------------------------------------------------------------


def test_the_workbook_is_made_of_what_is_stored(bob: User, submission: Submission) -> None:
    raw_files.erase(submission)
    found = book(get(bob, submission, "workbook"))
    told = {row["Rule"]: row for row in table(found["Findings"])}
    assert told["P21"]["Your own key"] == "PAT002"
    assert (told["P21"]["Row"], told["P21"]["Line"], told["P21"]["Value"]) == (3, 4, "7")
    assert told["P20"]["Value"] == "Leeds"
    assert told["P01"]["What it costs"] == "the row is rejected"
    assert submission.message in text(found["What to do first"])
    counts = {(row["Rule"], row["Column"] or ""): row for row in table(found["Counts by rule"])}
    exact = {(one.rule, one.column): one.count for one in submission.finding_counts.all()}
    assert {key: row["How often"] for key, row in counts.items()} == exact
    links = [row[-1].hyperlink for row in found["Counts by rule"].iter_rows(min_row=2)]
    assert f"{settings.SITE_ADDRESS}/rules/P21/" in {link.target for link in links}


def test_that_it_was_taken_is_written_down(bob: User, submission: Submission) -> None:
    get(bob, submission, "workbook")
    event = AuditEvent.objects.get(what="report downloaded")
    assert (event.by, event.organisation) == (bob, submission.provider)
    assert event.facts == {"submission": submission.reference, "report": "workbook"}


def test_what_is_not_listed_is_counted(alice: User, submission: Submission) -> None:
    count = submission.finding_counts.get(rule="P21")
    FindingCount.objects.filter(id=count.id).update(count=5432)
    said = text(book(get(alice, submission, "workbook"))["Findings"])
    assert "of P21 1 of 5,432" in said


def test_of_a_purged_period_keys_and_values_are_blank(alice: User, submission: Submission) -> None:
    FindingPlace.objects.update(detail=b"")
    found = table(book(get(alice, submission, "workbook"))["Findings"])
    assert {row["Your own key"] for row in found} == {None}
    assert {row["Row"] for row in found} >= {3, 4}


def test_a_rejected_file_has_a_workbook(alice: User, window: Window, rows: Rows) -> None:
    rows["Header"][0]["StartDate"] = "someday"
    rejected = send_and_check(alice, window, rows)
    assert rejected.status == Status.REJECTED
    assert "F08" in text(book(get(alice, rejected, "workbook"))["Findings"])


@pytest.mark.parametrize("what", ["workbook", "annotated", "annotated/file"])
def test_nobody_else_takes_them_away(
    charlie: User, dora: User, erin: User, submission: Submission, what: str
) -> None:
    for user in (charlie, dora, erin):
        answer = get(user, submission, what)
        assert answer.status_code == 404
        assert same_page(answer, visit(user).get(f"/submissions/999999/{what}/"))
    assert not AuditEvent.objects.filter(what="report downloaded").exists()


@pytest.mark.parametrize("what", ["workbook", "annotated", "annotated/file"])
def test_before_the_verdict_there_is_nothing_to_take(
    alice: User, window: Window, rows: Rows, what: str
) -> None:
    assert get(alice, send(alice, window, rows), what).status_code == 404


def test_the_page_offers_them_to_the_provider_alone(
    bob: User, erin: User, submission: Submission
) -> None:
    offer = f"/submissions/{submission.id}/workbook/"
    assert offer in visit(bob).get(f"/submissions/{submission.id}/").content.decode()
    assert offer not in visit(erin).get(f"/submissions/{submission.id}/").content.decode()


# -- the annotated copy -----------------------------------------------------------------------


def test_asked_for_made_and_taken(alice: User, bob: User, submission: Submission) -> None:
    address = f"/submissions/{submission.id}/annotated/"
    assert "Make the annotated copy" in visit(alice).get(address).content.decode()
    answer = visit(alice).post(address)
    assert (answer.status_code, answer["Location"]) == (302, address)
    page = visit(bob).get(address).content.decode()
    assert "is being made" in page
    assert f'hx-get="{address}"' in page
    assert get(alice, submission, "annotated/file")["Location"] == address
    making.make(Report.objects.get().id)
    assert "Download the annotated copy" in visit(bob).get(address).content.decode()
    sheet = book(get(bob, submission, "annotated/file"))["Person"]
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == [
        "row 4, line 5: P01",
        "row 3, line 4: P20, P21",
    ]
    values = [cell.value for cell in sheet[4]]
    assert {"PAT002", "7", "Leeds"} <= set(values)
    deeds = AuditEvent.objects.filter(organisation=submission.provider)
    assert deeds.get(what="annotated copy asked").by == alice
    taken = deeds.get(what="report downloaded")
    assert (taken.by, taken.facts["report"]) == (bob, "annotated copy")


def test_a_page_that_waits_is_loaded_anew_once_it_is_made(
    alice: User, submission: Submission
) -> None:
    address, asks = f"/submissions/{submission.id}/annotated/", {"HX-Request": "true"}
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    waits = visit(alice).get(address, headers=asks)
    assert "HX-Refresh" not in waits.headers
    assert "is being made" in waits.content.decode()
    assert "<h1" not in waits.content.decode()
    making.make(asked.id)
    assert visit(alice).get(address, headers=asks)["HX-Refresh"] == "true"


def test_asked_for_twice_it_is_made_once(alice: User, bob: User, submission: Submission) -> None:
    first = made(submission, alice)
    assert taking_away.ask_for_copy(submission=submission, by=bob) == first
    assert AuditEvent.objects.filter(what="annotated copy asked").count() == 1


def test_what_is_stored_is_sealed_and_no_others(
    alice: User, submission: Submission, window: Window, rows: Rows
) -> None:
    copy = made(submission, alice)
    with default_storage.open(copy.made_as, "rb") as file:
        sealed = file.read()
    assert b"PK" not in sealed[:64]
    assert b"PAT002" not in sealed
    other = made(send_and_check(alice, window, rows), alice)
    Report.objects.filter(id=copy.id).update(made_as=other.made_as)
    copy.refresh_from_db()
    with pytest.raises(InvalidTag):
        reports.take(copy, reports.ANNOTATED)


def test_an_erased_file_cannot_be_copied(alice: User, submission: Submission) -> None:
    raw_files.erase(submission)
    submission.refresh_from_db()
    with pytest.raises(Refusal, match="erased"):
        taking_away.ask_for_copy(submission=submission, by=alice)
    page = get(alice, submission, "annotated").content.decode()
    assert "Make the annotated copy" not in page


def test_a_copy_of_a_file_without_findings_says_so(alice: User, window: Window, rows: Rows) -> None:
    good = send_and_check(alice, window, rows)
    FindingCount.objects.filter(submission=good).delete()
    making.make(taking_away.ask_for_copy(submission=good, by=alice).id)
    found = book(get(alice, good, "annotated/file"))
    assert good.message in text(found["About this copy"])


def test_what_was_found_beside_earlier_files_is_on_the_copy_too(
    alice: User, submission: Submission
) -> None:
    history = FindingCount.objects.create(
        submission=submission, rule="F12", severity="WARN", table="Referral", count=1
    )
    FindingPlace.objects.create(finding=history, row=2, record_key=b"", detail=b"")
    made(submission, alice)
    sheet = book(get(alice, submission, "annotated/file"))["Referral"]
    assert "F12" in str(sheet["A3"].value) + str(sheet["A4"].value)


# -- what may go wrong ------------------------------------------------------------------------


def test_a_worker_that_died_is_followed_by_another_once(
    alice: User, submission: Submission
) -> None:
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    for attempt in (1, 2):
        taken = reports.claim(asked.id)
        assert taken is not None
        assert taken.attempt == attempt
        assert reports.claim(asked.id) is None
        Report.objects.update(lease_until=clock() - timedelta(seconds=1))
    assert reports.claim(asked.id) is None
    reports.sweep()
    asked.refresh_from_db()
    assert asked.is_sorry
    page = get(alice, submission, "annotated").content.decode()
    assert "That is our fault" in page
    assert made(submission, alice).is_ready


@pytest.mark.django_db(transaction=True)
def test_who_is_at_it_says_so_every_second(alice: User, submission: Submission) -> None:
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    taken = reports.claim(asked.id)
    assert taken is not None
    Report.objects.update(lease_until=clock() - timedelta(seconds=1))
    with reports.heartbeat(taken):
        for _ in range(100):
            asked.refresh_from_db()
            if asked.lease_until > now():
                break
            time.sleep(0.05)
    assert now() < asked.lease_until <= now() + settings.LEASE


def test_our_fault_is_tried_once_more_and_then_said(alice: User, submission: Submission) -> None:
    Path(default_storage.path(submission.stored_as)).write_bytes(b"damaged")
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    making.make(asked.id)
    asked.refresh_from_db()
    assert asked.is_waiting
    making.make(asked.id)
    asked.refresh_from_db()
    assert asked.is_sorry


def test_what_nobody_took_is_rung_for_again(
    alice: User, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(reports, "ring", lambda task, key: rung.append(key))
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    reports.sweep()
    assert rung == []
    Report.objects.update(rung_at=clock() - timedelta(hours=1))
    reports.sweep()
    reports.sweep()
    assert rung == [asked.id]


def test_whoever_comes_late_keeps_nothing(alice: User, submission: Submission) -> None:
    asked = taking_away.ask_for_copy(submission=submission, by=alice)
    late = reports.claim(asked.id)
    assert late is not None
    Report.objects.update(lease_until=clock() - timedelta(seconds=1))
    making.make(asked.id)
    before = stored()
    reports.keep(late, {reports.ANNOTATED: b"late"})
    assert stored() == before
    asked.refresh_from_db()
    assert reports.take(asked, reports.ANNOTATED) != b"late"


def test_after_an_hour_it_is_gone(alice: User, submission: Submission) -> None:
    copy = made(submission, alice)
    assert stored() == [copy.made_as]
    reports.sweep()
    assert Report.objects.exists()
    Report.objects.update(finished_at=clock() - KEPT)
    # Also where no sweeper has come by yet.
    assert "Download the" not in get(alice, submission, "annotated").content.decode()
    reports.sweep()
    assert not Report.objects.exists()
    # Files go once the transaction is committed.


@pytest.mark.django_db(transaction=True)
def test_with_the_row_its_files_go(alice: User, submission: Submission) -> None:
    made(submission, alice)
    Report.objects.update(finished_at=clock() - KEPT)
    reports.sweep()
    assert stored() == []


def test_files_that_no_report_names_go_once_they_are_old(
    alice: User, submission: Submission, own_folder: Path
) -> None:
    copy = made(submission, alice)
    kept = Path(default_storage.path(copy.made_as))
    left, young = kept.parent / "left", kept.parent / "young"
    for path in (left, young):
        path.write_bytes(b"sealed")
    os.utime(left, (0, 0))
    os.utime(kept, (0, 0))
    assert reports.remove_unnamed() == 1
    assert (kept.exists(), young.exists(), left.exists()) == (True, True, False)


def test_a_working_folder_that_a_kill_left_is_removed(
    alice: User, submission: Submission, own_folder: Path
) -> None:
    copy = made(submission, alice)
    living = reports.claim(Report.objects.create(asked_by=alice).id)
    assert living is not None
    names = [f"report.{copy.id}.1.abc", "report.999.1.abc", f"report.{living.id}.1.abc"]
    left, other, stays = (own_folder / "checking" / name for name in names)
    for folder in (left, other, stays):
        folder.mkdir(parents=True)
        (folder / "sent").write_bytes(b"in clear")
    leftovers.remove_opened()
    assert not left.exists()
    assert not other.exists()
    assert stays.exists()
