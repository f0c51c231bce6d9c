"""Writing the extracts of a stage as CSV: all their rows are laid out once, in one table for each
table of an extract and in the order in which they are written, then handed on in blocks.

    e_header … e_appointment  the columns of the specification, before them the recipient's place
"""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import connection

from extracts import specification
from extracts.deriving import of_run
from extracts.linking import execute
from extracts.numbers import SCALE, Wanted
from extracts.specification import columns, columns_for

# About a megabyte of text.
ROWS_IN_A_BLOCK = 4_000
# The tables of an extract, each with the number that its rows are ordered by.
ORDER = {
    "Header": "HEADER_ID",
    "Person": "IAPT_RECORD_NUMBER",
    "Disability": "DISABILITY_ID",
    "Referral": "REFERRAL_ID",
    "Appointment": "APPOINTMENT_ID",
}
# Where their rows come from: numbers, records, what is derived.
SOURCES = {
    "Header": "x_header x",
    "Person": "x_person x JOIN submissions_personrecord t USING (submission_id, row)",
    "Disability": "x_disability x JOIN submissions_disabilityrecord t USING (submission_id, row)",
    "Referral": """x_referral x JOIN submissions_referralrecord t USING (submission_id, row)
                   JOIN d_derived d USING (key)""",
    "Appointment": "x_referral x JOIN d_appointment t USING (key)",
}


class Piece(NamedTuple):
    """A table of a recipient's extract as CSV: its header, then blocks of rows."""

    recipient: str
    table: str
    blocks: Iterator[bytes]


class OutOfStep(Exception):
    """The rows that were written are not those that were laid out: nothing of it is kept."""


def lay_out() -> None:
    """Make the tables, replacing those that are there, once the numbers of the recipients are
    prepared (`extracts.numbers`); inside a transaction."""
    execute("SET LOCAL enable_nestloop = off")
    for table, source in SOURCES.items():
        chosen = ", ".join(
            f'{of_run(column.expression) or "NULL"} AS "{column.name}"'
            for column in columns()
            if column.table == table
        )
        execute(f"DROP TABLE IF EXISTS e_{table}")
        execute(
            f"""CREATE TEMPORARY TABLE e_{table} AS
                SELECT w.place, {chosen}
                FROM {source} JOIN x_recipient w USING (recipient)
                JOIN d_known s ON s.submission_id = x.submission_id
                ORDER BY w.place, "{ORDER[table]}\""""
        )
        execute(f'CREATE INDEX ON e_{table} (place, "{ORDER[table]}")')
        execute(f"ANALYZE e_{table} (place)")
    execute("SET LOCAL enable_nestloop TO DEFAULT")


def pieces(several: Sequence[Wanted]) -> Iterator[Piece]:
    """Every table of several extracts, which all show their providers' own keys or none does. A
    piece is read before the next is asked for: one stream holds a table of all of them, since
    asking for each alone takes as long as a small extract itself."""
    for table in specification.TABLES:
        expected = _expected(table, several)
        shown = ", ".join(f'"{one.name}"' for one in columns_for(table, own=several[0].own))
        places = ", ".join(str(place) for place in expected)
        query = f"""SELECT {shown} FROM e_{table} WHERE place IN ({places})
                    ORDER BY place, "{ORDER[table]}\""""
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)") as copy,
        ):
            rows = iter(copy)
            header = _crlf(bytes(next(rows)))
            for code, count in expected.values():
                blocks = _blocks(header, rows, count)
                yield Piece(code, table, blocks)
                # What was left of it must not be found in the next.
                for _ in blocks:
                    pass
            if next(rows, None) is not None:
                raise OutOfStep(table)


def _expected(table: str, several: Sequence[Wanted]) -> dict[int, tuple[str, int]]:
    """The recipients by their places, in that order, and how many rows each has: the rank in its
    largest number, which an index finds sooner than rows are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT place, recipient, coalesce(mod((
                    SELECT max("{ORDER[table]}") FROM e_{table} e WHERE e.place = w.place), %s), 0)
                FROM x_recipient w WHERE recipient = ANY(%s) ORDER BY place""",
            [SCALE, [wanted.code for wanted in several]],
        )
        return {place: (code, int(count)) for place, code, count in cursor}


def _blocks(header: bytes, rows: Iterator[bytes], count: int) -> Iterator[bytes]:
    """The next so many rows. No stored value can hold a line end, so each is a row's."""
    yield header
    for begun in range(0, count, ROWS_IN_A_BLOCK):
        expected = min(ROWS_IN_A_BLOCK, count - begun)
        block = io.BytesIO()
        block.writelines(islice(rows, expected))
        if block.getvalue().count(b"\n") != expected:
            raise OutOfStep
        yield _crlf(block.getvalue())


def _crlf(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")
