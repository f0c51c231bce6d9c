"""What periodic work asks the database: what is overdue, lost, left behind."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from submissions import leftovers, raw_files, reports
from submissions.checking import fail
from submissions.lifecycle import NotNow, Status
from submissions.models import Submission
from submissions.models.calendar import clock
from submissions.ringing import CHECK, ring

RECEIPT_IN_THE_MAKING = timedelta(hours=1)


def sweep() -> None:
    """Ring again for what nobody took, give up what has no attempt left, remove leftovers."""
    give_up()
    ring_again()
    raw_files.erase_waiting()
    reports.sweep()
    leftovers.remove_received()
    leftovers.remove_opened()


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
