"""How pages say moments and receipts."""

from datetime import datetime

from django import template

from accounts.clock import last_moment
from accounts.clock import london as in_london
from submissions.models import Submission
from submissions.models.calendar import LONDON

register = template.Library()
register.filter(last_moment)


@register.filter
def london(moment: datetime | None) -> str:
    """Day, time and zone in London."""
    return in_london(moment) if moment else ""


@register.filter
def london_seconds(moment: datetime) -> str:
    there = moment.astimezone(LONDON)
    return f"{there:%-d %B %Y at %H:%M:%S} {there.tzname()}"


@register.filter
def receipt(submission: Submission) -> list[tuple[str, str]]:
    """The receipt, line by line."""
    lines = [
        ("Receipt number", submission.reference),
        ("Provider", str(submission.provider)),
        ("Period and kind", submission.kind_and_period),
        ("Received", london_seconds(submission.received_at)),
        ("Sent by", str(submission.sent_by)),
        ("File", submission.file_name),
        ("Size", f"{submission.size:,} bytes"),
        ("SHA-256", submission.sha256),
    ]
    if submission.dataset_version:
        lines.append(("Data set version", submission.dataset_version))
    if submission.rulebook_version:
        lines.append(("Rulebook version", submission.rulebook_version))
    if submission.register:
        lines.append(("Register of organisations", f"loaded {london(submission.register.at)}"))
    return lines
