"""Raw files: as sent, encrypted; opened only by the worker, checked against the receipt."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import pyrage
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from submissions.models import Report, Submission

FOLDER = "raw"
LISTS = "findings"
# The folders of the store, and what of a submission names a file in each.
NAMED_BY = {FOLDER: "stored_as", LISTS: "findings_as"}


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
    """Remove raw files and lists of findings that no receipt names: a process died between storing
    and committing, or its attempt was overtaken.

    Only those older than `older_than`, so that a receipt in the making keeps its file; and none
    where there is no receipt at all: that is a database which is still to be restored. Returns
    how many were removed.
    """
    if not Submission.objects.exists():
        return 0
    oldest = timezone.now() - older_than
    return sum(_remove_unnamed(folder, column, oldest) for folder, column in NAMED_BY.items())


def _remove_unnamed(folder: str, column: str, oldest: datetime) -> int:
    removed = 0
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return removed
    for name in (f"{folder}/{base}" for base in names):
        is_named = Submission.objects.filter(**{column: name}).exists()
        if default_storage.get_modified_time(name) < oldest and not is_named:
            default_storage.delete(name)
            removed += 1
    return removed


def erase(submission: Submission) -> None:
    """Remove a raw file and its list of findings; the SHA-256 on the receipt stays."""
    for column in NAMED_BY.values():
        if name := getattr(submission, column):
            default_storage.delete(name)
    nothing = dict.fromkeys(NAMED_BY.values(), "")
    Submission.objects.filter(id=submission.id).update(**nothing, erase_raw=False)


def erase_waiting() -> None:
    """Erase what should have been erased: the worker died before it came to it."""
    for submission in Submission.objects.filter(erase_raw=True):
        erase(submission)
