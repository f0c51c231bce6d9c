"""Purging: some months after a period's final extracts are published, what tells a provider who its
patients are goes: raw files, local identifiers, what findings showed, annotated copies, the
provider's own extracts.

Records stay, pseudonymous as they are; counts, receipts, the commissioners' extracts and the
national ones too.
"""

from datetime import date

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import DateTimeField, Func, QuerySet

from accounts import audit
from accounts.models import Organisation
from extracts.models import Extract, PurgedPeriod, Run, Trace
from submissions import explaining, raw_files, reports
from submissions.models import FindingPlace, Report, Submission, Window
from submissions.models.calendar import clock
from submissions.models.records import LocalKey


def due() -> list[date]:
    """The periods whose time is over, the oldest first: their final stage was published so many
    months ago (`MONTHS_KEPT`), and nothing of theirs is on its way."""
    over = Window.objects.filter(published_at__lte=_months_ago(settings.MONTHS_KEPT))
    waiting = over.exclude(refresh_period__in=PurgedPeriod.objects.values("period"))
    periods = waiting.order_by("refresh_period").values_list("refresh_period", flat=True)
    return [period for period in periods if not _is_at_work(period)]


def _months_ago(months: int) -> Func:
    """By the database's clock and calendar."""
    back = f"%(expressions)s - make_interval(months => {int(months)})"
    return Func(clock(), template=back, output_field=DateTimeField())


def _is_at_work(period: date) -> bool:
    runs = Run.objects.filter(status__in=[Run.Status.ASKED, Run.Status.RUNNING])
    return (
        Submission.objects.in_hand().filter(period=period).exists()
        or runs.filter(frozen__submission__period=period).exists()
    )


def purge_due() -> None:
    """Purge what is due, and remove the files of what was purged. May be called twice, and may
    die: a file goes once the database says so, and is asked for again until it has gone."""
    for period in due():
        purge(period)
    remove_files()


@transaction.atomic
def purge(period: date) -> None:
    """All of a period in one deed; its files are marked and go afterwards."""
    sent = Submission.objects.filter(period=period)
    keys = list(sent.values_list("id", flat=True))
    LocalKey.objects.filter(submission_id__in=keys).delete()
    FindingPlace.objects.filter(finding__submission__in=keys).update(detail=b"")
    for copy in Report.objects.filter(submission__in=keys):
        reports.forget(copy)
    explaining.forget_up_to(period)
    Trace.objects.filter(extract__period__gte=period).delete()
    files = sent.exclude(stored_as="").update(erase_raw=True)
    extracts = _own(period).update(purged_at=clock())
    PurgedPeriod.objects.create(period=period)
    audit.record(
        "period purged", by=None, period=period.isoformat(), files=files, extracts=extracts
    )


def _own(period: date) -> QuerySet[Extract]:
    """The extracts that hold a provider's own identifiers."""
    own = Extract.objects.filter(period=period, recipient__role=Organisation.Role.PROVIDER)
    return own.exclude(stored_as="")


def remove_files() -> None:
    """Of purged extracts and raw files, as many as are still there."""
    remove_extracts()
    raw_files.erase_waiting()


def remove_extracts() -> None:
    """The files of extracts that nobody gets any more."""
    for extract in Extract.objects.filter(purged_at__isnull=False).exclude(stored_as=""):
        default_storage.delete(extract.stored_as)
        Extract.objects.filter(id=extract.id).update(stored_as="")
