"""Access databases as providers send them, whole and broken.

These tests run mdbtools itself; where it is missing they fail with the line that says what to
install.
"""

import random
import shutil
import struct
from pathlib import Path

import pytest

from validation.reading import access_pages, box
from validation.reading.access import plain_date, plain_number, plain_time, read_access
from validation.reading.access_pages import PAGE, rc4
from validation.sent import CannotCheck, Sent, Unreadable

DATA = Path(__file__).parent / "data"
PEOPLE = 120


def values(sent: Sent, table: str, column: str) -> list[str]:
    found = sent.tables[table].columns[column]
    return [found.distinct[code] for code in found.codes]


def pages(content: bytes) -> list[bytes]:
    return [content[at : at + PAGE] for at in range(0, len(content), PAGE)]


def definition_of(content: bytes, *names: str) -> int:
    """Where the definition of the table that has all these columns begins."""
    for number, page in enumerate(pages(content)):
        if page[:2] == b"\2\1" and all(name.encode("utf-16-le") in page for name in names):
            return number * PAGE
    raise AssertionError("no such table")


def retyped(content: bytes, column: int, kind: int, *names: str) -> bytes:
    """The database with another Access type on one column (by its place) of one table."""
    at = definition_of(content, *names)
    (indexes,) = struct.unpack_from("<I", content, at + 51)
    place = at + 63 + 12 * indexes + 25 * column
    return content[:place] + bytes([kind]) + content[place + 1 :]


def veiled(content: bytes, at: int, changed: bytes) -> bytes:
    """The database with some bytes of its veiled header changed by exclusive or."""
    start = content[access_pages.VEILED]
    clear = bytearray(rc4(access_pages.VEIL_KEY, start))
    for i, byte in enumerate(changed):
        clear[at - access_pages.VEILED_FROM + i] ^= byte
    stop = access_pages.VEILED.stop
    return content[:0x18] + rc4(access_pages.VEIL_KEY, bytes(clear)) + content[stop:]


# Whole databases


def test_a_whole_database(read, whole):
    sent = read(whole)

    assert sent.form == "access"
    assert {name: table.rows for name, table in sent.tables.items()} == {
        "Header": 1,
        "Person": PEOPLE,
        "Disability": 0,
        "Referral": PEOPLE,
        "Appointment": 0,
    }
    assert values(sent, "Person", "LPTID") == [f"P{n}" for n in range(PEOPLE)]
    assert sent.tables["Person"].lines is None
    assert not sent.findings
    assert not sent.unknown


@pytest.mark.parametrize("name", ["odd.mdb", "odd.accdb"])
class TestOddDatabase:
    """Made by tools/access/OddDatabase.java with Jackcess."""

    def test_tables_and_columns_are_found_by_name_in_any_case(self, name):
        sent = read_access(DATA / name)

        assert list(sent.tables) == ["Header", "Person", "Referral", "Appointment"]
        assert sent.unknown == ("-S", "--help", "Staff notes")
        assert sent.tables["Person"].unknown == ('Extra, "odd"',)

    def test_values_of_extra_columns_are_not_kept(self, name):
        person = read_access(DATA / name).tables["Person"]

        assert not any("never" in text for c in person.columns.values() for text in c.distinct)

    def test_texts_keep_quotes_commas_and_line_ends(self, name):
        sent = read_access(DATA / name)

        assert values(sent, "Person", "LPTID") == ['a,"b"', "two\r\nlines", "P3", "P4 é€"]
        assert set(values(sent, "Person", "Postcode")) == {"ZZ99 3WZ"}

    def test_numbers_are_plain_digits(self, name):
        sent = read_access(DATA / name)

        assert values(sent, "Person", "NHSNumber") == [str(9990000018 + n) for n in range(4)]
        assert values(sent, "Person", "NHSNoStatus") == ["1", "2", "3", "4"]
        assert set(values(sent, "Person", "BAFIndicator")) == {"2"}
        assert set(values(sent, "Person", "LTCondition")) == {"10"}
        assert values(sent, "Referral", "ServiceID") == ["1200", "-7"]
        assert values(sent, "Referral", "EndCode") == ["10", ""]
        assert values(sent, "Appointment", "PHQ9_Score") == ["12", "1" + "0" * 20]
        assert values(sent, "Appointment", "GAD7Score") == ["3.5", "-1"]
        assert values(sent, "Appointment", "AgoraScoreAcc") == ["4.35", "0.1"]
        assert values(sent, "Appointment", "AgoraScoreAlone") == ["8.7", "0.0000001"]

    def test_dates_and_times(self, name):
        sent = read_access(DATA / name)

        assert values(sent, "Header", "EndDate") == ["30/04/2013"]
        assert values(sent, "Referral", "EndDate") == ["2013-04-09T16:45:00", "2013-04-09"]
        assert values(sent, "Appointment", "AppointmentTime") == ["09:30:00", "12:00:00"]

    def test_a_date_that_mdbtools_cannot_print_is_never_a_blank(self, name):
        born = values(read_access(DATA / name), "Person", "BirthDate")

        assert born == ["1900-01-00", "1970-02-28", "1999-02-28", "1900-01-00"]

    def test_types_that_do_not_serve_are_named_and_left_out(self, name):
        sent = read_access(DATA / name)

        unreadable = {
            ("Person", "Gender"): "Yes/No",
            ("Person", "Ethnicity"): "OLE Object",
            ("Person", "GMPC"): "Replication ID",
            ("Person", "ReligiousGroup"): "not whole",
            ("Referral", "RefRecDate"): "type Number. Make it Date/Time",
            ("Referral", "OnsetDate"): "type Date/Time. Make it Short Text",
            ("Appointment", "ServiceID"): "more digits than Access keeps",
        }
        if name == "odd.accdb":
            unreadable["Person", "SexualOrientation"] = "Access calculates"
        found = {(f.table, f.column): f.words for f in sent.findings}
        assert found.keys() == unreadable.keys()
        assert all(words in found[place] for place, words in unreadable.items())
        assert {f.rule for f in sent.findings} == {"F06"}
        assert not any(column in sent.tables[table].columns for table, column in found)


