"""Zips: whole ones in every usual form, and those that two programs could read differently."""

import io
import re
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from validation.dataset import TABLES
from validation.reading import archive, read
from validation.reading.archive import read_archive
from validation.sent import Unreadable

ROWS = {
    "Header": "DataSetVersion,OrgCodeProvider\r\n1.0,RZ1\r\n",
    "Person": "OrgCodeProvider,LPTID\r\nRZ1,P1\r\nRZ1,P2\r\n",
    "Disability": "OrgCodeProvider,LPTID,Disability\r\n",
    "Referral": "OrgCodeProvider,LPTID,ServiceID\r\nRZ1,P1,S1\r\n",
    "Appointment": "OrgCodeProvider,LPTID,ServiceID\r\nRZ1,P1,S1\r\n",
}
FILES = {f"{table}.csv": text.encode() for table, text in ROWS.items()}


def zipped(files=FILES, method=zipfile.ZIP_DEFLATED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return whole.getvalue()


@dataclass
class Member:
    """One member of a zip made by hand; what is None is told truthfully."""

    name: bytes = b"Person.csv"
    data: bytes = FILES["Person.csv"]
    flags: int = 0
    method: int = 8
    mode: int = 0o100644
    size: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    local_name: bytes | None = None
    local_flags: int | None = None
    local_method: int | None = None
    local_size: int | None = None
    local_crc: int | None = None
    behind: bytes = b""
    offset: int | None = None


def told(value, truth):
    return truth if value is None else value


def by_hand(*members: Member, before=b"", between=b"", comment=b"", end=b"") -> bytes:
    """The zip of these members, with whatever is wrong with them."""
    body, directory = before, b""
    for m in members:
        deflate = zlib.compressobj(wbits=-15)
        packed = m.data if m.method == 0 else deflate.compress(m.data) + deflate.flush()
        packed = told(m.packed, packed)
        size, crc = told(m.size, len(m.data)), told(m.crc, zlib.crc32(m.data))
        name = told(m.local_name, m.name)
        offset = told(m.offset, len(body))
        body += struct.pack(
            "<4s5H3L2H",
            *(b"PK\3\4", 20, told(m.local_flags, m.flags), told(m.local_method, m.method), 0, 33),
            *(told(m.local_crc, crc), len(packed), told(m.local_size, size), len(name), 0),
        )
        body += name + packed + m.behind
        directory += struct.pack(
            "<4s6H3L5H2L",
            *(b"PK\1\2", 0x031E, 20, m.flags, m.method, 0, 33, crc, len(packed), size),
            *(len(m.name), 0, 0, 0, 0, m.mode << 16, offset),
        )
        directory += m.name
    body += between
    counts = (len(members), len(members), len(directory), len(body), len(comment))
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *counts) + comment + end


@pytest.fixture
def file(tmp_path):
    """Writes bytes to a file."""

    def write(data: bytes, name: str = "IAPT_RZ1_2013-04.zip") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def refused(file):
    """The sentence with which a zip of these bytes is refused."""

    def words(data: bytes) -> str:
        with pytest.raises(Unreadable) as refusal:
            read_archive(file(data))
        assert refusal.value.words.endswith(".")
        return refusal.value.words

    return words


# Whole ones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_five_tables(file, method):
    sent = read(file(zipped(method=method)))
    assert (sent.form, sent.unknown, sent.findings) == ("csv", (), [])
    assert {name: table.rows for name, table in sent.tables.items()} == {
        "Header": 1, "Person": 2, "Disability": 0, "Referral": 1, "Appointment": 1,
    }  # fmt: skip
    assert sent.tables["Person"].columns["LPTID"].distinct == ["P1", "P2"]


def test_one_made_by_hand_is_whole(file):
    """Otherwise the refusals below would prove nothing."""
    whole = by_hand(Member(), Member(b"Referral.csv", method=0), comment=b"made by a clinic")
    assert list(read(file(whole)).tables) == ["Person", "Referral"]


def test_names_in_any_case_and_in_one_folder(file):
    for folder in ("", "April 2013/"):
        files = {folder + name.upper(): data for name, data in FILES.items()}
        sent = read(file(zipped({folder: b""} | files if folder else files)))
        assert (tuple(sent.tables), sent.unknown) == (TABLES, ())


def test_not_in_a_folder_within_a_folder(file):
    files = {f"a/b/{name}": data for name, data in FILES.items()}
    with pytest.raises(Unreadable, match="a folder within a folder"):
        read(file(zipped(files)))


def test_other_files_are_named_and_not_read(file):
    others = {"notes.txt": b"x", "Person.csv.bak": b"x", "__MACOSX/._Person.csv": b"x"}
    nested = {"old.zip": zipped(), "<b>.exe": b"MZ", "\u202eP\u0435rson.csv": b"x"}
    sent = read(file(zipped(FILES | others | nested)))
    assert sent.unknown == (*others, "old.zip", "<b>.exe", "_P\u0435rson.csv")
    assert tuple(sent.tables) == TABLES


def test_a_zip_without_one_of_our_files_has_no_table(file):
    sent = read(file(zipped({"Persons.csv": b"LPTID\n"})))
    assert (sent.tables, sent.unknown) == ({}, ("Persons.csv",))


def test_what_is_wrong_with_a_table_is_found_in_it(file):
    files = FILES | {
        "Person.csv": b"LPTID,GMPC\r\nZo\xeb,\r\n",
        "Referral.csv": b"LPTID,ServiceID\nP1\n",
    }
    sent = read(file(zipped(files)))
    assert [(f.rule, f.table, f.line) for f in sent.findings] == [
        ("F15", "Person", None),
        ("F17", "Referral", 2),
    ]


