"""Loading: what becomes a record, and what of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection

from accounts.models import User
from submissions.loading import age
from submissions.models import (
    AppointmentRecord,
    DisabilityRecord,
    PersonRecord,
    ReferralRecord,
    Submission,
    Window,
)
from submissions.models.records import RECORDS
from tests.submissions.rows import Rows, disability, last_day, month, nhs_number
from tests.submissions.sending import send_and_check

# table, column as sent, what is sent, what the record says
STORED: list[tuple[str, str, str, Any]] = [
    ("Appointment", "PHQ9_Score", "27", 27),
    ("Appointment", "PHQ9_Score", "99", None),
    ("Appointment", "PHQ9_Score", "", None),
    ("Appointment", "PHQ9_Score", "12.0", 12),
    ("Appointment", "GAD7Score", "1e1", None),
    ("Appointment", "AgoraScoreAcc", "2.50", Decimal("2.50")),
    ("Appointment", "AgoraScoreAcc", "2,5", None),
    ("Appointment", "Attendance", "9", None),
    ("Appointment", "AppType", "2", "02"),
    ("Appointment", "TherType1", "99", None),
    ("Appointment", "PrimaryRole", "71", "71"),
    ("Appointment", "PrimaryRole", "X1", None),
    ("Appointment", "AppointmentTime", "9:05", "09:05:00"),
    ("Appointment", "AppointmentTime", "24:00", None),
    ("Referral", "OrgCodeComm", "99Z", "99Z"),
    ("Referral", "EndDate", "31/02/2013", None),
    ("Referral", "SourceReferral", "a1", "A1"),
    ("Referral", "ProvDiag", "F41.1", "F41.1"),
    ("Person", "Gender", "7", None),
    ("Person", "BAFIndicator", "01", "01"),
    ("Person", "BAFIndicator", "04", "04"),
    ("Person", "GMPC", "v81997", "V81997"),
    ("Person", "NHSNoStatus", "77", None),
]


@pytest.mark.parametrize(("table", "column", "sent", "stored"), STORED)
def test_value_as_stored(
    alice: User, window: Window, rows: Rows, table: str, column: str, sent: str, stored: Any
) -> None:
    rows[table][0][column] = sent
    submission = send_and_check(alice, window, rows)
    record = RECORDS[table].objects.filter(submission_id=submission.id, row=1).first()
    if record is None:
        assert stored is None, "a rejected row makes no record"
    else:
        assert getattr(record, column.lower()) == stored


@pytest.mark.parametrize(
    ("sent", "cleansed"),
    [("A", "A"), ("A1", "A"), ("z", "Z"), ("99", "99"), ("", "-1"), ("Q", "-3"), ("7", "-3")],
)
def test_ethnicity_cleansed(
    alice: User, window: Window, rows: Rows, sent: str, cleansed: str
) -> None:
    rows["Person"][0]["Ethnicity"] = sent
    assert loaded(PersonRecord, alice, window, rows).ic_ethnicity == cleansed


@pytest.mark.parametrize(
    ("sent", "cleansed"),
    [
        ("F41.1", "F411"),
        ("f32", "F32"),
        ("F4O1", "F401"),
        ("F43.22", "F432"),
        ("", "-1"),
        ("F4", "-3"),
        ("depressed", "-3"),
    ],
)
def test_diagnosis_cleansed(
    alice: User, window: Window, rows: Rows, sent: str, cleansed: str
) -> None:
    rows["Referral"][0]["ProvDiag"] = sent
    assert loaded(ReferralRecord, alice, window, rows).ic_provdiag == cleansed


@pytest.mark.parametrize(
    ("sent", "district"),
    [("LS1 4AP", "LS1"), ("sw1a1aa", "SW1A"), ("ZZ99 3VZ", "ZZ99"), ("", None), ("Leeds", None)],
)
def test_postcode_district(
    alice: User, window: Window, rows: Rows, sent: str, district: str | None
) -> None:
    rows["Person"][0]["Postcode"] = sent
    assert loaded(PersonRecord, alice, window, rows).postcode_district == district


def loaded(model: Any, alice: User, window: Window, rows: Rows, row: int = 1) -> Any:
    submission = send_and_check(alice, window, rows)
    return model.objects.get(submission_id=submission.id, row=row)


@pytest.mark.parametrize(
    ("born", "at", "years"),
    [
        ("1980-06-15", "2013-06-14", 32),
        ("1980-06-15", "2013-06-15", 33),
        ("1980-02-29", "2013-02-28", 32),  # born on 29 February: a year older on 1 March
        ("1980-02-29", "2013-03-01", 33),
        ("1980-02-29", "2012-02-29", 32),
        ("2013-06-15", "2013-06-15", 0),
        ("2013-06-16", "2013-06-15", -1),
        ("1893-06-15", "2013-06-15", 120),
        ("1892-06-15", "2013-06-15", -1),
        ("NaT", "2013-06-15", -1),
        ("1980-06-15", "NaT", -1),
    ],
)
def test_age_in_completed_years(born: str, at: str, years: int) -> None:
    dates = (np.array([day], dtype="datetime64[D]") for day in (born, at))
    assert age(*dates).tolist() == [years]


def test_ages_of_person_and_referral(alice: User, window: Window, rows: Rows, period: date) -> None:
    end = last_day(period)
    rows["Person"][0]["BirthDate"] = str(end.replace(year=end.year - 40))
    rows["Referral"][0] |= {"RefRecDate": str(period), "EndDate": str(end)}
    submission = send_and_check(alice, window, rows)
    person = PersonRecord.objects.get(submission_id=submission.id, row=1)
    referral = ReferralRecord.objects.get(submission_id=submission.id, row=1)
    assert (person.age_start, person.age_end) == (39, 40)
    assert (referral.age_received, referral.age_ended) == (39, 40)


def test_no_birth_date_no_age(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][0]["BirthDate"] = ""
    person = loaded(PersonRecord, alice, window, rows)
    assert (person.age_start, person.age_end) == (None, None)


def test_rows_are_the_senders_own_and_children_know_their_parents(
    alice: User, window: Window, rows: Rows
) -> None:
    rows["Person"][1]["LPTID"] = ""  # rejected, with its disability, referral and appointments
    rows["Disability"] = [disability(3)]
    submission = send_and_check(alice, window, rows)
    of = {"submission_id": submission.id}
    assert [p.row for p in PersonRecord.objects.filter(**of).order_by("row")] == [1, 3, 4, 5, 6]
    assert DisabilityRecord.objects.get(**of).person_row == 4
    referrals = ReferralRecord.objects.filter(**of)
    assert {(r.row, r.person_row) for r in referrals} == {(n, n) for n in (1, 3, 4, 5, 6)}
    appointments = AppointmentRecord.objects.filter(**of)
    assert {(a.row, a.referral_row) for a in appointments} == {
        (row, (row + 1) // 2) for row in range(1, 13) if row not in {3, 4}
    }


def people(submission: Submission) -> dict[int, PersonRecord]:
    found = PersonRecord.objects.filter(submission_id=submission.id)
    return {record.row: record for record in found}


def test_one_nhs_number_is_one_person_at_every_provider(
    alice: User, charlie: User, window: Window, rows: Rows, period: date
) -> None:
    other = month(period, "RZ2")
    other["Person"][3]["NHSNumber"] = nhs_number(0)[:3] + " " + nhs_number(0)[3:]
    rows["Person"][0]["NHSNumber"] = nhs_number(0)
    here = people(send_and_check(alice, window, rows))
    there = people(send_and_check(charlie, window, other))
    assert here[1].person == there[4].person
    assert here[1].local != there[4].local
    assert here[1].has_nhs_number


def test_without_a_number_a_person_is_known_at_its_provider_alone(
    alice: User, charlie: User, window: Window, rows: Rows, period: date
) -> None:
    other = month(period, "RZ2")
    for sent in (rows, other):
        sent["Person"][0]["NHSNumber"] = ""
        sent["Person"][1]["NHSNumber"] = "9990000019"
    here = people(send_and_check(alice, window, rows))
    again = people(send_and_check(alice, window, rows))
    there = people(send_and_check(charlie, window, other))
    for row in (1, 2):
        assert not here[row].has_nhs_number
        assert here[row].person == again[row].person == here[row].local
        assert here[row].person != there[row].person
    assert here[1].person != here[2].person


def test_service_is_known_at_its_provider_alone(
    alice: User, charlie: User, window: Window, rows: Rows, period: date
) -> None:
    rows["Referral"][0]["ServiceID"] = "ref000"
    for appointment in rows["Appointment"][:2]:
        appointment["ServiceID"] = "REF000"
    here = send_and_check(alice, window, rows)
    again = send_and_check(alice, window, month(period))
    there = send_and_check(charlie, window, month(period, "RZ2"))
    one, two, three = (
        ReferralRecord.objects.get(submission_id=s.id, row=1).service for s in (here, again, there)
    )
    assert one == two != three


def test_local_keys_stand_in_a_schema_of_their_own(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][1]["LPTID"] = ""
    submission = send_and_check(alice, window, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT "table", row, value FROM identifying.local_key WHERE submission_id = %s',
            [submission.id],
        )
        keys = set(cursor.fetchall())
    rows_that_stand = [1, 3, 4, 5, 6]
    assert keys == {("Person", row, f"PAT{row - 1:03}") for row in rows_that_stand} | {
        ("Referral", row, f"REF{row - 1:03}") for row in rows_that_stand
    }
