"""What staff have to see to after the close: runs that lie, windows that are late."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from extracts.models import Run
from submissions.models import Submission, Window
from submissions.models.calendar import LONDON, clock

# A run that nobody has taken by then waits for something.
ASKED_TOO_LONG = timedelta(minutes=5)


def troubled_runs() -> QuerySet[Run]:
    """The newest run of each window, where it failed, was not taken, or whose worker
    gives no sign of life."""
    newer = Run.objects.filter(window=OuterRef("window"), id__gt=OuterRef("id"))
    trouble = (
        Q(status=Run.Status.FAILED)
        | Q(status=Run.Status.RUNNING, lease_until__lt=clock())
        | Q(status=Run.Status.ASKED, asked_at__lt=clock() - ASKED_TOO_LONG)
    )
    return Run.objects.filter(trouble, ~Exists(newer)).select_related("window")


class Late(NamedTuple):
    """A closed window, and what of it is late."""

    window: Window
    words: str


def late_windows() -> list[Late]:
    """Windows that took submissions and are past their processing week without having been
    processed, or past the day on which their data should be available."""
    sent = Submission.objects.filter(window=OuterRef("id"))
    processed = Run.objects.filter(window=OuterRef("id"), status=Run.Status.DONE)
    closed = Window.objects.past().filter(Exists(sent), published_at=None)
    told = []
    for window in closed.annotate(is_processed=Exists(processed)):
        today = window.now.astimezone(LONDON).date()
        if today >= window.data_available:
            words = f"its data should be available since {window.data_available:%-d %B %Y}"
            told.append(Late(window, words))
        elif today > window.processing_ends and not window.is_processed:
            words = f"its processing week ended on {window.processing_ends:%-d %B %Y}"
            told.append(Late(window, words))
    return told


def newest_run_without_account() -> Run | None:
    """The newest finished run, where it names commissioners that nobody could receive for."""
    newest = Run.objects.filter(status=Run.Status.DONE).select_related("window").first()
    return newest if newest and newest.without_account else None
