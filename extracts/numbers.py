"""The numbers and pseudonyms of one recipient's extract, prepared in temporary tables from what is
derived for all of them (`extracts.deriving`).

Numbers are MONTH_ID followed by a rank within this recipient's period, ordered by what the rows
say and never by the line they stood on; pseudonyms are under the recipient's own key. So no two
recipients' extracts join on anything, and a rebuild gives the same numbers.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from accounts.models import Organisation
from extracts.linking import REFERRAL_COLUMNS, execute
from extracts.models import Run
from submissions import pseudonyms
from submissions.pseudonyms import Keyed

SCALE = 10**10
TABLES = ("x_run", "x_mine", "x_pseudonym", "x_service", "x_pathway")
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


def prepare(wanted: Wanted) -> None:
    """Make the temporary tables for one extract, replacing those of the one before."""
    for table in TABLES + NUMBERED:
        execute(f"DROP TABLE IF EXISTS {table}")
    execute(
        "CREATE TEMPORARY TABLE x_run AS SELECT *, %(own)s::boolean AS own FROM d_run",
        own=wanted.own,
    )
    _mine(wanted)
    _pseudonyms(pseudonyms.recipient(settings.READ_MASTER_KEY(), wanted.recipient.code))
    _number()


def _mine(wanted: Wanted) -> None:
    """`x_mine`: the referrals of the recipient, with their persons. A provider's are its own; a
    commissioner's those whose commissioner code, as supplied, is its own."""
    whose = "provider" if wanted.own else "orgcodecomm"
    execute(
        f"""CREATE TEMPORARY TABLE x_mine AS
            SELECT d.*, run.month_id
            FROM (SELECT {", ".join(REFERRAL_COLUMNS)} FROM d_derived
                  WHERE {whose} = %(code)s) d
            CROSS JOIN d_run run""",
        code=wanted.recipient.code,
    )
    execute("ANALYZE x_mine")


def _pseudonyms(key: Keyed) -> None:
    """Under the recipient's key, one hash for each distinct value. The unique indexes stop us
    should two ever fall together."""
    execute(
        "CREATE TEMPORARY TABLE x_pseudonym (person uuid PRIMARY KEY, person_id text UNIQUE,"
        " number bigint UNIQUE)"
    )
    execute("CREATE TEMPORARY TABLE x_service (service uuid PRIMARY KEY, number bigint UNIQUE)")
    execute(
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


def _number() -> None:
    """The numbered rows of each table."""
    for statement in (PERSON, HEADER, DISABILITY, REFERRAL, APPOINTMENT):
        execute(statement, scale=SCALE)
    for table in NUMBERED:
        execute(f"ANALYZE {table}")


# The provider's own keys, looked up for the provider alone.
_OWN = """(SELECT value FROM identifying.local_key k
           WHERE (SELECT own FROM x_run) AND k.submission_id = {0}.submission_id
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
           FROM d_disability WHERE disability NOT IN ('NN', 'ZZ')
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
JOIN d_disability d ON d.submission_id = p.submission_id AND d.person_row = p.row"""

REFERRAL = f"""
CREATE TEMPORARY TABLE x_referral AS
SELECT m.*, p.record_number, p.person_id, p.own_lptid,
       {_OWN.format("m", "Referral", "row")} AS own_serviceid,
       s.number AS service_id, w.number AS pathway_id,
       m.month_id * %(scale)s + row_number() OVER (
           ORDER BY p.record_number, s.number) AS referral_id
FROM x_mine m
JOIN x_person p ON p.submission_id = m.submission_id AND p.row = m.person_row
JOIN x_service s USING (service)
JOIN x_pathway w ON w.person = m.person AND w.service = m.service"""

APPOINTMENT = """
CREATE TEMPORARY TABLE x_appointment AS
SELECT a.submission_id, a.row, r.referral_id, r.record_number, r.person_id, r.pathway_id,
       r.service_id, r.own_lptid, r.own_serviceid, a.treatment_rank,
       r.month_id * %(scale)s + row_number() OVER (
           ORDER BY r.referral_id, a.place) AS appointment_id
FROM x_referral r
JOIN d_appointment a USING (key)"""
