"""Reading a submission that is a zip of CSV files, by rules that leave no second reading.

A zip says everything twice, in the directory at its end and before each member. What two programs
could read differently is refused here; so is what is larger than it says, before it costs
anything. Nothing is ever written to disk.
"""

import struct
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path
from typing import BinaryIO, NamedTuple

from validation.dataset import TABLES
from validation.finding import Found
from validation.reading.delimited import MOST_ROWS, code_table, safe_name, safe_names
from validation.sent import Arrived, Sent, SentTable, Unreadable, ignored

MOST_EXPANDED = 400_000_000
MOST_MEMBERS = 1_000
MOST_LOOKED_AT = 50_000_000
# The directory is read in one piece: room for a thousand members with long names.
LONGEST_DIRECTORY = 2 << 20

WANTED = {f"{table}.csv".lower(): table for table in TABLES}

AGAIN = "Make the zip again and send it."
ENCRYPTED = "The zip is protected with a password. Make it again without one and send it."
CUT_SHORT = f"The zip is cut short or damaged: its end is missing. {AGAIN}"
DAMAGED = f"The zip is damaged: {{}}. {AGAIN}"
UNCLEAR = f"The zip does not say the same everywhere about {{}}. {AGAIN}"
EXTRA = f"The zip holds bytes that belong to none of its files. {AGAIN}"
TOO_LARGE = (
    f"The zip holds more than {MOST_EXPANDED // 1_000_000} MB when unpacked, which is more than "
    "can be read."
)

_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_ENCRYPTED, _STREAMED, _PATCH, _STRONG, _UTF8, _MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
_AES = 99

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_LINKS = {0o120000: "a link", 0o010000: "a pipe", 0o020000: "a device", 0o060000: "a device"}
_FILE, _FOLDER = 0o100000, 0o040000
_WINDOWS_LINK = 0x400


class _Directory(NamedTuple):
    """Where the zip's directory lies, by the record at the very end of the file."""

    members: int
    start: int
    end: int


class _Place(NamedTuple):
    """A member's bytes: where its own header begins, its data, and where all of it ends."""

    info: zipfile.ZipInfo
    header: int
    data: int
    end: int


def read_archive(path: Path, arrived: Arrived = ignored) -> Sent:
    """Read the zip of CSV files at `path`, telling `arrived` of each table as soon as it is read.

    Raises Unreadable for whatever is not exactly one zip with readable files; what is wrong with
    the form of a table is among the findings.
    """
    with path.open("rb") as file:
        try:
            infos = _members(file)
            tables, others = _wanted(infos)
            places = {place.info.header_offset: place for place in _places(file, infos)}
        except (zipfile.BadZipFile, struct.error, UnicodeDecodeError, NotImplementedError) as odd:
            raise Unreadable(DAMAGED.format("its directory cannot be read")) from odd
        sent = Sent("csv", {}, unknown=safe_names(others))
        budget = _Budget()
        for name in (name for name in TABLES if name in tables):
            place = places[tables[name].header_offset]
            rows_left = MOST_ROWS - sum(table.rows for table in sent.tables.values())
            table, findings = _read_table(file, name, place, budget, rows_left)
            sent.tables[name] = table
            sent.findings.extend(findings)
            arrived(table)
    return sent


def _read_table(
    file: BinaryIO, name: str, place: _Place, budget: "_Budget", rows_left: int
) -> tuple[SentTable, list[Found]]:
    member = _Member(file, place, budget)
    found = code_table(name, member, most_rows=rows_left)
    # A table may be given up early; damage behind that place is still what the sender should hear
    # of first, where looking for it takes no time.
    while member.left <= MOST_LOOKED_AT and member.read(1 << 18):
        pass
    return found


# The directory ---------------------------------------------------------------------------------


