"""Checking a file without sending it: the same verdict, and nothing stays."""

import io
import re
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from accounts import register
from accounts.models import AuditEvent, Mail, Organisation, User
from iapt_portal.demonstration import let_in
from submissions import calendar, check_only, making, reports
from submissions.models import Report, Submission, Window
from submissions.models.calendar import clock
from submissions.models.reports import KEPT
from tests.pages import same_page, visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import arrived, content, send
from tests.submissions.test_send_page import PNG, words
from tests.validation.test_workbook import table, text

pytestmark = pytest.mark.django_db
APRIL = date(2013, 4, 1)


@pytest.fixture
def faulty(everybody: dict[str, User]) -> Rows:
    """A month long past, with a few faults."""
    rows = month(APRIL)
    rows["Person"][2] |= {"Gender": "7"}
    rows["Person"][3]["LPTID"] = ""
    return rows


def checked(by: User, data: Rows | bytes, name: str = "April.zip") -> Report:
    """What a worker answered."""
    sent = data if isinstance(data, bytes) else content(data)
    asked = check_only.ask(by=by, once=uuid.uuid4(), file=arrived(sent, name))
    making.make(asked.id)
    asked.refresh_from_db()
    return asked


def page(user: User, asked: Report, what: str = "") -> HttpResponse:
    return visit(user).get(f"/check/{asked.id}/{what}")


def posted(client: Client, data: bytes | None, name: str = "April.zip", **changes: str):
    once = re.search(r'name="once" value="([^"]+)"', client.get("/check/").content.decode())
    fields: dict[str, object] = {"once": once[1] if once else ""} | changes
    if data is not None:
        fields["file"] = SimpleUploadedFile(name, data)
    return client.post("/check/", fields)


def stored() -> list[str]:
    return reports._stored(reports.SENT) + reports._stored(reports.MADE)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# -- from the form to the answer --------------------------------------------------------------


def test_checked_while_no_window_is_open(
    alice: User, erin: User, window: Window, faulty: Rows
) -> None:
    calendar.close(window=window, by=erin)
    client = visit(alice)
    answer = posted(client, content(faulty))
    asked = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/check/{asked.id}/")
    assert "Your file is being checked" in words(client.get(answer["Location"]))
    making.make(asked.id)
    said = words(client.get(answer["Location"]))
    for part in (
        *("nothing was sent", "Would be accepted", "April.zip: RZ1, 2013-04"),
        *("Person 6 5 1", "P01 Local patient identifier is missing.", "What to do:"),
        *("Person.LPTID: 1 time, at row 4 (line 5)", "P21 Gender is not a valid code."),
        *("This file was not sent", "It does not count for any period"),
    ):
        assert part in said, part
    assert said.index("P01") < said.index("P21")
    assert not Submission.objects.exists()
    told = Mail.objects.filter(to=alice).values_list("subject", flat=True)
    assert [subject for subject in told if not subject.startswith("Closed early")] == []


def test_the_pages_own_script_is_told_where_to_go_on(alice: User, faulty: Rows) -> None:
    client = visit(alice)
    client.defaults["HTTP_X_REQUESTED_WITH"] = "XMLHttpRequest"
    answer = posted(client, content(faulty))
    assert answer.status_code == 201
    assert answer["X-Continue-At"] == f"/check/{Report.objects.get().id}/"


def test_workbook_and_annotated_copy(alice: User, faulty: Rows) -> None:
    asked = checked(alice, faulty)
    workbook, copy = (page(alice, asked, what) for what in ("workbook/", "annotated/"))
    for answer in (workbook, copy):
        assert answer["Cache-Control"] == "no-store"
    found = table(load_workbook(io.BytesIO(workbook.content))["Findings"])
    assert "PAT002" in {row["Your own key"] for row in found}
    sheet = load_workbook(io.BytesIO(copy.content))["Person"]
    assert sheet["A3"].value == "row 4, line 5: P01"


def test_before_it_is_checked_they_lead_to_the_page(alice: User, faulty: Rows) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty)))
    for what in ("workbook/", "annotated/"):
        assert page(alice, asked, what)["Location"] == f"/check/{asked.id}/"


def test_a_good_file(alice: User) -> None:
    said = words(page(alice, checked(alice, month(APRIL))))
    assert "Would be accepted" in said
    assert "Nothing was found" in said


