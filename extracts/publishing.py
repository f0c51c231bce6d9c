"""Publishing: all extracts of a run become available at once, and everybody is told, once."""

from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit, outbox, second_person
from accounts.models import AskedDeed, User
from accounts.refusals import Refusal
from extracts import processing
from extracts.models import Publication, Run
from submissions.calendar import lock_for_change
from submissions.models import Window
from submissions.models.calendar import State, clock
from submissions.receiving import london


def ask(*, window: Window, by: User) -> AskedDeed:
    """Ask for a second person to publish the newest run. Raises Refusal as `publish` does, and when
    somebody has asked already."""
    with transaction.atomic():
        newest = _publishable(lock_for_change(window))
    return second_person.ask(
        what="publish",
        subject=f"window {window.id}",
        words=f"Publish the {newest.extracts.count()} extracts of {window}.",
        by=by,
        window=window.id,
        run=newest.id,
    )


@second_person.needs_second_person("publish")
def publish_as_asked(*, by: User, asked_by: User, window: int, run: int) -> None:
    """What `ask` asked for, once it is confirmed. Raises Refusal when the window was processed
    again meanwhile: who asked has not seen those extracts."""
    found = Window.objects.get(id=window)
    if found.runs.filter(id__gt=run).exists():
        raise Refusal("This window was processed again after that. Decline it and ask anew.")
    publish(window=found, by=by, asked_by=asked_by)


@transaction.atomic
def publish(*, window: Window, by: User, asked_by: User | None = None) -> Publication:
    """Publish the newest finished run of a closed window; `by` confirmed what `asked_by` asked for.

    Raises Refusal when it is published already, not closed, not processed, or when something else
    stands by now than what was processed.
    """
    window = lock_for_change(window)
    newest = _publishable(window)
    publication = Publication.objects.create(run=newest, by=by)
    Window.objects.filter(id=window.id, published_at=None).update(published_at=clock())
    facts: dict[str, Any] = {"asked_by": asked_by.id} if asked_by else {}
    audit.record(
        "extracts published", by=by, run=newest.id, extracts=newest.extracts.count(), **facts
    )
    for user in outbox.registered():
        outbox.write([user], *letter(window, user, newest.why))
    return publication


def _publishable(window: Window) -> Run:
    """The run that can be published, of a window that is locked. Raises Refusal."""
    newest = window.runs.select_related("publication__by").order_by("-id").first()
    if newest and newest.is_published:
        done = newest.publication
        raise Refusal(
            f"The extracts of this window are published already, by {done.by} on {london(done.at)}."
        )
    if window.state not in {State.CLOSED, State.PUBLISHED}:
        raise Refusal(f"This window is {window.state}. It has to close and be processed first.")
    if newest is None or newest.status != Run.Status.DONE:
        raise Refusal("This window is not processed yet, so there is nothing to publish.")
    if processing.in_hand(window).exists():
        raise Refusal("Submissions of this window are still being checked. Wait for them.")
    if processing.needs_processing_again(newest):
        raise Refusal("What stands has changed since this window was processed. Process it again.")
    return newest


def letter(window: Window, user: User, why: str = "") -> tuple[str, str]:
    """What a registered user is told: each only of pages that are there for them. `why` is the
    reason for which a window that was published was processed again."""
    told = [f"The submission window for {window} is closed and its data are processed."]
    if why:
        again = (
            f"The data of {window} were published before and have been processed again. Use the "
            "new extracts in place of the earlier ones, which stay."
        )
        told = [again, f"The reason: {why}"]
    is_provider, is_commissioner = user.providers.exists(), user.commissioners.exists()
    if is_provider or is_commissioner:
        whose = "services that you commission" if is_commissioner else "your services"
        if is_provider and is_commissioner:
            whose = "your services and of those that you commission"
        told.append(
            f"Extracts of {whose} can be downloaded here:\n{settings.SITE_ADDRESS}/downloads/"
        )
    if is_provider:
        told.append(
            f"The results of your submissions stay visible:\n{settings.SITE_ADDRESS}/submissions/"
        )
    if user.is_staff:
        told.append(f"The window is here:\n{settings.SITE_ADDRESS}/windows/{window.id}/")
    return f"Processed data are available: {window}", "\n\n".join(told) + "\n"
