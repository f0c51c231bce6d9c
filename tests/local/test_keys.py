"""Keys are made once, for their owner only, and never quietly made anew."""

import base64
import stat
from pathlib import Path

import pytest
from pyrage import decrypt, encrypt, x25519

from iapt_portal.local_keys import KEYS, make_keys
from iapt_portal.local_processes import CannotStart


def test_they_are_made_once(tmp_path: Path) -> None:
    first = {name: path.read_text() for name, path in make_keys(tmp_path).items()}
    again = {name: path.read_text() for name, path in make_keys(tmp_path).items()}
    assert first == again
    assert len(set(first.values())) == len(KEYS)


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    files = make_keys(tmp_path).values()
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["MASTER_KEY", "REPORT_KEY"])
def test_a_symmetric_key_has_256_bits(tmp_path: Path, name: str) -> None:
    assert len(base64.b64decode(make_keys(tmp_path)[name].read_text(), validate=False)) == 32


def test_the_worker_opens_what_the_web_process_locked_away(tmp_path: Path) -> None:
    files = {name: path.read_text().strip() for name, path in make_keys(tmp_path).items()}
    locked = encrypt(b"a raw file", [x25519.Recipient.from_str(files["RAW_RECIPIENT"])])
    assert decrypt(locked, [x25519.Identity.from_str(files["RAW_IDENTITY"])]) == b"a raw file"


@pytest.mark.parametrize("name", ["MASTER_KEY", "RAW_IDENTITY"])
def test_a_lost_key_is_not_replaced_beside_a_database(tmp_path: Path, name: str) -> None:
    make_keys(tmp_path)[name].unlink()
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(CannotStart, match=name):
        make_keys(tmp_path)
