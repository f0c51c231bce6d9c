"""What a killed process left on the disk of its machine: removed by whoever works there next."""

import re
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from submissions.lifecycle import Status
from submissions.models import Report, Submission

LEFT_BEHIND_SECONDS = 10 * 60
# How a working folder is called: by the submission or the report, and the attempt at it.
OF_A_REPORT = "report."
ATTEMPT = re.compile(rf"({re.escape(OF_A_REPORT)})?([0-9]+)\.([0-9]+)\.")


def opened_in() -> Path:
    """Where this machine's workers open files, each attempt in a folder of its own."""
    return settings.DATA_DIR / "checking"


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
    place = opened_in()
    if not place.is_dir():
        return
    for folder in place.iterdir():
        found = ATTEMPT.match(folder.name)
        if found and not _lives(*found.groups()):
            # One that stands still and wakes may write there yet: the next one removes that.
            with suppress(OSError):
                _remove(folder)


def _lives(of_report: str | None, key: str, attempt: str) -> bool:
    """Whether that attempt at a submission, or at a report, is still going on."""
    if of_report:
        return Report.objects.unanswered().filter(id=key, attempt=attempt).exists()
    checking = Submission.objects.filter(status=Status.CHECKING)
    return checking.filter(id=key, attempt=attempt).exists()


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
