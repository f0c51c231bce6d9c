"""The register of organisations: loaded as ODS publishes it, asked by date."""

import hashlib
import threading
import time
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import register
from accounts.models import AuditEvent, Organisation, RegisterEntry, RegisterKind, RegisterLoad
from accounts.refusals import Refusal
from tests.accounts.lists import file, line, practice

TRUST, INDEPENDENT, CCG, PRACTICE = RegisterKind
APRIL = date(2013, 4, 1)


def load(kind: RegisterKind, *lines: str) -> RegisterLoad:
    return register.load(kind=kind, content=file(lines), by=None)


def refused(kind: RegisterKind, content: bytes) -> str:
    """The words of the refusal; nothing was kept."""
    before = set(RegisterEntry.objects.values_list()), RegisterLoad.objects.count()
    with pytest.raises(Refusal) as refusal:
        register.load(kind=kind, content=content, by=None)
    assert before == (set(RegisterEntry.objects.values_list()), RegisterLoad.objects.count())
    return refusal.value.words


# -- loading ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_loaded_and_what_came_of_it():
    first = load(TRUST, line("RR8", "19980401"), line("RBF", "19930401", "20120331"))
    assert (first.new, first.changed, first.unchanged, first.missing) == (2, 0, 0, [])
    again = load(TRUST, line("RR8", "19980401"), line("RBF", "19930401", "20120401"), line("RXX"))
    assert (again.new, again.changed, again.unchanged, again.missing) == (1, 1, 1, [])
    fewer = load(TRUST, line("RR8", "19980401", name="LEEDS TEACHING HOSPITALS"))
    assert (fewer.new, fewer.changed, fewer.unchanged) == (0, 1, 0)
    assert fewer.missing == ["RBF", "RXX"]
    assert list(RegisterEntry.objects.values_list("code", "name", "kind", "opens", "closes")) == [
        ("RBF", "THE RBF ORGANISATION, LEEDS", "etr", date(1993, 4, 1), date(2012, 4, 1)),
        ("RR8", "LEEDS TEACHING HOSPITALS", "etr", date(1998, 4, 1), None),
        ("RXX", "THE RXX ORGANISATION, LEEDS", "etr", date(1991, 4, 1), None),
    ]


def test_the_audit_has_counts_and_checksum_and_who(erin):
    content = file([line("RR8"), line("RXX")])
    loaded = register.load(kind=TRUST, content=content, by=erin)
    event = AuditEvent.objects.filter(what="register loaded").latest("id")
    assert event.by == erin == loaded.by
    assert event.facts == {
        **{"kind": "etr", "sha256": hashlib.sha256(content).hexdigest()},
        # The demonstration's own trusts stay and are told.
        **{"new": 2, "changed": 0, "unchanged": 0, "missing": len(loaded.missing)},
    }


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_name_arrives_whatever_the_encoding(encoding):
    lines = [line("8A123", name="CAFÉ – THE WELLBEING COMPANY")]
    register.load(kind=INDEPENDENT, content=file(lines, encoding), by=None)
    assert RegisterEntry.objects.get().name == "CAFÉ – THE WELLBEING COMPANY"


HEADER = ",".join(["Organisation Code", "Name", *["x"] * 25])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no organisation"),
        (b"\r\n\r\n", "holds no organisation"),
        (file([HEADER, line("RR8")]), "line 1 does not begin with a code"),
        (file([",".join(["CODE", "NAME", *["x"] * 25])]), "line 1 has an opening date that"),
        (file([line("RR8"), "RXX,TOO SHORT,Y54"]), "line 2 has 3 columns"),
        (file([line("RR8") + ",more"]), "line 1 has 28 columns"),
        (file([line("RR8"), line("rxx")]), "line 2 does not begin with a code"),
        (file([line("R R")]), "line 1 does not begin with a code"),
        (file([line("RÉ8")]), "line 1 does not begin with a code"),
        (file([line("R")]), "line 1 does not begin with a code"),
        (file([line("RR8", "20130230")]), "line 1 has an opening date that"),
        (file([line("RR8", "2013-04-01")]), "line 1 has an opening date that"),
        (file([line("RR8", "٢٠١٣٠٤٠١")]), "line 1 has an opening date that"),
        (file([line("RR8", closes="never")]), "line 1 has a closing date that is none"),
        (file([line("RR8"), line("RR8")]), "line 2 has the code of a line before it"),
        (file([line("RR8", name="A\0B")]), "line 1 has no proper name"),
        (file([line("RR8", name="A" * 201)]), "line 1 has no proper name"),
        (b'"RR8","NAME" x,' + b"," * 25, "line 1 is no CSV"),
        (b'"RR8","open quote', "is no CSV"),
        (b"PK\3\4\x81\x8d\xff", "is not text"),
        (file([practice("A81001")]), "prescribing setting, so it is another list"),
    ],
)
def test_a_file_that_is_not_as_ods_publishes_it_is_refused_whole(content, said):
    load(TRUST, line("RBF"))
    assert said in refused(TRUST, content)


@pytest.mark.django_db
def test_a_refusal_names_the_first_lines_and_quotes_nothing():
    words = refused(TRUST, file(["9434765919,JOHN SMITH,1980-02-29"] * 40))
    assert "9434765919" not in words
    assert "SMITH" not in words
    assert "line 5 has 3 columns; and more" in words
    assert "line 6" not in words


