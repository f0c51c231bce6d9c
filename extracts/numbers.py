"""The numbers and pseudonyms of the extracts of a stage, prepared in temporary tables for all
recipients at once from what is derived (`extracts.deriving`).

Numbers are MONTH_ID followed by a rank within the recipient's period, ordered by what the rows
say and never by the line they stood on; pseudonyms are under the recipient's own key. So no two
recipients' extracts join on anything, and a rebuild gives the same numbers.
"""

from collections.abc import Iterable
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
# The tables of an extract, each with the number that its rows are ordered by.
ORDER = {
    "Header": "header_id",
    "Person": "record_number",
    "Disability": "disability_id",
    "Referral": "referral_id",
    "Appointment": "appointment_id",
}


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
        return is_provider(self.recipient)


def is_provider(recipient: Organisation) -> bool:
    return recipient.role == Organisation.Role.PROVIDER


def prepare(recipients: Iterable[Organisation]) -> None:
    """Make the tables for the extracts of these recipients, once their stage is derived, replacing
    those that are there; inside a transaction."""
    for table in TABLES:
        execute(f"DROP TABLE IF EXISTS {table}")
    # For the same reason as in linking: recipient and person are not independent.
    execute("SET LOCAL enable_nestloop = off")
    for statement in EMPTY:
        execute(statement)
    for one in recipients:
        own = is_provider(one)
        execute("INSERT INTO x_recipient VALUES (%(code)s, %(own)s)", code=one.code, own=own)
        _pseudonyms(one.code, own)
    for statement in UNIQUE:
        execute(statement)
    for table, statement in STATEMENTS.items():
        execute(statement, scale=SCALE)
        if number := NUMBERS.get(table):
            execute(f"CREATE INDEX ON {table} (recipient, {number})")
        execute(f"ANALYZE {table}")
    # What comes next takes the rows of one recipient out of those of all.
    execute("SET LOCAL enable_nestloop TO DEFAULT")


def _pseudonyms(code: str, own: bool) -> None:
    """Under the recipient's key, one hash for each distinct value."""
    key: Keyed = pseudonyms.recipient(settings.READ_MASTER_KEY(), code)
    whose = "provider" if own else "orgcodecomm"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT person, service FROM d_derived WHERE {whose} = %s", [code])
        pairs = cursor.fetchall()
        with cursor.copy("COPY x_pseudonym FROM STDIN") as copy:
            for person in {person for person, _ in pairs}:
                hashed = key.of("person", person.bytes)
                shown, number = pseudonyms.shown(hashed), pseudonyms.number(hashed)
                copy.write_row((code, person, shown, number))
        with cursor.copy("COPY x_service FROM STDIN") as copy:
            for service in {service for _, service in pairs}:
                number = pseudonyms.number(key.of("service", service.bytes))
                copy.write_row((code, service, number))
        with cursor.copy("COPY x_pathway FROM STDIN") as copy:
            for person, service in pairs:
                number = pseudonyms.number(key.of("pathway", person.bytes, service.bytes))
                copy.write_row((code, person, service, number))


EMPTY = (
    "CREATE TEMPORARY TABLE x_recipient (recipient text PRIMARY KEY, own boolean)",
    """CREATE TEMPORARY TABLE x_pseudonym
       (recipient text, person uuid, person_id text, number bigint)""",
    "CREATE TEMPORARY TABLE x_service (recipient text, service uuid, number bigint)",
    "CREATE TEMPORARY TABLE x_pathway (recipient text, person uuid, service uuid, number bigint)",
)
# These stop us should two hashes ever fall together.
UNIQUE = (
    "CREATE UNIQUE INDEX ON x_pseudonym (recipient, person_id)",
    "CREATE UNIQUE INDEX ON x_pseudonym (recipient, number)",
    "CREATE UNIQUE INDEX ON x_service (recipient, number)",
    "CREATE UNIQUE INDEX ON x_pathway (recipient, number)",
    "ANALYZE x_recipient, x_pseudonym, x_service, x_pathway",
)

