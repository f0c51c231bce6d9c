"""Sending and checking as the portal does it, without web and queue."""

import uuid
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.models import Organisation, User
from submissions.checking import check_submission
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.receiving import receive
from submissions.uploading import FIELD, LockingUploadHandler, ReceivedFile
from tests.submissions.rows import Rows
from validation.writing import write_access, write_archive

WRITERS: dict[str, Callable[[Path, str, Rows], object]] = {
    "zip": write_archive,
    "mdb": write_access,
}


def content(rows: Rows, form: str = "zip") -> bytes:
    """The rows as the bytes of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sent.{form}"
        WRITERS[form](path, rows["Header"][0]["DataSetVersion"], rows)
        return path.read_bytes()


def arrived(data: bytes, name: str = "sent.zip") -> ReceivedFile:
    """The bytes as they came through the upload handler."""
    handler = LockingUploadHandler()
    handler.new_file(FIELD, name, "application/zip", len(data))
    for start in range(0, len(data), handler.chunk_size):
        handler.receive_data_chunk(data[start : start + handler.chunk_size], start)
    file = handler.file_complete(len(data))
    assert file is not None
    return file


def send(
    by: User,
    window: Window,
    sent: Rows | bytes,
    kind: Kind = Kind.PRIMARY,
    provider: str = "",
    form: str = "zip",
) -> Submission:
    """Sent for one's own provider (or the one named); it has its receipt and waits."""
    data = sent if isinstance(sent, bytes) else content(sent, form)
    chosen = Organisation.objects.get(code=provider) if provider else by.providers.get()
    return receive(
        by=by,
        provider=chosen,
        window=window,
        kind=kind,
        once=uuid.uuid4(),
        file=arrived(data, f"sent.{form}"),
    )


def checked(submission: Submission) -> Submission:
    """The submission after a worker has looked at it."""
    check_submission(submission.id)
    submission.refresh_from_db()
    return submission


def send_and_check(
    by: User,
    window: Window,
    sent: Rows | bytes,
    kind: Kind = Kind.PRIMARY,
    provider: str = "",
    form: str = "zip",
) -> Submission:
    return checked(send(by, window, sent, kind, provider, form))
