"""What periodic work asks the database: what is overdue, lost, left behind."""

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from submissions import raw_files
from submissions.checking import fail
from submissions.lifecycle import NotNow, Status
from submissions.models import Submission
from submissions.models.calendar import clock
from submissions.ringing import CHECK, ring

LEFT_BEHIND_SECONDS = 10 * 60
RECEIPT_IN_THE_MAKING = timedelta(hours=1)


def sweep() -> None:
    """Ring again for what nobody took, give up what has no attempt left, remove leftovers."""
    give_up()
    ring_again()
    raw_files.erase_waiting()
    remove_left_behind(settings.RECEIVING_DIR, LEFT_BEHIND_SECONDS)
    remove_opened_files(settings.DATA_DIR / "checking")


def lapsed() -> Q:
    return Q(status=Status.CHECKING, lease_until__lt=clock())


def ring_again() -> None:
    """For what is received and was not heard, and what a worker left."""
    waits = Q(status=Status.RECEIVED, rung_at__lt=clock() - settings.RING_AGAIN_AFTER)
    unheard = Submission.objects.filter(waits | lapsed()).order_by("id")
    for key in unheard.values_list("id", flat=True):
        Submission.objects.filter(id=key).update(rung_at=clock())
        ring(CHECK, key)


def give_up() -> None:
    """A worker died in the last attempt: failed, and nobody blamed."""
    for submission in Submission.objects.filter(lapsed(), attempt__gte=F("last_attempt")):
        try:
            with transaction.atomic():
                # Asked again under the row's lock: a heartbeat may have come meanwhile.
                locked = Submission.objects.select_for_update().filter(lapsed(), id=submission.id)
                if locked.exists():
                    fail(submission)
        except NotNow:
            continue


def remove_left_behind(folder: Path, seconds: int) -> None:
    """Files and folders that a killed process left, once they are old enough to be nobody's."""
    if not folder.is_dir():
        return
    oldest = time.time() - seconds
    for path in folder.iterdir():
        # What is gone by now was finished by its owner.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                _remove(path)


def remove_opened_files(place: Path) -> None:
    """Working folders of attempts that are over: a killed worker left an opened file in there,
    which must not lie in clear."""
    if not place.is_dir():
        return
    for folder in place.iterdir():
        key, _, attempt = folder.name.partition(".")
        attempt = attempt.partition(".")[0]
        if not (key.isdigit() and attempt.isdigit()):
            continue
        mine = Submission.objects.filter(id=key, attempt=attempt, status=Status.CHECKING)
        if not mine.exists():
            with suppress(FileNotFoundError):
                _remove(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
