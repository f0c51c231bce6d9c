"""Reports that a worker makes: kept sealed for an hour, then gone.

The row is the record: who asked, which attempt, until when it is somebody's. An attempt that gives
no sign of life is followed by one more; then we say sorry.
"""

import io
import os
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from submissions import leftovers
from submissions.models import Report
from submissions.models.calendar import clock
from submissions.models.reports import KEPT
from submissions.progress import Heartbeat
from submissions.pseudonyms import derive
from submissions.ringing import REPORT, ring

# Files that are only checked, and what was made, in the store.
SENT, MADE = "checks", "reports"
# What is made, by its name.
FINDINGS, ANNOTATED = "findings.json", "annotated.xlsx"
ATTEMPTS = 2
NONCE_BYTES = 12

Made = dict[str, bytes]


# -- keeping ----------------------------------------------------------------------------------


@cache
def _lock() -> AESGCM:
    return AESGCM(derive(settings.REPORT_KEY, "report at rest"))


def keep(report: Report, made: Made) -> None:
    """Seal what an attempt made and answer the report with it; what comes too late, or for a
    report that was forgotten meanwhile, is kept nowhere."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _lock().encrypt(nonce, packed.getvalue(), _bound_to(report))
    made_as = default_storage.save(f"{MADE}/{uuid.uuid4().hex}", ContentFile(sealed))
    if not _mine(report).update(finished_at=clock(), lease_until=None, made_as=made_as):
        default_storage.delete(made_as)


def take(report: Report, name: str) -> bytes:
    """One of the things that were made for a report that is ready."""
    with default_storage.open(report.made_as, "rb") as file:
        sealed = file.read()
    packed = _lock().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(report))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read(name)


def _bound_to(report: Report) -> bytes:
    """No report shows what was made for another."""
    return f"report {report.id}".encode()


def rule_page(code: str) -> str:
    """The address of the page about a rule, for a workbook."""
    return f"{settings.SITE_ADDRESS}{reverse('rule', args=[code])}"


@transaction.atomic
def forget(report: Report) -> None:
    """Remove it with all that is stored of it; a worker that is at it keeps nothing."""
    files = [name for name in (report.stored_as, report.made_as) if name]
    Report.objects.filter(id=report.id).delete()
    for name in files:
        transaction.on_commit(partial(default_storage.delete, name))


# -- attempts ---------------------------------------------------------------------------------


def claim(key: int) -> Report | None:
    """Take the report for one attempt, or None where there is nothing to take."""
    free = Q(lease_until=None) | Q(lease_until__lt=clock())
    taken = Report.objects.unanswered().filter(free, id=key, attempt__lt=ATTEMPTS)
    if not taken.update(attempt=F("attempt") + 1, lease_until=clock() + settings.LEASE):
        return None
    return Report.objects.select_related("submission__provider", "asked_by").get(id=key)


def _mine(report: Report) -> QuerySet[Report]:
    """The report's row while this attempt is at it."""
    return Report.objects.unanswered().filter(id=report.id, attempt=report.attempt)


def heartbeat(report: Report) -> Heartbeat:
    """While this attempt is at it: a worker that is killed is found out within a lease, and what it
    had opened is removed."""
    return Heartbeat(_mine(report), settings.LEASE)


@contextmanager
def working_folder(report: Report) -> Iterator[Path]:
    """A private folder for the opened file, gone afterwards; its name says whose it is."""
    leftovers.remove_opened()
    place = leftovers.opened_in()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    whose = f"{leftovers.OF_A_REPORT}{report.id}.{report.attempt}."
    with TemporaryDirectory(prefix=whose, dir=place) as folder:
        yield Path(folder)


def stumble(report: Report) -> None:
    """This attempt failed: the next one may begin, or it was the last."""
    mine = _mine(report)
    if report.attempt < ATTEMPTS:
        mine.update(lease_until=clock() - timedelta(seconds=1))
    else:
        mine.update(finished_at=clock(), lease_until=None)


def erase_sent(report: Report) -> None:
    """The file that was only checked is not kept once it is answered."""
    default_storage.delete(report.stored_as)
    Report.objects.filter(id=report.id).update(stored_as="")


# -- sweeping ---------------------------------------------------------------------------------


def sweep() -> None:
    """Give up what has no attempt left, ring again, erase and forget what is over."""
    lapsed = Report.objects.unanswered().filter(lease_until__lt=clock())
    lapsed.filter(attempt__gte=ATTEMPTS).update(finished_at=clock(), lease_until=None)
    unheard = Q(lease_until=None, rung_at__lt=clock() - settings.RING_AGAIN_AFTER)
    waits = Report.objects.unanswered().filter(unheard | Q(lease_until__lt=clock()))
    for key in waits.order_by("id").values_list("id", flat=True):
        Report.objects.filter(id=key).update(rung_at=clock())
        ring(REPORT, key)
    for report in Report.objects.exclude(finished_at=None).exclude(stored_as=""):
        erase_sent(report)
    for report in Report.objects.over():
        forget(report)


def remove_unnamed() -> int:
    """Remove stored files of reports that no report names, once they are older than any report:
    a process died between storing and committing. Returns how many."""
    oldest = timezone.now() - 2 * KEPT
    named = set(Report.objects.values_list("stored_as", "made_as"))
    living = {name for names in named for name in names}
    removed = 0
    for folder in (SENT, MADE):
        for name in _stored(folder):
            if name not in living and default_storage.get_modified_time(name) < oldest:
                default_storage.delete(name)
                removed += 1
    return removed


def _stored(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []
