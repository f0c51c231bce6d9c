"""Processing a closed window: its standing submissions are frozen and every recipient's extract
is made. Nothing is published here.

Like checking, a run carries its claim (attempt and lease) in its row; one that died goes on from
the extracts that are made already.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from accounts import audit, outbox
from accounts.models import Membership, Organisation, User
from accounts.refusals import Refusal
from extracts import building, counting, figures, linking, locking
from extracts.building import Built
from extracts.figures import Counted
from extracts.models import Extract, Frozen, Run
from extracts.numbers import Recipient, Wanted
from submissions.calendar import lock_for_change
from submissions.models import CommissionerCount, Submission, Window
from submissions.models.calendar import Kind, State, clock
from submissions.progress import Heartbeat
from submissions.receiving import london
from submissions.ringing import ring, ring_after_commit

log = logging.getLogger("portal.processing")
PROCESS = "extracts.process"
LEASE = timedelta(minutes=2)
STAGES = (Kind.PRIMARY, Kind.REFRESH)


def standing(window: Window, stage: str) -> QuerySet[Submission]:
    """What a stage rests on: P the standing Primaries of the primary period; R, of the period
    before, the standing Refresh, else the standing Primary; and so of every period before that
    (`Frozen.EARLIER`), which both stages look back to."""
    if stage == Kind.PRIMARY:
        return Submission.objects.standing(window.primary_period, Kind.PRIMARY)
    if stage == Kind.REFRESH:
        return Submission.objects.standing_for_period(window.refresh_period)
    before = Submission.objects.accepted().filter(period__lt=window.refresh_period)
    # "R" comes after "P".
    ordered = before.order_by("provider_id", "period", "-kind", "-id")
    return ordered.distinct("provider_id", "period")


@transaction.atomic
def ask(*, window: Window, by: User, why: str = "") -> Run:
    """Staff ask for a closed window to be processed; it begins when nothing is being checked. One
    that was published is processed again, with what is known by now, for a reason: `why`.

    Raises Refusal when the window is not closed, is published and there is no reason, or is being
    processed already.
    """
    window = lock_for_change(window)
    if window.state == State.PUBLISHED and not why:
        raise Refusal("This window is published. To process it again, enter a reason.")
    if window.state not in {State.CLOSED, State.PUBLISHED}:
        raise Refusal(f"This window is {window.state}. Only a closed window can be processed.")
    at_it = window.runs.filter(status__in=[Run.Status.ASKED, Run.Status.RUNNING])
    if first := at_it.select_related("asked_by").first():
        raise Refusal(
            f"This window is being processed already: {first.asked_by} asked for it on "
            f"{london(first.asked_at)}."
        )
    run = Run.objects.create(window=window, asked_by=by, why=why)
    period = window.primary_period.isoformat()
    reason: dict[str, Any] = {"why": why} if why else {}
    audit.record("processing asked", by=by, run=run.id, period=period, **reason)
    ring_after_commit(PROCESS, run.id)
    return run


def in_hand(window: Window) -> QuerySet[Submission]:
    """Submissions of the window's two periods that processing and publishing wait for."""
    primary = Q(period=window.primary_period, kind=Kind.PRIMARY)
    return Submission.objects.in_hand().filter(primary | Q(period=window.refresh_period))


def process(key: int) -> None:
    """Make a run's extracts if it is to be made: may be called twice, and may die."""
    run = claim(key)
    if run is None:
        return
    try:
        with Heartbeat(_mine(run), LEASE):
            counting.count_quarter(run)
            made = all(_make_stage(run, stage) for stage in STAGES)
        if made:
            finish(run)
        else:
            log.info("run %s attempt %s was overtaken", run.id, run.attempt)
    except Exception as error:
        log.exception("run %s attempt %s: %s", run.id, run.attempt, type(error).__name__)
        stumble(run)


@transaction.atomic
def claim(key: int) -> Run | None:
    """Take the run for one attempt and freeze what it uses, or None: somebody has it, it is
    finished, or submissions are still being checked."""
    run = Run.objects.select_for_update().select_related("window").filter(id=key).first()
    if run is None or in_hand(run.window).exists():
        return None
    # The clock of the row lock, not of the transaction's beginning.
    takable = Q(status=Run.Status.ASKED) | Q(status=Run.Status.RUNNING, lease_until__lt=clock())
    mine = Run.objects.filter(takable, id=key)
    if not mine.update(
        status=Run.Status.RUNNING, attempt=F("attempt") + 1, lease_until=clock() + LEASE
    ):
        return None
    if run.stamp is None:
        freeze(run)
    run.refresh_from_db()
    return run


def freeze(run: Run) -> None:
    """Write down what the run uses: submissions, those of earlier months too, which codes are
    commissioners', and its stamp."""
    for stage in (*STAGES, Frozen.EARLIER):
        Frozen.objects.bulk_create(
            Frozen(run=run, stage=stage, submission=submission)
            for submission in standing(run.window, stage)
        )
    Run.objects.filter(id=run.id).update(stamp=clock())
    run.refresh_from_db()
    Run.objects.filter(id=run.id).update(
        extracts_total=len(wanted_of(run)),
        without_account=without_account(run),
        commissioners={
            stage: linking.known_commissioners(run.window.period(stage)) for stage in STAGES
        },
        clashes=linking.clashes(run),
        broken=linking.broken(run),
    )


