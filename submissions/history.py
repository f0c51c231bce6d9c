"""What only the portal knows of a file: how it stands beside the files before it.

Records are compared by their pseudonyms, a whole month with a whole month; which referral or person
is meant is told by the sender's own key alone, sealed as with every finding.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from submissions.loading import Hashes
from submissions.models import Submission
from submissions.models.calendar import Kind
from submissions.periods import last_day, month_before
from validation.engine import ACCEPTED, WITH_WARNINGS, Verdict
from validation.finding import NOTES, Found
from validation.rule import HISTORY, RULEBOOK
from validation.rules.history import MEASURED, TREATED_END_CODES, differs_markedly

REPLACES, NOTHING_TO_REFRESH, VOLUME, MISSING = "F12", "F04", "F13", "R20"
REFERRAL, SERVICE = "Referral", "ServiceID"


@dataclass(frozen=True, eq=False)
class Changed(Found):
    """Rows that say something else than last month; `before` is what was said then of the first."""

    before: tuple[str | None, ...] = ()


@dataclass(frozen=True, eq=False)
class Missing(Found):
    """Records of last month that are not in this file: how many, and the sender's own keys of the
    first. They have no row here."""

    missing: int = 0
    keys: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return self.missing


@dataclass(frozen=True)
class Months:
    """A submission, the one that stands for the month before it, and what stands for the months
    before that; `since` is the first day from which on the portal knows every month."""

    submission: Submission
    last: Submission | None
    earlier: list[int]
    since: date


def of_the_file(submission: Submission, verdict: Verdict) -> None:
    """Ask what can be asked before there are records: F04, F12, F13. All of history counts as asked
    then; where nothing came before there is nothing to find."""
    same = Submission.objects.accepted().filter(
        provider=submission.provider, period=submission.period, id__lt=submission.id
    )
    if submission.kind == Kind.REFRESH and not same.filter(kind=Kind.PRIMARY).exists():
        verdict.findings.append(Found(NOTHING_TO_REFRESH))
    earlier = same.filter(kind=submission.kind, window=submission.window).order_by("-id").first()
    if earlier:
        words = f"This submission replaces {earlier.reference}."
        verdict.findings.append(Found(REPLACES, words=words))
    verdict.findings += _volumes(submission, verdict)
    verdict.not_asked = [code for code in verdict.not_asked if RULEBOOK[code].needs != HISTORY]
    _look_again(verdict)


def of_the_records(submission: Submission, verdict: Verdict, hashes: Hashes) -> None:
    """Ask what is asked of records, in the verdict's transaction, once they are loaded."""
    months = _months(submission)
    with _whole_months_at_once():
        verdict.findings += _untreated(months)
        if months.last:
            verdict.findings += _changed(months, months.last)
            verdict.findings += _missing(months, months.last, _sent_in_vain(verdict, hashes))
    _look_again(verdict)


