"""The numbers and pseudonyms of one recipient's extract, prepared in temporary tables.

Numbers are MONTH_ID followed by a rank within this recipient's period, ordered by what the rows
say and never by the line they stood on; pseudonyms are under the recipient's own key. So no two
recipients' extracts join on anything, and a rebuild gives the same numbers.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from accounts.models import Organisation
from extracts import periods
from extracts.models import Run
from submissions import pseudonyms
from submissions.periods import financial_year, last_day, year_end, year_start
from submissions.pseudonyms import Keyed
from validation import dataset

SCALE = 10**10
TABLES = ("x_run", "x_frozen", "x_mine", "x_pseudonym", "x_service", "x_pathway")
NUMBERED = ("x_header", "x_person", "x_disability", "x_referral", "x_appointment")


@dataclass(frozen=True)
class Wanted:
    """An extract to be made."""

    run: Run
    stage: str
    period: date
    recipient: Organisation

    @property
    def own(self) -> bool:
        """Whether the recipient is the provider itself, which sees its own keys."""
        return self.recipient.role == Organisation.Role.PROVIDER


def _execute(statement: str, **values: str | int | date | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def stamp_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def prepare(wanted: Wanted) -> None:
    """Make the temporary tables for one extract, replacing those of the one before."""
    for table in TABLES + NUMBERED:
        _execute(f"DROP TABLE IF EXISTS {table}")
    _run_row(wanted)
    _frozen(wanted)
    _mine(wanted)
    _pseudonyms(pseudonyms.recipient(settings.READ_MASTER_KEY(), wanted.recipient.code))
    _number(wanted)


def _run_row(wanted: Wanted) -> None:
    """`x_run`: what every row of the extract says of its month."""
    assert wanted.run.stamp is not None
    _execute(
        """CREATE TEMPORARY TABLE x_run AS SELECT
               %(start)s::date AS period_start, %(end)s::date AS period_end,
               %(month)s::int AS month_id, %(quarter)s::int AS quarter_id,
               %(year)s::text AS financial_year,
               %(year_start)s::date AS year_start, %(year_end)s::date AS year_end,
               %(own)s::boolean AS own,
               %(stamp)s::text AS end_processing_date, %(stamp)s::text AS completion_time""",
        start=wanted.period,
        end=last_day(wanted.period),
        month=periods.month_id(wanted.period),
        quarter=periods.quarter_id(wanted.period),
        year=financial_year(wanted.period),
        year_start=year_start(wanted.period),
        year_end=year_end(wanted.period),
        own=wanted.own,
        stamp=stamp_text(wanted.run.stamp),
    )


def _frozen(wanted: Wanted) -> None:
    """`x_frozen`: the run's submissions of the stage; of one provider where it is its own."""
    _execute(
        """CREATE TEMPORARY TABLE x_frozen AS
           SELECT submission.id AS submission_id, submission.kind, provider.code AS provider
           FROM extracts_frozen frozen
           JOIN submissions_submission submission ON submission.id = frozen.submission_id
           JOIN accounts_organisation provider ON provider.id = submission.provider_id
           WHERE frozen.run_id = %(run)s AND frozen.stage = %(stage)s
             AND (%(provider)s::text IS NULL OR provider.code = %(provider)s)""",
        run=wanted.run.id,
        stage=wanted.stage,
        provider=wanted.recipient.code if wanted.own else None,
    )


def _mine(wanted: Wanted) -> None:
    """`x_mine`: the referrals of the recipient, with their persons. A commissioner's are those
    whose commissioner code, as supplied, is its own."""
    _execute(
        """CREATE TEMPORARY TABLE x_mine AS
           SELECT r.submission_id, r.row, r.person_row, f.provider, r.service, p.person, p.local,
                  p.has_nhs_number, r.refrecdate,
                  r.enddate > run.period_end AS ends_later,
                  CASE WHEN r.enddate <= run.period_end THEN r.enddate END AS enddate,
                  p.orgcodegppractice, p.orgcoderesidence, run.month_id
           FROM x_run run
           CROSS JOIN x_frozen f
           JOIN submissions_referralrecord r ON r.submission_id = f.submission_id
           JOIN submissions_personrecord p
             ON p.submission_id = r.submission_id AND p.row = r.person_row
           WHERE %(commissioner)s::text IS NULL OR r.orgcodecomm = %(commissioner)s""",
        commissioner=None if wanted.own else wanted.recipient.code,
    )


