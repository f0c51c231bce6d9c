"""What identifies a patient is nowhere but in the sealed file and the sealed details."""

import csv
import io
import logging
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Mail, User
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.reporting import masked
from tests.submissions.rows import Rows, nhs_number
from tests.submissions.sending import content, send_and_check

CANARY = {
    "LPTID": "CANARY7731",
    "NHSNumber": nhs_number(5_000),
    "BirthDate": "1961-07-19",
    "Postcode": "TR21 0PQ",
}
# As somebody might have written them on the way.
TOKENS = [
    "CANARY7731",
    "SERVICE9902",
    CANARY["NHSNumber"],
    "1961-07-19",
    "19/07/1961",
    "TR21 0PQ",
    "TR210PQ",
]


def with_canary(rows: Rows) -> Rows:
    """A patient about whom a dozen rules have something to say."""
    rows["Person"][0] |= CANARY
    rows["Referral"][0] |= {"LPTID": "CANARY7731", "ServiceID": "SERVICE9902"}
    for appointment in rows["Appointment"][:2]:
        appointment |= {"LPTID": "CANARY7731", "ServiceID": "SERVICE9902"}
    rows["Disability"][0]["LPTID"] = "CANARY7731"
    return rows


def with_faults(rows: Rows) -> Rows:
    rows["Person"].append({**rows["Person"][0], "LPTID": "CANARY7731", "Gender": "9"})
    rows["Person"][0] |= {"Gender": "T", "GMPC": "TR210PQ"[:6], "NHSNoStatus": "XX"}
    rows["Referral"][0] |= {"ProvDiag": "196107", "SourceReferral": "TR"}
    return rows


def with_more_faults(rows: Rows) -> Rows:
    """Such as an Access column cannot hold."""
    rows["Referral"][0] |= {"ProvDiag": "1961-07-19", "EndDate": CANARY["NHSNumber"]}
    rows["Appointment"][0] |= {"PHQ9_Score": CANARY["NHSNumber"], "AppointmentTime": "TR21 0PQ"}
    rows["Person"][0] |= {"Gender": "TR210PQ", "GMPC": "19/07/1961", "NHSNoStatus": "SERVICE9902"}
    return rows


def cells() -> Iterator[tuple[str, str]]:
    """Every stored text of every table of the public schema, with its column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row


def leaks() -> set[tuple[str, str]]:
    tokens = [(token, token.encode().hex()) for token in TOKENS]
    return {
        (table, plain)
        for table, row in cells()
        for plain, hexadecimal in tokens
        if plain in row.upper() or hexadecimal in row
    }


@pytest.fixture(params=["zip", "mdb"])
def form(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def nothing_leaks(db: None, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """After each of these tests: not in the database, not in a letter, not in a log."""
    caplog.set_level(logging.DEBUG)
    yield
    assert leaks() == set()
    told = "".join(mail.subject + mail.body for mail in Mail.objects.all())
    assert not [token for token in TOKENS if token in told + caplog.text]


def test_accepted(alice: User, window: Window, rows: Rows, form: str) -> None:
    submission = send_and_check(alice, window, with_canary(rows), form=form)
    assert submission.status == Status.ACCEPTED


def test_with_findings(alice: User, window: Window, rows: Rows, form: str) -> None:
    rows = with_faults(with_canary(rows))
    if form == "zip":
        rows = with_more_faults(rows)
    submission = send_and_check(alice, window, rows, form=form)
    assert submission.finding_counts.count() > 5


def test_whole_file_rejected(alice: User, window: Window, rows: Rows) -> None:
    for row in with_canary(rows)["Person"]:
        row["OrgCodeProvider"] = "RZ9"
    assert send_and_check(alice, window, rows).status == Status.REJECTED


def test_in_the_header(alice: User, window: Window, rows: Rows) -> None:
    rows["Header"][0] |= {"PrimSystem": CANARY["NHSNumber"], "OrgCodeSubmitter": "TR210PQ"}
    assert send_and_check(alice, window, rows).status == Status.ACCEPTED


def changed(rows: Rows, member: str, table: list[list[str]], named: str = "") -> bytes:
    """The rows as a zip in which one member was put together by hand."""
    packed, text = io.BytesIO(), io.StringIO()
    csv.writer(text).writerows(table)
    with (
        zipfile.ZipFile(io.BytesIO(content(rows))) as good,
        zipfile.ZipFile(packed, "w") as archive,
    ):
        for name in good.namelist():
            archive.writestr(name, text.getvalue() if name == member else good.read(name))
        if named:
            archive.writestr(named, "x")
    return packed.getvalue()


def test_no_line_of_names_above_the_rows(alice: User, window: Window, rows: Rows) -> None:
    """The first patient stands where the names of the columns should."""
    table = [list(row.values()) for row in with_canary(rows)["Person"]]
    submission = send_and_check(alice, window, changed(rows, "Person.csv", table))
    assert submission.status == Status.REJECTED


def test_as_the_name_of_a_further_column_and_file(alice: User, window: Window, rows: Rows) -> None:
    telling = TOKENS[2:]
    names = [*rows["Person"][0], *telling]
    table = [names, *([*row.values(), *telling] for row in with_canary(rows)["Person"])]
    submission = send_and_check(
        alice, window, changed(rows, "Person.csv", table, f"letter {CANARY['NHSNumber']}.txt")
    )
    assert submission.finding_counts.filter(rule="F14").exists()


@pytest.mark.parametrize(
    "words",
    [
        "The file is of May 2013; April 2013 was expected.",
        "Person.WARD_2013 was not read.",
        "The Header table holds 1,200,345 rows, not one.",
    ],
)
def test_other_words_stay_as_they_are(words: str) -> None:
    assert masked(words) == words


def test_not_well_formed(alice: User, window: Window, rows: Rows) -> None:
    names = list(rows["Person"][0])
    table = [names, list(with_canary(rows)["Person"][0].values())[:-2]]
    submission = send_and_check(alice, window, changed(rows, "Person.csv", table))
    assert submission.finding_counts.filter(rule="F17").exists()


def test_our_own_fault(
    alice: User, window: Window, rows: Rows, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    """A fault in the middle of loading, with the row in the database's own words."""
    settings.TEST = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE submissions_personrecord ADD CHECK (age_end > 200)")
    submission = send_and_check(alice, window, with_canary(rows))
    assert submission.status == Status.CHECKING
    assert not Submission.objects.get(id=submission.id).tables.exists()


def test_stored_files_are_locked(alice: User, window: Window, rows: Rows, period: date) -> None:
    send_and_check(alice, window, with_canary(rows), form="mdb")
    for path in settings.DATA_DIR.rglob("*"):
        if path.is_file():
            stored = path.read_bytes()
            for token in TOKENS:
                assert token.encode() not in stored
                assert token.encode("utf-16-le") not in stored
