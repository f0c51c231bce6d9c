"""Processes: which are ours, whether they live, how they end.

What belongs to a folder is told by the processes themselves and not by a file of numbers, which a
kill, a reboot or a full disk leaves wrong: each carries the folder in its environment (MARK), and
PostgreSQL and Redis, which write over their environment, work in a folder of their own inside it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = "PORTAL_LOCAL"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """Something needed could not be started; the message is a sentence for whoever typed it."""


def say(words: str) -> None:
    """A line for the person at the terminal; stdout is left to the word that was asked for."""
    print(words, file=sys.stderr, flush=True)


def _state_and_parent(pid: int) -> tuple[str, int]:
    """As in /proc: the letter of its state and its parent; ("X", 0) when it is gone."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return "X", 0
    return state, int(parent)


def is_alive(pid: int) -> bool:
    """Whether it still runs. A zombie does not: where process 1 reaps nobody it stays for ever."""
    return _state_and_parent(pid)[0] not in "ZX"


def _descends(pid: int, ancestors: Collection[int]) -> bool:
    while pid > 1 and ancestors:
        if pid in ancestors:
            return True
        pid = _state_and_parent(pid)[1]
    return False


def _is_marked(pid: int, mark: bytes) -> bool:
    with suppress(OSError):
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _works_in(pid: int, place: str, *names: str) -> bool:
    """Whether it is such a program at work in this folder (a shell standing in it is not)."""
    with suppress(OSError):
        program = Path(os.readlink(f"/proc/{pid}/exe")).name
        return program.startswith(names) and os.readlink(f"/proc/{pid}/cwd") == place
    return False


def _others() -> list[int]:
    """Every living process but the one that asks."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in numbers if pid != os.getpid() and is_alive(pid)]


def postgres_left_in(folder: Path) -> list[int]:
    """The living processes of this folder's PostgreSQL."""
    data = str(folder / "postgres" / "data")
    return [pid for pid in _others() if _works_in(pid, data, "postgres")]


def redis_left_in(folder: Path) -> list[int]:
    """The living processes of this folder's Redis (Debian's runs under the name of its checker)."""
    place = str(folder / "redis")
    return [pid for pid in _others() if _works_in(pid, place, "redis-server", "redis-check")]


def left_in(folder: Path) -> list[int]:
    """Every living process that belongs to this folder, but for the one that asks."""
    mark = f"{MARK}={folder}".encode()
    programs = [pid for pid in _others() if _is_marked(pid, mark)]
    return [*programs, *redis_left_in(folder), *postgres_left_in(folder)]


def wait_until(true: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Whether it became true within that time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def end(pids: Sequence[int], number: signal.Signals, seconds: float) -> list[int]:
    """Sends the signal, waits; returns those that still live."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    wait_until(lambda: not any(map(is_alive, pids)), seconds)
    return [pid for pid in pids if is_alive(pid)]


def end_all(folder: Path, kept: Collection[int] = ()) -> None:
    """Ends what a killed run left in this folder, politely first (SIGTERM is no crash to any).

    The processes that descend from those `kept`, and they themselves, stay.
    """
    for number, seconds in ((signal.SIGTERM, 5), (signal.SIGINT, 5), (signal.SIGKILL, 5)):
        left = [pid for pid in left_in(folder) if not _descends(pid, kept)]
        if not left:
            return
        end(left, number, seconds)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented, for the message that says what went wrong."""
    with suppress(OSError):
        lines = log.read_bytes()[-20_000:].decode(errors="replace").splitlines()
        return "\n".join("    " + line for line in lines[-count:])
    return "    (nothing was written)"


def _end_now(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def _not_now(_number: int, _frame: object) -> None:
    pass


def listen() -> None:
    """From here on Ctrl-C, SIGTERM and a closed terminal all end us the same way.

    Set for all three: a shell's background job begins with SIGINT ignored.
    """
    for number in ENDING:
        signal.signal(number, _end_now)


@contextmanager
def deaf() -> Iterator[None]:
    """No second Ctrl-C cuts short what must be finished. (A handler, for SIG_IGN is inherited.)"""
    before = {number: signal.signal(number, _not_now) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_in_front(command: Sequence[str], environment: dict[str, str], folder: Path) -> int:
    """Runs a program that owns the terminal, and answers with its exit code.

    Ctrl-C reaches it from the terminal itself, so we only wait; what is sent to us alone
    (SIGTERM, SIGHUP) is passed on.
    """
    with deaf():
        process = subprocess.Popen(command, env=environment, cwd=folder)
        for number in ENDING[1:]:
            signal.signal(number, lambda got, _frame: process.send_signal(got))
        code = process.wait()
    return code if code >= 0 else 128 - code


def run_behind(
    command: Sequence[str], environment: dict[str, str], folder: Path, log: Path
) -> None:
    """Runs a program to its end, out of reach of Ctrl-C; CannotStart if it fails."""
    with log.open("wb") as words:
        done = subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    if done.returncode:
        name = " ".join(Path(word).name for word in command[1:3])
        raise CannotStart(f"{name} failed ({log}):\n{last_lines(log)}")
