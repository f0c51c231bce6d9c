"""What each kind of value accepts, and its one stored form (docstring of `validation.values`)."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation import values
from validation.columns import JudgedColumn
from validation.dataset import Column, dataset
from validation.sent import SentColumn

PILOT = dataset("1.0P")


def column(place: str) -> Column:
    table, name = place.split(".")
    return PILOT.tables[table].columns[name]


def stored(place: str, text: str) -> str | None:
    return values.canonical(text, column(place))


ACCEPTED = [
    # codes: any case, a missing leading zero
    ("Person.NHSNoStatus", "01", "01"),
    ("Person.NHSNoStatus", "2", "02"),
    ("Person.Gender", "2", "2"),
    ("Person.BAFIndicator", "uu", "UU"),
    ("Person.ReligiousGroup", "c1", "C1"),
    ("Disability.Disability", "xx", "XX"),
    ("Disability.Disability", "8", "08"),
    ("Referral.SourceReferral", "a1", "A1"),
    ("Appointment.EmpSupportInd", "na", "NA"),
    # ethnicity: the left-most character
    ("Person.Ethnicity", "A", "A"),
    ("Person.Ethnicity", "a", "A"),
    ("Person.Ethnicity", "A1", "A"),
    ("Person.Ethnicity", "Z*", "Z"),
    ("Person.Ethnicity", "99", "99"),
    ("Person.Ethnicity", "9", "99"),
    # NHS number
    ("Person.NHSNumber", "9434765919", "9434765919"),
    ("Person.NHSNumber", "943 476 5919", "9434765919"),
    ("Person.NHSNumber", "943-476-5919", "9434765919"),
    ("Person.NHSNumber", "9990000034", "9990000034"),
    # dates
    ("Person.BirthDate", "1970-01-31", "1970-01-31"),
    ("Person.BirthDate", "31/01/1970", "1970-01-31"),
    ("Person.BirthDate", "1/2/1970", "1970-02-01"),
    ("Person.BirthDate", "29/02/2012", "2012-02-29"),
    ("Person.BirthDate", "1900-01-01", "1900-01-01"),
    ("Person.BirthDate", "2100-12-31", "2100-12-31"),
    ("Person.BirthDate", "1970-01-31 00:00:00", "1970-01-31"),
    ("Person.BirthDate", "1970-01-31T23:59", "1970-01-31"),
    ("Person.BirthDate", "1970-01-31 00:00:00.000", "1970-01-31"),
    ("Person.BirthDate", "31/01/1970 00:00", "1970-01-31"),
    # times
    ("Appointment.AppointmentTime", "09:30", "09:30:00"),
    ("Appointment.AppointmentTime", "9:30", "09:30:00"),
    ("Appointment.AppointmentTime", "09:30:15", "09:30:15"),
    ("Appointment.AppointmentTime", "00:00", "00:00:00"),
    ("Appointment.AppointmentTime", "23:59:59", "23:59:59"),
    # year and month
    ("Referral.OnsetDate", "2012-11", "2012-11"),
    # whole numbers
    ("Appointment.PHQ9_Score", "0", "0"),
    ("Appointment.PHQ9_Score", "27", "27"),
    ("Appointment.PHQ9_Score", "007", "7"),
    ("Appointment.PHQ9_Score", "10.0", "10"),
    ("Appointment.ContactDuration", "999", "999"),
    # decimals
    ("Appointment.AgoraScoreAcc", "5", "5.00"),
    ("Appointment.AgoraScoreAcc", "2.3", "2.30"),
    ("Appointment.AgoraScoreAcc", "02.35", "2.35"),
    # postcodes
    ("Person.Postcode", "M1 1AA", "M1 1AA"),
    ("Person.Postcode", "M60 1NW", "M60 1NW"),
    ("Person.Postcode", "CR2 6XH", "CR2 6XH"),
    ("Person.Postcode", "DN55 1PT", "DN55 1PT"),
    ("Person.Postcode", "W1A 1HQ", "W1A 1HQ"),
    ("Person.Postcode", "EC1A 1BB", "EC1A 1BB"),
    ("Person.Postcode", "ec1a1bb", "EC1A 1BB"),
    ("Person.Postcode", "EC1A  1BB", "EC1A 1BB"),
    ("Person.Postcode", "E C1A1 BB", "EC1A 1BB"),
    ("Person.Postcode", "ZZ99 3VZ", "ZZ99 3VZ"),
    ("Person.Postcode", "zz993wz", "ZZ99 3WZ"),
    # organisations and local identifiers
    ("Referral.OrgCodeComm", "5qx", "5QX"),
    ("Person.GMPC", "v81999", "V81999"),
    ("Person.LPTID", "a/b-c_d.e f", "a/b-c_d.e f"),
]


@pytest.mark.parametrize(("place", "text", "expected"), ACCEPTED)
def test_accepted(place: str, text: str, expected: str) -> None:
    assert stored(place, text) == expected


@pytest.mark.parametrize(("place", "text", "expected"), ACCEPTED)
def test_the_stored_form_is_accepted_and_stays(place: str, text: str, expected: str) -> None:
    assert stored(place, expected) == expected


REFUSED = [
    *[("Person.NHSNoStatus", text) for text in ("0", "09", "001", "1.0", "٢", "０２", "²")],
    *[("Person.Gender", text) for text in ("0", "F", "02", "12", "1 2")],
    *[("Person.ReligiousGroup", text) for text in ("O", "C81", "B0", "B9")],
    *[("Person.Ethnicity", text) for text in ("I", "Y", "1", "White", "*A", "ſ", "٩")],
    *[
        ("Person.NHSNumber", text)
        for text in (
            *("9434765918", "943476591", "94347659190", "943476591X", "943.476.5919", "0000000000"),
            *(
                "1111111111",
                "9999999999",
                "٩434765919",
                "９434765919",
                "+9434765919",
                "9434765919.0",
            ),
        )
    ],
    *[
        ("Person.BirthDate", text)
        for text in (
            *("31/02/2013", "29/02/2013", "2013-02-29", "1900-02-29", "2013-13-01", "2013-00-10"),
            *("01/13/2013", "0013-04-01", "01/04/13", "1899-12-31", "2101-01-01", "20130401"),
            *("1 April 2013", "01-04-2013", "01-Apr-2013", "2013/04/01", "2013-4-1", "41365"),
            *(
                "٢٠١٣-04-01",
                "2013-04-01 noon",
                "2013-04-01Z",
                "2013-04-01 ",
                "-2013-04-01",
                "0/1/2013",
            ),
        )
    ],
    *[
        ("Appointment.AppointmentTime", text)
        for text in (
            "24:00",
            "9am",
            "09.30",
            "0930",
            "09:60",
            "09:30:60",
            "9:3",
            "9",
            "٩:30",
            "-1:00",
        )
    ],
    *[
        ("Referral.OnsetDate", text)
        for text in ("2012-13", "2012-00", "2012-1", "201211", "11/2012", "2012-11-01", "0012-11")
    ],
    *[
        ("Appointment.PHQ9_Score", text)
        for text in (
            *("28", "-1", "1e1", "1_0", "+5", "3.5", "٣", "³", "NaN", "inf", "10.00", "10.", "1,0"),
            *("0x1", "1 0", "10.0.0", "99999999999999999999999"),
        )
    ],
    *[
        ("Appointment.AgoraScoreAcc", text)
        for text in ("5.01", "-0.5", "2,3", "2.345", "1e0", ".5", "2.", "٣", "+1", "NaN", "1_0")
    ],
    *[
        ("Person.Postcode", text)
        for text in ("M11A", "1AA M1", "EC1A-1BB", "EC1AB 1BB", "M1 1A1", "M1", "Ｍ1 1AA", "ß1 1AA")
    ],
    *[("Referral.OrgCodeComm", text) for text in ("9", "91", "91A123", "9 A", "91-", "ſ1A")],
    *[
        ("Person.LPTID", text)
        for text in ("P#1", "_1", " P", "Pé", "P\u00a01", "P\t1", "1" * 21, "P,1", "P'1", "P٣")
    ],
    ("Header.PrimSystem", "two\nlines"),
    ("Header.PrimSystem", "nul\0"),
    ("Header.PrimSystem", "next\u0085line"),
    ("Header.PrimSystem", "x" * 21),
]


@pytest.mark.parametrize(("place", "text"), REFUSED)
def test_not_valid(place: str, text: str) -> None:
    assert stored(place, text) is None


@pytest.mark.parametrize(
    ("sent", "cleansed"),
    [
        ("F32.1", "F321"),
        ("f321", "F321"),
        ("F 32.1", "F321"),
        ("F4O1", "F401"),
        ("f4o.o", "F400"),
        ("F32", "F32"),
        ("F32X", "F32X"),
        ("F3211", "F3211"),
        ("O42", "O42"),
        ("OOO", "O00"),
    ],
)
def test_diagnosis_is_judged_cleansed_and_kept_as_sent(sent: str, cleansed: str) -> None:
    assert values.diagnosis_cleansed(sent) == cleansed
    assert stored("Referral.ProvDiag", sent) == sent


def test_diagnosis_that_is_long_for_its_spaces_is_kept_cleansed() -> None:
    assert stored("Referral.ProvDiag", "F . 3 2 . 1 0") == "F3210"


@pytest.mark.parametrize("zeros", [1, 20, 5000])
def test_leading_zeros_count_for_nothing(zeros: int) -> None:
    assert stored("Appointment.ContactDuration", "0" * zeros + "50") == "50"


@pytest.mark.parametrize(
    "sent", ["F3", "32F", "F321234", "FXX", "F٣2", "low", "ßF32", "-F32", "F3211X"]
)
def test_diagnosis_not_valid(sent: str) -> None:
    assert stored("Referral.ProvDiag", sent) is None


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5"])
def test_codes_of_one_place_take_no_zero_away(code: str) -> None:
    """`5` and `05` are two texts: only a missing zero is forgiven, not one too many."""
    assert stored("Appointment.Attendance", f"0{code}") is None


def judged(place: str, *texts: str) -> JudgedColumn:
    return JudgedColumn(
        column(place), SentColumn(list(texts), np.arange(len(texts), dtype=np.uint8))
    )


def test_an_unlisted_role_is_kept_although_it_is_warned_of() -> None:
    role = judged("Appointment.PrimaryRole", "10", "99", "9X", "", "1")
    assert role.stored() == ["10", "99", None, None, None]
    assert role.is_invalid.tolist() == [False, True, True, False, True]


def test_what_is_not_valid_is_stored_as_nothing() -> None:
    score = judged("Appointment.PHQ9_Score", "99", "12", "", "1e1")
    assert score.stored() == [None, "12", None, None]
    assert score.is_blank.tolist() == [False, False, True, False]


def test_keys_are_equal_where_values_are() -> None:
    time = judged("Appointment.AppointmentTime", "9:30", "09:30:00", "", "09:31", "9AM", "9am")
    assert time.keys[0] == time.keys[1] != time.keys[3]
    assert time.keys[2] == -1
    assert time.keys[4] == time.keys[5] not in (-1, time.keys[0])
    person = judged("Person.LPTID", "p1", "P1", "P2", "ſ1", "S1")
    assert person.keys[0] == person.keys[1] != person.keys[2]
    assert person.keys[3] != person.keys[4]


ALL_COLUMNS = list(PILOT.columns())


@given(st.text(min_size=1), st.sampled_from(ALL_COLUMNS))
def test_any_text_gets_an_answer_that_stays(text: str, column: Column) -> None:
    once = values.canonical(text, column)
    assert once is None or values.canonical(once, column) == once


@given(st.lists(st.text(), max_size=6), st.sampled_from(ALL_COLUMNS))
def test_many_at_once_are_judged_as_one_by_one(texts: list[str], column: Column) -> None:
    one_by_one = [values.canonical(text, column) if text else None for text in texts]
    assert values.canonical_all(texts, column) == one_by_one


@given(st.lists(st.text()))
def test_upper_case_of_many_is_that_of_each(texts: list[str]) -> None:
    assert values.upper_all(texts) == [values.upper(text) for text in texts]


LIKE_DATES = st.from_regex(r"\A(18|19|20|21)[0-9]{2}[-/][0-3][0-9]-[0-3][0-9]\Z") | st.dates(
    date(1890, 1, 1), date(2110, 12, 31)
).map(date.isoformat)


@given(st.lists(LIKE_DATES))
def test_dates_at_once_are_judged_as_one_by_one(texts: list[str]) -> None:
    born = column("Person.BirthDate")
    assert values.canonical_all(texts, born) == [values.canonical(text, born) for text in texts]


def check_digit(first_nine: str) -> int:
    """The published algorithm, word by word: 10 for the numbers that are never given."""
    total = sum(
        int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)
    )
    return (11 - total % 11) % 11


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_nhs_numbers_by_the_published_algorithm(number: str) -> None:
    expected = check_digit(number[:9]) == int(number[9]) and len(set(number)) > 1
    assert (stored("Person.NHSNumber", number) == number) == expected


@given(st.from_regex(r"\A[0-9]{9}\Z"))
def test_at_most_one_last_digit_is_right(first_nine: str) -> None:
    right = [digit for digit in "0123456789" if stored("Person.NHSNumber", f"{first_nine}{digit}")]
    assert len(right) <= 1
    assert not (check_digit(first_nine) == 10 and right)
