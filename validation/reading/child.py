"""Reading a file in a process of its own that has little to lose.

A stranger's file meets a lot of code before it is trusted. So it is read by a child without the
caller's environment, connections and threads, with a limit on memory, time and files, and where
the kernel allows it in a user and network namespace of its own. Whatever becomes of the child, the
caller gets an answer.

The children are forked from a small server that has all modules loaded (a fork costs
milliseconds, the modules most of a second). The server is one process for each process that calls
`read_in_child`, is started by the first call and ends with its caller:

    caller ── request: a path, limits, an end of a socket ──> server ── fork ──> child
       └────────────────────── result over that socket ──────────────────────────┘
"""

import atexit
import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.reading.wire import Garbled, Receiving, receive, send, send_end, send_table
from validation.sent import Arrived, CannotCheck, Sent, SentTable, Unreadable, ignored

SECONDS = 120
MEMORY = 3 << 30
OPEN_FILES = 64
# How long the server may be silent behind the child's own time.
GRACE = 10
NO_MEMORY = "There was not enough memory to read the file."

_ROOT = Path(__file__).parents[2]
# All that the server and its children see of the caller's environment.
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
_ADDED = {
    # Threads of a linear algebra library would not survive the forks.
    "OPENBLAS_NUM_THREADS": "1",
    # A child lives shortly and uses the same few megabytes again and again: it keeps them instead
    # of giving them back each time (a quarter of the time of reading, no more memory in the end).
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}
_LARGEST_REQUEST = 1 << 16
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38


class ChildDied(Exception):
    """The reading process crashed, was killed or took too long: our fault, to be tried again."""


# The caller ------------------------------------------------------------------------------------


