"""How pages say moments and receipts."""

from datetime import datetime, timedelta

from django import template

from submissions.models import Submission
from submissions.models.calendar import LONDON
from submissions.receiving import london as in_london

register = template.Library()


@register.filter
def london(moment: datetime | None) -> str:
    """Day, time and zone in London."""
    return in_london(moment) if moment else ""


@register.filter
def london_seconds(moment: datetime) -> str:
    there = moment.astimezone(LONDON)
    return f"{there:%-d %B %Y at %H:%M:%S} {there.tzname()}"


@register.filter
def last_moment(moment: datetime) -> str:
    """A closing instant, behind "closes": midnight is said as the end of the day before."""
    there = moment.astimezone(LONDON)
    if (there.hour, there.minute, there.second) != (0, 0, 0):
        return f"on {london(moment)}"
    day = there - timedelta(minutes=1)
    return f"at the end of {day:%A %-d %B %Y} ({day.tzname()})"


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
