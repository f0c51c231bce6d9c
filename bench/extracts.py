"""Measures extracts as plain CSV, before they are zipped, and what is derived for them."""

import io
import time
import uuid
from pathlib import Path

from django.db import connection, transaction

from accounts.models import Organisation
from extracts import deriving, numbers, processing, specification, writing
from extracts.linking import execute
from extracts.models import Run
from extracts.numbers import Wanted
from extracts.specification import columns_for
from iapt_portal import demonstration
from submissions import calendar, checking
from submissions.models import ReferralRecord, Window
from submissions.models.calendar import Kind
from submissions.receiving import receive
from submissions.uploading import locked_away
from validation.sample import Asked, write

RECIPIENTS = 200
# How many times the larger month is the smaller one's size, where the two are compared.
LARGER = 12
# Tables of which each row goes to one recipient.
SHARED_OUT = ("Referral", "Appointment")


def counted(table: str) -> int:
    """Rows of a table of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def processed_month(appointments: int, folder: Path, commissioners: tuple[str, ...]) -> Run:
    """A run that has frozen one accepted month of a provider, paid for by these commissioners."""
    people = {user.first_name: user for user in demonstration.seed()}
    window = Window.objects.open().get()
    period = f"{window.primary_period:%Y-%m}"
    asked = Asked(appointments=appointments, period=period, commissioners=commissioners)
    submission = receive(
        by=people["Alice"],
        provider=Organisation.objects.get(code="RZ1"),
        window=window,
        kind=Kind.PRIMARY,
        once=uuid.uuid4(),
        file=locked_away(write(folder, asked)),
    )
    checking.check_submission(submission.id)
    until = window.closes_at
    calendar.close(window=window, by=people["Erin"])
    run = processing.claim(processing.ask(window=window, by=people["Erin"]).id)
    assert run is not None
    # The next month comes into the same window.
    processing.finish(run)
    Window.objects.filter(id=window.id).update(closes_at=until)
    return run


class Extracts:
    """Writing one recipient's extract of a month, or those of many, from rows that are laid out;
    the floor is COPY of the ready-made rows of all of them in one go. What comes before (numbers,
    pseudonyms, laying out, once a stage for all recipients) is measured beside it."""

    def __init__(self, appointments: int, folder: Path, recipients: int = 1):
        codes = tuple(f"8{number:02X}" for number in range(recipients))
        self.run = processed_month(appointments, folder, codes)
        payers = [Organisation(code=code, role=Organisation.Role.COMMISSIONER) for code in codes]
        self.wanted = [self._wanted(payer) for payer in payers]
        self.prepared_s: list[float] = []
        with transaction.atomic():
            deriving.derive(self.run, "P")
            # The provider has all rows of all of them.
            numbers.prepare([Organisation.objects.get(code="RZ1")])
            writing.lay_out()
            for table in specification.TABLES:
                shown = ", ".join(f'"{one.name}"' for one in columns_for(table, own=False))
                rows = f'SELECT {shown} FROM e_{table} ORDER BY "{writing.ORDER[table]}"'
                execute(f"DROP TABLE IF EXISTS ready_{table}")
                execute(f"CREATE TEMPORARY TABLE ready_{table} AS {rows}")
        self.rows = {table: counted(f"ready_{table}") for table in SHARED_OUT}

    def _wanted(self, recipient: Organisation) -> Wanted:
        return Wanted(self.run, "P", self.run.window.primary_period, recipient)

    def ours(self) -> float:
        begun = time.perf_counter()
        with transaction.atomic():
            numbers.prepare([wanted.recipient for wanted in self.wanted])
            writing.lay_out()
        prepared = time.perf_counter()
        made = dict.fromkeys(specification.TABLES, 0)
        for piece in writing.pieces(self.wanted):
            sink = io.BytesIO()
            sink.writelines(piece.blocks)
            made[piece.table] += sink.getvalue().count(b"\n") - 1
        taken = time.perf_counter() - prepared
        rows = {table: made[table] for table in SHARED_OUT}
        assert rows == self.rows, (rows, self.rows)
        self.prepared_s.append(round(prepared - begun, 4))
        return taken

    def floor(self) -> float:
        begun = time.perf_counter()
        for table in specification.TABLES:
            query = f"COPY ready_{table} TO STDOUT WITH (FORMAT csv, HEADER)"
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                io.BytesIO().writelines(copy)
        return time.perf_counter() - begun


class Deriving:
    """Deriving a month; the floor is a month of one twelfth of its size."""

    def __init__(self, appointments: int, folder: Path):
        self.small = processed_month(appointments // LARGER, folder, ("91A",))
        self.large = processed_month(appointments, folder, ("91A",))

    def ours(self) -> float:
        return self._derive(self.large)

    def floor(self) -> float:
        return self._derive(self.small)

    @staticmethod
    def _derive(run: Run) -> float:
        begun = time.perf_counter()
        with transaction.atomic():
            deriving.derive(run, "P")
        taken = time.perf_counter() - begun
        frozen = run.frozen.filter(stage="P").values("submission_id")
        referrals = ReferralRecord._base_manager.filter(submission_id__in=frozen).count()
        assert counted("d_derived") == referrals, (counted("d_derived"), referrals)
        return taken
