"""A submission beside the one before it: which findings are fixed, still there, new; and its rows
beside last month's.

A finding is known again by rule, table, column and the hash of the record's key. Of each rule the
places of the first findings are kept; what cannot be said for want of the others is not said.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from submissions import history
from submissions.lifecycle import Status
from submissions.models import Submission
from submissions.models.calendar import Kind
from validation.dataset import DATA_TABLES
from validation.rule import RULEBOOK

ANSWERED = (Status.ACCEPTED, Status.REJECTED, Status.WITHDRAWN)
# Another month has other appointments: they are no fixed or new ones.
OF_THE_MONTH = "Appointment"


def said(code: str) -> str:
    """A rule's sentence, of no column in particular."""
    return RULEBOOK[code].say(None)


@dataclass(frozen=True)
class Line:
    """One rule in both: exact counts, and how many of its findings are fixed, still there, new;
    None where that cannot be said, as there are more than are kept or they are another month's."""

    code: str
    before: int
    now: int
    fixed: int | None
    still: int | None
    new: int | None

    @property
    def severity(self) -> str:
        return str(RULEBOOK[self.code].severity)

    @property
    def numbers(self) -> list[int | None]:
        """As they stand beside each other in the table."""
        return [self.before, self.now, self.fixed, self.still, self.new]

    @property
    def sentence(self) -> str:
        return said(self.code)


@dataclass(frozen=True)
class Comparison:
    """Findings beside those of `other`. `is_last_month`: for want of an earlier file of its own
    period and kind. `is_of_the_file`: it was rejected before its rows were looked at, so that only
    what concerns the file as a whole is compared."""

    other: Submission
    is_last_month: bool
    is_of_the_file: bool
    lines: list[Line]

    @property
    def fixed(self) -> int:
        return sum(line.fixed or 0 for line in self.lines)

    @property
    def still(self) -> int:
        return sum(line.still or 0 for line in self.lines)

    @property
    def new(self) -> int:
        return sum(line.new or 0 for line in self.lines)

    @property
    def there(self) -> list[Line]:
        """The rules that are broken now."""
        return [line for line in self.lines if line.now]

    @property
    def gone(self) -> list[Line]:
        """The rules that are broken no more, where they were asked at all."""
        return [line for line in self.lines if not line.now and line.fixed is not None]

    @property
    def is_whole(self) -> bool:
        """Whether everything could be said of every rule."""
        return all(line.still is not None for line in self.lines)


def page(submission: Submission) -> dict[str, Any]:
    """What the page of an answered submission shows beside its own result."""
    if submission.status not in ANSWERED:
        return {}
    last = history.last_month(submission)
    return {
        "comparison": _compared(submission, last),
        "beside": _rows_beside(submission, last),
        "smaller_than": _smaller_than(submission),
        "kept_per_rule": settings.FINDINGS_KEPT_PER_RULE,
    }


def _earlier(submission: Submission) -> QuerySet[Submission]:
    """What was sent before it for the same provider, period and kind, the newest first."""
    same = Submission.objects.filter(
        provider_id=submission.provider_id, period=submission.period, kind=submission.kind
    )
    return same.filter(id__lt=submission.id, status__in=ANSWERED).order_by("-id")


