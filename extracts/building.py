"""Building one extract: five CSV files and their descriptions, zipped to the same bytes always."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

from django.db import connection
from psycopg.sql import Literal

from extracts import deriving, specification
from extracts.linking import BEFORE, stamp_text
from extracts.numbers import ORDER, Wanted, prepare
from extracts.specification import ExtractColumn, columns_for
from submissions.models.records import RECORDS
from validation.rule import RULEBOOK_VERSION

MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Built:
    """A finished extract: the zip's bytes and the rows of each table."""

    content: bytes
    rows: dict[str, int]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build(wanted: Wanted) -> Built:
    """The extract of one recipient, period and stage, once the stage is derived and its numbers
    are prepared (`extracts.deriving`, `extracts.numbers`)."""
    members = tables(wanted)
    rows = {name.removesuffix(".csv"): text.count(b"\r\n") - 1 for name, text in members.items()}
    members["datapackage.json"] = _json(_data_package(wanted))
    members["manifest.json"] = _json(_manifest(wanted, members, rows))
    return Built(_zip(members), rows)


def rebuild(wanted: Wanted) -> Built:
    """The same extract, made again by itself from what its run froze; inside a transaction."""
    code = wanted.recipient.code if wanted.own else None
    deriving.derive(wanted.run, wanted.stage, code)
    prepare([wanted.recipient])
    return build(wanted)


def tables(wanted: Wanted) -> dict[str, bytes]:
    """The tables of an extract as CSV, by the names of their files."""
    return {f"{table}.csv": _csv(table, wanted) for table in specification.TABLES}


def selection(table: str, recipient: str, *, own: bool) -> str:
    """The query of one recipient's table, over the tables that were prepared."""
    chosen = ", ".join(_select(column) for column in columns_for(table, own=own))
    numbered = f"x_{table.lower()}"
    record = RECORDS.get(table)
    # Each record by its key: left to itself the planner reads all that a provider sent, once for
    # every recipient.
    joined = (
        f"""JOIN LATERAL (SELECT * FROM {record._meta.db_table} of_key
                          WHERE of_key.submission_id = x.submission_id AND of_key.row = x.row
                          OFFSET 0) t ON true"""
        if record
        else ""
    )
    derived = "JOIN d_derived d USING (key)" if table == "Referral" else ""
    return f"""SELECT {chosen} FROM {numbered} x JOIN d_known s USING (submission_id) {joined}
                {derived} CROSS JOIN d_run r WHERE x.recipient = {Literal(recipient).as_string()}
                ORDER BY x.{ORDER[table]}"""


def _csv(table: str, wanted: Wanted) -> bytes:
    """One table as CSV with CRLF. No stored value can hold a line end, so each is a row's."""
    query = selection(table, wanted.recipient.code, own=wanted.own)
    parts: list[bytes] = []
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)") as copy,
    ):
        parts.extend(bytes(part) for part in copy)
    return b"".join(parts).replace(b"\n", b"\r\n")


def _select(column: ExtractColumn) -> str:
    return f'{column.expression or "NULL"} AS "{column.name}"'


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=2, sort_keys=True) + "\n").encode()


def _data_package(wanted: Wanted) -> dict[str, object]:
    """Frictionless data package metadata: what each file and column is."""
    code = wanted.recipient.code
    return {
        "name": f"iapt-{code}-{wanted.period:%Y-%m}-{wanted.stage}".lower(),
        "title": f"IAPT extract for {wanted.recipient}, {wanted.period:%B %Y}",
        "version": specification.SPECIFICATION_VERSION,
        "resources": [
            {
                "name": table.lower(),
                "path": f"{table}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"'},
                "schema": {
                    "fields": [
                        {
                            "name": column.name,
                            "type": column.json_type,
                            "title": column.meaning,
                            "description": column.formula,
                        }
                        for column in columns_for(table, own=wanted.own)
                    ],
                    "missingValues": [""],
                },
            }
            for table in specification.TABLES
        ],
    }


def _manifest(wanted: Wanted, members: dict[str, bytes], rows: dict[str, int]) -> dict[str, object]:
    """What is in the zip, what it rests on, and how to make it again."""
    used = wanted.run.frozen.order_by("submission_id")
    if wanted.own:
        used = used.filter(submission__provider=wanted.recipient)
    frozen = used.filter(stage=wanted.stage)
    earlier = used.filter(stage__in=BEFORE[wanted.stage])
    assert wanted.run.stamp is not None
    code = wanted.recipient.code
    return {
        "recipient": code,
        "period": f"{wanted.period:%Y-%m}",
        "stage": wanted.stage,
        "when": wanted.run.when,
        "run": wanted.run.id,
        "stamp": stamp_text(wanted.run.stamp),
        "specification": specification.SPECIFICATION_VERSION,
        "rulebook": RULEBOOK_VERSION,
        "earlier_submissions": earlier.count(),
        "submissions": [f"{key:07d}" for key in frozen.values_list("submission_id", flat=True)]
        if wanted.own
        else frozen.count(),
        "rows": rows,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
        "rebuild": f"./portal manage rebuild {wanted.run.id} {code} {wanted.stage}",
    }


def _zip(members: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on its members alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