class NoSeek(io.RawIOBase):
    """A pipe: zipfile then streams its members, sizes behind the data."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def test_streamed_members(file):
    pipe = NoSeek()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in FILES.items():
            out.writestr(name, data)
    assert pipe.data[6] & 8
    assert tuple(read(file(pipe.data)).tables) == TABLES


def test_streamed_members_without_a_signature(file):
    data = FILES["Person.csv"]
    behind = struct.pack("<3L", zlib.crc32(data), len(data), len(data))
    member = Member(flags=8, method=0, local_size=0, local_crc=0, behind=behind)
    assert read(file(by_hand(member))).tables["Person"].rows == 2


@pytest.mark.parametrize("streamed", [False, True])
def test_zip64(file, streamed):
    out = NoSeek() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipping:
        for name, data in FILES.items():
            with zipping.open(name, "w", force_zip64=True) as member:
                member.write(data)
    whole = out.data if streamed else out.getvalue()
    assert tuple(read(file(whole)).tables) == TABLES
    start, size = struct.unpack_from("<2L", whole, len(whole) - 22 + 12)[::-1]
    big = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 5, 5, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(whole) - 22, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    assert tuple(read(file(whole[:-22] + big + locator + last)).tables) == TABLES


# Refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zipped", "words"),
    [
        (by_hand(Member(flags=1)), "password"),
        (by_hand(Member(), Member(b"Referral.csv", flags=1)), "password"),
        (by_hand(Member(method=99, flags=1)), "password"),
        (by_hand(Member(flags=1 | 1 << 6)), "password"),
        (by_hand(Member(), Member(b"../evil.csv")), "two dots"),
        (by_hand(Member(), Member(b"....//evil.csv")), "two dots"),
        (by_hand(Member(b"/Person.csv")), "begins with a slash"),
        (by_hand(Member(b"C:/Person.csv")), "begins with a drive"),
        (by_hand(Member(b"C:Person.csv")), "begins with a drive"),
        (by_hand(Member(b"a\\Person.csv")), "backslash"),
        (by_hand(Member(b"\\\\host\\share\\Person.csv")), "backslash"),
        (by_hand(Member(b"Person.csv\0.exe")), "control character"),
        (by_hand(Member(b"Person\r\n.csv")), "control character"),
        (by_hand(Member(), Member(b"a\x7fb")), "control character"),
        (by_hand(Member("a\x85b".encode(), flags=1 << 11)), "control character"),
        (by_hand(Member(b"")), "empty"),
        (by_hand(Member(), Member()), "2 files named Person.csv"),
        (by_hand(Member(), Member(b"PERSON.CSV")), "2 files named Person.csv"),
        (by_hand(Member(), Member(b"old/person.csv")), "2 files named Person.csv"),
        (by_hand(Member(b"a/Person.csv"), Member(b"b/Referral.csv")), "different folders"),
        (by_hand(Member(mode=0o120777)), "a link"),
        (by_hand(Member(), Member(b"notes", mode=0o120777)), "a link"),
        (by_hand(Member(mode=0o010644)), "a pipe"),
        (by_hand(Member(mode=0o020644)), "a device"),
        (by_hand(Member(mode=0o060644)), "a device"),
        (by_hand(Member(mode=0o140644)), "no ordinary file"),
        (by_hand(Member(method=9)), "compressed in a way"),
        (by_hand(Member(method=12)), "compressed in a way"),
        (by_hand(Member(), Member(b"notes", method=14)), "compressed in a way"),
        (by_hand(Member(local_name=b"Referral.cs")), "about the name"),
        (by_hand(Member(local_name=b"PERSON.csv")), "about the name"),
        (by_hand(Member(local_flags=1)), "how “Person.csv” is packed"),
        (by_hand(Member(local_flags=8)), "how “Person.csv” is packed"),
        (by_hand(Member(local_method=0)), "how “Person.csv” is packed"),
        (by_hand(Member(local_size=9)), "the size or check sum"),
        (by_hand(Member(local_crc=9)), "the size or check sum"),
        (by_hand(Member(flags=8, behind=b"")), "the size or check sum"),
        (by_hand(Member(flags=8, behind=b"PK\7\x08" + bytes(12))), "the size or check sum"),
        (by_hand(Member(crc=9)), "not as it was packed"),
        (by_hand(Member(size=9)), "the size of “Person.csv”"),
        (by_hand(Member(size=999)), "the size of “Person.csv”"),
        (by_hand(Member(packed=b"\xff" * 20)), "cannot be unpacked"),
        (by_hand(Member(packed=zlib.compress(b"x" * 99, wbits=-15)[:-2])), "cannot be unpacked"),
        (by_hand(Member(method=0, packed=FILES["Person.csv"][:-1])), "the size of"),
        (by_hand(Member(), before=b"MZ"), "belong to none"),
        (b"MZ" + by_hand(Member()), "before the zip"),
        (by_hand(Member(behind=b"hidden"), Member(b"Referral.csv")), "belong to none"),
        (by_hand(Member(), between=b"hidden"), "belong to none"),
        (by_hand(Member(offset=1)), "belong to none"),
        (by_hand(Member(), Member(b"Referral.csv", offset=70)), "not where it should be|overlap"),
        (by_hand(Member(), Member(b"Referral.csv", offset=0)), "overlap"),
        (by_hand(Member(), end=b"x"), "behind the end"),
        (by_hand(Member(), end=bytes(512)), "behind the end"),
        (by_hand(Member(), comment=by_hand(Member(b"Referral.csv"))), "before the zip|behind"),
        (by_hand(Member()) + by_hand(Member(b"Referral.csv")), "before the zip"),
        (by_hand(Member())[:-1], "cut short"),
        (by_hand(Member())[:-23], "cut short"),
        (by_hand(Member())[:40], "cut short"),
        (by_hand(*(Member(b"%d.csv" % n) for n in range(1001))), "more than 1,000 files"),
        (by_hand(*(Member(b"x" * 65_000) for _ in range(40))), "names .* too long"),
        (by_hand(Member(b"\xff.csv", flags=1 << 11)), "directory cannot be read"),
        (by_hand(), "is empty"),
        (by_hand(Member(b"a/", b"", method=0)), "is empty"),
        (by_hand(Member(b"[Content_Types].xml"), Member(b"xl/workbook.xml")), "an Excel workbook"),
        (by_hand(Member(b"word/document.xml")), "a Word document"),
        (by_hand(Member(b"x.MDB")), "without a zip"),
        (by_hand(Member(b"x.zip")), "inner one"),
        (by_hand(Member(b"photo.png")), "none of the files Header.csv"),
    ],
)
def test_refused(refused, zipped, words):
    assert re.search(words, refused(zipped))


def test_a_second_directory_is_not_chosen_from(refused):
    """Number of members and directory tell two stories."""
    whole = bytearray(by_hand(Member(), Member(b"Referral.csv")))
    struct.pack_into("<2H", whole, len(whole) - 14, 1, 1)
    assert "how many files" in refused(bytes(whole))


def test_a_part_of_a_split_zip(refused):
    whole = bytearray(by_hand(Member()))
    struct.pack_into("<H", whole, len(whole) - 18, 1)
    assert "split" in refused(bytes(whole))


def test_a_damaged_byte_anywhere_is_never_read_as_something_else(file):
    """Every single bit of a small zip: the same tables, or refused. (Time stamps mean nothing.)"""
    whole = zipped({"Person.csv": FILES["Person.csv"], "Referral.csv": FILES["Referral.csv"]})
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        try:
            sent = read(file(bytes(damaged)))
        except Unreadable:
            continue
        for name, table in sent.tables.items():
            assert table.columns["LPTID"].distinct == (["P1", "P2"] if name == "Person" else ["P1"])


def test_a_zip_cut_anywhere_is_refused(file):
    whole = zipped()
    for size in range(len(whole)):
        with pytest.raises(Unreadable):
            read(file(whole[:size]))


# Bombs -----------------------------------------------------------------------------------------


def bomb(first: bytes, fill: bytes, **lies) -> bytes:
    """A zip whose one member has 370 MB and takes next to nothing."""
    deflate, piece = zlib.compressobj(wbits=-15), fill * ((1 << 20) // len(fill))
    start = deflate.compress(first) + deflate.flush(zlib.Z_FULL_FLUSH)
    # after a full flush equal pieces are equal bytes
    packed = deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(first)
    for _ in range(370):
        crc = zlib.crc32(piece, crc)
    truth = {"size": len(first) + 370 * len(piece), "crc": crc}
    return by_hand(Member(packed=start + packed * 370 + deflate.flush(), **truth | lies))


def most_memory() -> int:
    """The most memory that this process has had, in kilobytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


