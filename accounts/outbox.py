"""Letters: written with the deed, sent afterwards, once; later if the mail server is away."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models.functions import Now

from accounts.clock import now
from accounts.models import Mail, Organisation, Reminded, User

log = logging.getLogger("portal.outbox")
BATCH = 100
# Longer than any link in a letter is good.
KEPT = timedelta(days=30)


def write(to: Iterable[User], subject: str, body: str) -> None:
    """Put a letter to each of `to` into the outbox, inside the deed's transaction."""
    Mail.objects.bulk_create(Mail(to=user, subject=subject, body=body) for user in to)


def write_to(addresses: Iterable[str], subject: str, body: str) -> None:
    """The same for people who have no account: guardians, applicants, whoever is invited."""
    Mail.objects.bulk_create(
        Mail(address=address, subject=subject, body=body) for address in addresses
    )


def first_time(what: str) -> bool:
    """Whether `what` is said for the first time, inside the deed's transaction: reminders go out
    once, however often periodic work comes by."""
    _, is_new = Reminded.objects.get_or_create(what=what)
    return is_new


def users_of(organisation: Organisation) -> Iterable[User]:
    return User.objects.acting_for(organisation)


def staff() -> Iterable[User]:
    return User.objects.staff()


def registered() -> Iterable[User]:
    """Everybody who may use the portal."""
    return User.objects.active()


def send_waiting() -> int:
    """Send letters that wait; returns how many went out.

    Each is claimed, sent and marked in one transaction, so that two senders never take the same
    one. The first refusal of the mail server ends the round: the rest wait for the next.
    """
    sent = 0
    if not Mail.objects.filter(sent_at=None).exists():
        return sent
    mail_server = get_connection()
    try:
        mail_server.open()
    except (OSError, SMTPException) as error:
        log.warning("the mail server is away: %s", type(error).__name__)
        return sent
    try:
        while sent < BATCH and _send_next(mail_server):
            sent += 1
    finally:
        mail_server.close()
    return sent


def forget_old() -> int:
    """Empty the letters that went out long ago: a link in one is over by then, and what was said
    is known. Returns of how many."""
    old = Mail.objects.filter(sent_at__lt=now() - KEPT).exclude(body="")
    return old.update(body="")


@transaction.atomic
def _send_next(mail_server: Any) -> bool:
    """Send the next letter that nobody else is sending; False when there is none, or when the
    mail server does not take it now."""
    waiting = Mail.objects.filter(sent_at=None).order_by("tries", "id")
    mail = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("to").first()
    if mail is None:
        return False
    message = EmailMessage(mail.subject, mail.body, to=[mail.goes_to], connection=mail_server)
    try:
        message.send()
    except (OSError, SMTPException) as error:
        log.warning("mail %s waits: %s", mail.id, type(error).__name__)
        Mail.objects.filter(id=mail.id).update(tries=mail.tries + 1)
        return False
    Mail.objects.filter(id=mail.id).update(sent_at=Now())
    return True
