"""A server of one folder, whatever it is: started, asked whether it is ready, stopped.

PostgreSQL and Redis are reached by Unix sockets only, in a folder that is the owner's alone, so
that no password is needed and no port is opened.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from iapt_portal.local_processes import MARK, CannotStart, last_lines, wait_until

# A Unix socket's address has room for 107 bytes, and ".s.PGSQL.5432" is put behind the folder.
LONGEST_SOCKET_FOLDER = 90

LARGEST_LOG = 10_000_000

# As whom PostgreSQL runs where we are root; it then owns the sockets' folder too.
NOBODY = 65534


@dataclass
class Server:
    """One server of one folder: how it is started, known to be ready, and asked to stop."""

    name: str
    folder: Path
    place: Path
    command: list[str]
    log: Path
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals
    before: Callable[[], None]
    process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Returns when it answers; CannotStart with its last words when it does not."""
        self.before()
        set_aside(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=server_environment(self.folder),
                cwd=self.place,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: not self.is_running() or self.is_ready(), seconds=120)
        if not (self.is_running() and self.is_ready()):
            self.stop()
            raise CannotStart(f"{self.name} did not start ({self.log}):\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Asks, insists after half a minute; returns when it has gone."""
        process = self.process
        if process is None:
            return
        for number, seconds in ((self.stop_signal, 30), (signal.SIGKILL, 5)):
            if process.poll() is None:
                process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)


def server_environment(folder: Path) -> dict[str, str]:
    """Ours without PGPORT, PGDATA and the like, which would steer it; messages in English."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return plain | {MARK: str(folder), "LC_ALL": "C"}


def set_aside(log: Path) -> None:
    """A log that has grown large becomes the old one; two are kept."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old.log"))


def private(folder: Path) -> Path:
    """The folder, made if need be, for its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _is_plain(path: str) -> bool:
    return all(letter.isascii() and (letter.isalnum() or letter in "/._-") for letter in path)


def short_folder(folder: Path, end: str = "") -> Path:
    """A folder under /tmp that is this folder's own, with a short and plain name."""
    name = sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(f"/tmp/iapt-{os.geteuid()}-{name}{end}")


def socket_folder(folder: Path) -> Path:
    """Where the sockets are: beside the data, or in a short folder under /tmp.

    Short because of the socket's address; plain because the address is written into URLs and
    into a list that is split at commas.
    """
    beside = folder / "run"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and _is_plain(str(beside)):
        return beside
    return short_folder(folder)


def make_socket_folder(folder: Path) -> Path:
    """The same, made; CannotStart if somebody else made it first (anybody may write in /tmp)."""
    place = socket_folder(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.lstat()
    if place.is_symlink() or found.st_uid not in {os.geteuid(), NOBODY}:
        raise CannotStart(f"{place} belongs to somebody else; remove it")
    place.chmod(0o700)
    return place