@contextmanager
def _whole_months_at_once() -> Iterator[None]:
    """Records just loaded are unknown to the planner, which takes them for few and would look
    through last month once for each."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("RESET enable_nestloop")


def _look_again(verdict: Verdict) -> None:
    is_clean = all(found.rule in NOTES for found in verdict.findings)
    verdict.outcome = ACCEPTED if is_clean else WITH_WARNINGS


def stood_before(submission: Submission) -> Submission | None:
    """What stood for the period when the submission came: the Refresh, else the Primary."""
    accepted = Submission.objects.accepted().filter(
        provider=submission.provider, period=submission.period, id__lt=submission.id
    )
    kinds = [submission.kind] if submission.kind == Kind.PRIMARY else list(Kind)
    return accepted.filter(kind__in=kinds).order_by("-kind", "-id").first()


def last_month(submission: Submission) -> Submission | None:
    """What stands for the month before."""
    standing = Submission.objects.standing_for_period(month_before(submission.period))
    return standing.filter(provider=submission.provider).first()


def _volumes(submission: Submission, verdict: Verdict) -> Iterator[Found]:
    """F13: beside last month, and beside the file that stood until now, where this has far fewer
    rows."""
    now = {name: rows.standing for name, rows in verdict.tables.items()}
    if last := last_month(submission):
        was = standing_rows(last)
        for table in MEASURED:
            if differs_markedly(now[table], was.get(table, 0)):
                yield _volume(table, now[table], was.get(table, 0), last)
    if before := stood_before(submission):
        was = standing_rows(before)
        for table in far_fewer(now, was):
            yield _volume(table, now[table], was[table], before)


def far_fewer(now: dict[str, int], was: dict[str, int]) -> list[str]:
    """The tables that have markedly fewer rows than there were."""
    fewer = [table for table in MEASURED if now.get(table, 0) < was.get(table, 0)]
    return [table for table in fewer if differs_markedly(now.get(table, 0), was[table])]


def standing_rows(submission: Submission) -> dict[str, int]:
    """The rows that stand, by table."""
    return {one.table: one.standing for one in submission.tables.all()}


def _volume(table: str, now: int, was: int, other: Submission) -> Found:
    rows = f"{now:,} {'row' if now == 1 else 'rows'}"
    if was:
        rows += f", {100 * abs(now - was) / was:.0f}% {'more' if now > was else 'fewer'}"
    had = f"{other.kind_and_period} had {was:,} (receipt {other.reference})"
    words = f"{table} has {rows}: {had}."
    return Found(VOLUME, table, words=words)


def _months(submission: Submission) -> Months:
    standing = (
        Submission.objects.accepted()
        .filter(provider=submission.provider, period__lt=submission.period)
        .order_by("-period", "-kind", "-id")
        .distinct("period")
    )
    by_period = {one.period: one for one in standing}
    since = submission.period
    while month_before(since) in by_period:
        since = month_before(since)
    keys = [one.id for one in by_period.values()]
    return Months(submission, by_period.get(month_before(submission.period)), keys, since)


# Of `found` (rule, row, and what was said before) a line for each rule.
BY_RULE = """
WITH {found}
SELECT rule, array_agg(row ORDER BY row), (array_agg(before ORDER BY row))[:%(most)s]
FROM found GROUP BY rule ORDER BY rule"""

# Of a referral that was received while the portal knew every month: of one that is older it cannot
# be said that there was no treatment.
UNTREATED = """
found AS (
    SELECT 'R16' AS rule, now.row, NULL::text AS before
    FROM submissions_referralrecord now
    WHERE now.submission_id = %(now)s AND now.endcode = ANY(%(codes)s) AND NOT now.has_treatment
      AND now.refrecdate >= %(since)s
      AND NOT EXISTS (SELECT FROM submissions_referralrecord earlier
                      WHERE earlier.submission_id = ANY(%(earlier)s) AND earlier.has_treatment
                        AND earlier.service = now.service)
)"""

_WITH_PERSON = """
    SELECT r.row, r.service, r.refrecdate, r.enddate, p.person, p.local
    FROM submissions_referralrecord r
    JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
    WHERE r.submission_id ="""

# A referral that is another person's now is another referral: its dates are not held against it.
CHANGED_REFERRALS = f"""
now AS ({_WITH_PERSON} %(now)s),
was AS ({_WITH_PERSON} %(last)s),
again AS MATERIALIZED (
    SELECT now.row, now.refrecdate <> was.refrecdate AS received_differs, was.refrecdate,
           was.enddate, now.enddate IS NULL AS is_open,
           now.person = was.person OR now.local = was.local AS is_same_person
    FROM now JOIN was USING (service)
),
found AS (
    SELECT 'R21' AS rule, row, NULL::text AS before FROM again WHERE NOT is_same_person
    UNION ALL
    SELECT 'R22', row, refrecdate::text FROM again WHERE is_same_person AND received_differs
    UNION ALL
    SELECT 'R23', row, enddate::text FROM again
    WHERE is_same_person AND is_open AND enddate <= %(last_day)s
)"""

CHANGED_PERSONS = """
found AS (
    SELECT 'R24' AS rule, now.row,
           CASE WHEN was.has_nhs_number THEN 'another NHS number' ELSE 'no valid NHS number' END
               AS before
    FROM submissions_personrecord now
    JOIN submissions_personrecord was USING (local)
    WHERE now.submission_id = %(now)s AND was.submission_id = %(last)s
      AND now.person <> was.person
)"""

# A referral whose row was rejected is in the file: why it does not stand is told already.
MISSING_REFERRALS = """
SELECT count(*), (array_agg(was.row ORDER BY was.row))[:%(most)s]
FROM submissions_referralrecord was
WHERE was.submission_id = %(last)s AND (was.enddate IS NULL OR was.enddate > %(last_day)s)
  AND NOT EXISTS (SELECT FROM submissions_referralrecord now
                  WHERE now.submission_id = %(now)s AND now.service = was.service)
  AND NOT EXISTS (SELECT FROM unnest(%(rejected)s::uuid[]) sent (service)
                  WHERE sent.service = was.service)"""

KEYS = """
SELECT value FROM identifying.local_key
WHERE submission_id = %(last)s AND "table" = 'Referral' AND row = ANY(%(rows)s) ORDER BY row"""

# Where each is shown.
PLACES = {
    "R16": ("Referral", "EndCode"),
    "R21": ("Referral", "LPTID"),
    "R22": ("Referral", "RefRecDate"),
    "R23": ("Referral", "EndDate"),
    "R24": ("Person", "NHSNumber"),
}


def _asked(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"most": settings.FINDINGS_KEPT_PER_RULE, **values})
        return cursor.fetchall()


def _found(found: str, **values: Any) -> Iterator[Found]:
    for rule, rows, before in _asked(BY_RULE.format(found=found), **values):
        places = np.array(rows, dtype=np.int32)
        yield Changed(rule, *PLACES[rule], places, before=tuple(before))


def _untreated(months: Months) -> Iterator[Found]:
    return _found(
        UNTREATED,
        now=months.submission.id,
        codes=list(TREATED_END_CODES),
        since=months.since,
        earlier=months.earlier,
    )


def _changed(months: Months, last: Submission) -> Iterator[Found]:
    both = {"now": months.submission.id, "last": last.id}
    yield from _found(CHANGED_REFERRALS, **both, last_day=last_day(last.period))
    yield from _found(CHANGED_PERSONS, **both)


def _missing(months: Months, last: Submission, rejected: list[str]) -> Iterator[Found]:
    answer = _asked(
        MISSING_REFERRALS,
        now=months.submission.id,
        last=last.id,
        last_day=last_day(last.period),
        rejected=rejected,
    )
    count, rows = answer[0]
    if count:
        keys = tuple(value for (value,) in _asked(KEYS, last=last.id, rows=rows))
        yield Missing(MISSING, REFERRAL, missing=count, keys=keys)


def _sent_in_vain(verdict: Verdict, hashes: Hashes) -> list[str]:
    """The services, hashed, of referrals whose row was rejected."""
    referral = verdict.rows[REFERRAL]
    service = referral.columns[SERVICE]
    made = hashes.of(service)
    places = np.unique(service.codes[~referral.stands])
    return [made[place].tobytes().hex() for place in places.tolist()]