HEAD = b"OrgCodeProvider,LPTID\n"


@pytest.mark.parametrize(
    ("first", "fill", "lies"),
    [
        (b"", b"\0", {}),
        (HEAD, b"x", {}),
        (HEAD, b"\n", {}),
        (HEAD, b",", {}),
        (HEAD, b'"', {}),
        (HEAD, b'""\n', {}),
        (HEAD, b",\n", {}),
        (HEAD, b'"          ",   \n', {}),
        (b"", b"LPTID,", {}),
        (b"LPTID\n", b"x\n", {}),
        (HEAD + b'a"', b'"x"\n', {}),
        (b"LPTID\n", b"x\n", {"size": 100}),
        (b"LPTID\n", b"x\n", {"size": 401_000_000}),
    ],
)
def test_bombs_cost_neither_time_nor_memory(file, first, fill, lies):
    data = bomb(first, fill, **lies)
    path = file(data)
    read(file(zipped(), "warm.zip"))
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before, began = most_memory(), time.process_time()
    try:
        rules = {found.rule for found in read(path).findings}
    except Unreadable:
        rules = {"F01"}
    assert rules & {"F01", "F06", "F17"}
    assert time.process_time() - began < 2
    assert most_memory() - before < 50 << 10


def test_sizes_are_added_before_anything_is_unpacked(refused):
    files = [Member(b"%d.csv" % n, size=100_000_000) for n in range(5)]
    assert "when unpacked" in refused(by_hand(*files))


def test_sizes_are_counted_over_all_tables(file, monkeypatch):
    monkeypatch.setattr(archive, "MOST_EXPANDED", 150)
    with pytest.raises(Unreadable, match="when unpacked"):
        read(file(zipped()))


def test_rows_are_counted_over_all_tables(file, monkeypatch):
    monkeypatch.setattr(archive, "MOST_ROWS", 9)
    assert read(file(zipped()))
    monkeypatch.setattr(archive, "MOST_ROWS", 5)
    with pytest.raises(Unreadable, match="rows"):
        read(file(zipped()))
