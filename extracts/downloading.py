"""Downloading: every taking of an extract is asked for anew, and written down."""

import hashlib

from django.core.files.storage import default_storage
from django.db import transaction

from accounts import audit
from accounts.models import User
from extracts import locking
from extracts.models import Download, Extract


class NotAsMade(Exception):
    """The stored extract is not the one that was made: our fault, and nobody gets it."""


def download(*, extract: Extract, by: User) -> bytes:
    """The zip of an extract that `by` may have (the caller found it through the user)."""
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
        )
    return content
