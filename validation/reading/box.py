"""A box for a command that reads a file we do not trust.

With bubblewrap the command sees its own program files and the one file, read-only, as /in.mdb:
no network, no other file, no other process, no right. Where the kernel does not let us make
namespaces (Docker's default profile) prlimit alone holds it, and the log says so once. In both
it has a limit of memory and of processor time, may write no file, and dies with us or at the
end of its time.
"""

import logging
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, cast

from validation.sent import CannotCheck

log = logging.getLogger(__name__)

# mdbtools needs 5 MB whatever the size of the file.
MEMORY_BYTES = 512 * 2**20
# A million rows take about ten seconds of processor time on a slow machine.
PROCESSOR_SECONDS = 45
WALL_SECONDS = 60
OPEN_FILES = 16
# What the command may say on stdout where the whole answer is wanted at once.
LONGEST_ANSWER = 2**20

INSIDE = "/in.mdb"
# Top-level folders that are links into /usr on merged systems and real ones on others.
PROGRAM_FOLDERS = ("/lib", "/lib64", "/bin")
LOCALE = "C.UTF-8"


class Stumbled(Exception):
    """The command did not read the file to its end without complaint. The message says how it
    ended and nothing of what it printed, which may hold values."""


def answer(file: Path, program: str, *arguments: str) -> bytes:
    """What the program prints about the file, at most a megabyte.

    Raises Stumbled when it prints more, fails or complains; CannotCheck as `running` does.
    """
    with running(file, program, *arguments) as output:
        said = output.read(LONGEST_ANSWER + 1)
        if len(said) > LONGEST_ANSWER:
            raise Stumbled(f"{program} printed too much")
    return said


@contextmanager
def running(file: Path, program: str, *arguments: str) -> Iterator[IO[bytes]]:
    """Run `program` on `file` in the box; the body reads its stdout as it comes.

    "FILE" among the arguments stands for the file. After the body: raises Stumbled when the
    program failed, was killed by a limit or wrote anything to stderr. Raises CannotCheck when the
    program is not installed, could not be started or did not end in time.
    """
    command = _command(file, program, arguments)
    try:
        process = subprocess.Popen(
            command,
            stdin=DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"LC_ALL": LOCALE},
            start_new_session=True,
        )
    except OSError as error:
        raise CannotCheck(f"{program} could not be started ({error.strerror}).") from None
    with _watched(process) as watch:
        yield watch.output
        watch.end(program)


class _Watch:
    """The wall clock and the complaints of one running command."""

    def __init__(self, process: subprocess.Popen[bytes]):
        self.process, self.complained, self.late = process, False, False
        self.output = cast("IO[bytes]", process.stdout)
        self.complaints = cast("IO[bytes]", process.stderr)
        self.clock = threading.Timer(WALL_SECONDS, self._time_is_up)
        self.clock.daemon = True
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.clock.start()
        self.listener.start()

    def _time_is_up(self) -> None:
        self.late = True
        self.kill()

    def _listen(self) -> None:
        # One word is enough: a damaged file can make mdbtools complain without end.
        if self.complaints.read(1):
            self.complained = True
            self.kill()

    def kill(self) -> None:
        """End the command and what it started; with bubblewrap the namespace dies too."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self, program: str) -> None:
        """Wait for the end; raise when it was not a good one."""
        # whatever was not read is not waited for
        self.output.close()
        status = self.process.wait()
        self.listener.join()
        if self.late:
            raise CannotCheck(f"{program} did not end within {WALL_SECONDS} seconds.")
        if self.complained:
            raise Stumbled(f"{program} complained")
        if status:
            raise Stumbled(f"{program} ended with status {status}")


@contextmanager
def _watched(process: subprocess.Popen[bytes]) -> Iterator[_Watch]:
    watch = _Watch(process)
    try:
        yield watch
    finally:
        watch.clock.cancel()
        watch.kill()
        process.wait()
        watch.listener.join()
        watch.output.close()
        watch.complaints.close()


def _command(file: Path, program: str, arguments: tuple[str, ...]) -> list[str]:
    found = shutil.which(program)
    if found is None:
        raise CannotCheck(
            f"Access databases cannot be read here: {program} is not installed."
            " Type: apt-get install mdbtools bubblewrap"
        )
    where = str(file.resolve())
    if bubblewrap_works():
        walls, where = _walls(where), INSIDE
    else:
        walls = []
    words = [where if word == "FILE" else word for word in arguments]
    return [*walls, *_limits(), found, *words]


def _limits() -> list[str]:
    return [
        "prlimit",
        f"--as={MEMORY_BYTES}",
        f"--cpu={PROCESSOR_SECONDS}",
        f"--nofile={OPEN_FILES}",
        "--fsize=0",
        "--core=0",
        "--",
    ]


def _walls(file: str) -> list[str]:
    return [
        "bwrap",
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--clearenv", "--setenv", "LC_ALL", LOCALE, "--ro-bind", "/usr", "/usr"),
        *_program_folders(),
        *("--ro-bind", file, INSIDE, "--"),
    ]


@cache
def _program_folders() -> tuple[str, ...]:
    words: list[str] = []
    for folder in map(Path, PROGRAM_FOLDERS):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    return tuple(words)


def can_read_access() -> bool:
    """Whether the programs that read Access databases are installed here."""
    return shutil.which("mdb-export") is not None


@cache
def bubblewrap_works() -> bool:
    """Whether bubblewrap is here and the kernel lets it make its namespaces; asked once."""
    reason = "bubblewrap is not installed"
    if shutil.which("bwrap"):
        trial = [*_walls("/dev/null"), "/usr/bin/true"]
        if subprocess.call(trial, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) == 0:
            return True
        reason = "this kernel or container allows no namespaces"
    log.warning("Access databases are read under resource limits only: %s", reason)
    return False
