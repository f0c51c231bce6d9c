"""Receiving: a whole file becomes a submission with a receipt, or is refused and nothing kept."""

import unicodedata
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from accounts import outbox
from accounts.clock import london
from accounts.models import Organisation, User
from accounts.refusals import Refusal
from submissions import lifecycle, raw_files, reporting
from submissions.lifecycle import Status
from submissions.models import StatusChange, Submission, Window
from submissions.models.calendar import LONDON, Kind
from submissions.ringing import CHECK, ring_after_commit
from submissions.storing import store_once
from submissions.uploading import ReceivedFile

LONGEST_NAME = 100


def safe_name(name: str) -> str:
    """The sender's file name, short and without anything that does not show."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C")
    return shown[-LONGEST_NAME:] or "file"


def refuse_when_closed(window: Window | None) -> None:
    """Raises Refusal, with the last close and the next opening, unless the window is open."""
    if window is not None and window.opens_at <= window.now < window.closes_at:
        return
    upcoming = Window.objects.upcoming().first()
    next_one = f" The next window opens on {london(upcoming.opens_at)}." if upcoming else ""
    closed = window if window and window.now >= window.closes_at else Window.objects.past().first()
    last_one = f": the one for {closed} closed on {london(closed.closes_at)}" if closed else ""
    raise Refusal(f"No window is open{last_one}. Nothing was kept.{next_one}")


def receive(
    *,
    by: User,
    provider: Organisation,
    window: Window,
    kind: Kind,
    once: uuid.UUID,
    file: ReceivedFile,
) -> Submission:
    """Make a receipt for a file that is wholly here.

    The same form (`once`) sent twice makes one submission and gives the same receipt. Raises
    Refusal when the window is not open at this moment by the database's clock, when the
    provider's quota for the day is used up, or when the form was somebody else's.
    """

    def receipt(stored_as: str) -> Submission:
        return _receipt(
            by=by,
            provider=provider,
            window=window,
            kind=kind,
            once=once,
            file=file,
            stored_as=stored_as,
        )

    mine = Submission.objects.filter(once=once, sent_by=by)
    return store_once(file, raw_files.FOLDER, mine, receipt)


@transaction.atomic
def _receipt(
    *,
    by: User,
    provider: Organisation,
    window: Window,
    kind: Kind,
    once: uuid.UUID,
    file: ReceivedFile,
    stored_as: str,
) -> Submission:
    window = lock_window(window)
    refuse_when_closed(window)
    # One receipt of a provider after the other, so that two at once cannot pass its quota.
    Organisation.objects.select_for_update(no_key=True).get(id=provider.id)
    _refuse_beyond_quota(provider, window.now)
    _refuse_unless_acting(provider, by)
    submission = Submission.objects.create(
        provider=provider,
        window=window,
        period=window.period(kind),
        kind=kind,
        sent_by=by,
        received_at=window.now,
        once=once,
        file_name=reporting.masked(safe_name(file.name or "")),
        size=file.size or 0,
        sha256=file.sha256,
        stored_as=stored_as,
    )
    StatusChange.objects.create(submission=submission, after=Status.RECEIVED, by=by)
    lifecycle.record(submission, Status.RECEIVED, by=by)
    outbox.write(outbox.users_of(provider), *_receipt_letter(submission))
    ring_after_commit(CHECK, submission.id)
    return submission


def lock_window(window: Window) -> Window:
    """The window FOR SHARE: it cannot be closed before this transaction ends. Its `now` is read
    from the database's clock once the lock is held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM submissions_window WHERE id = %s FOR SHARE", [window.id])
    return Window.objects.with_clock().get(id=window.id)


def _refuse_unless_acting(provider: Organisation, by: User) -> None:
    """While the file came in, an account may have been closed, its sessions ended, or a
    certificate come to its end."""
    acting = User.objects.acting_for(provider)
    if not acting.filter(id=by.id, sessions_ended=by.sessions_ended).exists():
        raise Refusal(
            f"You may not send for {provider.name} any more: that changed while the file was on "
            "its way. Nothing was kept. Call the helpdesk if it is wrong."
        )


def _refuse_beyond_quota(provider: Organisation, now: datetime) -> None:
    midnight = now.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    sent = provider.submissions.filter(received_at__gte=midnight).count()
    if sent >= settings.DAILY_SUBMISSIONS_PER_PROVIDER:
        tomorrow = london(midnight + timedelta(days=1))
        raise Refusal(
            f"{provider.name} has sent {sent} files today, which is the most for one day. "
            f"Nothing was kept. You can send again from {tomorrow}."
        )


def _receipt_letter(submission: Submission) -> tuple[str, str]:
    """Subject and body. The file's own name stays out: it may name a patient."""
    address = f"{settings.SITE_ADDRESS}/submissions/{submission.reference}/"
    body = f"""We have received a submission.

Receipt number: {submission.reference}
Provider: {submission.provider}
Period and kind: {submission.kind_and_period}
Received: {london(submission.received_at)}
Sent by: {submission.sent_by}
Size: {submission.size:,} bytes
SHA-256 of the file: {submission.sha256}

It is now being checked. You will get an e-mail when it is done, and see the result here:
{address}
"""
    return f"Receipt {submission.reference}: {submission.kind_and_period}", body
