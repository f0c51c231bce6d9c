"""Measures loading: a submission's file from the store to its records committed.

The floor: COPY of the ready-made pseudonymised CSV of the same rows into the same logged, typed
tables, then their primary keys; no Python work.
"""

import io
import time
import uuid
from collections import Counter
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Organisation, User
from bench.files import File
from submissions import checking
from submissions.lifecycle import Status
from submissions.models import LocalKey, Submission, Window
from submissions.models.calendar import Kind
from submissions.models.records import RECORDS
from submissions.receiving import receive
from submissions.uploading import locked_away
from validation.rule import HISTORY, RULEBOOK

KEYS = {'"identifying"."local_key"': 'submission_id, "table", row'}


class Loading:
    """One file, sent by Alice again and again to empty tables."""

    def __init__(self, file: File):
        self.file = file
        self.floor_csv: dict[str, bytes] = {}
        self.floor_rows = 0

    def ours(self) -> float:
        """Seconds from the stored file to its records committed."""
        submission = self.receipt()
        begun = time.perf_counter()
        checking.check_submission(submission.id)
        taken = time.perf_counter() - begun
        self.look_at(submission)
        self.forget(submission)
        return taken

    def receipt(self) -> Submission:
        """The file is received, and waits to be checked."""
        return receive(
            by=User.objects.get(first_name="Alice"),
            provider=Organisation.objects.get(code="RZ1"),
            window=Window.objects.open().get(),
            kind=Kind.PRIMARY,
            once=uuid.uuid4(),
            file=locked_away(self.file.path),
        )

    def look_at(self, submission: Submission) -> None:
        """Everything was found, and all that stands was loaded."""
        submission.refresh_from_db()
        assert submission.status == Status.ACCEPTED, submission.message
        counts: Counter[str] = Counter()
        for found in submission.finding_counts.all():
            # What is found beside earlier months is not known of a file alone.
            if RULEBOOK[found.rule].needs != HISTORY:
                counts[found.rule] += found.count
        assert counts == self.file.counts, (counts, self.file.counts)
        self.look_at_records(submission.id)

    def look_at_records(self, key: int) -> None:
        """There is a record for each row that stands."""
        records = {
            name: model._base_manager.filter(submission_id=key).count()
            for name, model in RECORDS.items()
        }
        assert records == self.file.standing, (records, self.file.standing)

    def forget(self, submission: Submission) -> None:
        """As if it had never been sent, so that every round meets the same."""
        self.empty_tables()
        submission.delete()

    @staticmethod
    def empty_tables() -> None:
        tables = [model._meta.db_table for model in RECORDS.values()]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)}, identifying.local_key")

    def _make_floor(self) -> None:
        """What is loaded of the file, pseudonymised as it is, as CSV."""
        submission = self.receipt()
        checking.check_submission(submission.id)
        self.look_at(submission)
        models: list[type[Model]] = [*RECORDS.values(), LocalKey]
        for model in models:
            table = f'"{model._meta.db_table}"'
            query = (
                f"COPY (SELECT * FROM {table} WHERE submission_id = {submission.id}) TO STDOUT CSV"
            )
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                self.floor_csv[table] = b"".join(bytes(part) for part in copy)
                self.floor_rows += cursor.rowcount
        self.forget(submission)

    def floor(self) -> float:
        """Seconds to COPY the ready-made CSV into the same tables and make their keys."""
        if not self.floor_csv:
            self._make_floor()
        rows = 0
        begun = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            for number, (table, content) in enumerate(self.floor_csv.items()):
                cursor.execute(f"CREATE TABLE floor_{number} (LIKE {table})")
                with cursor.copy(f"COPY floor_{number} FROM STDIN CSV") as copy:
                    source = io.BytesIO(content)
                    while block := source.read(1 << 20):
                        copy.write(block)
                rows += cursor.rowcount
                key = KEYS.get(table, "submission_id, row")
                cursor.execute(f"ALTER TABLE floor_{number} ADD PRIMARY KEY ({key})")
        taken = time.perf_counter() - begun
        assert rows == self.floor_rows, (rows, self.floor_rows)
        with connection.cursor() as cursor:
            for number in range(len(self.floor_csv)):
                cursor.execute(f"DROP TABLE floor_{number}")
        return taken


@dataclass(frozen=True)
class Beside:
    """Loading one file; the floor is loading another in the same way."""

    one: Loading
    other: Loading

    def ours(self) -> float:
        return self.one.ours()

    def floor(self) -> float:
        return self.other.ours()