def read_in_child(
    path: Path,
    name: str | None = None,
    *,
    arrived: Arrived = ignored,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> Sent:
    """As `validation.reading.read`, in a limited process.

    `seconds` bound the child's time by the clock and of the processor, `memory` its address space
    in bytes. Raises Unreadable and CannotCheck as `read` does, OSError where there is no such
    file, ChildDied for everything else.
    """
    path.stat()
    request = {
        "path": str(path.absolute()),
        "name": (path.name if name is None else name)[-255:],
        "seconds": seconds,
        "memory": memory,
    }
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _server.ask(json.dumps(request).encode(), theirs)
        ours.settimeout(seconds + GRACE)
        return _answer(ours, arrived)


def _answer(ours: socket.socket, arrived: Arrived) -> Sent:
    receiving = Receiving(ours)
    try:
        while "table" in (told := receive(ours)):
            arrived(receiving.table(told["table"]))
        if "form" in told:
            return receiving.end(told)
    except (Garbled, OSError) as odd:
        if isinstance(odd, TimeoutError):
            _server.stop()
        raise ChildDied("The process that read the file died.") from odd
    if "unreadable" in told:
        raise Unreadable(*told["unreadable"])
    if "cannot" in told:
        raise CannotCheck(str(told["cannot"]))
    raise ChildDied(f"The process that read the file {told['died']}.")


class _Server:
    """The server of this process, started when it is first needed."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.lock = threading.Lock()

    def ask(self, request: bytes, result: socket.socket) -> None:
        """Hand a request to the server; one that has ended is started again, once."""
        with self.lock:
            for _ in range(2):
                control = self.control or self._start()
                try:
                    socket.send_fds(control, [request], [result.fileno()])
                    return
                except OSError:
                    self._end()
        raise ChildDied("The process that starts the reading processes cannot be reached.")

    def _start(self) -> socket.socket:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "validation.reading.child"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=_ROOT,
                env={key: os.environ[key] for key in _KEPT if key in os.environ} | _ADDED,
                start_new_session=True,
            )
        return self.control

    def stop(self) -> None:
        """End the server and, with it, its children; the next request starts another."""
        with self.lock:
            self._end()

    def _end(self) -> None:
        if self.control:
            self.control.close()
        if self.process:
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.control = self.process = None

    def forget(self) -> None:
        """In a forked process: the server is its parent's, and so is the lock."""
        if self.control:
            self.control.close()
        if self.process:
            # Otherwise Popen would warn that a process still runs, which is not this one's.
            self.process.returncode = 0
        self.control = self.process = None
        self.lock = threading.Lock()


_server = _Server()
atexit.register(_server.stop)
os.register_at_fork(after_in_child=_server.forget)


# The server ------------------------------------------------------------------------------------


@dataclass
class _Job:
    """A running child: `life` ends with it, `result` goes to the caller."""

    pid: int
    life: int
    result: socket.socket
    deadline: float
    seconds: float
    fate: str | None = None


def serve(control: socket.socket) -> None:
    """Fork a child for each request until the caller is gone; then no child is left."""
    import validation.reading  # noqa: F401 (what the children need, loaded once)

    gc.freeze()
    jobs: dict[int, _Job] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            soonest = min((job.deadline for job in jobs.values() if not job.fate), default=None)
            wait = None if soonest is None else max(0.0, soonest - time.monotonic())
            ready = [key.fd for key, _ in selector.select(wait)]
            for job in list(jobs.values()):
                _look_after(job, ready, jobs, selector)
            if control.fileno() in ready and not _accept(control, jobs, selector):
                break
    for job in jobs.values():
        _kill_group(job.pid)


def _look_after(
    job: _Job, ready: list[int], jobs: dict[int, _Job], selector: selectors.BaseSelector
) -> None:
    if job.life in ready:
        del jobs[job.pid]
        selector.unregister(job.life)
        if job.fate is None:
            selector.unregister(job.result)
        _bury(job)
    elif job.fate is not None:
        return
    elif job.result.fileno() in ready:
        # The caller never writes here: it has gone away.
        _kill(job, "was no longer wanted", selector)
    elif time.monotonic() >= job.deadline:
        _kill(job, f"took longer than {job.seconds:g} seconds", selector)


def _kill(job: _Job, fate: str, selector: selectors.BaseSelector) -> None:
    """End the child; that it has ended is heard through `life`."""
    job.fate = fate
    selector.unregister(job.result)
    _kill_group(job.pid)


def _kill_group(pid: int) -> None:
    """Kill a child that is not yet waited for, and the programs that it runs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _bury(job: _Job) -> None:
    """Wait for a child that has ended, and tell the caller where it did not say so itself."""
    _kill_group(job.pid)
    _, status = os.waitpid(job.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    fate = job.fate or (code and (f"ended with status {code}" if code > 0 else _signal(-code)))
    with job.result, contextlib.suppress(OSError):
        if fate:
            # Whether the caller can still read it is its own affair; the server does not wait.
            os.set_blocking(job.result.fileno(), False)
            send(job.result, {"died": fate})
    os.close(job.life)


def _signal(number: int) -> str:
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    return f"was ended by signal {number}"


def _accept(
    control: socket.socket, jobs: dict[int, _Job], selector: selectors.BaseSelector
) -> bool:
    """Fork a child for the request that waits; False when the caller is gone."""
    data, files, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, 1)
    if not data:
        return False
    request = json.loads(data)
    result = socket.socket(fileno=files[0])
    life, held = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if not pid:
        _live(request, result, held, parent)
    os.close(held)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    seconds = request["seconds"]
    jobs[pid] = _Job(pid, life, result, time.monotonic() + seconds, seconds)
    selector.register(life, selectors.EVENT_READ)
    selector.register(result, selectors.EVENT_READ)
    return True


# The child -------------------------------------------------------------------------------------


def _live(request: dict[str, Any], result: socket.socket, life: int, parent: int) -> None:
    """The whole life of a child; does not return."""
    status = 1
    try:
        os.setpgid(0, 0)
        _let_go({result.fileno(), life})
        _isolate()
        _die_with(parent)
        _limit(request["seconds"], request["memory"])
        _read(request, result)
        status = 0
    finally:
        os._exit(status)


def _let_go(kept: set[int]) -> None:
    """Close everything that the server has open; the three standard files lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number not in kept:
            with contextlib.suppress(OSError):
                os.close(number)


def _isolate() -> None:
    """A user and a network namespace of its own, where the kernel allows it; no new rights.

    In another user namespace the child cannot look into processes of the same user either.
    """
    user, group = os.geteuid(), os.getegid()
    if _LIBC.unshare(_NEW_USER | _NEW_NET | _NEW_IPC) == 0:
        # Some kernels give the namespace and refuse the rest; reading works without a name.
        with contextlib.suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)


def _die_with(parent: int) -> None:
    _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("The server ended before it could be watched.")


def _limit(seconds: float, memory: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def _read(request: dict[str, Any], result: socket.socket) -> None:
    from validation.reading import read

    gone: set[str] = set()

    def arrived(table: SentTable) -> None:
        gone.add(table.name)
        send_table(result, table)

    try:
        sent = read(Path(request["path"]), request["name"], arrived)
        for table in sent.tables.values():
            if table.name not in gone:
                send_table(result, table)
    except Unreadable as no:
        send(result, {"unreadable": [no.words, no.table, no.line]})
    except CannotCheck as no:
        send(result, {"cannot": str(no)})
    except MemoryError:
        send(result, {"cannot": NO_MEMORY})
    except Exception as fault:  # noqa: BLE001 (told to the caller, whose fault it then is)
        # The place only: the text of a fault may quote a value.
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        send(result, {"died": f"stumbled over {type(fault).__name__} in {where}"})
    else:
        send_end(result, sent)


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
