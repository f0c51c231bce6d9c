"""Raw files: as sent, encrypted; opened only by the worker, checked against the receipt."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import IO

import pyrage
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from submissions.models import Report, Submission

FOLDER = "raw"


class NotAsReceived(Exception):
    """The stored file does not have the SHA-256 of its receipt."""


class _Hashing:
    """Writes through to a file and knows the SHA-256 of what went by."""

    def __init__(self, target: IO[bytes]):
        self.target, self.digest = target, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.target.write(data)

    def flush(self) -> None:
        self.target.flush()


def open_raw(submission: Submission | Report, folder: Path) -> Path:
    """Decrypt a raw file (of a file that is only checked, too) into `folder`. Raises NotAsReceived
    when its SHA-256 is not that of the receipt: it is then never checked."""
    identity = pyrage.x25519.Identity.from_str(settings.READ_RAW_IDENTITY())
    path = folder / "sent"
    target = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    with default_storage.open(submission.stored_as, "rb") as locked, target:
        hashing = _Hashing(target)
        pyrage.decrypt_io(locked, hashing, [identity])
    if hashing.digest.hexdigest() != submission.sha256:
        raise NotAsReceived(submission.reference)
    return path


def remove_without_receipt(older_than: timedelta) -> int:
    """Remove raw files that no receipt names: a web process died between storing and committing.

    Only those older than `older_than`, so that a receipt in the making keeps its file; and none
    where there is no receipt at all: that is a database which is still to be restored. Returns
    how many were removed.
    """
    removed = 0
    if not Submission.objects.exists():
        return removed
    oldest = timezone.now() - older_than
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return removed
    for name in (f"{FOLDER}/{base}" for base in names):
        if default_storage.get_modified_time(name) < oldest and not _has_receipt(name):
            default_storage.delete(name)
            removed += 1
    return removed


def _has_receipt(name: str) -> bool:
    return Submission.objects.filter(stored_as=name).exists()


def erase(submission: Submission) -> None:
    """Remove a raw file; the SHA-256 on the receipt stays."""
    default_storage.delete(submission.stored_as)
    Submission.objects.filter(id=submission.id).update(stored_as="", erase_raw=False)


def erase_waiting() -> None:
    """Erase what should have been erased: the worker died before it came to it."""
    for submission in Submission.objects.filter(erase_raw=True):
        erase(submission)
