"""The programs of the portal and the words that start them, on one machine and in containers."""

import sys
from pathlib import Path
from typing import NamedTuple


class Program(NamedTuple):
    """A program that runs until it is told to end: as what (`PORTAL_PROCESS`), and its words.

    Each of Celery is a node of its own name, which answers when it is asked whether it works.
    `{bind}` is where the web listens, `{schedule}` the file in which the timetable notes what ran.
    """

    process: str
    command: str


_CELERY = "celery -A iapt_portal worker --without-gossip --without-mingle --loglevel INFO"
PROGRAMS = {
    "web": Program(
        "web",
        "gunicorn iapt_portal.wsgi --worker-class gthread --workers 2 --threads 8 --bind {bind} "
        "--timeout 300 --graceful-timeout 10 --no-control-socket",
    ),
    # One worker for files, one for what is periodic and quick: sweeping, mails, sealing.
    "worker": Program(
        "worker", f"{_CELERY} -n worker@%h -Q files --concurrency 2 --prefetch-multiplier 1"
    ),
    "periodic": Program("worker", f"{_CELERY} -n periodic@%h -Q celery --concurrency 1"),
    # Without a file of its number: a killed beat would leave it, and the next would not start.
    "beat": Program(
        "worker",
        "celery -A iapt_portal beat --pidfile= --loglevel INFO -s {schedule} "
        "-n beat@%h --enable-remote-control",
    ),
}


MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


def words(name: str, *, bind: str, schedule: str) -> list[str]:
    """The command line of a program, run by this Python."""
    command = PROGRAMS[name].command.split()
    return [
        *(sys.executable, "-m"),
        *(word.format(bind=bind, schedule=schedule) for word in command),
    ]


def manage(*arguments: str) -> list[str]:
    """The command line of Django's own commands."""
    return [sys.executable, str(MANAGE), *arguments]
