"""Linking: what a stage of a run rests on, put together in temporary tables for one connection.

A pathway is one person's service request with one provider; a referral of the stage is joined with
the same pathway in every earlier month that the run froze, and with those after it. These tables
are made before the extracts of a stage and made again after a death. Of the quarter that ends with
the final month (`QUARTER`) the referrals of all its months are there, of each pathway the newest:

    d_run           the period in one row, its last month, and the newest that the run knows of
    d_known         the frozen submissions: of now, of months before, of months after
    d_commissioner  the codes that the register knew as a commissioner's
    d_referral      each referral of now, with its person; `key` is its number among them
    d_instance      for each of them the referrals of its pathway, now and before
    d_disability    each disability of now
"""

from collections import Counter
from datetime import date, datetime
from itertools import combinations
from typing import Any

from django.db import connection

from accounts import register
from accounts.models import RegisterKind
from extracts import periods
from extracts.models import Frozen, ReleasedPart, Run
from submissions.models.calendar import Kind
from submissions.periods import financial_year, last_day, quarter_start, year_end, year_start
from validation import dataset

TABLES = ("d_run", "d_known", "d_commissioner", "d_referral", "d_instance", "d_disability")
# The quarter that ends with the final month, as a stage beside those that extracts are made of.
QUARTER = ReleasedPart.QUARTER
# Which of the run's submissions are those of a stage, from its first day on, and which come before
# and after them.
NOW: dict[str, tuple[str, ...]] = {
    Kind.PRIMARY: (Kind.PRIMARY,),
    Kind.REFRESH: (Kind.REFRESH,),
    QUARTER: (Kind.REFRESH, Frozen.EARLIER),
}
BEFORE: dict[str, tuple[str, ...]] = {
    Kind.PRIMARY: (Kind.REFRESH, Frozen.EARLIER),
    Kind.REFRESH: (Frozen.EARLIER,),
    QUARTER: (Frozen.EARLIER,),
}
AFTER: dict[str, tuple[str, ...]] = {
    Kind.PRIMARY: (),
    Kind.REFRESH: (Kind.PRIMARY,),
    QUARTER: (Kind.PRIMARY,),
}


