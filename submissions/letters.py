"""Letters that staff write to users: to whom one may write, and the deed."""

import uuid
from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, outbox
from accounts.models import Organisation, User
from accounts.refusals import Refusal
from submissions import reminding, tracking
from submissions.models import Window


def _not_sent() -> QuerySet[User]:
    """Nobody while no window is open."""
    window = Window.objects.open().first()
    lacking = reminding.lacking_of(window, tracking.of_window(window)) if window else []
    users = reminding.users_of(row.provider for row in lacking)
    return User.objects.active().filter(id__in=[one.id for each in users.values() for one in each])


class Audience(NamedTuple):
    """Somebody to write to: what staff choose, and whom it finds."""

    words: str
    users: Callable[[], QuerySet[User]]


AUDIENCES = {
    "everybody": Audience("Everybody who may sign in", User.objects.active),
    "providers": Audience(
        "Users of providers", lambda: User.objects.acting_as(Organisation.Role.PROVIDER)
    ),
    "commissioners": Audience(
        "Users of commissioners", lambda: User.objects.acting_as(Organisation.Role.COMMISSIONER)
    ),
    "not sent": Audience(
        "Users of providers whose Primary is missing in the open window", _not_sent
    ),
    "staff": Audience("Staff", User.objects.staff),
}


@transaction.atomic
def send(*, audience: str, subject: str, text: str, once: uuid.UUID, by: User) -> int:
    """Write a letter to everybody of an audience; returns to how many.

    Raises Refusal when there is nobody in it, or when the same form (`once`) was sent already.
    """
    users = list(AUDIENCES[audience].users())
    if not users:
        raise Refusal("There is nobody to write to: nothing was sent.")
    if not outbox.first_time(f"letter {once}"):
        raise Refusal("This letter was sent already.")
    # A line break in a subject would begin another header.
    subject = " ".join(subject.split())
    outbox.write(users, subject, f"{text}\n\n{by}, IAPT helpdesk\n")
    audit.record("letter sent", by=by, audience=audience, letters=len(users), subject=subject)
    return len(users)
