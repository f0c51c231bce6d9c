"""Withdrawing: the provider takes an accepted file back, and the one before stands again; once the
window is over staff do it for a reason."""

from django.conf import settings
from django.db import transaction

from accounts import outbox
from accounts.models import User
from accounts.refusals import Refusal
from submissions.lifecycle import NotNow, Status, move
from submissions.models import Submission
from submissions.receiving import lock_window, london


def withdraw(*, submission: Submission, by: User) -> None:
    """Return to the previous file. Raises Refusal when the window it was sent in is not open, or
    the submission is no longer accepted."""
    with transaction.atomic():
        window = lock_window(submission.window)
        if not window.opens_at <= window.now < window.closes_at:
            raise Refusal(
                f"The window closed on {london(window.closes_at)}: what was sent stays as it is. "
                "Ask the helpdesk if it has to be withdrawn."
            )
        if not submission.stands:
            raise Refusal("This file does not stand, so there is nothing to go back from.")
        try:
            move(submission, Status.WITHDRAWN, by=by)
        except NotNow as error:
            raise Refusal("This file does not stand any more, so nothing was changed.") from error


@transaction.atomic
def withdraw_later(*, submission: Submission, by: User, why: str) -> None:
    """Staff withdraw a file once its window is over; its provider is told. A run that used it is as
    it was: its period needs processing again.

    Raises Refusal while the window is open, or when the submission is not accepted.
    """
    window = lock_window(submission.window)
    if window.opens_at <= window.now < window.closes_at:
        raise Refusal("The window is open: its provider can withdraw the file itself.")
    try:
        move(submission, Status.WITHDRAWN, by=by, why=why)
    except NotNow as error:
        raise Refusal("Only a file that was accepted can be withdrawn.") from error
    outbox.write(outbox.users_of(submission.provider), *_letter(submission, why))


def _letter(submission: Submission, why: str) -> tuple[str, str]:
    """Subject and body for the provider's users."""
    return (
        f"Withdrawn by the helpdesk: {submission.kind_and_period}, receipt {submission.reference}",
        (
            f"The helpdesk has withdrawn the submission with receipt number {submission.reference} "
            f"of {submission.provider}, {submission.kind_and_period}. It counts no more.\n\n"
            f"The reason: {why}\n\n"
            f"{settings.SITE_ADDRESS}/submissions/{submission.reference}/\n"
            f"Helpdesk: {settings.HELPDESK_EMAIL}, {settings.HELPDESK_PHONE}\n"
        ),
    )
