"""Releasing: the data quality report and the statistics of a run become public together, after its
extracts were published."""

from typing import Any

from django.db import transaction

from accounts import audit, second_person
from accounts.models import AskedDeed, User
from accounts.refusals import Refusal
from extracts import processing, statistics
from extracts.models import Release, ReleasedPart, Run
from submissions.calendar import lock_for_change
from submissions.models import Window


def ask(*, window: Window, by: User) -> AskedDeed:
    """Ask for a second person to release what the newest run counted. Raises Refusal as `release`
    does, and when somebody has asked already."""
    with transaction.atomic():
        newest = _releasable(lock_for_change(window))
    return second_person.ask(
        what="release",
        subject=f"window {window.id}",
        words=f"Release the data quality report and the statistics of {window} to the public.",
        by=by,
        window=window.id,
        run=newest.id,
    )


@second_person.needs_second_person("release")
def release_as_asked(*, by: User, asked_by: User, window: int, run: int) -> None:
    """What `ask` asked for, once it is confirmed. Raises Refusal when the window was processed
    again meanwhile."""
    found = Window.objects.get(id=window)
    if found.runs.filter(id__gt=run).exists():
        raise Refusal("This window was processed again after that. Decline it and ask anew.")
    release(window=found, by=by, asked_by=asked_by)


@transaction.atomic
def release(*, window: Window, by: User, asked_by: User | None = None) -> Release:
    """Make public what the newest run counted: all parts of it or none, kept as they are shown.

    Raises Refusal when it is released already, or its extracts are not published.
    """
    newest = _releasable(lock_for_change(window))
    made = Release.objects.create(run=newest, by=by, asked_by=asked_by)
    for stage in processing.STAGES:
        content = statistics.content(newest, stage)
        if content["figures"]:
            ReleasedPart.objects.create(
                release=made,
                part=ReleasedPart.STATISTICS,
                stage=stage,
                period=window.period(stage),
                content=content,
            )
    facts: dict[str, Any] = {"asked_by": asked_by.id} if asked_by else {}
    audit.record("statistics released", by=by, run=newest.id, release=made.id, **facts)
    return made


def _releasable(window: Window) -> Run:
    """The run that can be released, of a window that is locked. Raises Refusal."""
    newest = window.runs.order_by("-id").first()
    if newest is None or not newest.is_published:
        raise Refusal("The extracts of this window are not published yet. They come first.")
    if newest.releases.filter(withdrawn_at=None).exists():
        raise Refusal("The statistics of this window are released already.")
    return newest
