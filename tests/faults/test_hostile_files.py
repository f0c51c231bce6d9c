"""Files that nobody should send, sent all the same: each gets its sentence, none does harm."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from accounts.models import AuditEvent, Mail, User
from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal
from tests.faults.invariants import assert_all_is_well, stored_files
from tests.faults.visitor import Visitor

Visit = Callable[[User], Visitor]
Make = Callable[..., bytes]
Edit = Callable[[bytes], bytes]


def edited(
    good: bytes,
    more: dict[str, bytes] | None = None,
    without: str = "",
    change: dict[str, Edit] | None = None,
) -> bytes:
    """The good archive with members added, left out, changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != without:
                edit = (change or {}).get(name, bytes)
                new.writestr(name, edit(old.read(name)), zipfile.ZIP_DEFLATED)
        for name, data in (more or {}).items():
            new.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def with_mode(good: bytes, mode: int) -> bytes:
    """A member of a special kind beside the good ones."""
    out = io.BytesIO(good)
    with zipfile.ZipFile(out, "a") as archive:
        special = zipfile.ZipInfo("notes.txt")
        special.create_system, special.external_attr = 3, mode << 16
        archive.writestr(special, "/etc/passwd")
    return out.getvalue()


def with_flag(good: bytes, flag: int) -> bytes:
    """A flag of the first member set, in both of its headers."""
    data = bytearray(good)
    for sign, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(sign) + at] |= flag
    return bytes(data)


def with_size(good: bytes, size: int) -> bytes:
    """The first member's size, as the directory has it, is a lie."""
    data = bytearray(good)
    struct.pack_into("<L", data, data.index(b"PK\1\2") + 24, size)
    return bytes(data)


