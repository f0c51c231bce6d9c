"""The file while it arrives: hashed and locked away as it comes, refused as soon as it can be.

Nothing of it touches a disk unencrypted. What is not made a receipt is removed.
"""

import hashlib
import os
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyrage
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from submissions import leftovers
from validation.reading import looks_like
from validation.reading.box import can_read_access

FIELD = "file"
NO_ACCESS = (
    "This portal cannot read Access databases just now. Nothing was kept. Send the same tables as "
    "one zip of CSV files, or tell the helpdesk."
)
ONE_FILE = "More than one file was sent. Nothing was kept. Send one file at a time."
EMPTY = "The file is empty. Nothing was kept. Choose the file again."


def too_large() -> str:
    limit = settings.MAX_UPLOAD_BYTES // settings.MEGABYTE
    return f"The file is larger than {limit} MB. Nothing was kept. Ask the helpdesk what to do."


class Locking:
    """Encrypts to a file what is written to it, holding only a pipe's worth in memory."""

    def __init__(self, path: Path):
        self.path = path
        reader, writer = os.pipe()
        self._pipe = os.fdopen(writer, "wb")
        self._error: Exception | None = None
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._thread = threading.Thread(
            target=self._lock, args=(os.fdopen(reader, "rb"), os.fdopen(target, "wb")), daemon=True
        )
        self._thread.start()

    def _lock(self, source: IO[bytes], target: IO[bytes]) -> None:
        try:
            with source, target:
                recipient = pyrage.x25519.Recipient.from_str(settings.RAW_RECIPIENT)
                pyrage.encrypt_io(source, target, [recipient])
        except Exception as error:  # noqa: BLE001 (handed to the thread that writes)
            self._error = error

    def write(self, data: bytes) -> None:
        """Raises OSError when the disk refuses."""
        try:
            self._pipe.write(data)
        except BrokenPipeError as error:
            raise OSError("the file could not be stored") from (self._error or error)

    def close(self) -> None:
        """Wait until all is on its way to the disk. Raises OSError when it did not get there."""
        self._end()
        if self._error:
            raise OSError("the file could not be stored") from self._error

    def _end(self) -> None:
        # Where nobody reads any more the thread's own error says why.
        with suppress(BrokenPipeError):
            self._pipe.close()
        self._thread.join()

    def abandon(self) -> None:
        self._end()
        self.path.unlink(missing_ok=True)


class ReceivedFile(UploadedFile):
    """A whole file, encrypted at `path`; `sha256` and `size` are of what was sent."""

    def __init__(self, path: Path, name: str, size: int, sha256: str):
        super().__init__(file=None, name=name, size=size)
        self.path, self.sha256 = path, sha256

    def temporary_file_path(self) -> str:
        """Where it lies: a storage on this disk moves it into place, one elsewhere reads it."""
        return str(self.path)

    def close(self) -> None:
        """Nothing is open."""

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def locked_away(path: Path) -> ReceivedFile:
    """A file of this machine as if it had come through a browser: hashed and encrypted."""
    content = path.read_bytes()
    settings.RECEIVING_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Locking(settings.RECEIVING_DIR / f"{uuid.uuid4().hex}.age")
    lock.write(content)
    lock.close()
    return ReceivedFile(lock.path, path.name, len(content), hashlib.sha256(content).hexdigest())


class LockingUploadHandler(FileUploadHandler):
    """Takes the one file of the send form. `refusal` says why it was not taken."""

    refusal: str = ""
    _lock: Locking | None = None
    _received: ReceivedFile | None = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self.refusal:
            raise SkipFile
        if self._received:
            self.refusal = ONE_FILE
            raise SkipFile
        settings.RECEIVING_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        leftovers.remove_received()
        self._digest, self._size = hashlib.sha256(), 0
        self._lock = Locking(settings.RECEIVING_DIR / f"{uuid.uuid4().hex}.age")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._size == 0:
            form = looks_like(raw_data)
            if not form.is_wanted:
                self._refuse(f"{form.refusal()} Nothing was kept.", read_on=True)
            if form.kind == "access" and not can_read_access():
                self._refuse(NO_ACCESS, read_on=True)
        self._size += len(raw_data)
        if self._size > settings.MAX_UPLOAD_BYTES:
            self._refuse(too_large(), read_on=False)
        assert self._lock is not None
        self._digest.update(raw_data)
        self._lock.write(raw_data)

    def _refuse(self, words: str, *, read_on: bool) -> None:
        self.refusal = words
        self.upload_interrupted()
        raise StopUpload(connection_reset=not read_on)

    def file_complete(self, file_size: int) -> ReceivedFile | None:
        lock, self._lock = self._lock, None
        if lock is None:
            return None
        if self._size == 0:
            lock.abandon()
            self.refusal = EMPTY
            return None
        try:
            lock.close()
        except OSError:
            lock.path.unlink(missing_ok=True)
            raise
        self._received = ReceivedFile(
            lock.path, self.file_name or "file", self._size, self._digest.hexdigest()
        )
        return self._received

    def upload_interrupted(self) -> None:
        if self._lock:
            self._lock.abandon()
            self._lock = None

    def forget(self) -> None:
        """At the end of the request, however it ended: what did not become a receipt is gone."""
        self.upload_interrupted()
        if self._received:
            self._received.discard()
