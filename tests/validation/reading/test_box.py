"""The box holds whatever program runs in it: shells and endless ones here."""

import socket
import subprocess
import time
from pathlib import Path

import pytest

from validation.reading import box
from validation.sent import CannotCheck


@pytest.fixture
def file(tmp_path):
    assert box.bubblewrap_works(), "apt-get install bubblewrap"
    path = tmp_path / "-S some file"
    path.write_bytes(b"what was sent")
    return path


def test_the_file_alone_is_there_and_cannot_be_written(file):
    assert box.answer(file, "cat", "FILE") == b"what was sent"
    seen = box.answer(file, "ls", "/").split()
    assert set(seen) <= {b"usr", b"in.mdb", b"lib", b"lib64", b"bin"}
    with pytest.raises(box.Stumbled):
        box.answer(file, "sh", "-c", "echo more >> /in.mdb")
    with pytest.raises(box.Stumbled):
        box.answer(file, "sh", "-c", "echo more > /new")
    assert file.read_bytes() == b"what was sent"


def test_no_network_no_environment_no_other_process(file, monkeypatch):
    monkeypatch.setenv("MASTER_SECRET", "s3cret")

    assert b"s3cret" not in box.answer(file, "env")
    with socket.create_server(("127.0.0.1", 0)) as server:
        knock = f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}"
        assert subprocess.run(["bash", "-c", knock], check=False).returncode == 0
        with pytest.raises(box.Stumbled):
            box.answer(file, "bash", "-c", knock)


def test_memory_time_files_and_writing_are_limited(file):
    said = box.answer(file, "bash", "-c", "ulimit -v; ulimit -t; ulimit -n; ulimit -f")

    assert said.split() == [b"524288", b"45", b"16", b"0"]


def test_a_program_that_does_not_end_is_ended(file, monkeypatch):
    monkeypatch.setattr(box, "WALL_SECONDS", 0.3)
    started = time.monotonic()

    with pytest.raises(CannotCheck, match="did not end"):
        box.answer(file, "sleep", "417")

    assert time.monotonic() - started < 10
    deadline = time.monotonic() + 5
    while running("sleep 417"):
        assert time.monotonic() < deadline, "it still runs"


def test_a_talkative_program_is_cut_off(file):
    with pytest.raises(box.Stumbled):
        box.answer(file, "yes")
    with pytest.raises(box.Stumbled, match="complained"):
        box.answer(file, "sh", "-c", "yes >&2")


def test_a_program_that_fails_has_not_answered(file):
    with pytest.raises(box.Stumbled, match="status 3"):
        box.answer(file, "sh", "-c", "echo half; exit 3")


def running(command: str) -> bool:
    """Whether some process on this machine has just this command line."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:  # it has just ended
            continue
        if words.split(b"\0")[:-1] == command.encode().split():
            return True
    return False
