"""Checking: a worker claims a submission, reads and checks it, and gives the verdict.

The row carries the claim: state, attempt and lease. A worker that dies leaves a lease that runs
out; one that comes late finds its attempt overtaken and changes nothing.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression

from accounts import outbox, register
from accounts.models import User
from accounts.refusals import Refusal
from submissions import leftovers, raw_files, verdicts
from submissions.lifecycle import NotNow, Status, move
from submissions.loading import Hashes
from submissions.models import Submission
from submissions.models.calendar import clock
from submissions.progress import Progress
from submissions.receiving import london
from submissions.ringing import CHECK, ring_after_commit
from validation.engine import Checking, Verdict, unreadable
from validation.finding import Found
from validation.reading.child import read_in_child
from validation.rules.file import Context
from validation.sent import Sent, SentTable, Unreadable

log = logging.getLogger("portal.checking")


def lease_end() -> CombinedExpression:
    return clock() + settings.LEASE


def check_submission(key: int) -> None:
    """Check one submission if it is to be checked: may be called twice, and may die."""
    submission = claim(key)
    if submission is None:
        return
    try:
        with Progress(submission) as progress, _working_folder(submission) as folder:
            path = raw_files.open_raw(submission, folder)
            progress.stage("Reading the file")
            hashes = Hashes(submission.provider.code, settings.READ_MASTER_KEY())
            verdict, sent = read_and_check(path, submission, hashes)
            # Gone already where this attempt was overtaken and a sweep has been here.
            path.unlink(missing_ok=True)
            progress.stage("Loading records", sum(t.standing for t in verdict.tables.values()))
            verdicts.give(submission, verdict, sent, hashes, folder=folder, progress=progress.add)
    except NotNow:
        log.info("submission %s attempt %s was overtaken", key, submission.attempt)
    except Exception as error:
        # Our fault, whatever it is: the text of the error may hold a value, its type cannot.
        log.exception("submission %s attempt %s: %s", key, submission.attempt, type(error).__name__)
        stumble(submission)


@transaction.atomic
def claim(key: int) -> Submission | None:
    """Take the submission for one attempt, or None when there is nothing to take: somebody has
    it, or it is answered already."""
    submission = Submission.objects.filter(id=key).first()
    if submission is None or not submission.is_in_hand:
        return None
    if submission.status == Status.CHECKING:
        return _claim_again(submission)
    try:
        move(
            submission,
            Status.CHECKING,
            by=None,
            seen_attempt=submission.attempt,
            attempt=submission.attempt + 1,
            lease_until=lease_end(),
        )
    except NotNow:
        return None
    return submission


def _claim_again(submission: Submission) -> Submission | None:
    """Take over from a worker whose lease ran out, while attempts are left."""
    lapsed = Submission.objects.filter(
        id=submission.id,
        status=Status.CHECKING,
        attempt=submission.attempt,
        attempt__lt=F("last_attempt"),
        lease_until__lt=clock(),
    )
    if not lapsed.update(attempt=F("attempt") + 1, lease_until=lease_end()):
        return None
    submission.refresh_from_db()
    return submission


@contextmanager
def _working_folder(submission: Submission) -> Iterator[Path]:
    """A private folder for the opened file, gone afterwards. Its name says whose it is, by which
    one knows what a kill left; on a machine of its own no sweeper comes by, so it is asked here."""
    leftovers.remove_opened()
    place = leftovers.opened_in()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    whose = f"{submission.id}.{submission.attempt}."
    with tempfile.TemporaryDirectory(prefix=whose, dir=place) as folder:
        yield Path(folder)


def read_and_check(
    path: Path, submission: Submission, hashes: Hashes
) -> tuple[Verdict, Sent | None]:
    """The content verdict with what the portal knows: period, sender, pilot, organisations (the
    submission is told by which version of their register). A table is judged and its identifiers
    are hashed when it arrives, while the child still reads the next one."""
    provider = submission.provider
    known = register.known(submission.period)
    submission.register_id = known.version if known else None
    checking = Checking(
        Context(
            period=f"{submission.period:%Y-%m}",
            provider=provider.code,
            organisations=known.codes if known else None,
            pilot_site=provider.pilot_site,
        )
    )

    def arrived(table: SentTable) -> None:
        if rows := checking.arrived(table):
            hashes.prepare(rows)

    try:
        sent = read_in_child(path, submission.file_name, arrived=arrived)
    except Unreadable as error:
        found = Found("F01", error.table, words=error.words, line=error.line)
        return unreadable(found, checking.context), None
    return checking.verdict(sent), sent


def stumble(submission: Submission) -> None:
    """We could not check it: let it be tried again, or after the last attempt say so."""
    with transaction.atomic():
        mine = Submission.objects.select_for_update().filter(
            id=submission.id, status=Status.CHECKING, attempt=submission.attempt
        )
        current = mine.first()
        if current is None:
            return
        if current.attempt < current.last_attempt:
            mine.update(lease_until=clock() - timedelta(seconds=1))
        else:
            fail(current)


def fail(submission: Submission) -> None:
    """The last attempt is used up: our fault, said to staff and sender."""
    move(
        submission,
        Status.FAILED,
        by=None,
        seen_attempt=submission.attempt,
        finished_at=clock(),
        message="We could not check this file. That is our fault, not yours: staff have been "
        "told and will try again. You need not do anything.",
    )
    outbox.write(
        outbox.staff(),
        f"Submission {submission.reference} failed",
        f"Submission {submission.reference} ({submission.provider}, "
        f"{submission.kind_and_period}) could not be checked in {submission.attempt} attempts.\n"
        f"Look at the worker's log, then try again: {settings.SITE_ADDRESS}/desk/\n",
    )


@transaction.atomic
def try_again(*, submission: Submission, by: User) -> None:
    """Staff have a failed submission checked again: as many attempts as at first.

    Raises Refusal when somebody else was first, NotNow when it never failed.
    """
    try:
        move(
            submission,
            Status.CHECKING,
            by=by,
            last_attempt=F("attempt") + settings.ATTEMPTS,
            lease_until=clock() - timedelta(seconds=1),
            finished_at=None,
            message="",
        )
    except NotNow:
        first = submission.changes.filter(before=Status.FAILED).select_related("by").last()
        if first is None:
            raise
        raise Refusal(
            f"{first.by} has had it checked again already, on {london(first.at)}."
        ) from None
    ring_after_commit(CHECK, submission.id)
