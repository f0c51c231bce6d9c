"""What a provider takes away of a submission: the workbook of its findings, made of what is stored,
and the annotated copy, asked for and made by a worker."""

from django.db import IntegrityError, transaction
from django.db.models import Prefetch

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from submissions import reporting, reports
from submissions.lifecycle import Status
from submissions.models import FindingCount, FindingPlace, Report, Submission
from submissions.ringing import REPORT, ring_after_commit
from validation import report, workbook
from validation.engine import Counts
from validation.report import Place, Told

# What is answered can be taken away.
ANSWERED = (Status.ACCEPTED, Status.REJECTED, Status.WITHDRAWN)
ERASED = "The file itself is erased, so there is nothing to copy from. The workbook is still there."


def findings(submission: Submission, by: User) -> bytes:
    """The workbook of a submission's findings; that it was taken is written down."""
    content = workbook.write(_report(submission), reports.rule_page)
    _taken(submission, by, "workbook")
    return content


def _report(submission: Submission) -> report.Report:
    """The verdict from what is stored of it: exact counts, and the first places of each rule."""
    places = Prefetch("places", queryset=FindingPlace.objects.order_by("id"))
    return report.Report(
        outcome=submission.status.lower(),
        message=submission.message,
        dataset_version=submission.dataset_version,
        provider=submission.provider.code,
        period=f"{submission.period:%Y-%m}",
        tables={one.table: Counts(one.received, one.standing) for one in submission.tables.all()},
        found=[_told(one) for one in submission.finding_counts.prefetch_related(places)],
        not_asked=submission.not_asked,
    )


def _told(found: FindingCount) -> Told:
    return Told(
        rule=found.rule,
        severity=found.severity,
        table=found.table,
        column=found.column,
        words=found.words,
        count=found.count,
        places=[_place(place) for place in found.places.all()],
    )


def _place(place: FindingPlace) -> Place:
    # Empty once the period is purged.
    detail = reporting.unseal(bytes(place.detail)) if place.detail else {}
    key, value = detail.get("key", ""), detail.get("value", "")
    return Place(place.row, place.line, place.other_row, key, value)


def can_be_copied(submission: Submission) -> bool:
    return bool(submission.stored_as) and not submission.erase_raw


def annotated_copy(submission: Submission) -> Report | None:
    """The copy that was asked for within the hour, whoever of the provider's users asked."""
    return Report.objects.kept().filter(submission=submission).first()


@transaction.atomic
def ask_for_copy(*, submission: Submission, by: User) -> Report:
    """Have the annotated copy made, unless it is there or on its way. Raises Refusal when the raw
    file is erased."""
    if not can_be_copied(submission):
        raise Refusal(ERASED)
    there = Report.objects.filter(submission=submission).first()
    if there and annotated_copy(submission) and not there.is_sorry:
        return there
    if there:
        reports.forget(there)
    try:
        with transaction.atomic():
            asked = Report.objects.create(submission=submission, asked_by=by)
    except IntegrityError:
        # A colleague was first.
        return Report.objects.get(submission=submission)
    audit.record(
        "annotated copy asked",
        by=by,
        organisation=submission.provider,
        submission=submission.reference,
    )
    ring_after_commit(REPORT, asked.id)
    return asked


def copy_of(submission: Submission, copy: Report, by: User) -> bytes:
    """The annotated copy, which is ready; that it was taken is written down."""
    content = reports.take(copy, reports.ANNOTATED)
    _taken(submission, by, "annotated copy")
    return content


def _taken(submission: Submission, by: User, what: str) -> None:
    audit.record(
        "report downloaded",
        by=by,
        organisation=submission.provider,
        submission=submission.reference,
        report=what,
    )
