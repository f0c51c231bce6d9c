"""The numbers and pseudonyms of the extracts of a stage, prepared in temporary tables for all
recipients at once from what is derived (`extracts.deriving`).

Numbers are MONTH_ID followed by a rank within the recipient's period, ordered by what the rows
say and never by the line they stood on; pseudonyms are under the recipient's own key. So no two
recipients' extracts join on anything, and a rebuild gives the same numbers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection

from accounts.models import Organisation
from extracts.linking import execute
from extracts.models import NATIONAL, Run
from submissions import pseudonyms
from submissions.pseudonyms import Keyed, Pseudonyms

SCALE = 10**10
# None: the national extract, for HSCIC's own analysts.
Recipient = Organisation | None
ROWS_AT_ONCE = 10_000


class FellTogether(Exception):
    """Two pseudonyms of one recipient are the same: nothing of it is written."""


@dataclass(frozen=True)
class Wanted:
    """An extract to be made."""

    run: Run
    stage: str
    period: date
    recipient: Recipient

    @property
    def code(self) -> str:
        return code_of(self.recipient)

    @property
    def own(self) -> bool:
        """Whether the recipient is the provider itself, which sees its own keys."""
        return scope(self.recipient) == Organisation.Role.PROVIDER


def code_of(recipient: Recipient) -> str:
    return recipient.code if recipient else NATIONAL


def scope(recipient: Recipient) -> str:
    """Which referrals it gets."""
    return recipient.role if recipient else "national"


def prepare(recipients: Iterable[Recipient]) -> None:
    """Make the tables for the extracts of these recipients, once their stage is derived, replacing
    those that are there; inside a transaction."""
    for table in TABLES:
        execute(f"DROP TABLE IF EXISTS {table}")
    # For the same reason as in linking: recipient and person are not independent.
    execute("SET LOCAL enable_nestloop = off")
    execute("SET LOCAL work_mem = '64MB'")
    execute(RECIPIENT)
    for place, one in enumerate(recipients):
        execute(
            "INSERT INTO x_recipient VALUES (%(place)s, %(code)s, %(scope)s)",
            place=place,
            code=code_of(one),
            scope=scope(one),
        )
    execute(MINE)
    execute("ANALYZE x_mine")
    _pseudonyms()
    for table, (statement, joined_by) in STATEMENTS.items():
        execute(statement, scale=SCALE)
        execute(f"ANALYZE {table} ({joined_by})")
    # What comes next takes few rows out of many.
    execute("SET LOCAL enable_nestloop TO DEFAULT")


def persons() -> dict[str, int]:
    """How many persons each recipient's extract has, once it is prepared."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT recipient, coalesce(sum(total_records), 0)::int
               FROM x_recipient LEFT JOIN x_header USING (recipient) GROUP BY recipient"""
        )
        return dict(cursor.fetchall())


def _pseudonyms() -> None:
    """Of the person, the service and the pathway of each referral, under its recipient's key. One
    recipient after the other, so that not all of them are held at once."""
    execute(PSEUDONYM)
    with connection.chunked_cursor() as found, connection.cursor() as cursor:
        found.execute(
            """SELECT recipient, array_agg(key), string_agg(uuid_send(person), ''),
                      string_agg(uuid_send(service), '')
               FROM x_mine JOIN d_derived USING (key) GROUP BY recipient"""
        )
        while one := found.fetchone():
            with cursor.copy("COPY x_pseudonym FROM STDIN") as copy:
                for rows in _rows(*one):
                    copy.write(rows)
    execute("ANALYZE x_pseudonym (recipient, key)")


def _rows(code: str, keys: list[int], persons: bytes, services: bytes) -> Iterator[bytes]:
    """The rows of one recipient as COPY wants them, some at a time."""
    key = pseudonyms.recipient(settings.READ_MASTER_KEY(), code)
    person, service = _each(persons), _each(services)
    hashed, at = _hashed(key, "person", person)
    columns = [
        np.array(keys),
        pseudonyms.shown(hashed)[at],
        pseudonyms.numbers(hashed)[at],
        _numbers(key, "service", service),
        _numbers(key, "pathway", list(map(bytes.__add__, person, service))),
    ]
    for start in range(0, len(keys), ROWS_AT_ONCE):
        some = [column[start : start + ROWS_AT_ONCE].tolist() for column in columns]
        row = code.encode() + b"\t%d\t%b\t%d\t%d\t%d\n"
        yield b"".join(row % told for told in zip(*some, strict=True))


def _each(joined: bytes) -> list[bytes]:
    return [joined[at : at + pseudonyms.BYTES] for at in range(0, len(joined), pseudonyms.BYTES)]


def _numbers(key: Keyed, what: str, values: list[bytes]) -> npt.NDArray[np.uint64]:
    hashed, at = _hashed(key, what, values)
    return pseudonyms.numbers(hashed)[at]


def _hashed(key: Keyed, what: str, values: list[bytes]) -> tuple[Pseudonyms, npt.NDArray[np.int32]]:
    """One hash for each distinct value, and for each value which one is its own. Raises
    FellTogether should two of them ever show the same number."""
    places: dict[bytes, int] = {}
    at = (places.setdefault(value, len(places)) for value in values)
    own = np.fromiter(at, dtype=np.int32, count=len(values))
    hashed = key.of_pseudonyms(what, places)
    if len(np.unique(pseudonyms.numbers(hashed))) < len(places):
        raise FellTogether
    return hashed, own


RECIPIENT = """
CREATE TEMPORARY TABLE x_recipient (place int, recipient text PRIMARY KEY, scope text)"""

# The referrals of each recipient. A provider's are its own; a commissioner's those whose
# commissioner code, as supplied, is its own; the national extract has all.
MINE = """
CREATE TEMPORARY TABLE x_mine AS
SELECT recipient, true AS own, key
FROM d_derived JOIN x_recipient ON recipient = provider WHERE scope = 'provider'
UNION ALL
SELECT recipient, false, key
FROM d_derived JOIN x_recipient ON recipient = orgcodecomm WHERE scope = 'commissioner'
UNION ALL
SELECT recipient, false, key FROM d_derived CROSS JOIN x_recipient WHERE scope = 'national'"""

PSEUDONYM = """
CREATE TEMPORARY TABLE x_pseudonym
(recipient text, key int, person_id text, person bigint, service bigint, pathway bigint)"""

# The provider's own keys, looked up for the provider alone.
_OWN = """CASE WHEN m.own THEN (
              SELECT value FROM identifying.local_key k
              WHERE k.submission_id = m.submission_id AND k."table" = '{}' AND k.row = m.row) END"""
_FIRST = "(SELECT month_id FROM d_run) * %(scale)s"

PERSON = f"""
CREATE TEMPORARY TABLE x_person AS
SELECT m.recipient, m.own, m.submission_id, m.row, m.provider, m.person_id, m.pseudonumber,
       {_FIRST} + row_number() OVER (
           PARTITION BY m.recipient ORDER BY m.provider, m.person_id, m.local) AS record_number,
       {_FIRST} + dense_rank() OVER (
           PARTITION BY m.recipient ORDER BY m.provider) AS header_id,
       {_OWN.format("Person")} AS own_lptid,
       d.flag AS disability_flag
