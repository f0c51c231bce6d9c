"""`./portal up`: it comes up, what dies is started again, and it leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from iapt_portal.local import ROOT, Way, environment, make_folder
from iapt_portal.local_processes import left_in, postgres_left_in, wait_until
from iapt_portal.local_up import commands, free_port

PORT = 18080
START = """
import sys
from pathlib import Path
from iapt_portal.local import Way
from iapt_portal.local_processes import listen
from iapt_portal.local_up import run

listen()
try:
    run(Path(sys.argv[1]), Way(int(sys.argv[2]), demo=False))
except KeyboardInterrupt:
    print("stopped")
"""


def test_a_taken_port_is_said_and_the_next_one_used(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        found = free_port(taken)
    assert found > taken
    assert f"port {taken} is taken" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "process", "sees_master_key"),
    [
        ("web", "web", False),
        ("worker", "worker", True),
        ("periodic", "worker", True),
        ("beat", "worker", True),
    ],
)
def test_each_program_has_its_role_and_its_keys(
    tmp_path: Path, program: str, process: str, sees_master_key: bool
) -> None:
    place = make_folder(tmp_path)
    command = commands(place, Way())[program]
    words = [*command[: command.index(sys.executable)], "/usr/bin/env"]
    told = subprocess.run(words, env=environment(place), capture_output=True, text=True, check=True)
    variables = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
    assert variables["PORTAL_PROCESS"] == process
    assert ("MASTER_KEY_FILE" in variables) is sees_master_key
    assert ("RAW_IDENTITY_FILE" in variables) is sees_master_key
    assert {"SECRET_KEY_FILE", "REPORT_KEY_FILE", "RAW_RECIPIENT_FILE"} <= variables.keys()


def named(folder: Path, words: str) -> list[int]:
    """The oldest process of this folder whose command line holds these words, if there is one."""
    found = []
    for pid in left_in(folder):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if words in line:
            found.append(pid)
    return sorted(found)[:1]


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def port() -> int:
    return free_port(PORT)


@pytest.fixture(scope="module")
def up(folder: Path, port: int) -> Iterator[None]:
    started = subprocess.Popen(
        [sys.executable, "-c", START, str(folder), str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout
        assert started.stdout.readline() == f"The portal is at http://localhost:{port}\n"
        yield
    finally:
        started.terminate()
        said, complaint = started.communicate(timeout=60)
        assert (said[-8:], started.returncode) == ("stopped\n", 0), complaint
        assert left_in(folder) == []


@pytest.mark.usefixtures("up")
@pytest.mark.parametrize("words", ["gunicorn", "celery -A iapt_portal worker", "supervisord"])
def test_what_is_killed_is_started_again(folder: Path, port: int, words: str) -> None:
    before = named(folder, words)
    assert before
    os.kill(before[0], signal.SIGKILL)
    assert wait_until(lambda: named(folder, words) not in ([], before), 20)
    assert wait_until(lambda: is_healthy(port), 20)


@pytest.mark.usefixtures("up")
def test_a_killed_database_is_started_again(folder: Path, port: int) -> None:
    before = postgres_left_in(folder)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: postgres_left_in(folder) not in ([], before), 20)
    assert wait_until(lambda: is_healthy(port), 20)
