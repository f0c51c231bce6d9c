"""The people of the tests, and the portal they use: real database, queue, worker and web."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.base.operations import BaseDatabaseOperations
from pytest_django import Settings

from accounts.models import User
from iapt_portal import demonstration
from submissions.models import Window

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the running portal comes last: its worker would mix with the other tests."""
    items.sort(key=lambda item: "portal_processes" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def empty_again_after_a_deadlock() -> Iterator[None]:
    """The running portal may be at something while a test's tables are emptied; PostgreSQL then
    ends one of the two."""
    once = BaseDatabaseOperations.execute_sql_flush

    def again(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        for _ in range(4):
            with suppress(OperationalError):
                once(self, sql_list)
                return
        once(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", again)
        yield


@pytest.fixture(autouse=True)
def own_heads(settings: Settings, tmp_path: Path) -> None:
    """Each test's database begins a chain of its own, and so a file of its heads."""
    settings.AUDIT_HEADS = tmp_path / "audit" / "heads.log"


@pytest.fixture
def everybody(db: None) -> dict[str, User]:
    """Alice and Bob send for RZ1, Charlie for RZ2, Grace for the pilot site RZ3; Dora is
    commissioner 91A; Erin and Frank are staff. The published calendar is loaded and one window is open."""
    empty_records()
    return {user.first_name: user for user in demonstration.seed()}


def empty_records() -> None:
    """The one table that Django's own clearing does not know."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM identifying.local_key")


@pytest.fixture
def nothing_counted(db: None) -> Iterator[None]:
    """Sign-in limits and used codes are remembered in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(everybody: dict[str, User]) -> User:
    return everybody["Alice"]


@pytest.fixture
def bob(everybody: dict[str, User]) -> User:
    return everybody["Bob"]


@pytest.fixture
def charlie(everybody: dict[str, User]) -> User:
    return everybody["Charlie"]


@pytest.fixture
def dora(everybody: dict[str, User]) -> User:
    return everybody["Dora"]


@pytest.fixture
def erin(everybody: dict[str, User]) -> User:
    return everybody["Erin"]


@pytest.fixture
def frank(everybody: dict[str, User]) -> User:
    return everybody["Frank"]


@pytest.fixture
def window(everybody: dict[str, User]) -> Window:
    """The window that is open today."""
    found = Window.objects.open().first()
    assert found is not None
    return found


@dataclass
class Portal:
    """Web, worker and beat as processes of their own, on the suite's database.

    The worker runs two checks at a time; lease and sweeper are quick, so that a fault is mended
    in seconds.
    """

    address: str
    environment: dict[str, str]
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]]

    def start(self, name: str) -> None:
        command, process = COMMANDS[name], "web" if name == "web" else "worker"
        words = [word.format(port=urlsplit(self.address).port) for word in command]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env={**self.environment, "PORTAL_PROCESS": process},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """kill -9 of the process and all its children."""
        self._signal(name, signal.SIGKILL)

    def stop(self, name: str) -> None:
        self._signal(name, signal.SIGTERM)

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self.processes.pop(name, None)
        if process is None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_until_web_answers(self) -> None:
        wait_until(self._answers, 60, "the web process answers")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=2) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")


COMMANDS = {
    "web": [
        *("gunicorn", "iapt_portal.wsgi", "--worker-class", "gthread", "--threads", "8"),
        *("--bind", "127.0.0.1:{port}", "--timeout", "300"),
    ],
    "worker": [
        *("celery", "-A", "iapt_portal", "worker", "--concurrency", "2"),
        *("--prefetch-multiplier", "1", "--without-gossip", "--without-mingle"),
        *("-Q", "files,celery"),
    ],
    "beat": ["celery", "-A", "iapt_portal", "beat", "--pidfile=", "-s", "/dev/shm/beat-{port}"],
}


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Ask until the answer is yes; fails with `what` when it takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not in {seconds} seconds: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def on_test_database(address: str) -> str:
    """A database address, but of the suite's own database."""
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def portal_processes(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """Started once for all journeys and faults."""
    call_command("collectstatic", "--noinput", "--verbosity=0")
    port = free_port()
    logs = tmp_path_factory.mktemp("logs")
    environment = {
        **os.environ,
        "DATABASE_URL": on_test_database(os.environ["DATABASE_URL"]),
        "SITE_ADDRESS": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "AUDIT_HEADS": str(logs / "audit_heads.log"),
        "DEMO": "1",
        "TEST": "1",
        "LEASE_SECONDS": "3",
        "RING_AGAIN_SECONDS": "2",
        "SWEEP_SECONDS": "1",
    }
    portal = Portal(f"http://localhost:{port}", environment, logs, {})
    for name in COMMANDS:
        portal.start(name)
    portal.wait_until_web_answers()
    yield portal
    for name in list(COMMANDS):
        portal.stop(name)


@pytest.fixture
def portal(
    transactional_db: None, everybody: dict[str, User], portal_processes: Portal
) -> Iterator[Portal]:
    """The running portal with everybody in it; whatever a test killed is started again."""
    for name in COMMANDS:
        if name not in portal_processes.processes:
            portal_processes.start(name)
    portal_processes.wait_until_web_answers()
    yield portal_processes
    empty_records()