def _looked_into(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those whose rows were asked: accepted once, or rejected because no person stands."""
    return submissions.filter(~Q(status=Status.REJECTED) | Q(finding_counts__rule="F11")).distinct()


def _compared(submission: Submission, last: Submission | None) -> Comparison | None:
    """Beside the newest file before it that was looked into as far as this one."""
    is_of_the_file = not _looked_into(Submission.objects.filter(id=submission.id)).exists()
    earlier = _earlier(submission)
    before = (earlier if is_of_the_file else _looked_into(earlier)).first()
    other = before or last
    if other is None:
        return None
    lines = [
        line
        for line in _lines(other, submission, is_last_month=before is None)
        if of_the_file(line.code) or not is_of_the_file
    ]
    return Comparison(other, before is None, is_of_the_file, lines)


# For each finding how often it is there before and now. One of the file as a whole has no place,
# or one without a record; several rows without a key are alike.
FINDINGS = """
WITH place AS (
    SELECT found.submission_id = %(now)s AS is_now, found.rule, found."table", found."column",
           place.record_key, count(*) AS times
    FROM submissions_findingcount found
    JOIN submissions_findingplace place ON place.finding_id = found.id
    WHERE found.submission_id IN (%(before)s, %(now)s)
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT found.submission_id = %(now)s, found.rule, found."table", found."column", ''::bytea,
           found.count
    FROM submissions_findingcount found
    WHERE found.submission_id IN (%(before)s, %(now)s)
      AND NOT EXISTS (SELECT FROM submissions_findingplace place WHERE place.finding_id = found.id)
),
both_sides AS (
    SELECT rule, "table", coalesce(sum(times) FILTER (WHERE NOT is_now), 0) AS before,
           coalesce(sum(times) FILTER (WHERE is_now), 0) AS now
    FROM place GROUP BY rule, "table", "column", record_key
)
SELECT rule, max("table"), sum(greatest(before - now, 0))::bigint,
       sum(least(before, now))::bigint, sum(greatest(now - before, 0))::bigint
FROM both_sides GROUP BY rule"""


def _lines(before: Submission, now: Submission, *, is_last_month: bool) -> list[Line]:
    counts = {one: _counts(one) for one in (before, now)}
    with connection.cursor() as cursor:
        cursor.execute(FINDINGS, {"before": before.id, "now": now.id})
        told = {rule: (table, *parts) for rule, table, *parts in cursor.fetchall()}
    lines = []
    for code in counts[before].keys() | counts[now].keys():
        # That a file replaces another is no fault that one mends.
        if code == history.REPLACES:
            continue
        table, *parts = told[code]
        was, is_now = counts[before].get(code, 0), counts[now].get(code, 0)
        was_asked = code not in before.not_asked and code not in now.not_asked
        of_the_month = is_last_month and table == OF_THE_MONTH and not of_the_file(code)
        if of_the_month or not was_asked:
            parts = [None, None, None]
        elif not (was and is_now):
            parts = [was, 0, is_now]
        elif max(was, is_now) > settings.FINDINGS_KEPT_PER_RULE:
            parts = [None, None, None]
        lines.append(Line(code, was, is_now, *parts))
    return sorted(lines, key=lambda line: (line.severity, line.code))


def of_the_file(code: str) -> bool:
    """The rule is about the file as a whole and not about records."""
    return code.startswith("F")


def _counts(submission: Submission) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in submission.finding_counts.all():
        counts[one.rule] = counts.get(one.rule, 0) + one.count
    return counts


# -- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beside:
    """Rows that stand: the submissions that are compared, and a line for each table."""

    submissions: list[tuple[str, Submission]]
    lines: list[tuple[str, list[int]]]


def _rows_beside(submission: Submission, last: Submission | None) -> Beside | None:
    """This file, the one before it, the Primary of a Refresh, last month's; None where it was
    rejected or there is nothing beside it."""
    if submission.status == Status.REJECTED:
        return None
    earlier = _earlier(submission).filter(status=Status.ACCEPTED)
    primary = Submission.objects.standing(submission.period, Kind.PRIMARY)
    compared = {
        "The file before": earlier.first(),
        "Primary": primary.filter(provider=submission.provider).first()
        if submission.kind == Kind.REFRESH
        else None,
        "Last month": last,
    }
    columns = [("This file", submission)]
    columns += [(title, other) for title, other in compared.items() if other]
    if len(columns) == 1:
        return None
    rows = [history.standing_rows(one) for _, one in columns]
    return Beside(columns, [(name, [of.get(name, 0) for of in rows]) for name in DATA_TABLES])


def _smaller_than(submission: Submission) -> Submission | None:
    """The file that stood before this one, where this one is far smaller and stands."""
    if not submission.stands:
        return None
    before = history.stood_before(submission)
    if before is None:
        return None
    now, was = history.standing_rows(submission), history.standing_rows(before)
    return before if history.far_fewer(now, was) else None