def _members(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """The zip's members, in the order of the directory, each allowed by itself."""
    directory = _directory(file)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
    if len(infos) != directory.members:
        raise Unreadable(UNCLEAR.format("how many files it holds"))
    for info in infos:
        _refuse_name(info)
        _refuse_kind(info)
    if sum(info.file_size for info in infos) > MOST_EXPANDED:
        raise Unreadable(TOO_LARGE)
    return infos


def _directory(file: BinaryIO) -> _Directory:
    """Find the directory; refuse everything in front of, behind and beside it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _FULL_16))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise Unreadable(CUT_SHORT)
    _, disk, first_disk, here, members, length, start, comment = _END.unpack_from(tail, at)
    end = size - len(tail) + at
    if len(tail) - at - _END.size != comment or b"PK" in tail[at + _END.size :]:
        raise Unreadable(f"There are bytes behind the end of the zip. {AGAIN}")
    if _FULL_32 in (length, start) or _FULL_16 in (disk, first_disk, here, members):
        disk, first_disk, here, members, length, start, end = _directory_64(file, end)
    if disk or first_disk or here != members:
        raise Unreadable("This is one part of a zip that was split. Send it in one piece.")
    if length > LONGEST_DIRECTORY:
        raise Unreadable(f"The names of the files in the zip are too long. {AGAIN}")
    if members > MOST_MEMBERS:
        raise Unreadable(
            f"The zip holds more than {MOST_MEMBERS:,} files. Send the CSV files only."
        )
    if start + length != end:
        raise Unreadable(f"There are bytes before the zip, or beside its directory. {AGAIN}")
    return _Directory(members, start, end)


def _directory_64(file: BinaryIO, end: int) -> tuple[int, ...]:
    """The same numbers from the larger record, which stands right before the record at `end`."""
    begins = end - _LOCATOR_64.size - _END_64.size
    if begins < 0:
        raise Unreadable(CUT_SHORT)
    file.seek(begins)
    record = file.read(_END_64.size)
    locator = _LOCATOR_64.unpack(file.read(_LOCATOR_64.size))
    sign, _, _, _, disk, first_disk, here, members, length, start = _END_64.unpack(record)
    if sign != b"PK\6\6" or locator[0] != b"PK\6\7" or locator[2] != begins or locator[3] > 1:
        raise Unreadable(UNCLEAR.format("where its directory is"))
    return disk, first_disk, here, members, length, start, begins


def _refuse_name(info: zipfile.ZipInfo) -> None:
    name, shown = info.orig_filename, safe_name(info.orig_filename)
    if any(unicodedata.category(char) == "Cc" for char in name):
        reason = "holds a control character"
    elif "\\" in name:
        reason = "holds a backslash"
    elif ".." in name:
        reason = "holds two dots in a row, which may lead out of the folder"
    elif name.startswith("/"):
        reason = "begins with a slash"
    elif name[1:2] == ":":
        reason = "begins with a drive"
    elif not name:
        reason = "is empty"
    else:
        return
    raise Unreadable(f"The name of a file in the zip, “{shown}”, {reason}. {AGAIN}")


def _refuse_kind(info: zipfile.ZipInfo) -> None:
    shown = safe_name(info.orig_filename)
    if info.flag_bits & (_ENCRYPTED | _STRONG | _MASKED) or info.compress_type == _AES:
        raise Unreadable(ENCRYPTED)
    if info.compress_type not in (_STORED, _DEFLATED) or info.flag_bits & _PATCH:
        raise Unreadable(
            f"“{shown}” in the zip is compressed in a way that is not read here. Make the zip "
            "again with the usual method (deflate)."
        )
    kind = (info.external_attr >> 16) & 0o170000
    is_link = bool(info.external_attr & _WINDOWS_LINK)
    if is_link or kind not in (0, _FILE, _FOLDER):
        what = _LINKS.get(kind, "a link" if is_link else "no ordinary file")
        raise Unreadable(f"“{shown}” in the zip is {what}. Put the CSV files themselves into it.")


def _wanted(infos: list[zipfile.ZipInfo]) -> tuple[dict[str, zipfile.ZipInfo], list[str]]:
    """The member of each table, and the names of all other files."""
    found: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
    others: list[str] = []
    for info in infos:
        base = info.orig_filename.rpartition("/")[2]
        if base.lower() in WANTED:
            found[WANTED[base.lower()]].append(info)
        elif base:
            others.append(info.orig_filename)
    for table, twins in found.items():
        if len(twins) > 1:
            raise Unreadable(
                f"The zip holds {len(twins)} files named {table}.csv. Leave in the right one."
            )
    if not any(info.orig_filename.lower().endswith(".csv") for info in infos):
        raise Unreadable(_instead(infos))
    folders = {twins[0].orig_filename.rpartition("/")[0] for twins in found.values()}
    if len(folders) > 1:
        raise Unreadable("The CSV files lie in different folders of the zip. Put them in one.")
    if any("/" in folder for folder in folders):
        raise Unreadable(
            "The CSV files lie in a folder within a folder of the zip. Put them at its top, or in "
            "one folder."
        )
    return {table: twins[0] for table, twins in found.items()}, others


def _instead(infos: list[zipfile.ZipInfo]) -> str:
    """What a zip without one of our tables seems to be."""
    names = [info.orig_filename for info in infos]
    for start, what in (("xl/", "an Excel workbook"), ("word/", "a Word document")):
        if any(name.startswith(start) for name in names):
            return f"This is {what}. Save each table as CSV and send the CSV files in one zip."
    if not any(info.file_size for info in infos):
        return "The zip is empty."
    if any(name.lower().endswith((".mdb", ".accdb")) for name in names):
        return "The zip holds an Access database. Send the database itself, without a zip."
    if any(name.lower().endswith(".zip") for name in names):
        return "The zip holds another zip. Send the inner one."
    wanted = ", ".join(f"{table}.csv" for table in TABLES)
    return f"The zip holds none of the files {wanted}."


# The members -----------------------------------------------------------------------------------


def _places(file: BinaryIO, infos: list[zipfile.ZipInfo]) -> list[_Place]:
    """Every member's place; they must lie one behind the other, without gap or overlap."""
    directory = _directory(file)
    places, at = [], 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < at:
            raise Unreadable(f"Two files in the zip overlap. {AGAIN}")
        if info.header_offset > at:
            raise Unreadable(EXTRA)
        place = _place(file, info)
        at = place.end
        places.append(place)
    if at != directory.start:
        raise Unreadable(EXTRA if at < directory.start else CUT_SHORT)
    return places


def _place(file: BinaryIO, info: zipfile.ZipInfo) -> _Place:
    shown = safe_name(info.orig_filename)
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
        raise Unreadable(DAMAGED.format(f"“{shown}” is not where it should be"))
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(header)
    name, extra = file.read(name_length), file.read(extra_length)
    codec = "utf-8" if info.flag_bits & _UTF8 else "cp437"
    if name != info.orig_filename.encode(codec):
        raise Unreadable(UNCLEAR.format(f"the name of “{shown}”"))
    if (flags, method) != (info.flag_bits, info.compress_type):
        raise Unreadable(UNCLEAR.format(f"how “{shown}” is packed"))
    if not flags & _STREAMED:
        size, packed = _sizes_64(extra, size, packed)
        if (crc, packed, size) != (info.CRC, info.compress_size, info.file_size):
            raise Unreadable(UNCLEAR.format(f"the size or check sum of “{shown}”"))
    start = info.header_offset + _LOCAL.size + name_length + extra_length
    end = start + info.compress_size
    if flags & _STREAMED:
        end += _descriptor(file, end, info)
    return _Place(info, info.header_offset, start, end)


def _sizes_64(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """The two sizes, which stand in an extra field where four bytes are too few."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1 and length >= 16 and (size, packed) == (_FULL_32, _FULL_32):
            size, packed = struct.unpack_from("<2Q", extra, 4)
        extra = extra[4 + length :]
    return size, packed


def _descriptor(file: BinaryIO, at: int, info: zipfile.ZipInfo) -> int:
    """The length of the record behind a streamed member, which has four forms."""
    file.seek(at)
    record = file.read(24)
    for sizes in ("<L2L", "<L2Q"):
        told = (
            struct.pack(sizes, info.CRC, info.compress_size, info.file_size)
            if _fits(sizes, info)
            else None
        )
        for sign in (b"PK\7\x08", b""):
            if told and record.startswith(sign + told):
                return len(sign + told)
    raise Unreadable(UNCLEAR.format(f"the size or check sum of “{safe_name(info.orig_filename)}”"))


def _fits(sizes: str, info: zipfile.ZipInfo) -> bool:
    return "Q" in sizes or max(info.compress_size, info.file_size) <= _FULL_32


class _Budget:
    """What may still be unpacked, over all members."""

    def __init__(self) -> None:
        self.left = MOST_EXPANDED

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Unreadable(TOO_LARGE)


class _Member:
    """A member's unpacked bytes, piece by piece, checked at its end."""

    def __init__(self, file: BinaryIO, place: _Place, budget: _Budget):
        self.file, self.info, self.budget = file, place.info, budget
        self.shown = safe_name(place.info.orig_filename)
        self.packed_left = place.info.compress_size
        self.left = place.info.file_size
        self.crc = 0
        self.at = place.data
        self.inflate = zlib.decompressobj(-15) if place.info.compress_type == _DEFLATED else None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end. Raises Unreadable for damage."""
        data = self._stored(size) if self.inflate is None else self._inflated(size)
        self.budget.spend(len(data))
        self.left -= len(data)
        self.crc = zlib.crc32(data, self.crc)
        if self.left < 0 or (not data and self.left):
            raise Unreadable(UNCLEAR.format(f"the size of “{self.shown}”"))
        if not data and self.crc != self.info.CRC:
            raise Unreadable(DAMAGED.format(f"“{self.shown}” is not as it was packed"))
        return data

    def _packed(self, size: int) -> bytes:
        self.file.seek(self.at)
        data = self.file.read(min(size, self.packed_left))
        self.at += len(data)
        self.packed_left -= len(data)
        return data

    def _stored(self, size: int) -> bytes:
        return self._packed(size)

    def _inflated(self, size: int) -> bytes:
        assert self.inflate is not None
        data = b""
        try:
            while not data and not self.inflate.eof:
                packed = self.inflate.unconsumed_tail or self._packed(1 << 16)
                data = self.inflate.decompress(packed, size)
                if not packed and not data:
                    break
        except zlib.error as odd:
            raise Unreadable(DAMAGED.format(f"“{self.shown}” cannot be unpacked")) from odd
        if not data and (not self.inflate.eof or self.inflate.unused_data or self.packed_left):
            raise Unreadable(DAMAGED.format(f"“{self.shown}” cannot be unpacked"))
        return data
