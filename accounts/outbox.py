"""Letters: written with the deed, sent afterwards, once; later if the mail server is away."""

import logging
import re
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.clock import now
from accounts.models import Mail, Organisation, Reminded, User

log = logging.getLogger("portal.outbox")
BATCH = 100
# What in a link proves who follows it.
SECRET = re.compile(r"(/(?:approval|invitation|reset/key)/)[\w-]+/")
# A letter that can never go out is tried as often as this, and no more: staff see it waiting.
SET_ASIDE = 1000
# Longer than any link in a letter is good.
KEPT = timedelta(days=30)


def write(to: Iterable[User], subject: str, body: str) -> None:
    """Put a letter to each of `to` into the outbox, inside the deed's transaction."""
    subject = _one_line(subject)
    Mail.objects.bulk_create(Mail(to=user, subject=subject, body=body) for user in to)


def write_to(addresses: Iterable[str], subject: str, body: str) -> None:
    """The same for people who have no account: guardians, applicants, whoever is invited."""
    subject = _one_line(subject)
    Mail.objects.bulk_create(
        Mail(address=address, subject=subject, body=body) for address in addresses
    )


def _one_line(subject: str) -> str:
    return " ".join(subject.split())


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
    one. The first refusal of the mail server ends the round: the rest wait for the next. A letter
    that is none, for its address above all, is set aside and holds up nobody's.
    """
    sent = 0
    if not _waiting().exists():
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


def without_secrets(body: str) -> str:
    """A letter that has gone out, as it is kept: whoever reads it here follows no link in it."""
    return SECRET.sub(r"\1…/", body)


def _waiting() -> QuerySet[Mail]:
    return Mail.objects.filter(sent_at=None, tries__lt=SET_ASIDE).order_by("tries", "id")


@transaction.atomic
def _send_next(mail_server: Any) -> bool:
    """Send the next letter that nobody else is sending, or set it aside; False when there is none,
    or when the mail server does not take it now."""
    mail = _waiting().select_for_update(skip_locked=True, of=("self",)).select_related("to").first()
    if mail is None:
        return False
    message = EmailMessage(mail.subject, mail.body, to=[mail.goes_to], connection=mail_server)
    try:
        message.send()
    except (OSError, SMTPException) as error:
        log.warning("mail %s waits: %s", mail.id, type(error).__name__)
        Mail.objects.filter(id=mail.id).update(tries=mail.tries + 1)
        return False
    except ValueError as error:
        # An address or a subject of which no letter can be made.
        log.error("mail %s is set aside: %s", mail.id, type(error).__name__)
        Mail.objects.filter(id=mail.id).update(tries=SET_ASIDE)
        return True
    Mail.objects.filter(id=mail.id).update(sent_at=Now(), body=without_secrets(mail.body))
    return True
