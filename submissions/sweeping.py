"""What periodic work asks the database: what is overdue, lost, left behind."""

import time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from submissions.checking import fail
from submissions.lifecycle import NotNow, Status
from submissions.models import Submission
from submissions.models.calendar import clock
from submissions.ringing import CHECK, ring

LEFT_BEHIND_SECONDS = 10 * 60
CHECKING_FOLDER_SECONDS = 20 * 60


def sweep() -> None:
    """Ring again for what nobody took, give up what has no attempt left, remove leftovers."""
    give_up()
    ring_again()
    remove_left_behind(settings.RECEIVING_DIR, LEFT_BEHIND_SECONDS)
    # A check may take as long as the queue's time limit, so its folder lives longer.
    remove_left_behind(settings.DATA_DIR / "checking", CHECKING_FOLDER_SECONDS)


def lapsed() -> Q:
    return Q(status=Status.CHECKING, lease_until__lt=clock())


def ring_again() -> None:
    """For what is received and was not heard, and what a worker left."""
    waits = Q(status=Status.RECEIVED, rung_at__lt=clock() - settings.RING_AGAIN_AFTER)
    for key in (
        Submission.objects.filter(waits | lapsed()).order_by("id").values_list("id", flat=True)
    ):
        Submission.objects.filter(id=key).update(rung_at=clock())
        ring(CHECK, key)


def give_up() -> None:
    """A worker died in the last attempt: failed, and nobody blamed."""
    for submission in Submission.objects.filter(lapsed(), attempt__gte=F("last_attempt")):
        try:
            with transaction.atomic():
                fail(submission)
        except NotNow:
            continue


def remove_left_behind(folder: Path, seconds: int) -> None:
    """Files and folders that a killed process left, once they are old enough to be nobody's."""
    if not folder.is_dir():
        return
    oldest = time.time() - seconds
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
