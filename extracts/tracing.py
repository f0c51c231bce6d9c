"""Tracing: how the derived values of one referral came about, for its own provider.

The web cannot read records, so the worker puts it together when it is asked for: the appointments
of the pathway in their order, what each counts as by the words that formulas use, and each derived
value with its formula and what was put into it. What it found is sealed with the report key.
"""

import json
import logging
import re
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from extracts import deriving, numbers
from extracts.models import Extract, Trace
from extracts.specification.derivations import Derivation, derivations, terms
from submissions.models.calendar import clock
from submissions.models.reports import KEPT
from submissions.reporting import seal, unseal
from submissions.ringing import ring, ring_after_commit
from validation import dataset

log = logging.getLogger("portal.tracing")
TRACE = "extracts.trace"
# What an appointment has to be for it to count as treatment, in the order in which it is asked.
ASKED = ("attended", "within_referral", "before_follow_up", "treatment")
Row = dict[str, Any]


@transaction.atomic
def ask(*, extract: Extract, referral_id: int, by: User) -> Trace:
    """Ask the worker for it, of an extract that `by` may take (the caller found it through the
    user); that identifiers will be shown is written down.

    Raises Refusal while something that they asked for before is being put together: each takes a
    worker as long as an extract does.
    """
    if Trace.objects.filter(asked_by=by, finished_at=None).exists():
        raise Refusal("What you asked for before is still being put together. Wait for it first.")
    asked = Trace.objects.create(extract=extract, referral_id=referral_id, asked_by=by)
    audit.record(
        "referral traced",
        by=by,
        organisation=extract.recipient,
        extract=extract.id,
        file=extract.file_name,
        referral=referral_id,
    )
    ring_after_commit(TRACE, asked.id)
    return asked


def newest(extract: Extract, by: User) -> Trace | None:
    """What a user asked of an extract last, within the hour."""
    kept = Trace.objects.filter(extract=extract, asked_by=by, asked_at__gt=clock() - KEPT)
    return kept.first()


def told(trace: Trace) -> Row | None:
    """What was found; None where it could not be made."""
    return json.loads(unseal(bytes(trace.found))["found"]) if trace.found else None


def make(key: int) -> None:
    """Answer a trace that is not answered: may be called twice, and may die."""
    waiting = Trace.objects.filter(id=key, finished_at=None, attempt__lt=settings.ATTEMPTS)
    if not waiting.update(attempt=F("attempt") + 1):
        return
    trace = Trace.objects.select_related("extract__run__window", "extract__recipient").get(id=key)
    try:
        with transaction.atomic():
            found = _found(trace.extract, trace.referral_id)
        sealed = seal({"found": json.dumps(found)})
        Trace.objects.filter(id=key, finished_at=None).update(found=sealed, finished_at=clock())
    except Exception as error:
        # Our fault; the sweeper rings again. The text of the error may hold a value.
        log.exception("trace %s attempt %s: %s", key, trace.attempt, type(error).__name__)


def sweep() -> None:
    """Ring again for what is not answered, give up after the last attempt, forget what is over."""
    Trace.objects.filter(asked_at__lte=clock() - KEPT).delete()
    unheard = Trace.objects.filter(
        finished_at=None, rung_at__lt=clock() - settings.RING_AGAIN_AFTER
    )
    unheard.filter(attempt__gte=settings.ATTEMPTS).update(finished_at=clock())
    for key in list(unheard.values_list("id", flat=True)):
        Trace.objects.filter(id=key).update(rung_at=clock())
        ring(TRACE, key)


# -- what the worker finds --------------------------------------------------------------------


def _found(extract: Extract, referral_id: int) -> Row:
    """All that there is to tell; of a number that the extract has not, nothing."""
    deriving.derive(extract.run, extract.stage, extract.code)
    numbers.prepare([extract.recipient])
    query = "SELECT key, own_lptid, own_serviceid FROM x_referral WHERE referral_id = %s"
    referral = next(iter(_rows(query, [referral_id])), None)
    if referral is None:
        return {}
    values = _values(referral["key"])
    return {
        "own": {"LPTID": referral["own_lptid"], "ServiceID": referral["own_serviceid"]},
        "dates": {name: _said(values[name]) for name in ("refrecdate", "enddate")},
        "appointments": [_appointment(row) for row in _appointments(referral["key"])],
        "values": [_value(one, values) for one in derivations() if _is_told(one, values)],
    }


def _rows(query: str, values: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _values(key: int) -> Row:
    """What is derived of the referral, with what its flags alone are made of and no extract shows:
    that is worked out again, by the same formulas."""
    query = "SELECT d.*, c.ic_provdiag FROM d_derived d JOIN d_referral c USING (key)"
    for step in sorted({one.step for one in derivations() if _is_between(one)}):
        made = [
            f"{one.sql} AS {one.stored}"
            for one in derivations()
            if one.step == step and _is_between(one)
        ]
        query = f"SELECT before.*, {', '.join(made)} FROM ({query}) before"
    (found,) = _rows(f"SELECT * FROM ({query}) derived WHERE key = %s", [key])
    return found


def _is_between(one: Derivation) -> bool:
    """Whether it stands between the sums over appointments and the flags."""
    return not one.is_column and one.step > 1


def _appointments(key: int) -> list[Row]:
    """Those of the pathway, of all months that the run knew, in their order; with whether each of
    the words that formulas use is true of it."""
    asked = ", ".join(f"coalesce({terms()[name].sql}, false) AS is_{name}" for name in ASKED)
    return _rows(
        f"""SELECT known.period, a.*, {asked}
            FROM d_instance i JOIN d_known known USING (submission_id) JOIN d_referral c USING (key)
            JOIN submissions_appointmentrecord a
              ON a.submission_id = i.submission_id AND a.referral_row = i.row
            CROSS JOIN d_run run
            WHERE c.key = %s ORDER BY {deriving.BY_WHAT_IT_SAYS}""",
        [key],
    )


def _appointment(row: Row) -> Row:
    columns = dataset.widest().tables["Appointment"].columns.values()
    said = {
        column.name: str(row[column.record])
        for column in columns
        if column.is_recorded and row[column.record] is not None
    }
    lacks = next((name for name in ASKED if not row[f"is_{name}"]), None)
    return {
        "sent": f"{row['period']:%B %Y}",
        "day": said.pop("Appointment", ""),
        "said": said,
        "lacks": terms()[lacks].words if lacks else "",
    }


def _is_told(one: Derivation, values: Row) -> bool:
    """Every flag, and whatever has a value."""
    return one.is_column and (one.name.endswith("_FLAG") or values[one.stored] not in {None, 0})


def _value(one: Derivation, values: Row) -> Row:
    """A derived value, its formula, and what was put in."""
    by_name = {other.stored: other for other in derivations() if other.stored in values}
    used = dict.fromkeys(re.findall(r"\w+", one.sql))
    return {
        "name": one.name,
        "title": one.title,
        "formula": one.formula,
        "value": _said(values[one.stored]),
        "put_in": [_put_in(by_name[name], values) for name in used if name in by_name],
    }


def _put_in(one: Derivation, values: Row) -> str:
    name = one.name if one.is_column else one.title
    return f"{name} {_said(values[one.stored])}"


def _said(value: object) -> str:
    """A value for people."""
    if value is None:
        return "blank"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