def test_what_is_no_submission_would_be_rejected(alice: User) -> None:
    said = words(page(alice, checked(alice, b"PK\3\4" + bytes(99))))
    assert "Would be rejected" in said
    assert "F01" in said


def test_rules_that_need_the_window_are_not_asked_and_named(alice: User, faulty: Rows) -> None:
    found = check_only.answer(checked(alice, faulty))
    assert {"F03", "F04", "F12"} <= set(found.not_asked)
    assert "F10" not in found.not_asked
    said = words(page(alice, checked(alice, faulty)))
    assert "Rules that are asked only when a file is sent: F03" in said


def test_organisations_are_asked_of_the_headers_month(
    alice: User, faulty: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of = []

    def known(period: date) -> register.Known:
        asked_of.append(period)
        return register.Known(frozenset({"RZ1", "91A", "92A"}), 1)

    monkeypatch.setattr(register, "known", known)
    found = check_only.answer(checked(alice, faulty))
    assert asked_of == [APRIL]
    assert "P17" in {one.rule for one in found.found}


def test_pilot_columns_are_for_pilot_sites(alice: User) -> None:
    rows = month(APRIL)
    rows["Header"][0]["DataSetVersion"] = "1.0P"
    found = check_only.answer(checked(alice, rows))
    assert found.outcome == "rejected"
    assert "for pilot sites only" in found.message


# -- whose file it is -------------------------------------------------------------------------


def test_of_anothers_file_nothing_is_told(alice: User, faulty: Rows) -> None:
    for row in [row for rows in faulty.values() for row in rows]:
        row["OrgCodeProvider"] = "RZ2"
    asked = checked(alice, faulty)
    said = words(page(alice, asked))
    assert "names a provider for which you may not send" in said
    assert "RZ2" not in said
    assert "P01" not in said
    for what in ("workbook/", "annotated/"):
        book = load_workbook(io.BytesIO(page(alice, asked, what).content))
        assert not any("PAT" in text(sheet) for sheet in book)


def test_of_ones_second_provider_it_is_told(alice: User) -> None:
    let_in(alice, Organisation.objects.get(code="RZ2"))
    assert check_only.answer(checked(alice, month(APRIL, "RZ2"))).outcome == "accepted"


def test_nobody_else_sees_it(
    alice: User, bob: User, charlie: User, erin: User, faulty: Rows
) -> None:
    asked = checked(alice, faulty)
    for user in (bob, charlie, erin):
        for what in ("", "workbook/", "annotated/"):
            answer = page(user, asked, what)
            assert answer.status_code == 404
            assert same_page(answer, visit(user).get(f"/check/999999/{what}"))
        assert visit(user).post(f"/check/{asked.id}/forget/").status_code == 404
    assert "April.zip" in words(visit(alice).get("/check/"))
    assert "April.zip" not in words(visit(bob).get("/check/"))
    assert Report.objects.exists()


# -- nothing is kept --------------------------------------------------------------------------


def test_only_that_it_was_checked_is_written_down(alice: User, faulty: Rows) -> None:
    asked = checked(alice, faulty)
    for what in ("", "workbook/", "annotated/"):
        assert page(alice, asked, what).status_code == 200
    (event,) = AuditEvent.objects.exclude(what="signed in").filter(by=alice)
    assert (event.what, event.organisation, event.facts) == ("file checked", None, {})


def test_the_file_is_erased_once_it_is_checked(alice: User, faulty: Rows, own_folder: Path) -> None:
    asked = checked(alice, faulty)
    assert asked.stored_as == ""
    assert stored() == [asked.made_as]
    assert len(files(own_folder)) == 1


def test_nothing_of_a_patient_lies_in_clear(alice: User, faulty: Rows, own_folder: Path) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty), "PAT002.zip"))
    number = faulty["Person"][0]["NHSNumber"].encode()
    for _ in range(2):
        lying = b"".join(path.read_bytes() for path in files(own_folder))
        row = str(Report.objects.values().get())
        assert b"PAT002" not in lying
        assert number not in lying
        assert "PAT002" not in row
        making.make(asked.id)
    assert check_only.file_name(asked) == "PAT002.zip"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answered", [True, False])