@pytest.mark.django_db
def test_trusts_are_no_practices():
    assert "another list" in refused(PRACTICE, file([line("RR8")]))


@pytest.mark.django_db
def test_a_list_loaded_as_another_kind_is_refused():
    load(TRUST, line("RR8"))
    words = refused(CCG, file([line("RR8"), line("03C")]))
    assert "RR8" in words
    assert "another kind" in words


@pytest.mark.django_db
def test_a_file_that_is_too_large(monkeypatch):
    monkeypatch.setattr(register, "LARGEST_FILE", 1_000_000)
    assert "larger than 1 MB" in refused(TRUST, bytes(1_000_001))


@pytest.mark.django_db
def test_the_command_is_the_same_deed(tmp_path: Path):
    (tmp_path / "eccg.csv").write_bytes(file([line("03C")]))
    said = StringIO()
    call_command("load_register", "eccg", str(tmp_path / "eccg.csv"), stdout=said)
    assert "1 new, 0 changed" in said.getvalue()
    assert RegisterLoad.objects.get().by is None
    (tmp_path / "wrong.csv").write_bytes(b"x")
    for wrong in ("wrong.csv", "nowhere.csv"):
        with pytest.raises(CommandError):
            call_command("load_register", "eccg", str(tmp_path / wrong))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_after_the_other():
    """The newest load is the version: whoever comes second sees what the first one brought."""

    def load_it() -> None:
        load(TRUST, *(line(f"R{place:02}") for place in range(99)))
        connection.close()

    two = [threading.Thread(target=load_it) for _ in range(2)]
    for one in two:
        one.start()
    for one in two:
        one.join()
    assert sorted(RegisterLoad.objects.values_list("new", "unchanged")) == [(0, 99), (99, 0)]


# -- asking -----------------------------------------------------------------------------------


def needed(*practices: str) -> None:
    """What has to be loaded before the register answers."""
    load(TRUST, line("RR8"), line("ROLD", "19910401", "20130331"))
    load(CCG, line("03C", "20130401"))
    load(PRACTICE, practice("A81001"), *practices)


@pytest.mark.django_db
def test_known_are_those_open_on_some_day_of_the_month():
    """
               march  april  may
    B00001     ------|
    B00002     ------|-
    B00003           |    -|----
    B00004           |     |-
    B00005  ---------|-----|----  (no opening date)
    B00006  (closes before it opens, on no day open)
    """
    needed(
        practice("B00001", "20100101", "20130331"),
        practice("B00002", "20100101", "20130401"),
        practice("B00003", "20130430"),
        practice("B00004", "20130501"),
        practice("B00005", ""),
        practice("B00006", "20130420", "20130405"),
    )
    known = register.known(APRIL)
    assert known is not None
    assert known.codes == {"RR8", "03C", "A81001", "B00002", "B00003", "B00005"}
    assert known.version == RegisterLoad.objects.latest("id").id
    december = register.known(date(2012, 12, 1))
    assert december is not None
    assert december.codes == {"RR8", "ROLD", "A81001", "B00001", "B00002", "B00005"}
    assert [entry.code for entry in RegisterEntry.objects.never_open()] == ["B00006"]
    for code, is_open in (("B00005", True), ("B00006", False)):
        found = register.find(code, on=date(2013, 4, 10))
        assert found is not None
        assert found.is_open is is_open


@pytest.mark.django_db
def test_nothing_is_known_while_a_kind_is_missing():
    for kind in (TRUST, CCG, PRACTICE):
        assert register.known(APRIL) is None
        make = practice if kind == PRACTICE else line
        load(kind, make({TRUST: "RR8", CCG: "03C", PRACTICE: "A81001"}[kind]))
    assert register.known(APRIL) is not None


@pytest.mark.django_db
def test_an_organisation_is_found_by_its_code_and_day():
    needed()
    for code, day, role, is_open in (
        ("rr8 ", APRIL, Organisation.Role.PROVIDER, True),
        ("ROLD", date(2013, 3, 31), Organisation.Role.PROVIDER, True),
        ("ROLD", APRIL, Organisation.Role.PROVIDER, False),
        ("03C", APRIL, Organisation.Role.COMMISSIONER, True),
        ("03C", date(2013, 3, 31), Organisation.Role.COMMISSIONER, False),
        ("A81001", APRIL, None, True),
    ):
        found = register.find(code, on=day)
        assert found is not None
        assert (found.code, found.role, found.is_open) == (code.strip().upper(), role, is_open)
    assert register.find("03D", on=APRIL) is None
    assert register.find("", on=APRIL) is None


@pytest.mark.django_db
def test_thirty_thousand_codes_are_loaded_and_known_quickly():
    needed(*(practice(f"C{place:05}") for place in range(30_000)))
    again = time.monotonic()
    load(PRACTICE, *(practice(f"C{place:05}") for place in range(30_000)))
    assert time.monotonic() - again < 20
    started = time.monotonic()
    known = register.known(APRIL)
    seconds = time.monotonic() - started
    assert known is not None
    assert len(known.codes) == 30_003
    assert seconds < 1
