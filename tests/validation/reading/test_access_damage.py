"""Damaged Access databases: mdbtools itself ends on most of these with status 0."""

import random
import struct
import time

import pytest

from validation.reading.access_pages import PAGE
from validation.sent import Unreadable
from validation.writing import write_access

# As many rows as the good database has in each table.
ROWS = {"Header": 1, "Person": 120, "Disability": 0, "Referral": 120, "Appointment": 0}


def pages(content: bytes) -> list[bytes]:
    return [content[at : at + PAGE] for at in range(0, len(content), PAGE)]


def test_a_database_cut_within_a_page(read, whole):
    with pytest.raises(Unreadable, match="cut short"):
        read(whole[: len(whole) * 2 // 3 + 7])


def test_a_database_cut_at_a_page_never_gives_fewer_rows(read, whole):
    last = len(pages(whole))
    for length in [*range(10, last - 5, 7), *range(last - 5, last - 1)]:
        with pytest.raises(Unreadable, match="damaged"):
            read(whole[: length * PAGE])
    # the last page says which pages are free, and holds no row
    never_fewer_rows(read, whole[:-PAGE])


def test_wiped_parts_of_rows_are_not_taken_for_blank_rows(read, whole):
    full = [
        number * PAGE
        for number, page in enumerate(pages(whole))
        if page[:2] == b"\1\1" and struct.unpack_from("<H", page, 2)[0] < 100 and number > 60
    ]
    assert full
    for at in full:
        for start in (at + 512, at + 2000, at + PAGE - 512):
            with pytest.raises(Unreadable, match="damaged"):
                read(whole[:start] + bytes(512) + whole[start + 512 :])


def test_wiped_pages_never_give_fewer_rows(read, whole):
    for number in range(48, len(pages(whole)), 3):
        at = number * PAGE
        never_fewer_rows(read, whole[:at] + bytes(PAGE) + whole[at + PAGE :])


@pytest.mark.parametrize("seed", range(12))
def test_noise_on_a_page_never_gives_fewer_rows(read, whole, seed):
    chance = random.Random(seed)
    at = chance.randrange(1, len(pages(whole))) * PAGE
    never_fewer_rows(read, whole[:at] + chance.randbytes(PAGE) + whole[at + PAGE :])


@pytest.mark.parametrize("seed", range(24))
def test_flipped_bits_never_give_fewer_rows(read, whole, seed):
    chance, content = random.Random(seed), bytearray(whole)
    for _ in range(chance.choice([1, 10, 100])):
        bit = chance.randrange(8 * len(content))
        content[bit // 8] ^= 1 << bit % 8
    never_fewer_rows(read, bytes(content))


def never_fewer_rows(read, content: bytes) -> None:
    """The file is refused, or every table that it still names has all its rows."""
    started = time.monotonic()
    try:
        sent = read(content)
    except Unreadable:
        pass
    else:
        unread = {found.table for found in sent.findings}
        for name, table in sent.tables.items():
            assert name in unread or table.rows == ROWS[name]
    assert time.monotonic() - started < 20


def test_rows_without_a_required_value_are_damage(read, tmp_path):
    write_access(tmp_path / "sent.mdb", "1.0", {"Person": [{"Gender": "1"}, {"Gender": "2"}]})

    with pytest.raises(Unreadable, match="damaged"):
        read((tmp_path / "sent.mdb").read_bytes())