def needs_processing_again(run: Run) -> bool:
    """Whether something else stands by now than what the run froze."""
    stands = {
        (str(stage), key)
        for stage in (*STAGES, Frozen.EARLIER)
        for key in standing(run.window, stage).values_list("id", flat=True)
    }
    return stands != set(run.frozen.values_list("stage", "submission_id"))


def commissioner_codes(run: Run, stage: str) -> set[str]:
    """The commissioners named in the referrals of a stage."""
    frozen = run.frozen.filter(stage=stage).values("submission")
    named = CommissionerCount.objects.filter(submission__in=frozen)
    return set(named.values_list("commissioner", flat=True))


def without_account(run: Run) -> list[str]:
    """Commissioners named in the data for which no file is made: nobody could take it."""
    named = set().union(*(commissioner_codes(run, stage) for stage in STAGES))
    known = _with_account().filter(code__in=named).values_list("code", flat=True)
    return sorted(named - set(known))


def _with_account() -> QuerySet[Organisation]:
    members = Membership.objects.accepted().filter(user__is_active=True)
    return Organisation.objects.filter(
        role=Organisation.Role.COMMISSIONER, id__in=members.values("certificate__organisation")
    )


def wanted_of(run: Run) -> list[Wanted]:
    """Every extract of the run, in both stages."""
    return [wanted for stage in STAGES for wanted in _wanted_of(run, stage)]


def _wanted_of(run: Run, stage: str) -> list[Wanted]:
    """Of a stage: those of the providers with a frozen submission, of the commissioners named in
    one that have an account, and the national one."""
    providers = Organisation.objects.filter(
        id__in=run.frozen.filter(stage=stage).values("submission__provider")
    )
    commissioners = _with_account().filter(code__in=commissioner_codes(run, stage))
    organisations = [*providers.order_by("code"), *commissioners.order_by("code")]
    recipients: list[Recipient] = [*organisations, None] if organisations else []
    return [Wanted(run, stage, run.window.period(stage), recipient) for recipient in recipients]


def _make_stage(run: Run, stage: str) -> bool:
    """Derive a stage once for all its recipients, then make those of the extracts that are not
    there yet; False when this attempt was overtaken."""
    made = {
        extract.code for extract in run.extracts.filter(stage=stage).select_related("recipient")
    }
    missing = [one for one in _wanted_of(run, stage) if one.code not in made]
    if not missing:
        return _renew(run)
    with transaction.atomic():
        building.prepare(run, stage, [one.recipient for one in missing])
        counting.count(run, stage)
        counted = figures.counted()
    built = zip(missing, building.build(missing), strict=True)
    return all(_keep(*each, counted[each[0].code]) for each in built) and _renew(run)


def _keep(wanted: Wanted, built: Built, counted: Counted) -> bool:
    """Store one extract; False when this attempt was overtaken."""
    run = wanted.run
    stored_as = default_storage.save(
        f"extracts/{run.id}/{wanted.code}_{wanted.stage}_{run.attempt}.locked",
        ContentFile(locking.lock(built.content)),
    )
    try:
        with transaction.atomic():
            if not _renew(run):
                default_storage.delete(stored_as)
                return False
            Extract.objects.create(
                run=run,
                recipient=wanted.recipient,
                period=wanted.period,
                stage=wanted.stage,
                stored_as=stored_as,
                size=len(built.content),
                sha256=built.sha256,
                rows=built.rows,
                figures=counted,
            )
    except IntegrityError:
        default_storage.delete(stored_as)
        return False
    return True


def _mine(run: Run) -> QuerySet[Run]:
    """The run's row while it is this attempt's."""
    return Run.objects.filter(id=run.id, status=Run.Status.RUNNING, attempt=run.attempt)


def _renew(run: Run) -> bool:
    return bool(_mine(run).update(lease_until=clock() + LEASE))


@transaction.atomic
def finish(run: Run) -> None:
    if _mine(run).update(status=Run.Status.DONE, lease_until=None, finished_at=clock()):
        audit.record("processing done", by=None, run=run.id, extracts=run.extracts.count())


@transaction.atomic
def stumble(run: Run) -> None:
    """Our fault: tried again by the sweeper, or after the last attempt failed and staff told."""
    mine = _mine(run)
    if run.attempt < settings.ATTEMPTS:
        mine.update(lease_until=clock() - timedelta(seconds=1))
    elif mine.update(status=Run.Status.FAILED, lease_until=None, finished_at=clock()):
        audit.record("processing failed", by=None, run=run.id)
        outbox.write(
            outbox.staff(),
            f"Processing of {run.window} failed",
            f"Run {run.id} stopped after {run.attempt} attempts. Nothing was published. "
            f"Look at the worker's log, then process the window again.\n",
        )


def sweep() -> None:
    """Ring for runs that wait, and for those whose worker died; give up after the last attempt."""
    lapsed = Q(status=Run.Status.RUNNING, lease_until__lt=clock())
    for run in Run.objects.filter(lapsed, attempt__gte=settings.ATTEMPTS):
        with transaction.atomic():
            # Asked again under the row's lock: a heartbeat may have come meanwhile.
            if Run.objects.select_for_update().filter(lapsed, id=run.id).exists():
                stumble(run)
    waits = Q(status=Run.Status.ASKED, rung_at__lt=clock() - timedelta(seconds=15))
    for key in Run.objects.filter(waits | lapsed).values_list("id", flat=True):
        Run.objects.filter(id=key).update(rung_at=clock())
        ring(PROCESS, key)
