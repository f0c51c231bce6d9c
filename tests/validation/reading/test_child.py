"""The limited process: the same answer as reading directly, and always an answer."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import billiard
import numpy as np
import pytest

from validation.dataset import TABLES, dataset
from validation.reading import child, read, wire
from validation.reading.box import bubblewrap_works
from validation.reading.child import ChildDied, read_in_child
from validation.sent import CannotCheck, Sent, Unreadable
from validation.writing.access import write_access
from validation.writing.archive import write_archive

ROOT = Path(__file__).parents[3]
ROWS = {
    "Header": [{"DataSetVersion": "1.0", "OrgCodeProvider": "RZ1"}],
    "Person": [{"LPTID": f"P{n}", "NHSNumber": f"{n:010}"} for n in range(300)],
    "Referral": [{"LPTID": "P1", "ServiceID": "S1", "RefRecDate": "2013-04-05"}],
    "Appointment": [{"LPTID": "P1", "ServiceID": 'Zoë "S"'}],
}
# Reads slowly enough to be caught at it: every cell is another.
SLOW = 120_000


@pytest.fixture
def archive(tmp_path) -> Path:
    write_archive(tmp_path / "IAPT.zip", "1.0", ROWS)
    return tmp_path / "IAPT.zip"


@pytest.fixture
def slow(tmp_path) -> Path:
    columns = dataset("1.0").tables["Appointment"].columns
    path = tmp_path / "slow.zip"
    row = ",".join(f"{n}-{{0}}" for n in range(len(columns)))
    with zipfile.ZipFile(path, "w") as out:
        rows = "\n".join(row.format(n) for n in range(SLOW))
        out.writestr("Appointment.csv", ",".join(columns) + "\n" + rows)
    return path


def assert_same(ours: Sent, theirs: Sent) -> None:
    assert (ours.form, ours.unknown) == (theirs.form, theirs.unknown)
    assert [(f.rule, f.table, f.column, f.words, f.line) for f in ours.findings] == [
        (f.rule, f.table, f.column, f.words, f.line) for f in theirs.findings
    ]
    assert list(ours.tables) == list(theirs.tables)
    for name, table in ours.tables.items():
        other = theirs.tables[name]
        assert (table.rows, table.unknown) == (other.rows, other.unknown)
        assert (table.lines is None) == (other.lines is None)
        assert table.lines is None or np.array_equal(table.lines, other.lines)
        assert list(table.columns) == list(other.columns)
        for column, coded in table.columns.items():
            assert coded.distinct == other.columns[column].distinct
            assert coded.codes.dtype == other.columns[column].codes.dtype
            assert np.array_equal(coded.codes, other.columns[column].codes)


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children").read_text()
    return list(map(int, tasks.split()))


def server() -> int:
    assert child._server.process
    return child._server.process.pid


def caught(action, seconds: float = 5.0):
    """What `action` gives, as soon as it gives anything."""
    end = time.monotonic() + seconds
    while not (found := action()):
        assert time.monotonic() < end
        os.sched_yield()
    return found


# The same answers ------------------------------------------------------------------------------


def test_the_same_result_as_read(archive):
    assert_same(read_in_child(archive), read(archive))
    assert tuple(read_in_child(archive).tables) == TABLES


def test_the_same_result_from_access(tmp_path):
    """In a box inside the box."""
    write_access(tmp_path / "IAPT.mdb", "1.0", ROWS)
    sent = read_in_child(tmp_path / "IAPT.mdb")
    assert_same(sent, read(tmp_path / "IAPT.mdb"))
    assert sent.tables["Person"].rows == 300


def test_findings_and_unknown_names_come_through(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("Person.csv", b"LPTID,Zo\xeb\nP\xe9,x\nP2\n")
        out.writestr("<b>.txt", b"")
    sent = read_in_child(tmp_path / "a.zip")
    assert_same(sent, read(tmp_path / "a.zip"))
    assert (len(sent.findings), sent.tables["Person"].unknown) == (2, ("Zoë",))


def test_refusals_come_through(archive, tmp_path):
    with pytest.raises(Unreadable, match=r"named \.mdb"):
        read_in_child(archive, "IAPT.mdb")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("Person.csv", b"LPTID\nP1\nP\0")
    with pytest.raises(Unreadable) as refusal:
        read_in_child(tmp_path / "a.zip")
    assert (refusal.value.table, refusal.value.line) == ("Person", 3)
    with pytest.raises(FileNotFoundError):
        read_in_child(tmp_path / "none.zip")


def test_names_of_any_kind(archive):
    assert read_in_child(archive, "\ud800" + "x" * 60_000 + '"\n.zip').form == "csv"


def test_several_at_once(archive):
    found: list[Sent] = []
    threads = [
        threading.Thread(target=lambda: found.append(read_in_child(archive))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for sent in found:
        assert_same(sent, found[0])


# Limits ----------------------------------------------------------------------------------------


def test_time_is_bounded(slow):
    began = time.monotonic()
    with pytest.raises(ChildDied, match=r"longer than 0\.1 seconds"):
        read_in_child(slow, seconds=0.1)
    assert time.monotonic() - began < 2


def test_memory_is_bounded(slow):
    with pytest.raises(CannotCheck, match="memory"):
        read_in_child(slow, memory=64 << 20)


def look_inside(call: str, tmp_path: Path) -> dict:
    """What `call` says inside a child, asked of a server like the real one."""
    script = f"""
import json, os, socket, sys, resource, threading
from pathlib import Path
import validation.reading
from validation.reading import child, wire
def read(path, name, arrived):
    wire.send(to, {{"said": {call}}})
    raise validation.reading.Unreadable("done")
