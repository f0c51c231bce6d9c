"""Rows written in both forms are the rows that were given."""

import csv
import datetime as dt
import io
import zipfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validation.dataset import VERSIONS, dataset
from validation.reading import read
from validation.sent import Sent
from validation.writing import write_access, write_archive

HEADER = {
    "DataSetVersion": "1.0",
    "OrgCodeProvider": "RZ1",
    "OrgCodeSubmitter": "RZ1",
    "PrimSystem": 'Ward "7",\nnorth wing £ €',
    "StartDate": "2013-04-01",
    "EndDate": "2013-04-30",
    "DateCreated": "2013-05-02T10:11:12",
}
ROWS = {
    "Header": [HEADER],
    "Person": [
        {"LPTID": "P1", "NHSNumber": "9990000018", "BirthDate": "1970-02-28", "Gender": "2"},
        {"LPTID": "  P2\u00a0", "BirthDate": "1899-12-31", "Postcode": "ZZ99 3WZ"},
        {"LPTID": "\ufeffÅsa", "Ethnicity": "A", "GMPC": "V81999"},
    ],
    "Disability": [{"LPTID": "P1", "Disability": "01"}],
    "Referral": [{"LPTID": "P1", "ServiceID": "S1", "OnsetDate": "2012-11", "ProvDiag": "F32.1"}],
    "Appointment": [
        {"ServiceID": "S1", "Appointment": "2013-04-02", "AppointmentTime": "09:30:00"},
        {"ServiceID": "S1", "Appointment": "2013-04-09", "PHQ9_Score": "27", "GAD7Score": "-3"},
        {"ServiceID": "S1", "AgoraScoreAcc": "2.35", "AgoraScoreAlone": "0", "OCDScore": "168"},
    ],
}


def cells(sent: Sent) -> dict[str, list[dict[str, str]]]:
    """Every row as its texts by column."""
    return {
        name: [
            {column: c.distinct[c.codes[row]] for column, c in table.columns.items()}
            for row in range(table.rows)
        ]
        for name, table in sent.tables.items()
    }


def both_ways(folder: Path, version: str, rows) -> tuple[Sent, Sent]:
    write_archive(folder / "sent.zip", version, rows)
    write_access(folder / "sent.mdb", version, rows)
    return read(folder / "sent.zip"), read(folder / "sent.mdb")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_forms_hold_the_same_rows(tmp_path, version):
    archive, access = both_ways(tmp_path, version, ROWS)

    assert cells(access) == cells(archive)
    assert [table.rows for table in access.tables.values()] == [1, 3, 1, 1, 3]
    assert not access.findings
    assert not archive.findings
    for name, table in dataset(version).tables.items():
        assert list(access.tables[name].columns) == list(table.columns)
        for column in table.columns:
            theirs, ours = (sent.tables[name].columns[column] for sent in (archive, access))
            assert set(ours.distinct) == set(theirs.distinct)
            assert ours.codes.dtype == theirs.codes.dtype


def test_texts_are_trimmed_and_kept(tmp_path):
    _, access = both_ways(tmp_path, "1.0", ROWS)

    people = cells(access)["Person"]
    assert [person["LPTID"] for person in people] == ["P1", "P2", "Åsa"]
    assert [person["BirthDate"] for person in people] == ["1970-02-28", "1899-12-31", ""]
    assert cells(access)["Header"][0]["PrimSystem"] == HEADER["PrimSystem"]


def test_blank_rows_are_not_counted_in_either_form(tmp_path):
    people = [{}, {"LPTID": "P1"}, {"LPTID": " \u00a0"}, {"LPTID": "P2"}, {}]

    archive, access = both_ways(tmp_path, "1.0", {"Header": [HEADER], "Person": people})

    assert cells(access) == cells(archive)
    assert access.tables["Person"].rows == 2


def test_every_second_of_the_day_survives_access(tmp_path):
    times = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(86_400)]
    rows = {"Appointment": ({"ServiceID": "S", "AppointmentTime": time} for time in times)}

    write_access(tmp_path / "sent.mdb", "1.0", rows)

    column = read(tmp_path / "sent.mdb").tables["Appointment"].columns["AppointmentTime"]
    assert [column.distinct[code] for code in column.codes] == times


# mdbtools ends a text at a NUL and prints question marks for what lies beyond U+FFFF
ANY_TEXT = st.text(
    st.characters(max_codepoint=0xFFFF, exclude_characters="\0", exclude_categories=["Cs"]),
    max_size=60,
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "LPTID": ANY_TEXT,
            "Postcode": ANY_TEXT,
            "BirthDate": st.dates(min_value=dt.date(1900, 1, 1)).map(str),
        }
    ),
    max_size=20,
)
NUMBERS = count()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PEOPLE)
def test_any_text_is_the_same_in_both_forms(tmp_path, people):
    folder = tmp_path / str(next(NUMBERS))
    folder.mkdir()
    people = [{"OrgCodeProvider": "RZ1", **person} for person in people]

    archive, access = both_ways(folder, "1.0", {"Person": people})

    after_4637 = {row: "1900-01-00" for row, p in enumerate(people) if p["BirthDate"] > "4637"}
    expected = cells(archive)
    for row, date in after_4637.items():
        expected["Person"][row]["BirthDate"] = date
    assert cells(access) == expected


def test_many_rows_on_many_pages(tmp_path):
    people = [{"LPTID": f"P{n}", "GMPC": "x" * (n % 250)} for n in range(20_000)]

    write_access(tmp_path / "sent.mdb", "1.0", {"Person": people})

    table = read(tmp_path / "sent.mdb").tables["Person"]
    assert table.rows == 20_000
    assert table.columns["LPTID"].distinct == [person["LPTID"] for person in people]


@pytest.mark.parametrize(
    ("write", "name"), [(write_access, "sent.mdb"), (write_archive, "sent.zip")]
)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"Persons": []}, "no table Persons"),
        ({"Person": [{"Surname": "Secret"}]}, "Person has no column Surname"),
    ],
)
def test_what_the_version_does_not_have_is_refused(tmp_path, write, name, rows, words):
    with pytest.raises(ValueError, match=words) as refused:
        write(tmp_path / name, "1.0", rows)
    assert "Secret" not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("Person", "BirthDate", "31/02/1913"),
        ("Appointment", "AppointmentTime", "9am in the ward"),
        ("Appointment", "PHQ9_Score", "70000"),
        ("Person", "LPTID", "x" * 256),
    ],
)
def test_a_value_that_access_cannot_hold_is_refused_unnamed(tmp_path, table, column, text):
    with pytest.raises(ValueError, match=f"{table}.{column}") as refused:
        write_access(tmp_path / "sent.mdb", "1.0", {table: [{column: text}]})
    assert text not in str(refused.value)
    assert refused.value.__cause__ is None
    assert not list(tmp_path.iterdir())


def test_an_archive_is_the_same_bytes_each_time(tmp_path):
    write_archive(tmp_path / "a.zip", "1.0", ROWS)
    write_archive(tmp_path / "b.zip", "1.0", ROWS)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_an_archive_is_csv_with_a_header_line_and_crlf(tmp_path):
    write_archive(tmp_path / "a.zip", "1.0", {"Disability": ROWS["Disability"]})

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        disability = archive.read("Disability.csv")
        person = archive.read("Person.csv").decode()
    assert names == [f"{table}.csv" for table in dataset("1.0").tables]
    assert disability == b"OrgCodeProvider,LPTID,Disability\r\n,P1,01\r\n"
    assert list(csv.reader(io.StringIO(person))) == [list(dataset("1.0").tables["Person"].columns)]
