"""A portal on this machine: one folder holds all its state, its servers and its keys.

`services(folder)` is what `up`, `test`, `bench` and `manage` share: with it PostgreSQL and Redis
run, and what it gives is the environment in which any process of the portal can be started.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from iapt_portal.local_keys import WORKERS_ALONE, make_keys
from iapt_portal.local_postgres import forget_copy, is_postgres_ready, postgres
from iapt_portal.local_processes import MARK, deaf, end_all
from iapt_portal.local_redis import is_redis_ready, redis, redis_program
from iapt_portal.local_servers import Server, private, socket_folder

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
PRIVATE = ("data", "mail", "logs", "beat", "static")


class Taken(Exception):
    """Another of our commands holds this folder; the message is the word it was started with."""


@dataclass(frozen=True)
class Way:
    """How `up` was last started here; `manage` goes by it."""

    port: int = 8000
    demo: bool = True


def remember(folder: Path, way: Way) -> None:
    (folder / "up.json").write_text(json.dumps(asdict(way)) + "\n")


def remembered(folder: Path) -> Way:
    with suppress(OSError, ValueError, TypeError):
        return Way(**json.loads((folder / "up.json").read_text()))
    return Way()


def make_folder(folder: Path) -> Path:
    """The folder with its rooms; others may pass through it, but only its owner sees inside.

    (PostgreSQL may have to run as somebody else, whose own room is in it.)
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    for name in PRIVATE:
        private(folder / name)
    return folder


def empty(folder: Path) -> None:
    """Removes the files of an earlier run: what was received, and the mail."""
    for name in ("data", "mail"):
        shutil.rmtree(folder / name, ignore_errors=True)
        private(folder / name)


@contextmanager
def claimed(folder: Path, word: str) -> Iterator[None]:
    """Holds the folder for one command; Taken if another has it. It ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Taken(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(word)
        lock.flush()
        yield


def is_embedded(server: str) -> bool:
    """Whether we start it ourselves: `server` is DATABASE or REDIS, and no address is given."""
    return not any(os.environ.get(name) for name in (f"{server}_URL", f"{server}_URL_FILE"))


def servers(folder: Path, *, durable: bool) -> list[Server]:
    """The folder's servers, not started, in the order in which they start."""
    found = []
    if is_embedded("DATABASE"):
        found.append(postgres(folder, durable=durable))
    if is_embedded("REDIS"):
        found.append(redis(folder, redis_program(LOCAL)))
    return found


def are_ready(folder: Path) -> bool:
    """Whether the folder's servers, started by another command, answer."""
    return (not is_embedded("DATABASE") or is_postgres_ready(folder)) and (
        not is_embedded("REDIS") or is_redis_ready(folder)
    )


@contextmanager
def running(folder: Path, *, durable: bool) -> Iterator[list[Server]]:
    """Runs the folder's servers, whatever a killed run left; afterwards nothing of it runs."""
    make_folder(folder)
    end_all(folder)
    make_keys(folder)
    started: list[Server] = []
    try:
        for server in servers(folder, durable=durable):
            started.append(server)
            server.start()
        yield started
    finally:
        with deaf():
            for server in reversed(started):
                server.stop()
            end_all(folder)
            _tidy(folder)


def _tidy(folder: Path) -> None:
    """Removes what was outside the folder (the sockets' place stays if anything is in it)."""
    forget_copy(folder)
    with suppress(OSError):
        socket_folder(folder).rmdir()


@contextmanager
def services(folder: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis of this folder, and the environment of a process that uses them.

    The environment is the owner's (it may do anything); `durable=False` gains speed and loses
    the data with the power. Raises Taken if another command holds the folder, CannotStart if a
    server does not start.
    """
    with claimed(folder, "services"), running(folder, durable=durable):
        yield environment(folder)


def _key_files(folder: Path) -> dict[str, str]:
    """`NAME_FILE` for each key, but for those that are given in the environment otherwise."""
    files = make_keys(folder)
    return {f"{name}_FILE": str(path) for name, path in files.items() if name not in os.environ}


def _addresses(folder: Path) -> dict[str, str]:
    place = socket_folder(folder)
    found = {}
    if is_embedded("DATABASE"):
        found["DATABASE_URL"] = f"postgresql://iapt@/iapt?host={quote(str(place), safe='/')}"
    if is_embedded("REDIS"):
        found["REDIS_URL"] = f"redis+socket://{place}/redis.sock"
    return found


def environment(folder: Path, way: Way | None = None) -> dict[str, str]:
    """The environment of a process of this portal, with the rights of the database's owner.

    What is set already wins over all of it.
    """
    way = way or remembered(folder)
    ours = {
        "DJANGO_SETTINGS_MODULE": "iapt_portal.settings",
        "PYTHONPATH": str(ROOT),
        "PORTAL_PROCESS": "owner",
        "DATA_DIR": str(folder / "data"),
        "MAIL_DIR": str(folder / "mail"),
        "STATIC_DIR": str(folder / "static"),
        "SITE_ADDRESS": f"http://localhost:{way.port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }
    if way.demo:
        ours["DEMO"] = "1"
    return ours | _addresses(folder) | _key_files(folder) | os.environ


def marked(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    """The same, of a process that must not outlive the folder's servers."""
    return variables | {MARK: str(folder)}


def hidden_from_web() -> list[str]:
    """The variables that the web process must not be given."""
    return [variable for name in WORKERS_ALONE for variable in (name, f"{name}_FILE")]