def _pseudonyms(key: Keyed) -> None:
    """Under the recipient's key, one hash for each distinct value. The unique indexes stop us
    should two ever fall together."""
    _execute(
        "CREATE TEMPORARY TABLE x_pseudonym (person uuid PRIMARY KEY, person_id text UNIQUE,"
        " number bigint UNIQUE)"
    )
    _execute("CREATE TEMPORARY TABLE x_service (service uuid PRIMARY KEY, number bigint UNIQUE)")
    _execute(
        "CREATE TEMPORARY TABLE x_pathway (person uuid, service uuid, number bigint UNIQUE,"
        " PRIMARY KEY (person, service))"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT person, service FROM x_mine")
        pairs = cursor.fetchall()
        with cursor.copy("COPY x_pseudonym FROM STDIN") as copy:
            for person in {person for person, _ in pairs}:
                hashed = key.of("person", person.bytes)
                copy.write_row((person, pseudonyms.shown(hashed), pseudonyms.number(hashed)))
        with cursor.copy("COPY x_service FROM STDIN") as copy:
            for service in {service for _, service in pairs}:
                number = pseudonyms.number(key.of("service", service.bytes))
                copy.write_row((service, number))
        with cursor.copy("COPY x_pathway FROM STDIN") as copy:
            for person, service in pairs:
                number = pseudonyms.number(key.of("pathway", person.bytes, service.bytes))
                copy.write_row((person, service, number))


def _number(wanted: Wanted) -> None:
    """The numbered rows of each table."""
    for statement in (PERSON, HEADER, DISABILITY, REFERRAL, APPOINTMENT):
        _execute(statement, scale=SCALE)
    for table in NUMBERED:
        _execute(f"ANALYZE {table}")


# The provider's own keys; empty columns for everybody else come from the specification, which
# does not ask for them.
_OWN = """(SELECT value FROM identifying.local_key k WHERE k.submission_id = {0}.submission_id
           AND k."table" = '{1}' AND k.row = {0}.{2})"""

PERSON = f"""
CREATE TEMPORARY TABLE x_person AS
SELECT m.*, m.month_id * %(scale)s + row_number() OVER (
           ORDER BY m.provider, n.person_id, m.local) AS record_number,
       m.month_id * %(scale)s + dense_rank() OVER (ORDER BY m.provider) AS header_id,
       n.person_id, CASE WHEN m.has_nhs_number THEN n.number END AS pseudonumber,
       {_OWN.format("m", "Person", "row")} AS own_lptid,
       d.flag AS disability_flag
FROM (SELECT DISTINCT submission_id, person_row AS row, provider, person, local, has_nhs_number,
             month_id FROM x_mine) m
JOIN x_pseudonym n USING (person)
LEFT JOIN (SELECT submission_id, person_row AS row, 'Y' AS flag
           FROM submissions_disabilityrecord JOIN x_frozen USING (submission_id)
           WHERE disability NOT IN ('NN', 'ZZ')
           GROUP BY submission_id, person_row) d USING (submission_id, row)"""

HEADER = """
CREATE TEMPORARY TABLE x_header AS
SELECT submission_id, provider, header_id, count(*) AS total_records
FROM x_person GROUP BY submission_id, provider, header_id"""

DISABILITY = """
CREATE TEMPORARY TABLE x_disability AS
SELECT d.submission_id, d.row, p.record_number, p.person_id, p.own_lptid,
       p.month_id * %(scale)s + row_number() OVER (
           ORDER BY p.record_number, d.disability NULLS LAST) AS disability_id
FROM x_person p
JOIN submissions_disabilityrecord d ON d.submission_id = p.submission_id AND d.person_row = p.row"""

REFERRAL = f"""
CREATE TEMPORARY TABLE x_referral AS
SELECT m.*, p.record_number, p.person_id, p.own_lptid,
       {_OWN.format("m", "Referral", "row")} AS own_serviceid,
       s.number AS service_id, w.number AS pathway_id,
       m.month_id * %(scale)s + row_number() OVER (
           ORDER BY p.record_number, s.number) AS referral_id,
       CASE WHEN row_number() OVER (
           PARTITION BY m.provider, m.person, m.service
           ORDER BY m.refrecdate DESC, m.enddate DESC NULLS FIRST, p.record_number DESC) = 1
       THEN 'Y' END AS use_pathway_flag
FROM x_mine m
JOIN x_person p ON p.submission_id = m.submission_id AND p.row = m.person_row
JOIN x_service s USING (service)
JOIN x_pathway w ON w.person = m.person AND w.service = m.service"""

# Time (blank last) and type, then whatever else an appointment says: those that agree in all of it
# are alike, so that no order depends on the line.
_FIRST = ["appointment", "appointmenttime", "apptype"]
_REST = [
    column.record
    for column in dataset.widest().tables["Appointment"].columns.values()
    if column.is_recorded and column.record not in _FIRST
]
_BY_WHAT_IT_SAYS = ", ".join(f"a.{name} NULLS LAST" for name in _FIRST + _REST)

APPOINTMENT = f"""
CREATE TEMPORARY TABLE x_appointment AS
SELECT a.submission_id, a.row, r.referral_id, r.record_number, r.person_id, r.pathway_id,
       r.service_id, r.own_lptid, r.own_serviceid,
       r.month_id * %(scale)s + row_number() OVER (
           ORDER BY r.referral_id, {_BY_WHAT_IT_SAYS}) AS appointment_id
FROM x_referral r
JOIN submissions_appointmentrecord a
  ON a.submission_id = r.submission_id AND a.referral_row = r.row"""
