"""What a provider starts from: each empty database agrees with the data set, and can be sent."""

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from accounts.models import Organisation, User
from submissions import empty_databases
from submissions.lifecycle import Status
from submissions.models import Window
from tests.pages import visit
from tests.submissions.sending import send_and_check
from validation import dataset
from validation.dataset import Column
from validation.reading import read

ACCESS = [(version, form) for version in dataset.VERSIONS for form in ("mdb", "accdb")]
EACH_DATABASE = pytest.mark.parametrize(("version", "form"), ACCESS)

COLUMN = re.compile(r"\s+\[(?P<name>\w+)\]\s+(?P<type>\w+)(?: \((?P<length>\d+)\))?(?P<rest>[^,]*)")
TYPES = {
    "date": "DateTime",
    "time": "DateTime",
    "integer": "Integer",
    "decimal": "Double",
}


def asked(*words: str | Path) -> str:
    """What a program says."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def tables_of(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """By table what mdbtools says of its columns: name, type, length, whether required."""
    schema = asked("mdb-schema", path)
    found: dict[str, list[tuple[str, ...]]] = {}
    for name, body in re.findall(r"CREATE TABLE \[(\w+)\]\n \(\n(.*?)\n\);", schema, re.DOTALL):
        columns = [COLUMN.match(line) for line in body.splitlines()]
        found[name] = [
            (c["name"], c["type"], c["length"] or "", c["rest"].strip()) for c in columns if c
        ]
    return found


def as_specified(column: Column) -> tuple[str, ...]:
    kind = TYPES.get(column.kind, "Text")
    length = str(column.length) if kind == "Text" else ""
    return column.name, kind, length, "NOT NULL" if column.requirement == "M" else ""


@EACH_DATABASE
def test_empty_database_agrees_with_the_data_set(tmp_path: Path, version: str, form: str) -> None:
    path = tmp_path / f"empty.{form}"
    path.write_bytes(empty_databases.Empty(version, form).content())
    specified = {
        table.name: [as_specified(column) for column in table.columns.values()]
        for table in dataset.dataset(version).tables.values()
    }
    assert tables_of(path) == specified


@EACH_DATABASE
def test_empty_database_has_the_keys_of_the_data_set(
    tmp_path: Path, version: str, form: str
) -> None:
    path = tmp_path / f"empty.{form}"
    path.write_bytes(empty_databases.Empty(version, form).content())
    told = asked("mdb-schema", "--indexes", path, "postgres")
    keys = re.findall(r'ALTER TABLE "(\w+)" ADD CONSTRAINT \S+ PRIMARY KEY \((.*?)\)', told)
    plain = re.findall(r'CREATE INDEX \S+ ON "(\w+)" \((.*?)\)', told)
    found = {table: re.findall(r"\w+", columns) for table, columns in keys + plain}
    # That form of mdbtools' answer is in lower case.
    assert found == {
        table.name.lower(): [name.lower() for name in table.key]
        for table in dataset.dataset(version).tables.values()
        if table.key
    }
    # An appointment's time may be blank, which a primary key forbids.
    assert [table for table, _ in plain] == ["appointment"]


@EACH_DATABASE
def test_each_column_says_what_it_holds(tmp_path: Path, version: str, form: str) -> None:
    path = tmp_path / f"empty.{form}"
    path.write_bytes(empty_databases.Empty(version, form).content())
    for table in dataset.dataset(version).tables.values():
        told = asked("mdb-prop", path, table.name)
        for column in table.columns.values():
            assert column.meaning in told, column.name


@pytest.mark.parametrize("version", dataset.VERSIONS)
def test_templates_hold_the_header_lines(tmp_path: Path, version: str) -> None:
    content = empty_databases.Empty(version, "csv").content()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = {name: archive.read(name).decode() for name in archive.namelist()}
    assert lines == {
        f"{table.name}.csv": ",".join(table.columns) + "\r\n"
        for table in dataset.dataset(version).tables.values()
    }
    assert content == empty_databases.Empty(version, "csv").content()


@EACH_DATABASE
def test_empty_database_can_be_read(tmp_path: Path, version: str, form: str) -> None:
    path = tmp_path / f"empty.{form}"
    path.write_bytes(empty_databases.Empty(version, form).content())
    sent = read(path)
    assert set(sent.tables) == set(dataset.TABLES)
    assert {table.rows for table in sent.tables.values()} == {0}
    assert sent.unknown == ()
    assert sent.findings == []


@pytest.mark.django_db
def test_empty_file_sent_back_is_told_what_it_lacks(alice: User, window: Window) -> None:
    content = empty_databases.Empty("1.0", "mdb").content()
    submission = send_and_check(alice, window, content, form="mdb")
    assert submission.status == Status.REJECTED
    assert submission.finding_counts.get().rule == "F07"


@pytest.mark.django_db
def test_pilot_sites_are_offered_the_pilot_version(alice: User, charlie: User, erin: User) -> None:
    Organisation.objects.filter(code="RZ2").update(pilot_site=True)
    assert list(empty_databases.offered_to(alice)) == ["1.0"]
    assert (
        list(empty_databases.offered_to(charlie))
        == list(empty_databases.offered_to(erin))
        == ["1.0", "1.0P"]
    )
    for user, status in ((alice, 404), (charlie, 200), (erin, 200)):
        assert visit(user).get("/empty/1.0P/accdb/").status_code == status
    page = visit(alice).get("/empty/").content.decode()
    assert "IAPT_v1.0_empty.accdb" in page
    assert "1.0P" not in page


@pytest.mark.django_db
def test_commissioners_send_nothing_and_get_no_database(dora: User) -> None:
    assert visit(dora).get("/empty/").status_code == 404


@pytest.mark.django_db
def test_a_file_comes_as_an_attachment(alice: User) -> None:
    answer = visit(alice).get("/empty/1.0/mdb/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="IAPT_v1.0_empty.mdb"'
    assert answer.content[4:19] == b"Standard Jet DB"
    assert visit(alice).get("/empty/1.0/xls/").status_code == 404