@cache
def bomb() -> bytes:
    """Half a gigabyte of commas in next to no bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("Person.csv", "w") as member,
    ):
        for _ in range(500):
            member.write(b"," * 1_000_000)
    return out.getvalue()


def flipped(good: bytes) -> bytes:
    data, dice = bytearray(good), random.Random(1)
    for _ in range(200):
        data[dice.randrange(4096, len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


# What is sent, made of a good archive; the rule that rejects it; a word of what is said.
ARCHIVES: dict[str, tuple[Edit, str, str]] = {
    "a bomb": (lambda good: bomb(), "F01", "when unpacked"),
    "a bomb that lies": (lambda good: with_size(bomb(), 1000), "F01", "size"),
    "a lying size": (lambda good: with_size(good, 9), "F01", "size"),
    "a nested zip": (lambda good: edited(good, {"more.zip": good}, "Person.csv"), "F05", "Person"),
    "a climbing name": (lambda good: edited(good, {"../../evil.csv": b"x"}), "F01", "two dots"),
    "dots and slashes": (lambda good: edited(good, {"....//evil.csv": b"x"}), "F01", "two dots"),
    "a drive": (lambda good: edited(good, {"C:/evil.csv": b"x"}), "F01", "drive"),
    "a share": (lambda good: edited(good, {r"\\host\share\x": b"x"}), "F01", "backslash"),
    "from the root": (lambda good: edited(good, {"/etc/cron.d/x": b"x"}), "F01", "slash"),
    "a link": (lambda good: with_mode(good, 0o120777), "F01", "link"),
    "a pipe": (lambda good: with_mode(good, 0o010644), "F01", "pipe"),
    "a device": (lambda good: with_mode(good, 0o020644), "F01", "device"),
    "a password": (lambda good: with_flag(good, 1), "F01", "password"),
    "the same name twice": (
        lambda good: edited(good, {"PERSON.CSV": b"LPTID\r\n"}),
        "F01",
        "2 files named Person.csv",
    ),
    "something behind it": (lambda good: good + b"more", "F01", "behind the end"),
    "cut short": (lambda good: good[:-30], "F01", "cut short"),
    "a wrong check sum": (
        lambda good: good[:60] + bytes([good[60] ^ 1]) + good[61:],
        "F01",
        "Make the zip again",
    ),
    "none of our files": (
        lambda good: edited(b"PK\5\6" + bytes(18), {"a.txt": b"x"}),
        "F01",
        "none of the files",
    ),
    "a missing table": (lambda good: edited(good, without="Referral.csv"), "F05", "Referral"),
    "a missing column": (
        lambda good: edited(
            good, change={"Person.csv": lambda text: text.replace(b"BirthDate", b"Born", 1)}
        ),
        "F06",
        "BirthDate",
    ),
    "an open quote": (
        lambda good: edited(good, change={"Referral.csv": lambda text: text + b'"RZ1,x\r\n'}),
        "F17",
        "line",
    ),
    "a table without an end": (
        lambda good: edited(good, change={"Person.csv": lambda text: text + b"a,b\r\n"}),
        "F17",
        "line",
    ),
}
# These are a submission all the same; what is odd about them is said, or is nothing.
ODD: dict[str, tuple[Edit, str]] = {
    "UTF-16": (
        lambda good: edited(
            good, change={"Person.csv": lambda text: text.decode().encode("utf-16")}
        ),
        "",
    ),
    "an extra table with names": (
        lambda good: edited(good, {"Surnames.csv": b"LPTID,Surname\r\nP1,ZZCANARY\r\n"}),
        "F14",
    ),
    "a hostile name": (
        lambda good: edited(good, {"<svg onload=alert(1)>.csv": b"x", "=1+1.csv": b"x"}),
        "F14",
    ),
}
DATABASES: dict[str, tuple[Edit, str]] = {
    "cut short": (lambda good: good[: len(good) // 2], "F01"),
    "its first page alone": (lambda good: good[:4096], "F01"),
    "noise behind the first page": (
        lambda good: good[:4096] + random.Random(2).randbytes(len(good) - 4096),
        "F01",
    ),
    "flipped bits": (flipped, "F01"),
}
# Refused at the door: what is sent, its name, what is said.
AT_THE_DOOR = {
    "nothing": (b"", "sent.zip", "The file is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(999), "sent.mdb", "a PNG picture"),
    "a letter": (b"%PDF-1.7\n" + bytes(999), "sent.accdb", "a PDF document"),
    "a workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999),
        "sent.zip",
        "an older Excel, Word or Outlook document",
    ),
    "a web page": (b"<html><script>alert(1)</script>", "sent.zip", "a web page"),
    "one CSV file": (b"LPTID,BirthDate\r\n", "Person.csv", "plain text"),
    "noise": (bytes(range(256)) * 9, "sent.zip", "neither a zip archive nor an Access database"),
}


@pytest.fixture
def standing(visit: Visit, alice: User, small: bytes) -> Submission:
    """What Alice sent before stands, whatever comes after."""
    return visit(alice).send(small).receipt


def assert_it_stands(standing: Submission, portal: Portal) -> None:
    assert_all_is_well(120)
    standing.refresh_from_db()
    assert standing.stands
    assert "Traceback" not in portal.log("web")


def test_bad_archives_are_rejected_in_words(
    portal: Portal, visit: Visit, alice: User, small: bytes, standing: Submission
):
    visitor = visit(alice)
    sent = {what: visitor.send(make(small)).receipt for what, (make, _, _) in ARCHIVES.items()}
    assert_it_stands(standing, portal)
    for what, (_, rule, word) in ARCHIVES.items():
        submission = Submission.objects.get(id=sent[what].id)
        page = visitor.get(f"/submissions/{submission.id}/").words
        rules = set(submission.finding_counts.values_list("rule", flat=True))
        assert submission.status == Status.REJECTED, what
        assert submission.attempt == 1, what
        assert rule in rules, (what, rules)
        assert word in page, (what, page)


def test_odd_archives_are_read_and_their_extras_are_not(
    portal: Portal, visit: Visit, alice: User, small: bytes
):
    visitor = visit(alice)
    sent = {what: visitor.send(make(small)).receipt for what, (make, _) in ODD.items()}
    assert_all_is_well()
    for what, (_, rule) in ODD.items():
        submission = Submission.objects.get(id=sent[what].id)
        page = visitor.get(f"/submissions/{submission.id}/")
        rules = set(submission.finding_counts.values_list("rule", flat=True))
        assert submission.status == Status.ACCEPTED, what
        assert not rule or rule in rules, (what, rules)
        assert "<svg" not in page.page
        assert "ZZCANARY" not in page.page + portal.log("worker") + portal.log("web")


def test_damaged_databases_are_rejected_in_words(
    portal: Portal, visit: Visit, make: Make, alice: User, standing: Submission
):
    visitor, good = visit(alice), make(form="mdb")
    sent = {
        what: visitor.send(spoil(good), name="sent.mdb").receipt
        for what, (spoil, _) in DATABASES.items()
    }
    sent["a zip by name"] = visitor.send(good, name="sent.zip").receipt
    whole = visitor.send(good, name="sent.mdb", kind="P").receipt
    assert_all_is_well(120)
    for what, submission in sent.items():
        submission.refresh_from_db()
        rules = list(submission.finding_counts.values_list("rule", flat=True))
        assert (submission.status, rules) == (Status.REJECTED, ["F01"]), what
    whole.refresh_from_db()
    assert whole.stands


def test_what_is_no_submission_is_refused_at_the_door(
    portal: Portal, visit: Visit, alice: User, standing: Submission
):
    visitor = visit(alice)
    for what, (content, name, words) in AT_THE_DOOR.items():
        answer = visitor.send(content, name=name)
        assert answer.status == 422, what
        assert words in answer.words, (what, answer.words)
        assert "Nothing was kept" in answer.words, what
    assert len(stored_files()) == Submission.objects.count() == 1
    assert_it_stands(standing, portal)


def test_another_provider_s_file_is_erased_and_staff_are_told(
    portal: Portal, visit: Visit, make: Make, alice: User, standing: Submission
):
    visitor = visit(alice)
    strange = visitor.send(make(provider="RZ2")).receipt

    assert_it_stands(standing, portal)
    strange.refresh_from_db()
    assert strange.status == Status.REJECTED
    assert strange.provider.code == "RZ1"
    assert len(stored_files()) == 1
    told = Mail.objects.filter(subject__contains="another provider's data")
    assert set(told.values_list("to__first_name", flat=True)) == {"Erin", "Frank"}
    assert AuditEvent.objects.filter(what="another provider's file").count() == 1
    assert not Submission.objects.filter(provider__code="RZ2").exists()


NAMES = [
    "../../../etc/passwd.zip",
    r"C:\Users\alice\Desktop\IAPT.zip",
    "<svg onload=alert(1)>.zip",
    "{{ 7*7 }}{% debug %}.zip",
    "=cmd|' /C calc'!A0.zip",
    "CON.zip",
    "a\u202epiz.zip",
    "'; DROP TABLE submissions_submission; --.zip",
    "%s%n%0a.zip",
    "x" * 800 + ".zip",
    "x" * 60_000 + ".zip",
    ".zip",
]


def test_names_of_files_do_nothing(portal: Portal, visit: Visit, alice: User, small: bytes):
    visitor = visit(alice)
    answers = {name: visitor.send(small, name=name) for name in NAMES}
    assert_all_is_well()
    for name, answer in answers.items():
        if answer.status == 400:
            assert len(name) > 1000
            continue
        submission = answer.receipt
        page = visitor.get(f"/submissions/{submission.id}/")
        assert submission.status == Status.ACCEPTED, name
        assert page.status == 200
        assert "<svg" not in page.page
        assert "/" not in submission.file_name
        assert "\\" not in submission.file_name
        assert "\u202e" not in submission.file_name
        assert len(submission.file_name) <= 100
        assert f"/{submission.stored_as}".rpartition("/")[2] in stored_files()
    bodies = "".join(Mail.objects.values_list("body", flat=True))
    assert "svg" not in bodies + portal.log("web") + portal.log("worker")
