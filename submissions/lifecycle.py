"""The life of a submission: one table of steps, and the only place that writes a status."""

from typing import TYPE_CHECKING, Any

from django.db import connection, models

from accounts import audit
from accounts.models import User
from accounts.refusals import NotNow
from submissions.ringing import PREVIEW, ring_after_commit

if TYPE_CHECKING:
    from submissions.models import Submission


class Status(models.TextChoices):
    """Where a submission is in its life."""

    RECEIVED = "RECEIVED", "Received"
    CHECKING = "CHECKING", "Checking"
    ACCEPTED = "ACCEPTED", "Accepted"
    REJECTED = "REJECTED", "Rejected"
    FAILED = "FAILED", "Failed through our fault"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


STEPS: dict[Status, set[Status]] = {
    Status.RECEIVED: {Status.CHECKING},
    Status.CHECKING: {Status.ACCEPTED, Status.REJECTED, Status.FAILED},
    Status.FAILED: {Status.CHECKING},  # staff try again
    Status.ACCEPTED: {Status.WITHDRAWN},
    Status.REJECTED: set(),
    Status.WITHDRAWN: set(),
}


def move(
    submission: "Submission",
    after: Status,
    *,
    by: User | None,
    seen_attempt: int | None = None,
    why: str = "",
    **changes: Any,
) -> None:
    """Take one step, in the deed's transaction: the row is claimed by the status (and, where
    given, the attempt) that the caller saw; a StatusChange and an audit event, which tells `why`,
    go with it.

    Raises NotNow when the life does not allow the step or somebody else was first.
    """
    from submissions.models import StatusChange, Submission

    before = Status(submission.status)
    if after not in STEPS[before]:
        raise NotNow(f"{submission.reference}: no step from {before} to {after}")
    assert connection.in_atomic_block, "a step is taken inside a deed's transaction"
    rows = Submission.objects.filter(id=submission.id, status=before)
    if seen_attempt is not None:
        rows = rows.filter(attempt=seen_attempt)
    if after != Status.CHECKING:
        changes["lease_until"] = None
    if not rows.update(status=after, **changes):
        raise NotNow(f"{submission.reference}: somebody was first")
    submission.refresh_from_db()
    StatusChange.objects.create(
        submission=submission, before=before, after=after, by=by, attempt=submission.attempt
    )
    record(submission, after, by=by, why=why)
    if after in {Status.ACCEPTED, Status.WITHDRAWN}:
        ring_after_commit(PREVIEW, submission.id)


def record(submission: "Submission", step: Status, *, by: User | None, why: str = "") -> None:
    """The audit event of a step."""
    audit.record(
        f"submission {step.lower()}",
        by=by,
        organisation=submission.provider,
        submission=submission.reference,
        period=submission.period.isoformat(),
        kind=submission.kind,
        attempt=submission.attempt,
        **({"why": why} if why else {}),
    )


def drawing() -> str:
    """The life as text, for the documentation."""
    lines = []
    for before, after in STEPS.items():
        lines.append(f"{before} → {', '.join(sorted(after)) or '(end)'}")
    return "\n".join(lines)


__all__ = ["STEPS", "NotNow", "Status", "drawing", "move", "record"]