validation.reading.read = read
send = child._read
def _read(request, result):
    global to
    to = result
    send(request, result)
child._read = _read
child.serve(socket.socket(fileno=0))
"""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    serving = subprocess.Popen([sys.executable, "-c", script], stdin=theirs, env=environment)
    theirs.close()
    answer, result = socket.socketpair()
    request = {"path": str(tmp_path), "name": "x", "seconds": 20, "memory": child.MEMORY}
    socket.send_fds(ours, [json.dumps(request).encode()], [result.fileno()])
    result.close()
    with answer, ours:
        said = wire.receive(answer)["said"]
    serving.wait(10)
    return said


def test_what_the_child_may_do(tmp_path):
    said = look_inside(
        """{
            "limits": [resource.getrlimit(what) for what in (resource.RLIMIT_AS,
                resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)],
            "threads": len(os.listdir("/proc/self/task")),
            "files": sorted(os.readlink(f"/proc/self/fd/{n}").split(":")[0]
                for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")),
            "network": [name for _, name in socket.if_nameindex()],
            "leads": os.getpgid(0) == os.getpid(),
            "box": validation.reading.box.bubblewrap_works(),
            "user": os.readlink("/proc/self/ns/user"),
            "rights": [line for line in open("/proc/self/status") if "NoNewPrivs" in line],
        }""",
        tmp_path,
    )
    assert said["limits"] == [[child.MEMORY] * 2, [21, 21], [0, 0], [0, 0]]
    assert said["threads"] == 1
    #      the three standard files, the result and the end of a pipe that ends with the child
    assert said["files"].count("/dev/null") == 3
    assert [name for name in said["files"] if name != "/dev/null"][:2] == ["pipe", "socket"]
    assert said["leads"]
    assert said["box"] == bubblewrap_works()
    assert said["rights"] == ["NoNewPrivs:\t1\n"]
    if said["user"] != os.readlink("/proc/self/ns/user"):
        assert said["network"] == ["lo"]


def test_the_child_knows_no_secret(archive, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    child._server.stop()
    read_in_child(archive)
    assert b"canary" not in Path(f"/proc/{server()}/environ").read_bytes()


# Whatever happens to it ------------------------------------------------------------------------


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_child_that_dies_is_told_and_the_next_one_lives(slow, archive, blow):
    read_in_child(archive)
    caught(lambda: not children(server()))

    def strike():
        (victim,) = caught(lambda: children(server()))
        os.kill(victim, blow)

    striking = threading.Thread(target=strike)
    striking.start()
    with pytest.raises(ChildDied):
        read_in_child(slow)
    striking.join()
    assert read_in_child(archive).form == "csv"


def test_a_server_that_dies_is_started_again(slow, archive):
    read_in_child(archive)
    first = server()
    caught(lambda: not children(first))

    def strike():
        caught(lambda: children(first))
        os.kill(first, signal.SIGKILL)

    striking = threading.Thread(target=strike)
    striking.start()
    with pytest.raises(ChildDied):
        read_in_child(slow)
    striking.join()
    assert read_in_child(archive).form == "csv"
    assert server() != first


def test_nothing_is_left_behind(slow, archive, tmp_path):
    """No process, no zombie, no open file, no file on disk."""
    read_in_child(archive)
    open_before = len(os.listdir("/proc/self/fd"))
    files_before = sorted(tmp_path.iterdir())
    for _ in range(3):
        read_in_child(archive)
        with pytest.raises(ChildDied):
            read_in_child(slow, seconds=0.05)
    caught(lambda: not children(server()))
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert sorted(tmp_path.iterdir()) == files_before
    gone = server()
    child._server.stop()
    assert not Path(f"/proc/{gone}").exists()


def test_a_child_whose_caller_is_killed_ends_too(slow):
    script = (
        "import sys; from pathlib import Path; from validation.reading import child\n"
        "import threading; threading.Thread(target=lambda: child.read_in_child("
        "Path(sys.argv[1])), daemon=True).start()\n"
        "import time\n"
        "while not child._server.process: time.sleep(.01)\n"
        "print(child._server.process.pid, flush=True); sys.stdin.read()"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", script, str(slow)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    serving = int(caller.stdout.readline())
    (reading,) = caught(lambda: children(serving))
    caller.kill()
    caller.communicate()
    for process in (serving, reading):
        caught(lambda process=process: is_gone(process))


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_forked_worker_has_a_server_of_its_own(archive):
    """As Celery's workers are forked; multiprocessing's daemons may have no children."""
    read_in_child(archive)
    first = server()
    source, sink = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            rows = read_in_child(archive).tables["Person"].rows
            os.write(sink, f"{rows} {server() != first}".encode())
            child._server.stop()
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source) as said:
        assert said.read() == "300 True"
    os.waitpid(pid, 0)
    assert read_in_child(archive).form == "csv"
    assert server() == first


def test_in_a_worker_of_celery(archive):
    context = billiard.get_context("fork")
    queue = context.SimpleQueue()

    def work():
        queue.put(read_in_child(archive).tables["Person"].rows)
        child._server.stop()

    worker = context.Process(target=work, daemon=True)
    worker.start()
    assert queue.get() == 300
    worker.join(10)


def test_a_child_costs_little_more_than_reading(archive):
    read_in_child(archive)
    direct = min(timed(read, archive) for _ in range(10))
    apart = min(timed(read_in_child, archive) for _ in range(10))
    assert apart - direct < 0.05


def timed(action, path: Path) -> float:
    began = time.perf_counter()
    action(path)
    return time.perf_counter() - began
