"""The chain over the audit, and its heads outside the database.

A periodic sealer chains committed events: a chain inside each deed would put all deeds in one
queue. After each sealing the newest seal is written to a file (`AUDIT_HEADS`), which whoever
rewrites the chain inside the database, or cuts off its end, does not reach.
"""

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from accounts.clock import now
from accounts.models import AuditEvent, AuditSeal

# Any number will do, as long as only the sealer uses it.
SEALER_LOCK = 7_204_011
# More than a line of the file.
LINE = 512


class Head(NamedTuple):
    """What the file says of a seal."""

    seal: int
    event: int
    digest: str


def canonical(event: AuditEvent) -> bytes:
    """The event as the text that is sealed."""
    parts = [event.id, event.at.isoformat(), event.by_id, event.what, event.organisation_id]
    return json.dumps([*parts, event.facts], sort_keys=True, separators=(",", ":")).encode()


def link(before: str, event: AuditEvent) -> str:
    """The digest that seals `event` after the digest `before`."""
    return hashlib.sha256(before.encode() + canonical(event)).hexdigest()


def seal() -> int:
    """Seal the committed events that are not sealed yet, and write the newest seal to the file of
    heads; returns how many were sealed. Raises OSError when the file cannot be written: the seals
    stay, and the next sealing catches up."""
    with transaction.atomic(durable=True):
        sealed = _seal_committed()
    keep_head()
    return sealed


def _seal_committed() -> int:
    """Only one sealer works at a time; another comes away with nothing. An event whose number is
    lower but which was committed later is simply sealed later: the chain follows the seals."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    newest = AuditSeal.objects.order_by("-id").first()
    digest = newest.digest if newest else ""
    seals = []
    for event in AuditEvent.objects.filter(seal=None).order_by("id")[:10_000]:
        digest = link(digest, event)
        seals.append(AuditSeal(event=event, digest=digest))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def keep_head() -> None:
    """Append the newest seal to the file, unless the file has it: also one that a sealer who died
    left unwritten. A chain that became shorter is not written down: the file says what was there.
    """
    path = settings.AUDIT_HEADS
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path.exists()
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(opened, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        newest = AuditSeal.objects.order_by("-id").first()
        end = _end(file)
        last = max((head.seal for head in _heads(end)), default=0)
        if newest is None or newest.id <= last:
            return
        torn = b"\n" if end and not end.endswith(b"\n") else b""
        line = f"{newest.id} {newest.event_id} {newest.digest} {now().isoformat()}\n"
        file.write(torn + line.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _keep_name(path.parent)


def _end(file: BinaryIO) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LINE))
    return file.read()


def _keep_name(folder: Path) -> None:
    """The new file's name survives a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _heads(lines: bytes) -> list[Head]:
    """What the lines say; one that was torn, as by a full disk, says nothing."""
    heads = []
    for line in lines.decode(errors="replace").splitlines():
        words = line.split()
        if len(words) == 4 and words[0].isdigit() and words[1].isdigit() and len(words[2]) == 64:
            heads.append(Head(int(words[0]), int(words[1]), words[2]))
    return heads


def heads() -> list[Head]:
    """All that the file says; nothing where there is none."""
    try:
        return _heads(settings.AUDIT_HEADS.read_bytes())
    except FileNotFoundError:
        return []