FROM (SELECT DISTINCT ON (recipient, submission_id, person_row)
             recipient, own, submission_id, person_row AS row, provider, local, person_id,
             CASE WHEN has_nhs_number THEN n.person END AS pseudonumber
      FROM x_mine JOIN x_pseudonym n USING (recipient, key) JOIN d_derived USING (key)) m
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

# The number of an appointment is that of those before its referral, and its place within it.
REFERRAL = f"""
CREATE TEMPORARY TABLE x_referral AS
SELECT m.*, {_OWN.format("Referral")} AS own_serviceid,
       {_FIRST} + coalesce(sum(appointments) OVER (
           PARTITION BY recipient ORDER BY referral_id
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS appointments_before
FROM (SELECT m.recipient, m.own, m.key, d.submission_id, d.row,
             p.record_number, p.person_id, p.own_lptid,
             n.service AS service_id, n.pathway AS pathway_id,
             {_FIRST} + row_number() OVER (
                 PARTITION BY m.recipient ORDER BY p.record_number, n.service) AS referral_id
      FROM x_mine m
      JOIN x_pseudonym n USING (recipient, key)
      JOIN d_derived d USING (key)
      JOIN x_person p ON (p.recipient, p.submission_id, p.row)
                       = (m.recipient, d.submission_id, d.person_row)) m
LEFT JOIN (SELECT key, count(*) AS appointments FROM d_appointment GROUP BY key) a USING (key)"""

# Each table with the columns by which others are joined to it.
STATEMENTS = {
    "x_person": (PERSON, "recipient, submission_id, row"),
    "x_header": (HEADER, "recipient"),
    "x_disability": (DISABILITY, "submission_id, row"),
    "x_referral": (REFERRAL, "recipient, key"),
}
TABLES = ("x_recipient", "x_mine", "x_pseudonym", *STATEMENTS)
