"""Checking: what a worker makes of a file that was received."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings

from accounts.models import AuditEvent, Mail, Organisation, User
from iapt_portal.demonstration import let_in
from submissions import checking, raw_files, reporting
from submissions.lifecycle import Status
from submissions.models import FindingPlace, LocalKey, Submission, Window
from submissions.models.calendar import Kind, clock
from submissions.models.records import RECORDS
from tests.submissions.rows import Rows, month, nhs_number, person
from tests.submissions.sending import checked, content, send, send_and_check


def found(submission: Submission) -> dict[str, int]:
    """How often each rule was broken."""
    counts: dict[str, int] = {}
    for one in submission.finding_counts.all():
        counts[one.rule] = counts.get(one.rule, 0) + one.count
    return counts


def counted(submission: Submission) -> dict[str, tuple[int, int]]:
    return {one.table: (one.received, one.standing) for one in submission.tables.all()}


def raw(submission: Submission) -> Path:
    return settings.MEDIA_ROOT / submission.stored_as


def test_good_file(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, rows)
    assert submission.status == Status.ACCEPTED
    assert found(submission) == {}
    assert submission.message.startswith("The file is accepted. Every row stands")
    assert (submission.form, submission.dataset_version) == ("csv", "1.0")
    assert counted(submission) == {
        "Person": (6, 6),
        "Disability": (1, 1),
        "Referral": (6, 6),
        "Appointment": (12, 12),
    }
    for table, model in RECORDS.items():
        assert model.objects.filter(submission_id=submission.id).count() == len(rows[table])
    assert [change.after for change in submission.changes.all()] == [
        "RECEIVED",
        "CHECKING",
        "ACCEPTED",
    ]


def test_rejected_rows_and_warnings(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][0]["LPTID"] = ""
    rows["Person"][2] |= {"Gender": "7", "NHSNumber": "9990000019"}
    rows["Appointment"][3]["PHQ9_Score"] = "99"
    submission = send_and_check(alice, window, rows)
    assert submission.status == Status.ACCEPTED
    assert found(submission) == {"P01": 1, "P21": 1, "P11": 1, "R01": 1, "A01": 2, "A20": 1}
    assert counted(submission)["Person"] == (6, 5)
    assert counted(submission)["Appointment"] == (12, 10)
    place = FindingPlace.objects.get(finding__submission=submission, finding__rule="A20")
    assert (place.row, place.line) == (4, 5)


def test_sender_may_see_key_and_value_again(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][2]["NHSNumber"] = "9990000019"
    submission = send_and_check(alice, window, rows)
    place = FindingPlace.objects.get(finding__submission=submission)
    assert reporting.unseal(place.detail) == {"key": "PAT002", "value": "9990000019"}
    for clear in (b"PAT002", b"9990000019"):
        assert clear not in bytes(place.detail) + bytes(place.record_key)


def test_valid_identifier_is_kept_beside_no_finding(
    alice: User, window: Window, rows: Rows
) -> None:
    for row in rows["Person"][:2]:
        row["NHSNumber"] = nhs_number(7)
    submission = send_and_check(alice, window, rows)
    places = FindingPlace.objects.filter(finding__submission=submission, finding__rule="P03")
    assert [reporting.unseal(bytes(place.detail)) for place in places] == [
        {"key": "PAT000", "value": ""},
        {"key": "PAT001", "value": ""},
    ]


def test_same_record_is_known_again_in_the_next_file(
    alice: User, window: Window, rows: Rows
) -> None:
    rows["Person"][2]["NHSNumber"] = "9990000019"
    send_and_check(alice, window, rows)
    rows["Person"].reverse()
    send_and_check(alice, window, rows)
    one, two = FindingPlace.objects.filter(finding__rule="P11").order_by("id")
    assert (one.row, two.row) == (3, 4)
    assert bytes(one.record_key) == bytes(two.record_key) != b""


def test_first_thousand_places_of_a_rule(alice: User, window: Window, period: date) -> None:
    rows = month(period, persons=1)
    rows["Person"] += [person(p % 100, LPTID=f"N{p}", Gender="7") for p in range(1005)]
    submission = send_and_check(alice, window, rows)
    count = submission.finding_counts.get(rule="P21")
    assert count.count == 1005
    assert count.places.count() == settings.FINDINGS_KEPT_PER_RULE


def test_file_rejected_for_its_last_table_leaves_no_record(
    alice: User, window: Window, rows: Rows
) -> None:
    whole = content(rows)
    with ZipFile(BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["Appointment.csv"] += b"one,field,too,few\r\n"
    broken = BytesIO()
    with ZipFile(broken, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    submission = send_and_check(alice, window, broken.getvalue())
    assert submission.status == Status.REJECTED
    assert found(submission) == {"F17": 1}
    assert not any(model.objects.exists() for model in (*RECORDS.values(), LocalKey))


def test_wrong_month_is_rejected(alice: User, window: Window, period: date) -> None:
    wrong = month((period - timedelta(days=1)).replace(day=1))
    submission = send_and_check(alice, window, wrong)
    assert submission.status == Status.REJECTED
    assert found(submission) == {"F03": 1}
    assert submission.finding_counts.get().column == "StartDate"
    assert not any(model.objects.exists() for model in RECORDS.values())


def test_own_other_provider_chosen(alice: User, window: Window, period: date) -> None:
    let_in(alice, Organisation.objects.get(code="RZ2"))
    submission = send_and_check(alice, window, month(period, "RZ2"), provider="RZ1")
    assert submission.status == Status.REJECTED
    assert found(submission) == {"F10": 1}
    assert "This is the file of Birch Moor Wellbeing Service (RZ2)" in submission.message
    assert raw(submission).exists()


def test_strangers_file_is_erased_and_staff_told(alice: User, window: Window, period: date) -> None:
    submission = send(alice, window, month(period, "RZ2"))
    file = raw(submission)
    assert file.exists()
    checked(submission)
    assert submission.status == Status.REJECTED
    assert "RZ2" not in submission.message
    assert not file.exists()
    assert submission.stored_as == ""
    assert len(submission.sha256) == 64
    told = Mail.objects.filter(subject__contains="another provider's data")
    assert {mail.to.first_name for mail in told} == {"Erin", "Frank"}
    assert AuditEvent.objects.filter(what="another provider's file", by=alice).count() == 1


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "Accepted: "),
        ({"RefRecDate": ""}, "Accepted, with rows rejected: "),
        ({"OrgCodeProvider": "RX9"}, "Rejected: "),
    ],
)
def test_a_letter_tells_the_result_and_nothing_of_a_patient(
    alice: User, bob: User, window: Window, rows: Rows, change: dict[str, str], result: str
) -> None:
    table = "Header" if "OrgCodeProvider" in change else "Referral"
    rows[table][0] |= change
    submission = send_and_check(alice, window, rows)
    letters = Mail.objects.filter(subject__startswith=result)
    assert {letter.to for letter in letters} == {alice, bob}
    body = letters[0].body
    assert f"/submissions/{submission.reference}/" in body
    assert not any(row["LPTID"] in body for row in rows["Person"])
    assert "RX9" not in body


@pytest.mark.parametrize(
    "wrong", [{"EndDate": ""}, {"OrgCodeSubmitter": ""}, {"StartDate": "2013-04-02"}]
)
def test_strangers_file_is_known_whatever_else_is_wrong_with_its_header(
    alice: User, window: Window, period: date, wrong: dict[str, str]
) -> None:
    rows = month(period, "RZ2")
    rows["Header"][0] |= wrong
    submission = send_and_check(alice, window, rows)
    assert submission.stored_as == ""
    assert Mail.objects.filter(subject__contains="another provider's data").exists()


def test_what_should_have_been_erased_is_erased_by_the_sweeper(
    alice: User, window: Window, rows: Rows
) -> None:
    submission = send(alice, window, rows)
    file = raw(submission)
    Submission.objects.filter(id=submission.id).update(erase_raw=True)
    raw_files.erase_waiting()
    assert not file.exists()
    submission.refresh_from_db()
    assert (submission.stored_as, submission.erase_raw) == ("", False)


def test_refresh_without_a_primary(alice: User, window: Window) -> None:
    submission = send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    assert submission.status == Status.ACCEPTED
    assert found(submission) == {"F04": 1}


def test_second_file_replaces_the_first_and_says_so(
    alice: User, window: Window, rows: Rows
) -> None:
    first, second = (send_and_check(alice, window, rows) for _ in range(2))
    assert found(first) == {}
    words = second.finding_counts.get(rule="F12").words
    assert words == f"This submission replaces {first.reference}."


def test_not_a_submission_at_all(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, content(rows)[:-200])
    assert submission.status == Status.REJECTED
    assert found(submission) == {"F01": 1}
    assert set(counted(submission).values()) == {(0, 0)}


def test_access_and_csv_of_the_same_rows_are_the_same(
    alice: User, window: Window, rows: Rows
) -> None:
    rows["Person"][2] |= {"Gender": "7", "NHSNumber": "9990000019", "Ethnicity": ""}
    rows["Person"][4]["LPTID"] = ""
    rows["Referral"][1]["EndDate"] = "2001-01-01"
    rows["Appointment"][3] |= {"PHQ9_Score": "99", "AgoraScoreAcc": "2.50"}
    as_csv = send_and_check(alice, window, rows, form="zip")
    as_access = send_and_check(alice, window, rows, form="mdb")
    assert (as_csv.form, as_access.form) == ("csv", "access")
    again = {"F12": 1}
    assert found(as_access) == found(as_csv) | again
    assert counted(as_access) == counted(as_csv)
    assert _places(as_access) == _places(as_csv)
    assert _quality(as_access) == _quality(as_csv)
    for model in RECORDS.values():
        assert _records(model, as_access) == _records(model, as_csv)


def _records(model: type, submission: Submission) -> list[dict[str, object]]:
    found = model.objects.filter(submission_id=submission.id).order_by("row")
    return [{k: v for k, v in row.items() if k != "submission_id"} for row in found.values()]


def _places(submission: Submission) -> list[tuple[object, ...]]:
    places = FindingPlace.objects.filter(finding__submission=submission).exclude(
        finding__rule="F12"
    )
    return [
        (p.finding.rule, p.finding.column, p.row, p.other_row, bytes(p.record_key))
        for p in places.select_related("finding")
    ]


def _quality(submission: Submission) -> list[tuple[object, ...]]:
    fields = ("item", "table", "valid", "other", "default", "invalid", "missing")
    return sorted(submission.quality.values_list(*fields))


def test_quality_counts_over_rows_that_stand(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][0]["Gender"] = "7"
    rows["Person"][1]["Gender"] = ""
    rows["Person"][2]["LPTID"] = ""
    submission = send_and_check(alice, window, rows)
    gender = submission.quality.get(item="gender")
    assert (gender.valid, gender.invalid, gender.missing) == (3, 1, 1)
    assert gender.definitions


def test_score_quality_over_attended_treatment(alice: User, window: Window, rows: Rows) -> None:
    rows["Appointment"][0] |= {"PHQ9_Score": "99"}
    rows["Appointment"][1] |= {"PHQ9_Score": "99", "Attendance": "3"}
    rows["Appointment"][2] |= {"PHQ9_Score": "99", "AppType": "06"}
    phq = send_and_check(alice, window, rows).quality.get(item="phq9")
    assert (phq.valid, phq.invalid) == (9, 1)


def test_nobody_checks_twice(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, rows)
    before = list(submission.tables.values())
    assert checked(submission).attempt == 1
    assert list(submission.tables.values()) == before
    assert checking.claim(submission.id) is None
    assert checking.claim(0) is None


def test_claim_while_another_works(alice: User, window: Window, rows: Rows) -> None:
    submission = send(alice, window, rows)
    assert checking.claim(submission.id).attempt == 1
    assert checking.claim(submission.id) is None


def test_claim_when_the_lease_ran_out(alice: User, window: Window, rows: Rows) -> None:
    submission = send(alice, window, rows)
    first = checking.claim(submission.id)
    Submission.objects.update(lease_until=clock() - timedelta(seconds=1))
    assert checking.claim(submission.id).attempt == 2
    checking.stumble(first)
    submission.refresh_from_db()
    assert (submission.status, submission.attempt) == (Status.CHECKING, 2)
    assert submission.lease_until > Window.objects.with_clock().first().now


def test_three_attempts_then_failed_and_tried_again(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    submission = send(alice, window, rows)
    whole = raw(submission).read_bytes()
    raw(submission).write_bytes(whole[:-1])  # our disk lost a byte
    for _ in range(3):
        checked(submission)
    assert (submission.status, submission.attempt) == (Status.FAILED, 3)
    assert "our fault" in submission.message
    assert not submission.tables.exists()
    assert Mail.objects.filter(subject__endswith="failed", to=erin).count() == 1
    raw(submission).write_bytes(whole)
    checking.try_again(submission=submission, by=erin)
    assert checked(submission).status == Status.ACCEPTED
    assert submission.attempt == 4


def test_another_file_than_the_one_received_is_never_checked(
    alice: User, window: Window, rows: Rows
) -> None:
    submission = send(alice, window, rows)
    rows["Person"].pop()
    other = send(alice, window, rows)
    raw(submission).write_bytes(raw(other).read_bytes())
    for _ in range(3):
        checked(submission)
    assert submission.status == Status.FAILED


def test_pilot_columns_from_a_pilot_site_only(alice: User, window: Window, rows: Rows) -> None:
    rows["Header"][0]["DataSetVersion"] = "1.0P"
    rejected = send_and_check(alice, window, rows)
    assert found(rejected) == {"F06": 1}
    Organisation.objects.filter(code="RZ1").update(pilot_site=True)
    assert send_and_check(alice, window, rows).status == Status.ACCEPTED


@pytest.mark.parametrize("form", ["zip", "mdb"])
def test_working_folder_is_gone(alice: User, window: Window, rows: Rows, form: str) -> None:
    send_and_check(alice, window, rows, form=form)
    assert list((settings.DATA_DIR / "checking").iterdir()) == []
    assert not settings.RECEIVING_DIR.exists() or list(settings.RECEIVING_DIR.iterdir()) == []