@pytest.mark.parametrize(
    ("printed", "digits", "plain"),
    [
        ("8.699999999999999", 15, "8.7"),
        ("9434765919", 15, "9434765919"),
        ("4.3499999", 7, "4.35"),
        ("1e+20", 15, "1" + "0" * 20),
        ("-0", 15, "0"),
        ("12.3000", 28, "12.3"),
        ("100", 28, "100"),
        ("", 15, ""),
        ("nan", 15, "nan"),
    ],
)
def test_a_number_as_the_csv_form_has_it(printed, digits, plain):
    assert plain_number(printed, digits) == plain


def test_a_date_or_a_time_as_the_csv_form_has_it():
    assert plain_date("2013-04-01T00:00:00") == "2013-04-01"
    assert plain_date("2013-04-01T00:00:01") == "2013-04-01T00:00:01"
    assert plain_date("1900-01-00T00:00:00") == "1900-01-00"
    assert plain_time("1899-12-30T09:30:00") == "09:30:00"
    assert plain_time("1900-01-00T00:00:00") == "1900-01-00"
    assert plain_date("") == plain_time("") == ""


# Databases that say something else than they should


LARGE_NUMBER, ATTACHMENTS, LONG_DATE_TIME = 0x13, 0x12, 0x14


@pytest.mark.parametrize("kind", [LARGE_NUMBER, ATTACHMENTS, LONG_DATE_TIME])
def test_types_that_mdbtools_cannot_print(read, whole, kind):
    sent = read(retyped(whole, 4, kind, "BirthDate", "LPTID"))

    (found,) = sent.findings
    assert (found.rule, found.table, found.column) == ("F06", "Person", "BirthDate")
    assert not sent.tables["Person"].columns
    assert sent.tables["Referral"].rows == PEOPLE


def test_an_extra_column_that_mdbtools_cannot_print(read, whole):
    renamed = whole.replace("BirthDate".encode("utf-16-le"), "BornAfter".encode("utf-16-le"))

    (found,) = read(retyped(renamed, 4, LARGE_NUMBER, "BornAfter")).findings

    assert (found.rule, found.table, found.column) == ("F06", "Person", None)
    assert "BornAfter" in found.words


def test_a_table_that_has_none_of_its_columns(read, whole):
    at = definition_of(whole, "Disability", "LPTID")
    page = whole[at : at + PAGE]
    for name in ("Disability", "LPTID", "OrgCodeProvider"):
        page = page.replace(name.encode("utf-16-le"), name.swapcase()[::-1].encode("utf-16-le"))

    sent = read(whole[:at] + page + whole[at + PAGE :])

    (found,) = sent.findings
    assert (found.rule, found.table, found.column) == ("F06", "Disability", None)
    assert len(sent.tables["Disability"].unknown) == 3


def test_two_columns_of_one_name(read, whole):
    twice = whole.replace("Ethnicity".encode("utf-16-le"), "birthdate".encode("utf-16-le"))

    with pytest.raises(Unreadable, match="two columns named BirthDate"):
        read(twice)


