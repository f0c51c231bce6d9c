"""What recipients find in their extracts, counted against what was sent."""

import csv
import hashlib
import io
import json
import re
from datetime import date

import pytest

from accounts.models import User
from extracts import periods, specification
from extracts.models import Run
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.periods import financial_year, last_day
from tests.extracts.reading import (
    close_and_process,
    column,
    content,
    manifest,
    members,
    of,
    tables,
)
from tests.submissions.rows import Rows, month, nhs_number
from tests.submissions.sending import send_and_check


def test_a_run_makes_every_recipients_extract(run: Run) -> None:
    made = {(extract.code, extract.stage) for extract in run.extracts.all()}
    assert run.status == Run.Status.DONE
    provisional = {(code, "P") for code in ("RZ1", "RZ2", "91A", "ENGLAND")}
    assert made == provisional | {(code, "R") for code in ("RZ1", "91A", "ENGLAND")}
    assert run.extracts_total == len(made)
    assert run.without_account == ["92A", "99Z"]


def test_providers_own_rows(run: Run, rows: Rows) -> None:
    extract = of(run, "RZ1")
    sent = [row["LPTID"] for row in rows["Person"]]
    assert sorted(column(extract["Person"], "LPTID")) == sorted(set(sent) - {"PAT004"})
    assert sorted(column(extract["Referral"], "SERVICEID")) == sorted(
        row["ServiceID"] for row in rows["Referral"]
    )
    assert len(extract["Appointment"]) == len(rows["Appointment"])
    assert [row["LPTID"] for row in extract["Disability"]] == ["PAT001"]
    assert set(column(extract["Person"], "ORGCODEPROVIDER")) == {"RZ1"}


def test_commissioners_referrals_and_theirs_alone(run: Run, rows: Rows) -> None:
    extract = of(run, "91A")
    of_rz1 = [row for row in rows["Referral"] if row["OrgCodeComm"] == "91A"]
    of_rz2 = [place for place in range(5) if place % 3 != 2]
    assert set(column(extract["Referral"], "ORGCODECOMM")) == {"91A"}
    assert len(extract["Referral"]) == len(of_rz1) + len(of_rz2)
    assert len(extract["Person"]) == len({r["LPTID"] for r in of_rz1}) + len(of_rz2)
    assert len(extract["Appointment"]) == 2 * len(extract["Referral"])
    assert len(extract["Disability"]) == 2
    for table, rows_of in extract.items():
        assert not {"LPTID", "SERVICEID"} & set(rows_of[0]), table


def test_one_header_for_each_provider_counts_its_persons(run: Run) -> None:
    extract = of(run, "91A")
    headers = {row["ORGCODEPROVIDER"]: row for row in extract["Header"]}
    assert set(headers) == {"RZ1", "RZ2"}
    for code, header in headers.items():
        persons = [row for row in extract["Person"] if row["ORGCODEPROVIDER"] == code]
        assert int(header["TOTAL_RECORDS"]) == len(persons)
        assert {row["HEADER_ID"] for row in persons} == {header["HEADER_ID"]}


def test_header_says_the_month(run: Run, period: date) -> None:
    header = of(run, "RZ1")["Header"][0]
    assert header["FILE_TYPE"] == "Primary"
    assert header["MONTH_ID"] == str((period.year - 1900) * 12 + period.month - 3)
    assert header["START_DATE"] == f"{period}T00:00:00"
    assert header["END_DATE"] == f"{last_day(period)}T00:00:00"
    assert header["END_PROCESSING_DATE"] == header["COMPLETION_TIME"]
    assert (
        header["BSP_UNIQUE_ID"] == Submission.objects.get(provider__code="RZ1", kind="P").reference
    )


def test_refresh_stage(run: Run, refresh: Rows, window: Window) -> None:
    extract = of(run, "RZ1", "R")
    assert extract["Header"][0]["FILE_TYPE"] == "Refresh"
    assert len(extract["Person"]) == len(refresh["Person"])
    month_id = str(periods.month_id(window.refresh_period))
    assert set(column(extract["Referral"], "IC_SOURCE_PERIOD_ID")) == {month_id}


def test_final_stage_falls_back_to_the_primary(
    alice: User, charlie: User, erin: User, window: Window
) -> None:
    """RZ1 refreshed the month before, RZ2 did not: its Primary of the window before stands."""
    before = window.refresh_period
    send_and_check(alice, window, month(before), Kind.REFRESH)
    sent = send_and_check(charlie, window, month(before, "RZ2"), Kind.REFRESH)
    Submission.objects.filter(id=sent.id).update(kind=Kind.PRIMARY)
    run = close_and_process(window, erin)
    types = {h["ORGCODEPROVIDER"]: h["FILE_TYPE"] for h in of(run, "91A", "R")["Header"]}
    assert types == {"RZ1": "Refresh", "RZ2": "Primary"}


def test_columns_are_those_of_the_specification_in_their_order(run: Run) -> None:
    for recipient, own in (("RZ1", True), ("91A", False)):
        for name, data in members(
            content(run.extracts.get(recipient__code=recipient, stage="P"))
        ).items():
            if name.endswith(".csv"):
                columns = specification.columns_for(name.removesuffix(".csv"), own=own)
                first = next(csv.reader(io.StringIO(data.decode())))
                assert first == [column.name for column in columns]


