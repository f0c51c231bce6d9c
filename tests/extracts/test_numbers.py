"""Numbers and pseudonyms: unique, stable, telling nothing, joining nothing."""

import random
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from extracts import periods
from extracts.models import Run
from submissions.models import PersonRecord, Submission, Window
from tests.extracts.reading import close_and_process, column, content, members, of
from tests.submissions.rows import Rows, appointment, month
from tests.submissions.sending import send_and_check

NUMBERS = {
    "Header": "HEADER_ID",
    "Person": "IAPT_RECORD_NUMBER",
    "Disability": "DISABILITY_ID",
    "Referral": "REFERRAL_ID",
    "Appointment": "APPOINTMENT_ID",
}


@pytest.mark.parametrize(("table", "name"), NUMBERS.items())
def test_month_and_rank(run: Run, period: date, table: str, name: str) -> None:
    for recipient in ("RZ1", "91A"):
        numbers = column(of(run, recipient)[table], name)
        first = periods.month_id(period) * 10**10
        assert numbers == [str(first + rank) for rank in range(1, len(numbers) + 1)]


def test_rows_hang_together(run: Run) -> None:
    for recipient in ("RZ1", "91A"):
        extract = of(run, recipient)
        persons = {p["IAPT_RECORD_NUMBER"]: p["IAPT_PERSON_ID"] for p in extract["Person"]}
        referrals = {r["REFERRAL_ID"]: r for r in extract["Referral"]}
        for row in extract["Referral"] + extract["Disability"]:
            assert persons[row["IAPT_RECORD_NUMBER"]] == row["IAPT_PERSON_ID"]
        for row in extract["Appointment"]:
            parent = referrals[row["REFERRAL_ID"]]
            for name in ("IAPT_RECORD_NUMBER", "IC_PATHWAY_ID", "IC_SERVICEID", "IAPT_PERSON_ID"):
                assert row[name] == parent[name]


def test_pathway_and_service_ids_are_positive_bigints(run: Run) -> None:
    for row in of(run, "RZ1")["Referral"]:
        for name in ("IC_PATHWAY_ID", "IC_SERVICEID"):
            assert 0 < int(row[name]) < 2**63


def test_pathway_flag_once_for_each_pathway(run: Run) -> None:
    for recipient in ("RZ1", "91A"):
        referrals = of(run, recipient)["Referral"]
        flagged = [r["IC_PATHWAY_ID"] for r in referrals if r["IC_USE_PATHWAY_FLAG"] == "Y"]
        assert len(flagged) == len(set(flagged))
        assert set(flagged) == set(column(referrals, "IC_PATHWAY_ID"))
        assert {r["IC_USE_PATHWAY_FLAG"] for r in referrals} <= {"Y", ""}


