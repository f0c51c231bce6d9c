"""What a killed process left is removed by whoever works on that disk next; what lives stays."""

import os
import time
from datetime import timedelta
from pathlib import Path

from accounts.models import User
from submissions import checking, leftovers, raw_files
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from tests.submissions.rows import Rows
from tests.submissions.sending import arrived, send, send_and_check


def opened(place: Path, name: str) -> Path:
    folder = place / "checking" / name
    folder.mkdir(parents=True)
    (folder / "sent").write_bytes(b"in clear")
    return folder


def test_of_opened_files_only_the_living_attempts_stay(
    own_folder: Path, alice: User, window: Window, rows: Rows
) -> None:
    answered = send_and_check(alice, window, rows)
    waits = send(alice, window, rows)
    living = checking.claim(send(alice, window, rows).id)
    assert living is not None
    assert living.status == Status.CHECKING
    stays = [
        opened(own_folder, f"{living.id}.{living.attempt}.abc"),
        opened(own_folder, "somebody-elses"),
    ]
    goes = [
        opened(own_folder, f"{living.id}.{living.attempt - 1}.abc"),
        opened(own_folder, f"{answered.id}.{answered.attempt}.abc"),
        opened(own_folder, f"{waits.id}.1.abc"),
        opened(own_folder, "999999.1.abc"),
    ]
    leftovers.remove_opened()
    assert all(folder.exists() for folder in stays)
    assert not any(folder.exists() for folder in goes)


def test_the_next_check_removes_what_a_killed_one_left(
    own_folder: Path, alice: User, window: Window, rows: Rows
) -> None:
    left = opened(own_folder, f"{send_and_check(alice, window, rows).id}.1.abc")
    send_and_check(alice, window, rows)
    assert not left.exists()


def test_the_next_file_that_arrives_removes_what_never_came_to_be_whole(own_folder: Path) -> None:
    receiving = own_folder / "receiving"
    receiving.mkdir()
    old, young = receiving / "old.age", receiving / "young.age"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - leftovers.LEFT_BEHIND_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    arrived(b"PK\x03\x04 whole")
    assert not old.exists()
    assert young.exists()


def test_before_anything_is_received_no_raw_file_is_without_its_receipt(
    own_folder: Path, db: None
) -> None:
    """A database that is still to be restored names none of them."""
    raw = own_folder / "files" / "raw" / "one.age"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(b"locked")
    os.utime(raw, (0, 0))
    assert not Submission.objects.exists()
    assert raw_files.remove_without_receipt(timedelta(hours=1)) == 0
    assert raw.exists()
