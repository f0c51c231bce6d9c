"""Looking into the running portal: who is whose child, who holds which file, who copies."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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


def holders(portal: Portal) -> list[int]:
    """Processes below the worker that have an opened submission in their hands right now."""
    main = portal.processes["worker"].pid
    return [pid for pid in descendants(main) if _holds_a_submission(pid)]


def _holds_a_submission(pid: int) -> bool:
    for handle in _handles(pid):
        with suppress(OSError):
            place = os.readlink(handle)
            if "/checking/" in place and "/sent" in place:
                return True
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


def wait_for(portal: Portal, moment: str) -> None:
    """Until the worker is there with a file."""
    moments = {
        "claimed": is_being_checked,
        "reading": lambda: holders(portal),
        "copying": copying,
    }
    wait_until(moments[moment], 30, f"a file is {moment}", every=0.005)


def copying() -> list[int]:
    """The database's processes that copy records for the worker at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            """AND state = 'active' AND query LIKE 'COPY "submissions_%%record"%%'"""
        )
        return [pid for (pid,) in cursor.fetchall()]


def end_connections(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [pids])