def execute(statement: str, **values: str | int | date | list[str] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def stamp_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def known_commissioners(period: date) -> list[str]:
    """The codes that count as a commissioner's in a period; none while the register is not
    loaded."""
    if not register.is_complete():
        return []
    known = register.open_in(period).filter(kind=RegisterKind.CCG)
    defaults = dataset.widest().tables["Referral"].columns["OrgCodeComm"].codes
    return sorted({*known.values_list("code", flat=True), *(code.code for code in defaults)})


def link(run: Run, stage: str, provider: str | None = None) -> None:
    """Make the tables of a stage, replacing those that are there; inside a transaction. With
    `provider` of its submissions alone."""
    for table in TABLES:
        execute(f"DROP TABLE IF EXISTS {table}")
    # The planner takes two columns that say the same for independent and expects a handful of
    # rows where there are hundreds of thousands: looping over those never ends.
    execute("SET LOCAL enable_nestloop = off")
    _known(run, stage, provider)
    _run_row(run, stage)
    execute("CREATE TEMPORARY TABLE d_commissioner (code text PRIMARY KEY)")
    execute(
        "INSERT INTO d_commissioner SELECT unnest(%(codes)s::text[])",
        codes=run.commissioners.get(_final_month(stage), []),
    )
    execute(REFERRAL)
    if stage == QUARTER:
        execute("DELETE FROM d_referral WHERE NOT is_newest")
    execute("ALTER TABLE d_referral ADD PRIMARY KEY (key)")
    execute("ANALYZE d_referral")
    execute(INSTANCE)
    execute("ANALYZE d_instance")
    execute(DISABILITY)
    execute("CREATE INDEX ON d_disability (submission_id, person_row)")
    execute("ANALYZE d_disability")


def _final_month(stage: str) -> str:
    """The stage of the month that a stage ends with."""
    return Kind.REFRESH if stage == QUARTER else stage


def first_day(run: Run, stage: str) -> date:
    """The day on which the period of a stage begins."""
    period = run.window.period(stage)
    return quarter_start(period) if stage == QUARTER else period


def _known(run: Run, stage: str, provider: str | None) -> None:
    execute(
        """CREATE TEMPORARY TABLE d_known AS
           SELECT submission.id AS submission_id, submission.kind, submission.period,
                  provider.code AS provider,
                  (submission.period + INTERVAL '1 month')::date - 1 AS last_day,
                  CASE WHEN frozen.stage = ANY(%(now)s) AND submission.period >= %(start)s
                            THEN 'now'
                       WHEN frozen.stage = ANY(%(before)s) THEN 'before' ELSE 'after' END AS place
           FROM extracts_frozen frozen
           JOIN submissions_submission submission ON submission.id = frozen.submission_id
           JOIN accounts_organisation provider ON provider.id = submission.provider_id
           WHERE frozen.run_id = %(run)s AND frozen.stage = ANY(%(stages)s)
             AND (%(provider)s::text IS NULL OR provider.code = %(provider)s)""",
        run=run.id,
        now=list(NOW[stage]),
        start=first_day(run, stage),
        before=list(BEFORE[stage]),
        stages=[*NOW[stage], *BEFORE[stage], *AFTER[stage]],
        provider=provider,
    )
    execute("ANALYZE d_known")


def _run_row(run: Run, stage: str) -> None:
    """`d_run`: what every row of the stage's extracts says of its month. The newest period is that
    of anybody's submissions, whoever the tables are made for."""
    assert run.stamp is not None
    period = run.window.period(stage)
    stages = [*NOW[stage], *AFTER[stage]]
    newest = run.frozen.filter(stage__in=stages).order_by("-submission__period").first()
    execute(
        """CREATE TEMPORARY TABLE d_run AS SELECT
               %(start)s::date AS period_start, %(end)s::date AS period_end,
               %(last_month)s::date AS last_month, %(newest)s::date AS newest_period,
               %(month)s::int AS month_id, %(quarter)s::int AS quarter_id,
               %(year)s::text AS financial_year,
               %(year_start)s::date AS year_start, %(year_end)s::date AS year_end,
               %(stamp)s::text AS end_processing_date, %(stamp)s::text AS completion_time""",
        start=first_day(run, stage),
        end=last_day(period),
        last_month=period,
        newest=newest.submission.period if newest else period,
        month=periods.month_id(period),
        quarter=periods.quarter_id(period),
        year=financial_year(period),
        year_start=year_start(period),
        year_end=year_end(period),
        stamp=stamp_text(run.stamp),
    )


# The keys follow provider and commissioner, so that what one recipient gets lies together. What
# ends after the month in which it was sent is open; of a pathway the newest month comes first.
REFERRAL = """
CREATE TEMPORARY TABLE d_referral AS
SELECT row_number() OVER (ORDER BY now.provider, r.orgcodecomm)::int AS key,
       r.submission_id, r.row, r.person_row, now.provider, r.service, p.person, p.local,
       p.has_nhs_number, r.orgcodecomm, r.refrecdate, r.ic_provdiag,
       now.period AS sent, r.sourcereferral, p.gender, p.ic_ethnicity, p.age_end,
       r.enddate > now.last_day AS ends_later,
       CASE WHEN r.enddate <= now.last_day THEN r.enddate END AS enddate,
       coalesce(payer.code, practice.code, residence.code,
                r.orgcodecomm, p.orgcodegppractice, p.orgcoderesidence) AS ccg,
       row_number() OVER (PARTITION BY r.service, p.person
                          ORDER BY now.period DESC, r.refrecdate DESC,
                                   r.enddate DESC NULLS FIRST) = 1 AS is_newest,
       later.period AS next_seen
FROM d_known now
JOIN submissions_referralrecord r USING (submission_id)
JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
LEFT JOIN d_commissioner payer ON payer.code = r.orgcodecomm
LEFT JOIN d_commissioner practice ON practice.code = p.orgcodegppractice
LEFT JOIN d_commissioner residence ON residence.code = p.orgcoderesidence
LEFT JOIN (
    SELECT r.service, p.person, max(after.period) AS period
    FROM d_known after
    JOIN submissions_referralrecord r USING (submission_id)
    JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
    WHERE after.place = 'after'
    GROUP BY r.service, p.person) later ON later.service = r.service AND later.person = p.person
WHERE now.place = 'now'"""

REFERRAL_COLUMNS = (
    *("key", "submission_id", "row", "person_row", "provider", "service", "person", "local"),
    *("has_nhs_number", "orgcodecomm", "refrecdate", "enddate", "ends_later", "ccg"),
)

INSTANCE = """
CREATE TEMPORARY TABLE d_instance AS
SELECT c.key, r.submission_id, r.row
FROM d_known known
JOIN submissions_referralrecord r USING (submission_id)
JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
JOIN d_referral c ON c.service = r.service AND c.person = p.person
WHERE known.place IN ('now', 'before')"""


DISABILITY = """
CREATE TEMPORARY TABLE d_disability AS
SELECT d.submission_id, d.row, d.person_row, d.disability
FROM d_known now
JOIN submissions_disabilityrecord d USING (submission_id)
WHERE now.place = 'now'"""


def clashes(run: Run) -> list[tuple[str, str, int]]:
    """How many persons have a service request of the same identifier at two providers, for each
    two, over both stages: what is one pathway to them would be two here. The identifiers are read
    where they lie apart and go no further."""
    both: Counter[tuple[str, str]] = Counter()
    for codes, count in _by_hash(CLASHES, run=run.id, stages=[Kind.PRIMARY, Kind.REFRESH]):
        for one, other in combinations(codes, 2):
            both[one, other] += count
    return [(one, other, count) for (one, other), count in sorted(both.items())]


CLASHES = """
SELECT codes, count(*)
FROM (SELECT array_agg(DISTINCT provider.code ORDER BY provider.code) AS codes
      FROM extracts_frozen frozen
      JOIN submissions_submission submission ON submission.id = frozen.submission_id
      JOIN accounts_organisation provider ON provider.id = submission.provider_id
      JOIN submissions_referralrecord r ON r.submission_id = submission.id
      JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
      JOIN identifying.local_key k
        ON k.submission_id = r.submission_id AND k."table" = 'Referral' AND k.row = r.row
      WHERE frozen.run_id = %(run)s AND frozen.stage = ANY(%(stages)s) AND p.has_nhs_number
      GROUP BY p.person, upper(k.value)
      HAVING count(DISTINCT provider.code) > 1) same
GROUP BY codes"""


def broken(run: Run) -> list[tuple[str, str, int]]:
    """How many pathways are broken by identifier change, for each stage and provider: the same
    local patient has the same service request as in the month before, and is another person,
    because an NHS number came later or changed. Told by pseudonyms alone."""
    return _by_hash(BROKEN, run=run.id, before=[Kind.REFRESH, Frozen.EARLIER])


def _by_hash(query: str, **values: Any) -> list[tuple[Any, ...]]:
    """What a query finds whose joins are by hash, for the same reason as in `link`; inside a
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(query, values)
        found = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return found


BROKEN = """
WITH known AS (
    SELECT frozen.stage, submission.period, provider.code AS provider,
           p.local, p.person, r.service
    FROM extracts_frozen frozen
    JOIN submissions_submission submission ON submission.id = frozen.submission_id
    JOIN accounts_organisation provider ON provider.id = submission.provider_id
    JOIN submissions_referralrecord r ON r.submission_id = submission.id
    JOIN submissions_personrecord p ON p.submission_id = r.submission_id AND p.row = r.person_row
    WHERE frozen.run_id = %(run)s
)
SELECT now.stage, now.provider, count(DISTINCT (now.local, now.service))
FROM known now
JOIN known before ON before.provider = now.provider AND before.local = now.local
     AND before.service = now.service AND before.person <> now.person
     AND before.period = (now.period - interval '1 month')::date AND before.stage = ANY(%(before)s)
WHERE now.stage <> 'E'
GROUP BY now.stage, now.provider ORDER BY now.stage, now.provider"""
