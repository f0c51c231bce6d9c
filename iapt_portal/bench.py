"""`./portal bench`: speed as a ratio to a floor taken in the same run, never as seconds.

The floor of loading: COPY of the ready-made pseudonymised CSV of the same rows into the same
logged, typed tables, then their primary keys; no Python work.
"""

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

APPOINTMENTS = {"60k": 60_000, "1M": 1_000_000}
ROUNDS = {"60k": 5, "1M": 3}


@dataclass(frozen=True)
class Measure:
    """One figure: its goal, and what measures floor and ours once."""

    name: str
    goal: float
    size: str


MEASURES = [Measure("P2_60k", 3.3, "60k"), Measure("P2_1M", 2.8, "1M")]


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./portal bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, help="rounds for each figure (default 5, large 3)")
    parser.add_argument("--only", help="figures by the beginning of their name, as P2 or P2_60k")
    return parser.parse_args(words)


def chosen(only: str | None) -> list[Measure]:
    """The figures asked for; raises SystemExit when none has that name."""
    names = only.split(",") if only else ["P2_60k"]
    found = [measure for measure in MEASURES if any(_is(measure.name, name) for name in names)]
    if not found:
        raise SystemExit(f"No figure is called {only}: " + ", ".join(m.name for m in MEASURES))
    return found


def _is(name: str, asked: str) -> bool:
    # `P2` alone means the quick size; the large one is asked for by its whole name.
    return name in {asked, f"{asked}_60k"}


class Bench:
    """A database of its own, with one submission's file of a size."""

    def __init__(self, appointments: int, folder: Path):
        from iapt_portal import demonstration
        from validation.sample import Asked, write

        self.people = {user.first_name: user for user in demonstration.seed()}
        asked = Asked(appointments=appointments, errors=1, period=self._period())
        self.file = write(folder, asked)
        self.floor_csv: dict[str, bytes] = {}

    @staticmethod
    def _period() -> str:
        from submissions.models import Window

        window = Window.objects.open().first()
        assert window is not None
        return f"{window.primary_period:%Y-%m}"

    def ours(self) -> float:
        """Seconds from the stored file to its records committed."""
        from submissions import checking
        from submissions.lifecycle import Status

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

    def _receipt(self) -> Any:
        import hashlib
        import uuid

        from django.conf import settings

        from accounts.models import Organisation
        from submissions.models import Window
        from submissions.models.calendar import Kind
        from submissions.receiving import receive
        from submissions.uploading import Locking, ReceivedFile

        content = self.file.read_bytes()
        settings.RECEIVING_DIR.mkdir(parents=True, exist_ok=True)
        lock = Locking(settings.RECEIVING_DIR / uuid.uuid4().hex)
        lock.write(content)
        lock.close()
        digest = hashlib.sha256(content).hexdigest()
        window = Window.objects.open().first()
        assert window is not None
        return receive(
            by=self.people["Alice"],
            provider=Organisation.objects.get(code="RZ1"),
            window=window,
            kind=Kind.PRIMARY,
            once=uuid.uuid4(),
            file=ReceivedFile(lock.path, self.file.name, len(content), digest),
        )

    def _dump(self, key: int) -> None:
        """The ready-made CSV of the floor: what was loaded, pseudonymised as it is."""
        from django.db import connection

        from submissions.models.records import RECORDS

        for model in RECORDS.values():
            table = model._meta.db_table
            query = f"COPY (SELECT * FROM {table} WHERE submission_id = {int(key)}) TO STDOUT CSV"
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                self.floor_csv[table] = b"".join(bytes(part) for part in copy)

    def _forget(self, key: int) -> None:
        """Back to empty tables, so that every round meets the same."""
        from django.db import connection

        from submissions.models import Submission
        from submissions.models.records import RECORDS

        tables = [model._meta.db_table for model in RECORDS.values()]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)}, identifying.local_key")
        Submission.objects.filter(id=key).delete()

    def floor(self) -> float:
        """Seconds to COPY the ready-made CSV into the same tables and make their keys."""
        from django.db import connection, transaction

        begun = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            for table, content in self.floor_csv.items():
                cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table})")
                with cursor.copy(f"COPY floor_{table} FROM STDIN CSV") as copy:
                    source = io.BytesIO(content)
                    while block := source.read(1 << 20):
                        copy.write(block)
                cursor.execute(f"ALTER TABLE floor_{table} ADD PRIMARY KEY (submission_id, row)")
        taken = time.perf_counter() - begun
        with connection.cursor() as cursor:
            for table in self.floor_csv:
                cursor.execute(f"DROP TABLE floor_{table}")
        return taken


def measure(what: Measure, rounds: int | None) -> dict[str, Any]:
    """Floor and ours in turn, one round first that does not count."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(APPOINTMENTS[what.size], Path(folder))
        bench.ours()
        bench.floor()
        times: dict[str, list[float]] = {"floor_s": [], "ours_s": []}
        for _ in range(rounds or ROUNDS[what.size]):
            times["ours_s"].append(_rounded(bench.ours))
            times["floor_s"].append(_rounded(bench.floor))
    ratio = statistics.median(times["ours_s"]) / statistics.median(times["floor_s"])
    return {"ratio": round(ratio, 2), "goal": what.goal, **times}


def _rounded(run: Callable[[], float]) -> float:
    return round(run(), 4)


def main(words: list[str] | None = None) -> int:
    args = arguments(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iapt_portal.settings")
    measures = chosen(args.only)
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        figures = {what.name: measure(what, args.rounds) for what in measures}
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    if args.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name}: {figure['ratio']} × the floor (goal {figure['goal']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