def test_referral_that_ends_after_the_period_has_not_ended(run: Run, rows: Rows) -> None:
    """R08: the row is kept, its end is not."""
    by_service = {row["SERVICEID"]: row for row in of(run, "RZ1")["Referral"]}
    later, ended = by_service["REF001"], by_service["REF002"]
    assert (later["ENDDATE"], later["ENDCODE"], later["AGE_AT_REF_END_DATE"]) == ("", "", "")
    assert (ended["ENDDATE"], ended["ENDCODE"]) == (rows["Referral"][2]["EndDate"], "10")
    assert ended["AGE_AT_REF_END_DATE"] != ""


def test_person_without_a_referral_is_absent(run: Run) -> None:
    assert "PAT004" not in column(of(run, "RZ1")["Person"], "LPTID")


def test_derived_columns(run: Run, rows: Rows) -> None:
    extract = of(run, "RZ1")
    person = next(row for row in extract["Person"] if row["LPTID"] == "PAT001")
    assert person["POSTCODE_DISTRICT"] == "LS1"
    assert person["IC_ETHNICITY"] == "A"
    assert person["IC_DISABILITY_FLAG"] == "Y"
    others = [row for row in extract["Person"] if row["LPTID"] != "PAT001"]
    assert set(column(others, "IC_DISABILITY_FLAG")) == {""}
    assert set(column(extract["Referral"], "IC_PROVDIAG")) == {"F411"}
    assert set(column(extract["Referral"], "PROVDIAG")) == {"F41.1"}
    assert set(column(extract["Appointment"], "PHQ9_SCORE")) == {"12"}


def test_form_of_the_files(run: Run) -> None:
    zipped = content(run.extracts.get(recipient__code="RZ1", stage="P"))
    found = members(zipped)
    names = ["Header.csv", "Person.csv", "Disability.csv", "Referral.csv", "Appointment.csv"]
    assert list(found) == [*names, "datapackage.json", "manifest.json"]
    for name in names:
        text = found[name].decode("utf-8")
        assert text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert not re.search(r"NULL|None|\\N", text)
    blank = next(row for row in tables(zipped)["Referral"] if row["SERVICEID"] == "REF000")
    assert blank["ENDDATE"] == blank["IC_LAST_PHQ9"] == ""


def test_data_package_describes_every_column(run: Run) -> None:
    found = members(content(run.extracts.get(recipient__code="91A", stage="P")))
    for resource in json.loads(found["datapackage.json"])["resources"]:
        header = found[resource["path"]].decode().split("\r\n")[0].split(",")
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert all(field["title"] and field["description"] for field in fields)


def test_manifest_agrees_with_the_files(run: Run) -> None:
    extract = run.extracts.get(recipient__code="RZ1", stage="P")
    zipped = content(extract)
    said = manifest(zipped)
    found = members(zipped)
    assert said["rows"] == extract.rows == {t: len(r) for t, r in tables(zipped).items()}
    for name, digest in said["sha256"].items():
        assert hashlib.sha256(found[name]).hexdigest() == digest
    assert said["submissions"] == [Submission.objects.get(provider__code="RZ1", kind="P").reference]


CANARY = {
    "LPTID": "CANARY7731",
    "NHSNumber": nhs_number(5_000),
    "BirthDate": "1961-07-19",
    "Postcode": "TR21 0PQ",
}


@pytest.fixture
def canary(rows: Rows) -> Rows:
    rows["Person"][0] |= CANARY
    for row in rows["Referral"] + rows["Appointment"]:
        if row["LPTID"] == "PAT000":
            row["LPTID"] = CANARY["LPTID"]
    return rows


def test_no_identifier_beyond_the_specification(canary: Rows, run: Run) -> None:
    """The provider itself sees its own keys; nobody sees a number, a birth date or a postcode."""
    for extract in run.extracts.all():
        text = b"".join(members(content(extract)).values()).decode()
        seen = {name for name, value in CANARY.items() if value in text}
        hers = (extract.code, extract.stage) == ("RZ1", "P")
        assert seen == ({"LPTID"} if hers else set())
        if extract.code in {"91A", "ENGLAND"}:
            assert not re.search(r"PAT\d{3}|REF\d{3}", text)


def test_strange_text_arrives_whole(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    strange = "A/B-1_2. c"
    for row in rows["Person"] + rows["Referral"] + rows["Appointment"]:
        if row["LPTID"] == "PAT002":
            row["LPTID"] = strange
    send_and_check(alice, window, rows)
    extract = of(close_and_process(window, erin), "RZ1")
    assert strange in column(extract["Person"], "LPTID")


@pytest.mark.parametrize(
    ("period", "month_id", "quarter_id", "year"),
    [
        (date(2013, 4, 1), 1357, 453, "2013/14"),
        (date(2013, 6, 1), 1359, 453, "2013/14"),
        (date(2013, 7, 1), 1360, 454, "2013/14"),
        (date(2014, 3, 1), 1368, 456, "2013/14"),
        (date(2014, 4, 1), 1369, 457, "2014/15"),
        (date(2000, 1, 1), 1198, 400, "1999/00"),
    ],
)
def test_numbers_of_a_period(period: date, month_id: int, quarter_id: int, year: str) -> None:
    assert periods.month_id(period) == month_id
    assert periods.quarter_id(period) == quarter_id
    assert financial_year(period) == year


def test_last_day_of_every_month() -> None:
    days = [last_day(date(2012, month, 1)).day for month in range(1, 13)]
    assert days == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
