"""Withdrawing: the provider takes an accepted file back, and the one before stands again."""

from django.db import transaction

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