def test_forget_it_now(alice: User, faulty: Rows, own_folder: Path, answered: bool) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty)))
    if answered:
        making.make(asked.id)
    answer = visit(alice).post(f"/check/{asked.id}/forget/", follow=True)
    assert "Nothing of it is kept" in words(answer)
    assert not Report.objects.exists()
    assert files(own_folder) == []
    assert page(alice, asked).status_code == 404


def test_forgotten_while_it_is_checked(alice: User, faulty: Rows, own_folder: Path) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty)))
    taken = reports.claim(asked.id)
    assert taken is not None
    reports.forget(asked)
    reports.keep(taken, {reports.FINDINGS: b"{}"})
    assert reports._stored(reports.MADE) == []


@pytest.mark.django_db(transaction=True)
def test_after_an_hour_it_is_gone(alice: User, faulty: Rows, own_folder: Path) -> None:
    asked = checked(alice, faulty)
    Report.objects.update(finished_at=clock() - KEPT)
    assert page(alice, asked).status_code == 404
    reports.sweep()
    assert files(own_folder) == []


def test_a_worker_that_died_after_its_answer_leaves_no_file(alice: User, faulty: Rows) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty)))
    taken = reports.claim(asked.id)
    assert taken is not None
    reports.keep(taken, {reports.FINDINGS: b"{}"})
    assert default_storage.exists(asked.stored_as)
    reports.sweep()
    assert not default_storage.exists(asked.stored_as)


def test_what_cannot_be_checked_is_our_fault_and_erased(alice: User, faulty: Rows) -> None:
    asked = check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty)))
    Path(default_storage.path(asked.stored_as)).write_bytes(b"damaged")
    for _ in range(2):
        assert "being checked" in words(page(alice, asked))
        making.make(asked.id)
    said = words(page(alice, asked))
    assert "That is our fault, not yours" in said
    assert "Would be" not in said
    assert stored() == []


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("April.mdb", PNG, "PNG picture"),
        ("April.mdb", b"", "The file is empty"),
        ("April.csv", b"LPTID,NHSNumber\r\n1,2\r\n", "zip"),
        ("April.zip", None, "Choose a file to check"),
    ],
)
def test_refused_at_the_door(
    alice: User, own_folder: Path, name: str, data: bytes | None, said: str
) -> None:
    answer = posted(visit(alice), data, name)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not Report.objects.exists()
    assert files(own_folder) == []


def test_too_large(alice: User, own_folder: Path, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    assert posted(visit(alice), b"PK\3\4" + b"x" * 200_000).status_code == 413
    assert "larger than" in words(posted(visit(alice), b"PK\3\4" + b"x" * 2000))
    assert files(own_folder) == []


def test_a_form_that_is_too_old_or_anothers(alice: User, bob: User, faulty: Rows) -> None:
    assert posted(visit(alice), content(faulty), once="mine").status_code == 422
    once = str(uuid.uuid4())
    assert posted(visit(alice), content(faulty), once=once).status_code == 302
    again = posted(visit(alice), content(faulty), once=once)
    assert again["Location"] == f"/check/{Report.objects.get().id}/"
    assert "used up" in words(posted(visit(bob), content(faulty), once=once))
    assert len(stored()) == 1


def test_without_the_forms_token(alice: User, own_folder: Path, faulty: Rows) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert posted(client, content(faulty)).status_code == 403
    assert files(own_folder) == []


def test_so_many_in_an_hour_whether_forgotten_or_not(
    alice: User, bob: User, faulty: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_only, "MOST_IN_AN_HOUR", 2)
    for _ in range(2):
        reports.forget(check_only.ask(by=alice, once=uuid.uuid4(), file=arrived(content(faulty))))
    answer = posted(visit(alice), content(faulty))
    assert answer.status_code == 422
    assert "2 files checked within an hour" in words(answer)
    assert not Report.objects.exists()
    assert posted(visit(bob), content(faulty)).status_code == 302
    AuditEvent.objects.filter(by=alice).update(at=timezone.now() - timedelta(minutes=61))
    assert posted(visit(alice), content(faulty)).status_code == 302


def test_it_counts_for_no_quota_of_submissions(
    alice: User, window: Window, faulty: Rows, rows: Rows, settings: Settings
) -> None:
    settings.DAILY_SUBMISSIONS_PER_PROVIDER = 1
    for _ in range(2):
        checked(alice, faulty)
    assert send(alice, window, rows).id