def test_two_tables_of_one_name(read):
    odd = (DATA / "odd.mdb").read_bytes()

    with pytest.raises(Unreadable, match="two tables named Appointment"):
        read(renamed(odd, "Staff notes", "appointment"))


def test_a_linked_table_is_not_followed(read):
    odd = (DATA / "odd.mdb").read_bytes()

    with pytest.raises(Unreadable, match=r"Disability is a link .* Import the table"):
        read(renamed(odd, "Disabilitx", "Disability"))


def renamed(content: bytes, name: str, other: str) -> bytes:
    """The database with a table's name in its catalogue changed to one of the same length."""
    assert len(name) == len(other)
    assert name.encode() in content or name.encode("utf-16-le") in content
    content = content.replace(name.encode("utf-16-le"), other.encode("utf-16-le"))
    return content.replace(name.encode(), other.encode())


def test_hostile_names_are_shown_short_and_without_control_characters(read):
    odd = (DATA / "odd.mdb").read_bytes()

    sent = read(renamed(odd, "Staff notes", "<b>\r\n\u0007$(`);"))

    assert sent.unknown == ("-S", "--help", "<b>___$(`);")


def test_hostile_column_names(read, whole):
    hostile = whole.replace("Ethnicity".encode("utf-16-le"), "\"]\t\t\t\n,'$".encode("utf-16-le"))

    sent = read(hostile)

    assert sent.tables["Person"].unknown == ('"',)
    assert values(sent, "Person", "LPTID") == [f"P{n}" for n in range(PEOPLE)]


# Files that are no databases, and databases that are locked


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(PAGE), "not a Microsoft Access database"),
        (b"PK\3\4" + bytes(3 * PAGE), "not a Microsoft Access database"),
        (b"\0\1\0\0Standard Jet DB\0", "cut short"),
        (b"\0\1\0\0Standard ACE DB\0\x09" + bytes(4 * PAGE - 21), "Save it as Access 2003"),
    ],
)
def test_what_is_no_database_is_named(read, content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_a_database_password(read, whole):
    """A password set in Access 2000 to 2003: veiled with the header, and with its date."""
    clear = rc4(access_pages.VEIL_KEY, whole[access_pages.VEILED])
    (made,) = struct.unpack_from("<d", clear, access_pages.MADE_AT)
    day = struct.pack("<i", int(made)) * 10
    now = access_pages._without_date(clear[access_pages.PASSWORD_AT :][:40], clear)
    wanted = "let me in".encode("utf-16-le").ljust(40, b"\0")

    assert now == bytes(40)
    assert any(day)
    with pytest.raises(Unreadable, match="password"):
        read(veiled(whole, 0x42, wanted))


def test_an_encoded_database(read, whole, tmp_path):
    """Encoded as Access 2000 to 2003 does it, which mdbtools itself could read."""
    key = 0x1234ABCD
    coded = b"".join(
        page if number == 0 else rc4(struct.pack("<I", key ^ number), page)
        for number, page in enumerate(pages(whole))
    )
    content = veiled(coded, 0x3E, struct.pack("<I", key))

    with pytest.raises(Unreadable, match="encrypted"):
        read(content)
    assert box.answer(tmp_path / "sent.mdb", "mdb-count", "FILE", "Person") == b"%d\n" % PEOPLE


def test_an_encrypted_accdb(read):
    """An .accdb with a password has a key in its header and pages that cannot be read."""
    content = (DATA / "odd.accdb").read_bytes()
    noise = random.Random(1).randbytes(len(content) - PAGE)

    with pytest.raises(Unreadable, match="encrypted"):
        read(veiled(content[:PAGE], 0x3E, b"\x01\x02\x03\x04") + noise)


# The programs


def test_without_mdbtools_we_cannot_check(monkeypatch, tmp_path, read, whole):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    with pytest.raises(CannotCheck, match="apt-get install mdbtools"):
        read(whole)


def test_without_bubblewrap_limits_hold_alone_and_the_log_says_so_once(
    monkeypatch, tmp_path_factory, caplog, read, whole
):
    programs = tmp_path_factory.mktemp("programs")
    for name in ("mdb-tables", "mdb-schema", "mdb-count", "mdb-prop", "mdb-export", "prlimit"):
        (programs / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(programs))
    box.bubblewrap_works.cache_clear()
    try:
        assert read(whole).tables["Person"].rows == PEOPLE
        assert len(caplog.records) == 1
        assert "bubblewrap is not installed" in caplog.text
        with pytest.raises(Unreadable, match="damaged"):
            read(whole[: -2 * PAGE])
    finally:
        box.bubblewrap_works.cache_clear()
