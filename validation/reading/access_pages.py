"""What the pages of an Access database say themselves, beside what mdbtools makes of them.

A database of Jet 4 and later is pages of 4,096 bytes, one of Jet 3 (Access 97) of 2,048.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from validation.sent import Unreadable

EMPTY = "The file is empty. Make it again and send it."
NOT_ACCESS = (
    "This is not a Microsoft Access database. Send a .mdb, an .accdb or a zip of CSV files."
)
CUT_SHORT = (
    "The Access database is cut short: its end is missing. Send it again; if this is said again,"
    " run Compact and Repair in Access and send the result."
)
DAMAGED = (
    "The Access database is damaged and cannot be read in full. Open it in Access, run Compact"
    " and Repair, look whether all rows are there, and send the result."
)
ENCRYPTED = (
    "The Access database is encrypted. Open it in Access, remove the password or decode the"
    " database, save it and send it again."
)
LOCKED = (
    "The Access database is protected with a password. Open it in Access, remove the password,"
    " save it and send it again."
)
TOO_NEW = "This kind of Access database cannot be read here. Save it as Access 2003 (.mdb)."

MAGIC = (b"\0\1\0\0Standard Jet DB\0", b"\0\1\0\0Standard ACE DB\0")
# The engine by byte 20; the newest known is that of Access 2019.
ENGINE_AT = 0x14
JET3, JET4, NEWEST = 0, 1, 6
PAGE_JET3, PAGE = 2048, 4096

# The header from byte 24 is veiled with an RC4 stream whose key is the same in every file.
VEILED_FROM = 0x18
VEILED = slice(VEILED_FROM, VEILED_FROM + 126)
VEIL_KEY = bytes.fromhex("c7da396b")
KEY = slice(0x3E - VEILED_FROM, 0x42 - VEILED_FROM)
PASSWORD_AT = 0x42 - VEILED_FROM
PASSWORD_LENGTH = {JET3: 20, JET4: 40}
MADE_AT = 0x72 - VEILED_FROM

DATA, DEFINITION = 1, 2
# Bits beside a row's place on its page: the row was deleted, or has moved to another page.
GONE, PLACE = 0xC000, 0x1FFF


def check_header(path: Path) -> None:
    """Raise Unreadable for what is not a whole, open Access database, as its header tells."""
    with path.open("rb") as file:
        start = file.read(PAGE)
        size = file.seek(0, 2)
    if not size:
        raise Unreadable(EMPTY)
    if not start.startswith(MAGIC):
        raise Unreadable(NOT_ACCESS)
    # A database has pages for its header, its free pages and its catalogue at the least.
    if size % _page_size(start) or size < 3 * _page_size(start):
        raise Unreadable(CUT_SHORT)
    if start[ENGINE_AT] > NEWEST:
        raise Unreadable(TOO_NEW)
    _check_open(start, start[ENGINE_AT])


def _page_size(start: bytes) -> int:
    return PAGE_JET3 if start[ENGINE_AT : ENGINE_AT + 1] == bytes([JET3]) else PAGE


def _check_open(start: bytes, engine: int) -> None:
    header = rc4(VEIL_KEY, start[VEILED])
    if any(header[KEY]):
        raise Unreadable(ENCRYPTED)
    if engine not in PASSWORD_LENGTH:
        return  # later engines have no password without encryption
    password = header[PASSWORD_AT : PASSWORD_AT + PASSWORD_LENGTH[engine]]
    if engine == JET4:
        password = _without_date(password, header)
    if any(password):
        raise Unreadable(LOCKED)


def _without_date(password: bytes, header: bytes) -> bytes:
    """Jet 4 veils the password once more, with the day on which the database was made."""
    (made,) = struct.unpack_from("<d", header, MADE_AT)
    day = struct.pack("<i", int(made)) if abs(made) < 2**31 else bytes(4)
    return bytes(a ^ b for a, b in zip(password, day * 10, strict=True))


def rc4(key: bytes, data: bytes) -> bytes:
    """The data under (or out from under) the RC4 stream of the key."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i, j, out = 0, 0, bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


class Record(NamedTuple):
    """A row as its page holds it, and whether its table has columns of varying length."""

    data: bytes
    varies: bool


def has_wiped_records(path: Path) -> bool:
    """Whether some row's record is wiped out, in part or whole; mdbtools prints a blank row for it.

    A record begins with the number of its columns and, where columns vary in length, holds the
    place at which its values end; neither is ever nought, in a row left blank on purpose either.
    A page of Jet 3 is asked for the first alone.
    """
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages,
    ):
        jet3 = _page_size(pages[: ENGINE_AT + 1]) == PAGE_JET3
        is_wiped = _is_wiped_jet3 if jet3 else _is_wiped
        return any(is_wiped(record) for record in _records(pages, jet3))


def _records(pages: mmap.mmap, jet3: bool) -> Iterator[Record]:
    """All rows of all tables."""
    size = PAGE_JET3 if jet3 else PAGE
    for start in range(0, len(pages), size):
        if pages[start] == DATA:
            (owner,) = struct.unpack_from("<I", pages, start + 4)
            # pages of maps and of long values are of the same kind, but belong to no definition
            if 0 < owner * size < len(pages) and pages[owner * size] == DEFINITION:
                varies = not jet3 and any(pages[owner * size + 43 : owner * size + 45])
                yield from _page_records(pages[start : start + size], jet3, varies)


def _page_records(page: bytes, jet3: bool, varies: bool) -> Iterator[Record]:
    counted_at = 8 if jet3 else 12
    (count,) = struct.unpack_from("<H", page, counted_at)
    most = (len(page) - counted_at - 2) // 2
    end = len(page)
    for (place,) in struct.iter_unpack("<H", page[counted_at + 2 :][: 2 * min(count, most)]):
        start = place & PLACE
        if not place & GONE:
            yield Record(page[start:end], varies)
        end = start


def _is_wiped_jet3(record: Record) -> bool:
    return not record.data or not record.data[0]


def _is_wiped(record: Record) -> bool:
    data = record.data
    columns = int.from_bytes(data[:2], "little")
    if not columns or not record.varies:
        return not columns
    # from the end: null mask, number of varying columns, where each begins, where the last ends
    counted_at = len(data) - (columns + 7) // 8 - 2
    ends_at = counted_at - 2 * int.from_bytes(data[counted_at : counted_at + 2], "little") - 2
    return counted_at < 2 or ends_at < 2 or not any(data[ends_at : ends_at + 2])