def test_two_records_of_one_person_share_a_person_id(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    """Two LPTIDs with one NHS number: a record number each, one IAPT_PERSON_ID."""
    rows["Person"][1]["NHSNumber"] = rows["Person"][0]["NHSNumber"]
    send_and_check(alice, window, rows)
    persons = of(close_and_process(window, erin), "RZ1")["Person"]
    two = [row for row in persons if row["LPTID"] in {"PAT000", "PAT001"}]
    assert len({row["IAPT_PERSON_ID"] for row in two}) == 1
    assert len({row["PSEUDONUMBER"] for row in two}) == 1
    assert len({row["IAPT_RECORD_NUMBER"] for row in two}) == 2


def test_pseudonumber_is_blank_without_an_nhs_number(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    rows["Person"][1]["NHSNumber"] = ""
    send_and_check(alice, window, rows)
    persons = {r["LPTID"]: r for r in of(close_and_process(window, erin), "RZ1")["Person"]}
    assert persons["PAT001"]["PSEUDONUMBER"] == ""
    assert int(persons["PAT000"]["PSEUDONUMBER"]) > 0


def telling(extract: dict[str, list[dict[str, str]]]) -> set[str]:
    """All pseudonyms of an extract."""
    names = ("IAPT_PERSON_ID", "PSEUDONUMBER", "IC_PATHWAY_ID", "IC_SERVICEID")
    rows = [row for table in extract.values() for row in table]
    return {row[name] for row in rows for name in names if row.get(name)}


def test_no_two_recipients_join(run: Run, everybody: dict[str, User]) -> None:
    ours, theirs, payers = (telling(of(run, code)) for code in ("RZ1", "RZ2", "91A"))
    assert min(len(ours), len(theirs), len(payers)) > 10
    assert not ours & theirs
    assert not ours & payers
    assert not theirs & payers


def test_internal_keys_never_leave(run: Run) -> None:
    text = b"".join(
        b"".join(members(content(extract)).values()) for extract in run.extracts.all()
    ).decode()
    for record in PersonRecord.objects.all():
        for key in (record.person, record.local):
            assert str(key) not in text
            assert key.hex not in text


def test_pseudonyms_stay_from_month_to_month(run: Run) -> None:
    """The same persons and services in the month before, under the same recipient's key."""
    for recipient in ("RZ1", "91A"):
        now, before = of(run, recipient, "P"), of(run, recipient, "R")
        for table, name in (
            ("Person", "IAPT_PERSON_ID"),
            ("Person", "PSEUDONUMBER"),
            ("Referral", "IC_PATHWAY_ID"),
        ):
            shared = set(column(now[table], name)) & set(column(before[table], name))
            assert len(shared) >= 2, (recipient, name)
        numbers = [set(column(month["Referral"], "REFERRAL_ID")) for month in (now, before)]
        assert not numbers[0] & numbers[1]
        assert min(map(int, numbers[0])) > max(map(int, numbers[1]))


def unlike(row: dict[str, str]) -> dict[str, str]:
    """A row without what names the submission and the moment of the run."""
    left_out = {"BSP_UNIQUE_ID", "END_PROCESSING_DATE", "COMPLETION_TIME"}
    return {name: value for name, value in row.items() if name not in left_out}


def test_order_of_rows_in_the_file_changes_nothing(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    """Also for appointments that agree in all but a late column."""
    rows["Appointment"] += [
        appointment(0, period, AppointmentTime="", AppType=wrong, WSASScore=score)
        for wrong, score in (("97", "3"), ("98", "7"), ("99", "5"))
    ]
    send_and_check(alice, window, rows)
    first = close_and_process(window, erin)
    for table in ("Person", "Disability", "Referral", "Appointment"):
        random.Random(7).shuffle(rows[table])
    Window.objects.filter(id=window.id).update(closes_at=window.closes_at)
    send_and_check(alice, window, rows)
    second = close_and_process(window, erin)
    for code in ("RZ1", "91A"):
        one, two = of(first, code), of(second, code)
        for table in one:
            assert list(map(unlike, one[table])) == list(map(unlike, two[table])), (code, table)


def test_order_of_arrival_changes_nothing(
    alice: User, charlie: User, erin: User, window: Window, period: date
) -> None:
    runs = []
    here, there = month(period), month(period, "RZ2")
    for senders in (((alice, here), (charlie, there)), ((charlie, there), (alice, here))):
        Window.objects.filter(id=window.id).update(closes_at=window.closes_at)
        for user, sent in senders:
            send_and_check(user, window, sent)
        runs.append(close_and_process(window, erin))
    one, two = (of(run, "91A") for run in runs)
    for table in one:
        assert list(map(unlike, one[table])) == list(map(unlike, two[table]))


def test_rebuilt_byte_for_byte(run: Run, tmp_path) -> None:
    for extract in run.extracts.all():
        said = StringIO()
        call_command(
            *("rebuild", run.id, extract.code, extract.stage),
            into=tmp_path,
            stdout=said,
        )
        assert "equal, byte for byte" in said.getvalue()
        assert (tmp_path / extract.file_name).read_bytes() == content(extract)


def test_rebuilt_after_more_was_sent(run: Run, alice: User, window: Window, period: date) -> None:
    """A run goes by what it froze, whatever stands by now."""
    Window.objects.filter(id=window.id).update(closes_at=window.closes_at)
    send_and_check(alice, window, month(period, persons=2))
    call_command("rebuild", run.id, "RZ1", "P", stdout=StringIO())


def test_rebuild_says_when_it_differs(run: Run) -> None:
    PersonRecord.objects.filter(submission_id=Submission.objects.earliest("id").id).update(
        gender="9"
    )
    with pytest.raises(CommandError, match="differs"):
        call_command("rebuild", run.id, "RZ1", "P")
    with pytest.raises(CommandError, match="no such extract"):
        call_command("rebuild", run.id, "RZ3", "P")
