"""Looking into the running portal: who is whose child, who holds which file, who copies."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psycopg
from django.db import connection

from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal, wait_until


def children(pid: int) -> list[int]:
    """The children of a process, whichever of its threads started them."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def worker_children(portal: Portal) -> list[int]:
    """The processes of the worker that check."""
    return children(portal.processes["worker"].pid)


def readers(portal: Portal, size: int | None = None) -> list[int]:
    """The limited processes that read an opened submission (of that size) right now."""
    checking = worker_children(portal)
    return [pid for child in checking for pid in descendants(child) if _reads(pid, size)]


def _reads(pid: int, size: int | None) -> bool:
    for handle in _handles(pid):
        with suppress(OSError):
            place = os.readlink(handle)
            if "/checking/" in place and "/sent" in place:
                return size is None or handle.stat().st_size == size
    return False


def _handles(pid: int) -> list[Path]:
    with suppress(OSError):
        return list(Path(f"/proc/{pid}/fd").iterdir())
    return []


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def is_being_checked() -> bool:
    return Submission.objects.filter(status=Status.CHECKING).exists()


def catch(portal: Portal, moment: str) -> None:
    """Return at the moment at which the worker is there with a file: looks without a pause."""
    moments = {
        "claimed": is_being_checked,
        "reading": lambda: readers(portal),
        "copying": copying,
    }
    end = time.monotonic() + 30
    while not moments[moment]():
        assert time.monotonic() < end, f"no file is {moment}"


def copying() -> list[int]:
    """The database's processes that copy records for the worker at this moment."""
    return _asked("state = 'active' AND query LIKE 'COPY %%record%%'")


def others() -> list[int]:
    """Every connection to the database but the one that asks."""
    return _asked("pid <> pg_backend_pid()")


def waiting_for(table: str) -> list[int]:
    """The database's processes that wait for a lock on the table."""
    return _asked(
        "pid IN (SELECT pid FROM pg_locks WHERE NOT granted AND relation = %s::regclass)", table
    )


def _asked(condition: str, *values: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND " + condition,
            values,
        )
        return [pid for (pid,) in cursor.fetchall()]


def end_connections(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [pids])


class Gate:
    """Stops everybody who wants to write to a table, while it is shut; opens when it is left."""

    def __init__(self, table: str):
        self.table = table
        self.lock = psycopg.connect(**_address())

    def shut(self) -> None:
        self.lock.execute("SET lock_timeout = '20s'")
        self.lock.execute(f"LOCK TABLE {self.table} IN EXCLUSIVE MODE")

    def wait_for_somebody(self) -> list[int]:
        """The database's processes that stand at the gate, as soon as there are some."""
        wait_until(lambda: waiting_for(self.table), 30, f"somebody comes to {self.table}")
        return waiting_for(self.table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.close()


def _address() -> dict[str, Any]:
    wanted = {"dbname", "user", "password", "host", "port"}
    parameters = connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name in wanted}