# The referrals of each recipient, with their persons. A provider's are its own; a commissioner's
# those whose commissioner code, as supplied, is its own.
MINE = f"""
CREATE TEMPORARY TABLE x_mine AS
SELECT recipient, own, {", ".join(REFERRAL_COLUMNS)}
FROM d_derived JOIN x_recipient ON own AND recipient = provider
UNION ALL
SELECT recipient, own, {", ".join(REFERRAL_COLUMNS)}
FROM d_derived JOIN x_recipient ON NOT own AND recipient = orgcodecomm"""

# The provider's own keys, looked up for the provider alone.
_OWN = """CASE WHEN m.own THEN (
              SELECT value FROM identifying.local_key k
              WHERE k.submission_id = m.submission_id AND k."table" = '{}' AND k.row = m.row) END"""
_FIRST = "(SELECT month_id FROM d_run) * %(scale)s"

PERSON = f"""
CREATE TEMPORARY TABLE x_person AS
SELECT m.*, {_FIRST} + row_number() OVER (
           PARTITION BY m.recipient ORDER BY m.provider, n.person_id, m.local) AS record_number,
       {_FIRST} + dense_rank() OVER (
           PARTITION BY m.recipient ORDER BY m.provider) AS header_id,
       n.person_id, CASE WHEN m.has_nhs_number THEN n.number END AS pseudonumber,
       {_OWN.format("Person")} AS own_lptid,
       d.flag AS disability_flag
FROM (SELECT DISTINCT recipient, own, submission_id, person_row AS row, provider, person, local,
             has_nhs_number FROM x_mine) m
JOIN x_pseudonym n USING (recipient, person)
LEFT JOIN (SELECT submission_id, person_row AS row, 'Y' AS flag
           FROM d_disability WHERE disability NOT IN ('NN', 'ZZ')
           GROUP BY submission_id, person_row) d USING (submission_id, row)"""

HEADER = """
CREATE TEMPORARY TABLE x_header AS
SELECT recipient, own, submission_id, provider, header_id, count(*) AS total_records
FROM x_person GROUP BY recipient, own, submission_id, provider, header_id"""

DISABILITY = f"""
CREATE TEMPORARY TABLE x_disability AS
SELECT p.recipient, d.submission_id, d.row, p.record_number, p.person_id, p.own_lptid,
       {_FIRST} + row_number() OVER (
           PARTITION BY p.recipient
           ORDER BY p.record_number, d.disability NULLS LAST) AS disability_id
FROM x_person p
JOIN d_disability d ON d.submission_id = p.submission_id AND d.person_row = p.row"""

REFERRAL = f"""
CREATE TEMPORARY TABLE x_referral AS
SELECT m.*, p.record_number, p.person_id, p.own_lptid,
       {_OWN.format("Referral")} AS own_serviceid,
       s.number AS service_id, w.number AS pathway_id,
       {_FIRST} + row_number() OVER (
           PARTITION BY m.recipient ORDER BY p.record_number, s.number) AS referral_id
FROM x_mine m
JOIN x_person p ON (p.recipient, p.submission_id, p.row)
                 = (m.recipient, m.submission_id, m.person_row)
JOIN x_service s ON (s.recipient, s.service) = (m.recipient, m.service)
JOIN x_pathway w ON (w.recipient, w.person, w.service) = (m.recipient, m.person, m.service)"""

APPOINTMENT = f"""
CREATE TEMPORARY TABLE x_appointment AS
SELECT r.recipient, a.submission_id, a.row, r.referral_id, r.record_number, r.person_id,
       r.pathway_id, r.service_id, r.own_lptid, r.own_serviceid, a.treatment_rank,
       {_FIRST} + row_number() OVER (
           PARTITION BY r.recipient ORDER BY r.referral_id, a.place) AS appointment_id
FROM x_referral r
JOIN d_appointment a USING (key)"""

STATEMENTS = {
    "x_mine": MINE,
    "x_person": PERSON,
    "x_header": HEADER,
    "x_disability": DISABILITY,
    "x_referral": REFERRAL,
    "x_appointment": APPOINTMENT,
}
NUMBERS = {f"x_{table.lower()}": number for table, number in ORDER.items()}
TABLES = ("x_recipient", "x_pseudonym", "x_service", "x_pathway", *STATEMENTS)
