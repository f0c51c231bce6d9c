"""Downloading: every taking of an extract is asked for anew, and written down."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from accounts import audit, outbox
from accounts.clock import this_day
from accounts.models import User
from extracts import locking
from extracts.models import Download, Extract
from submissions.models.calendar import clock

# Whoever takes more in an hour may be somebody else than they seem: staff are told.
MANY_IN_AN_HOUR = 50


class NotAsMade(Exception):
    """The stored extract is not the one that was made: our fault, and nobody gets it."""


def download(*, extract: Extract, by: User, address: str = "") -> bytes:
    """The zip of an extract that `by` may have (the caller found it through the user), asked for
    from the network address `address`. Raises NotAsMade."""
    with default_storage.open(extract.stored_as, "rb") as file:
        content = locking.unlock(file.read())
    if hashlib.sha256(content).hexdigest() != extract.sha256:
        raise NotAsMade(extract.file_name)
    with transaction.atomic():
        Download.objects.create(extract=extract, by=by)
        audit.record(
            "extract downloaded",
            by=by,
            organisation=extract.recipient,
            extract=extract.id,
            file=extract.file_name,
            **({"address": address} if address else {}),
        )
        _tell_of_many(by)
    return content


def _tell_of_many(by: User) -> None:
    """Staff get one letter in a day about somebody who takes very many; the downloads go on."""
    hour_ago = clock() - timedelta(hours=1)
    count = Download.objects.filter(by=by, at__gt=hour_ago).count()
    if count <= MANY_IN_AN_HOUR:
        return
    if outbox.first_time(f"many downloads, account {by.id}, {this_day()}"):
        outbox.write(
            outbox.staff(),
            f"{count} extracts taken in an hour",
            f"{by} ({by.email}) has downloaded {count} extracts within an hour. If that is not "
            f"meant to be, call them.\n\nWhat they took stands here:\n"
            f"{settings.SITE_ADDRESS}/desk/audit/?who={by.email}&what=extract+downloaded\n",
        )
