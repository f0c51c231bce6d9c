"""Measures loading: a submission's file from the store to its records committed; its floor."""

import io
import time
import uuid
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Organisation
from iapt_portal import demonstration
from submissions import checking
from submissions.lifecycle import Status
from submissions.models import LocalKey, Submission, Window
from submissions.models.calendar import Kind
from submissions.models.records import RECORDS
from submissions.receiving import receive
from submissions.uploading import locked_away
from validation.sample import Asked, write

KEYS = {'"identifying"."local_key"': 'submission_id, "table", row'}


class Loading:
    """A database of its own, with one submission's file of a size."""

    def __init__(self, appointments: int, folder: Path):
        self.people = {user.first_name: user for user in demonstration.seed()}
        asked = Asked(appointments=appointments, errors=1, period=self._period())
        self.file = write(folder, asked)
        self.floor_csv: dict[str, bytes] = {}

    @staticmethod
    def _period() -> str:
        window = Window.objects.open().first()
        assert window is not None
        return f"{window.primary_period:%Y-%m}"

    def ours(self) -> float:
        """Seconds from the stored file to its records committed."""
        submission = self._receipt()
        begun = time.perf_counter()
        checking.check_submission(submission.id)
        taken = time.perf_counter() - begun
        submission.refresh_from_db()
        assert submission.status == Status.ACCEPTED, submission.message
        if not self.floor_csv:
            self._dump(submission.id)
        self._forget(submission.id)
        return taken

    def _receipt(self) -> Submission:
        window = Window.objects.open().first()
        assert window is not None
        return receive(
            by=self.people["Alice"],
            provider=Organisation.objects.get(code="RZ1"),
            window=window,
            kind=Kind.PRIMARY,
            once=uuid.uuid4(),
            file=locked_away(self.file),
        )

    def _dump(self, key: int) -> None:
        """The ready-made CSV of the floor: what was loaded, pseudonymised as it is."""
        models: list[type[Model]] = [*RECORDS.values(), LocalKey]
        for model in models:
            table = f'"{model._meta.db_table}"'
            query = f"COPY (SELECT * FROM {table} WHERE submission_id = {int(key)}) TO STDOUT CSV"
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                self.floor_csv[table] = b"".join(bytes(part) for part in copy)

    def _forget(self, key: int) -> None:
        """Back to empty tables, so that every round meets the same."""
        tables = [model._meta.db_table for model in RECORDS.values()]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)}, identifying.local_key")
        Submission.objects.filter(id=key).delete()

    def floor(self) -> float:
        """Seconds to COPY the ready-made CSV into the same tables and make their keys."""
        begun = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            for number, (table, content) in enumerate(self.floor_csv.items()):
                cursor.execute(f"CREATE TABLE floor_{number} (LIKE {table})")
                with cursor.copy(f"COPY floor_{number} FROM STDIN CSV") as copy:
                    source = io.BytesIO(content)
                    while block := source.read(1 << 20):
                        copy.write(block)
                key = KEYS.get(table, "submission_id, row")
                cursor.execute(f"ALTER TABLE floor_{number} ADD PRIMARY KEY ({key})")
        taken = time.perf_counter() - begun
        with connection.cursor() as cursor:
            for number in range(len(self.floor_csv)):
                cursor.execute(f"DROP TABLE floor_{number}")
        return taken
