"""Previewing: while there is still time, a provider's own extract as it would be if its standing
file were the last one, and its main figures.

A preview is a run of one submission, made by the worker soon after the file is accepted from what
its provider has sent alone. It is there as long as that submission stands and its window is not
processed. Whatever rings, and however often: what is to be made stands in the database.
"""

import logging
from datetime import date

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts import audit, outbox
from accounts.models import Organisation, User
from extracts import building, figures, linking, locking, processing, purging
from extracts.building import Built
from extracts.figures import Counted
from extracts.models import Extract, Frozen, Run
from extracts.numbers import Wanted
from submissions.lifecycle import Status
from submissions.models import StatusChange, Submission, Window
from submissions.models.calendar import clock
from submissions.progress import Heartbeat
from submissions.ringing import PREVIEW, ring

log = logging.getLogger("portal.previewing")


def wanted() -> QuerySet[Submission]:
    """The submissions that stand, of unpublished windows, unless a finished run has used them."""
    used = Frozen.objects.filter(
        submission=OuterRef("id"),
        stage=OuterRef("kind"),
        run__of=None,
        run__status=Run.Status.DONE,
    )
    return Submission.objects.that_stand().filter(~Exists(used), window__published_at=None)


def seen_by(user: User) -> QuerySet[Extract]:
    """The extracts of before the deadline that a user may take: of the standing files of their
    providers."""
    kept = Extract.objects.kept().filter(run__of__in=wanted(), recipient__in=user.providers)
    return kept.select_related("recipient", "run__of")


def of(submission: Submission) -> Run | None:
    """The newest preview of a submission, which may be over."""
    return Run.previews.filter(of=submission).first()


def newest(provider: Organisation, period: date, **asked: str) -> Extract | None:
    """The newest of a provider's extracts of a period that it may know: published, or a preview of
    what stands."""
    may_be_known = Q(run__publication__isnull=False) | Q(run__of__in=wanted())
    of_it = Extract.objects.filter(may_be_known, recipient=provider, period=period, **asked)
    return of_it.exclude(figures={}).select_related("run__publication").first()


def after_a_step(key: int) -> None:
    """A submission was accepted or withdrawn: make the previews of what stands by now of its
    provider, those too that rest on it. May be called twice, and may die."""
    end_unwanted()
    stepped = Submission.objects.filter(id=key).first()
    if stepped is None:
        return
    end_outdated(Run.previews.filter(of__provider=stepped.provider_id))
    for one in wanted().filter(provider=stepped.provider_id):
        make(one)


def make(submission: Submission) -> None:
    """Make the preview of a submission, unless it is made or somebody is at it."""
    run = claim(submission)
    if run is None:
        return
    try:
        with Heartbeat(_mine(run), processing.LEASE):
            _freeze(run, submission)
            built, counted = _build(run, submission)
            _keep(run, submission, built, counted)
    except Exception as error:
        log.exception("preview %s attempt %s: %s", run.id, run.attempt, type(error).__name__)
        stumble(run)


def claim(submission: Submission) -> Run | None:
    """Take the preview for one attempt, or None where there is nothing to take."""
    run, _ = _asked(submission)
    lapsed = Q(status=Run.Status.RUNNING, lease_until__lt=clock())
    free = Run.previews.filter(Q(status=Run.Status.ASKED) | lapsed, id=run.id)
    if not free.filter(attempt__lt=settings.ATTEMPTS).update(
        status=Run.Status.RUNNING,
        attempt=F("attempt") + 1,
        lease_until=clock() + processing.LEASE,
    ):
        return None
    run.refresh_from_db()
    return run


def _asked(submission: Submission) -> tuple[Run, bool]:
    """The row of its preview; made now where there is none, or where the last one is over."""
    return Run.previews.exclude(status=Run.Status.OVER).get_or_create(
        of=submission, defaults={"window": submission.window, "asked_by": submission.sent_by}
    )


@transaction.atomic
def _build(run: Run, submission: Submission) -> tuple[Built, Counted]:
    """The extract and its figures, from what is frozen."""
    provider, stage = submission.provider, submission.kind
    building.prepare(run, stage, [provider])
    (built,) = building.build([Wanted(run, stage, submission.period, provider)])
    return built, figures.counted()[provider.code]


@transaction.atomic
def _freeze(run: Run, submission: Submission) -> None:
    """What stands of its provider alone, of this month, of those before and of the one after. A
    transaction of its own, so that the row is free for the heartbeat while the rest is made."""
    run.frozen.all().delete()
    Frozen.objects.bulk_create(
        Frozen(run=run, stage=stage, submission_id=key)
        for stage, key in _used_by(run.window, submission)
    )
    known = linking.known_commissioners(submission.period)
    _mine(run).update(stamp=clock(), extracts_total=1, commissioners={submission.kind: known})
    run.refresh_from_db()


