"""`./portal bench --nation NOW,EARLIER`: a month of the whole country is processed, with eleven
months before it. Seconds and megabytes of one worker, and what deriving takes beside a twelfth.

One provider's month is sent and checked; the records of the others are copies of it with other
persons and services, of which one in a hundred is the same person at every provider.
"""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import Organisation, User
from bench.extracts import counted, processed_month
from bench.memory import as_worker
from extracts import deriving, processing
from extracts.models import Run
from iapt_portal import demonstration
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import CommissionerCount, Submission, Window
from submissions.models.records import RECORDS
from submissions.periods import month_before

PROVIDERS = 200
MONTHS_BEFORE = 11

# What a copy says otherwise than the month that was sent.
OTHERWISE = {
    "submission_id": "copy.id",
    "person": "CASE WHEN b.row % 100 = 0 THEN b.person ELSE md5(b.person || copy.code)::uuid END",
    "local": "md5(b.local || copy.code)::uuid",
    "service": "md5(b.service || copy.code)::uuid",
    "orgcodecomm": "(ARRAY[copy.payer, copy.other])[1 + b.row % 2]",
    "refrecdate": "(b.refrecdate - interval '11 months')::date",
    "enddate": "CASE WHEN copy.back = 0 THEN b.enddate END",
    "endcode": "CASE WHEN copy.back = 0 THEN b.endcode END",
    "appointment": "(b.appointment - make_interval(months => copy.back))::date",
}
# Whose rows a copy has: of every so manieth person.
OF_ITS_PERSONS = {
    "Person": "b.row % copy.every = 0",
    "Disability": "b.person_row % copy.every = 0",
    "Referral": "b.person_row % copy.every = 0",
    "Appointment": """b.referral_row IN (
        SELECT row FROM submissions_referralrecord r
        WHERE r.submission_id = b.submission_id AND r.person_row % copy.every = 0)""",
}
# The local keys of the copies' records.
KEYS = """
INSERT INTO identifying.local_key (submission_id, "table", row, value)
SELECT r.submission_id, k."table", k.row, left(md5(k.value || copy.code), 20)
FROM identifying.local_key k
JOIN {record} r ON r.row = k.row
JOIN copy ON copy.id = r.submission_id
WHERE k.submission_id = {base.id} AND k."table" = '{table}'"""


def nation(now: int, earlier: int, folder: Path) -> dict[str, Any]:
    """Make and process it; `now` and `earlier` are appointments of a month."""
    people = {user.first_name: user for user in demonstration.seed()}
    run = processed_month(now // PROVIDERS, folder, ("8A0", "8A1"))
    base = Submission.objects.get()
    window = Window.objects.get(id=run.window_id)
    run.delete()
    _send(base, window, _organisations(people["Dora"]), round(now / earlier))
    Submission.objects.filter(id=base.id).update(status=Status.WITHDRAWN)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    calendar.close(window=window, by=people["Erin"])
    run = processing.ask(window=window, by=people["Erin"])
    return _processed(run) | _derived(run)


def _organisations(payer: User) -> list[Organisation]:
    """The providers; their commissioners all have an account."""
    made = {
        role: Organisation.objects.bulk_create(
            Organisation(code=f"{letter}{number:03}", name=f"{role} {number}", role=role)
            for number in range(PROVIDERS)
        )
        for letter, role in (("N", Organisation.Role.PROVIDER), ("C", "commissioner"))
    }
    for organisation in made["commissioner"]:
        demonstration.let_in(payer, organisation)
    return made[Organisation.Role.PROVIDER]


def _send(base: Submission, window: Window, providers: list[Organisation], every: int) -> None:
    """Every provider has sent every month; of those before every so manieth person alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE copy "
            "(id bigint, code text, payer text, other text, back int, every int)"
        )
        for number, provider in enumerate(providers):
            payers = [f"C{number:03}", f"C{(number + 1) % PROVIDERS:03}"]
            for back, period in enumerate(_months(window.primary_period)):
                sent = _copied(base, provider, period, payers)
                copy: list[int | str] = [
                    sent.id,
                    provider.code,
                    *payers,
                    back,
                    every if back else 1,
                ]
                cursor.execute("INSERT INTO copy VALUES (%s, %s, %s, %s, %s, %s)", copy)
        for model in RECORDS.values():
            names = [str(field.column) for field in model._meta.local_concrete_fields]
            said = ", ".join(OTHERWISE.get(name, f"b.{name}") for name in names)
            table = model._meta.db_table
            cursor.execute(
                f"""INSERT INTO {table} ({", ".join(names)})
                    SELECT {said} FROM {table} b CROSS JOIN copy
                    WHERE b.submission_id = {base.id} AND {OF_ITS_PERSONS[model.TABLE]}"""
            )
        for name in ("Person", "Referral"):
            cursor.execute(KEYS.format(table=name, record=RECORDS[name]._meta.db_table, base=base))


def _months(newest: date) -> Iterable[date]:
    for _ in range(MONTHS_BEFORE + 1):
        yield newest
        newest = month_before(newest)


def _copied(
    base: Submission, provider: Organisation, period: date, payers: list[str]
) -> Submission:
    sent = Submission.objects.get(id=base.id)
    sent.pk, sent.once, sent.stored_as, sent.findings_as = None, uuid.uuid4(), "", ""
    sent.provider, sent.period = provider, period
    sent.save()
    for payer in payers:
        CommissionerCount.objects.create(submission=sent, commissioner=payer, referrals=1)
    return sent


def _processed(run: Run) -> dict[str, Any]:
    """By a worker of its own."""
    command = [sys.executable, "-m", "bench.worker", "process", str(run.id)]
    done = subprocess.run(command, env=as_worker(), stdout=subprocess.PIPE, check=True)
    run.refresh_from_db()
    assert run.status == Run.Status.DONE, run.status
    national = run.extracts.national().get(stage="P")
    made = {stage: run.extracts.filter(stage=stage) for stage in ("P", "R")}
    return {
        "worker": done.stdout.decode().strip(),
        "extracts": run.extracts.count(),
        "national_rows": national.rows,
        "national_megabytes": round(national.size / 1e6, 1),
        "clock": {
            "frozen": str(run.stamp),
            **{
                f"{stage} {which}": str(getattr(found.order_by("made_at"), which)().made_at)
                for stage, found in made.items()
                for which in ("first", "last")
            },
        },
    }


def _derived(run: Run) -> dict[str, Any]:
    """Seconds to derive the month, and of a twelfth of the providers."""
    found = {}
    for name, part in (("a twelfth", 12), ("all", 1)):
        with transaction.atomic():
            run.frozen.exclude(submission__provider__code__lt=f"N{PROVIDERS // part:03}").delete()
            begun = time.perf_counter()
            deriving.derive(run, "P")
            taken = time.perf_counter() - begun
            found[name] = {"seconds": round(taken, 2), "appointments": counted("d_appointment")}
            transaction.set_rollback(True)
    return {"deriving": found}
