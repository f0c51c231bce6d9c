"""What a killed process left on the disk of its machine: removed by whoever works there next."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from submissions.lifecycle import Status
from submissions.models import Report, Submission

LEFT_BEHIND_SECONDS = 10 * 60


def opened_in() -> Path:
    """Where this machine's workers open files, each attempt in a folder of its own."""
    return settings.DATA_DIR / "checking"


def made_in() -> Path:
    """Where they open files of which they make a report."""
    return settings.DATA_DIR / "making"


def remove_received() -> None:
    """Files that never came to be whole, once they are old enough to be nobody's."""
    remove_older(settings.RECEIVING_DIR, LEFT_BEHIND_SECONDS)


def remove_older(folder: Path, seconds: int) -> None:
    """What lies in a folder and is that old."""
    if not folder.is_dir():
        return
    oldest = time.time() - seconds
    for path in folder.iterdir():
        # What is gone by now was finished by its owner.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                _remove(path)


def remove_opened() -> None:
    """Working folders of attempts that are over: a killed worker left an opened file in there,
    which must not lie in clear."""
    checking = Submission.objects.filter(status=Status.CHECKING)
    _remove_over(opened_in(), lambda key, attempt: checking.filter(id=key, attempt=attempt))
    made = Report.objects.unanswered()
    _remove_over(made_in(), lambda key, attempt: made.filter(id=key, attempt=attempt))


def _remove_over(place: Path, alive: Callable[[str, str], QuerySet[Any]]) -> None:
    """The folders in `place` of attempts that `alive` does not find."""
    if not place.is_dir():
        return
    for folder in place.iterdir():
        key, _, attempt = folder.name.partition(".")
        attempt = attempt.partition(".")[0]
        if not (key.isdigit() and attempt.isdigit()):
            continue
        if not alive(key, attempt).exists():
            # One that stands still and wakes may write there yet: the next one removes that.
            with suppress(OSError):
                _remove(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