def _used_by(window: Window, submission: Submission) -> set[tuple[str, int]]:
    """What the preview of a submission rests on by now, by stage."""
    used = {(submission.kind, submission.id)}
    for stage in {*processing.STAGES, Frozen.EARLIER} - {submission.kind}:
        own = processing.standing(window, stage).filter(provider=submission.provider_id)
        used |= {(stage, key) for key in own.values_list("id", flat=True)}
    return used


def _keep(run: Run, submission: Submission, built: Built, counted: Counted) -> None:
    """Store the extract; what comes too late is kept nowhere."""
    stored_as = default_storage.save(
        f"extracts/{run.id}/{submission.provider.code}_{submission.kind}_{run.attempt}.locked",
        ContentFile(locking.lock(built.content)),
    )
    with transaction.atomic():
        over = {"status": Run.Status.DONE, "lease_until": None, "finished_at": clock()}
        if not _mine(run).update(**over):
            transaction.on_commit(lambda: default_storage.delete(stored_as))
            return
        extract = Extract.objects.create(
            run=run,
            recipient=submission.provider,
            period=submission.period,
            stage=submission.kind,
            stored_as=stored_as,
            size=len(built.content),
            sha256=built.sha256,
            rows=built.rows,
            figures=counted,
        )
        audit.record(
            "preview made",
            by=None,
            organisation=submission.provider,
            submission=submission.reference,
            extract=extract.id,
        )


def _mine(run: Run) -> QuerySet[Run]:
    """The preview's row while it is this attempt's."""
    return Run.previews.filter(id=run.id, status=Run.Status.RUNNING, attempt=run.attempt)


@transaction.atomic
def stumble(run: Run) -> None:
    """Our fault: tried again by the sweeper; after the last attempt staff are told."""
    if run.attempt < settings.ATTEMPTS:
        _mine(run).update(status=Run.Status.ASKED, lease_until=None)
    elif _mine(run).update(status=Run.Status.FAILED, lease_until=None, finished_at=clock()):
        outbox.write(
            outbox.staff(),
            f"The preview of submission {run.of} failed",
            f"It stopped after {run.attempt} attempts. The submission itself is accepted, and "
            f"processing will use it. Look at the worker's log.\n",
        )


def end_unwanted() -> None:
    """End the previews of what stands no more or was processed: nobody gets them from then on, and
    their files go."""
    for run in Run.previews.exclude(status=Run.Status.OVER).exclude(of__in=wanted()):
        _end(run)
    purging.remove_extracts()


def end_outdated(previews: QuerySet[Run]) -> None:
    """End those of these previews that were made before something else stood of what they rest on,
    as a better file of the month before: they are made again."""
    for run in previews.filter(status=Run.Status.DONE).select_related("of", "window"):
        assert run.of is not None
        if set(run.frozen.values_list("stage", "submission_id")) != _used_by(run.window, run.of):
            _end(run)
    purging.remove_extracts()


@transaction.atomic
def _end(run: Run) -> None:
    locked = Run.previews.select_for_update().get(id=run.id)
    locked.extracts.update(purged_at=clock())
    Run.previews.filter(id=run.id).update(status=Run.Status.OVER, lease_until=None)


def sweep() -> None:
    """End what is over, and what was made while something changed; ring for what nobody took, and
    for what a worker left."""
    end_unwanted()
    changed = StatusChange.objects.filter(
        submission__provider=OuterRef("of__provider"),
        after__in=[Status.ACCEPTED, Status.WITHDRAWN],
        at__gte=OuterRef("asked_at"),
    )
    end_outdated(Run.previews.filter(Exists(changed)))
    for submission in wanted().exclude(id__in=Run.previews.values("of").filter(_is_answered())):
        run, _ = _asked(submission)
        lapsed = Run.previews.filter(id=run.id, lease_until__lt=clock())
        if run.attempt >= settings.ATTEMPTS and lapsed.exists():
            stumble(run)
        elif _unheard(run):
            ring(PREVIEW, submission.id)


def _is_answered() -> Q:
    return Q(status__in=[Run.Status.DONE, Run.Status.FAILED])


def _unheard(run: Run) -> bool:
    """Whether its bell has to be rung again, which is written down."""
    waits = Q(status=Run.Status.ASKED, rung_at__lt=clock() - settings.RING_AGAIN_AFTER)
    lapsed = Q(status=Run.Status.RUNNING, lease_until__lt=clock())
    return bool(Run.previews.filter(waits | lapsed, id=run.id).update(rung_at=clock()))
