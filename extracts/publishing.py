"""Publishing: all extracts of a run become available at once, and everybody is told, once."""

from django.conf import settings
from django.db import transaction

from accounts import audit, outbox
from accounts.models import User
from extracts import processing
from extracts.models import Publication, Run
from submissions.calendar import lock_for_change
from submissions.models import Window
from submissions.models.calendar import State, clock
from submissions.refusals import Refusal


@transaction.atomic
def publish(*, window: Window, by: User) -> Publication:
    """Publish the newest finished run of a closed window.

    Raises Refusal when it is published already, not closed, not processed, or when something else
    stands by now than what was processed.
    """
    window = lock_for_change(window)
    if window.state == State.PUBLISHED:
        raise Refusal("The extracts of this window are published already.")
    if window.state != State.CLOSED:
        raise Refusal(f"This window is {window.state}. It has to close and be processed first.")
    newest = window.runs.order_by("-id").first()
    if newest is None or newest.status != Run.Status.DONE:
        raise Refusal("This window is not processed yet, so there is nothing to publish.")
    if processing.in_hand(window).exists():
        raise Refusal("Submissions of this window are still being checked. Wait for them.")
    if processing.needs_processing_again(newest):
        raise Refusal("What stands has changed since this window was processed. Process it again.")
    publication = Publication.objects.create(run=newest, by=by)
    Window.objects.filter(id=window.id).update(published_at=clock())
    audit.record("extracts published", by=by, run=newest.id, extracts=newest.extracts.count())
    outbox.write(outbox.registered(), *letter(window))
    return publication


def letter(window: Window) -> tuple[str, str]:
    """What every registered user is told."""
    return (
        f"Processed data are available: {window}",
        f"""The submission window for {window} is closed and its data are processed.

Extracts of your own services can be downloaded here:
{settings.SITE_ADDRESS}/downloads/

The results of your submissions stay visible:
{settings.SITE_ADDRESS}/submissions/
""",
    )
