"""The demonstration's past: months that were sent, processed and published before today.

Each goes through the portal's own deeds, in a transaction whose clock stands in the past, so that
what comes of it differs in nothing from what months of use leave. Not beside a running portal: what
others write meanwhile would be dated back too.
"""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection, models, transaction

from accounts.models import AuditEvent, Mail, Organisation, User
from extracts import downloading, processing, publishing, releasing
from extracts.models import Download, Extract, Publication, Release, Run
from iapt_portal.demonstration import window_around
from submissions.calendar import published, start_of
from submissions.checking import check_submission
from submissions.empty_databases import PILOT, STANDARD
from submissions.lifecycle import Status
from submissions.models import StatusChange, Submission, Window
from submissions.models.calendar import Kind
from submissions.periods import last_day, month_before
from submissions.receiving import receive
from submissions.uploading import locked_away
from validation.sample.month import Asked
from validation.sample.submission import write

MONTHS = 6
ALWAYS = tuple(range(1, MONTHS + 1))
PROCESSED_AT, PUBLISHED_AT = timedelta(hours=10), timedelta(hours=9, minutes=30)
RELEASED_AT = timedelta(hours=9, minutes=30)


class Sender(NamedTuple):
    """What a provider's files are like."""

    appointments: int
    commissioners: tuple[str, ...]


SENDERS = {
    "RZ1": Sender(1800, ("91A", "92A")),
    "RZ2": Sender(900, ("92A", "91A")),
    "RZ3": Sender(600, ("91A",)),
}

# Percent of a usual month, by calendar month; how much of it is entered in time for the Primary.
SEASON = (103, 100, 104, 98, 101, 99, 97, 88, 101, 105, 104, 85)
IN_TIME = {Kind.PRIMARY: 95, Kind.REFRESH: 100}


class Sent(NamedTuple):
    """Who sends what for whom, so many hours before the close, with faults in so many percent of
    the rows, and in which of the months (from 1)."""

    who: str
    provider: str
    kind: Kind
    hours: float
    faults: float
    months: tuple[int, ...] = ALWAYS


# Alice tries early and mends; Charlie is late, missed the fourth month and makes up for it; Grace
# of the pilot site goes by the book.
STORY = [
    Sent("Bob", "RZ1", Kind.REFRESH, 270.6, 0.2, ALWAYS[1:]),
    Sent("Alice", "RZ1", Kind.PRIMARY, 200.3, 4),
    Sent("Grace", "RZ3", Kind.PRIMARY, 103.7, 0.4),
    Sent("Grace", "RZ3", Kind.REFRESH, 102.9, 0, ALWAYS[1::2]),
    Sent("Alice", "RZ1", Kind.PRIMARY, 31.4, 0.5),
    Sent("Charlie", "RZ2", Kind.REFRESH, 8.6, 1, (3, 5, 6)),
    Sent("Charlie", "RZ2", Kind.PRIMARY, 7.9, 2, (1, 2, 3, 5, 6)),
]
DOWNLOADERS = ("Dora", "Alice")

# Moments that the database writes itself, by its true clock.
BY_THE_TRUE_CLOCK: list[tuple[type[models.Model], str]] = [
    (StatusChange, "at"),
    (AuditEvent, "at"),
    (Mail, "written_at"),
    (Run, "asked_at"),
    (Extract, "made_at"),
    (Publication, "at"),
    (Release, "at"),
    (Download, "at"),
]


@transaction.atomic
def make(people: dict[str, User]) -> None:
    """Make the months before the first open window, where the demonstration has none yet: all of
    them or none. `people` by first name. Raises RuntimeError when a file could not be checked."""
    began = min(user.date_joined for user in people.values())
    ours = Window.objects.filter(primary_period__gt=published()[-1].primary_period)
    first = ours.filter(closes_at__gt=began).first()
    if first is None or ours.filter(closes_at__lt=began).exists():
        return
    for number, window in enumerate(windows_before(first), 1):
        window.save()
        _month(number, window, people)


def windows_before(first: Window) -> list[Window]:
    """The windows of the months before the one that `first` takes, the oldest first; each like the
    one that is open today, as on the same day of an earlier month."""
    today, period, found = first.opens + timedelta(days=7), first.primary_period, []
    for _ in range(MONTHS):
        period, month = month_before(period), month_before(today.replace(day=1))
        today = month.replace(day=min(today.day, last_day(month).day))
        found.append(window_around(period, today))
    return found[::-1]


def _month(number: int, window: Window, people: dict[str, User]) -> None:
    """One month from its first file to its downloads."""
    for sent in STORY:
        if number in sent.months:
            with clock_at(window.closes_at - timedelta(hours=sent.hours)):
                _send(sent, window, people[sent.who])
    with clock_at(start_of(window.processing_week) + PROCESSED_AT):
        processing.process(processing.ask(window=window, by=people["Erin"]).id)
    available = start_of(window.data_available) + PUBLISHED_AT
    with clock_at(available):
        publishing.publish(window=window, by=people["Frank"])
    with clock_at(available + timedelta(days=1)):
        for name in DOWNLOADERS:
            for extract in Extract.objects.filter(run__window=window).seen_by(people[name]):
                downloading.download(extract=extract, by=people[name])
    with clock_at(start_of(window.statistics_due) + RELEASED_AT):
        releasing.release(window=window, by=people["Frank"], asked_by=people["Erin"])
    # Nobody waits for letters of that time.
    Mail.objects.filter(sent_at=None).update(sent_at=models.F("written_at"))


def _send(sent: Sent, window: Window, by: User) -> None:
    """A sample is sent and checked."""
    sender, period = SENDERS[sent.provider], window.period(sent.kind)
    provider = Organisation.objects.get(code=sent.provider)
    asked = Asked(
        appointments=sender.appointments * SEASON[period.month - 1] * IN_TIME[sent.kind] // 10_000,
        errors=sent.faults,
        provider=sent.provider,
        commissioners=sender.commissioners,
        period=f"{period:%Y-%m}",
        version=PILOT if provider.pilot_site else STANDARD,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = locked_away(write(Path(folder), asked))
    submission = receive(
        by=by,
        provider=provider,
        window=window,
        kind=sent.kind,
        once=uuid.uuid4(),
        file=file,
    )
    check_submission(submission.id)
    status = Submission.objects.get(id=submission.id).status
    if status != Status.ACCEPTED:
        raise RuntimeError(f"the demonstration's submission {submission} is {status}")


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """The clock that this transaction's deeds ask goes on from `moment`; what the database dates
    by itself meanwhile is dated back as far."""
    newest = {kind: _newest(kind) for kind, _ in BY_THE_TRUE_CLOCK}
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - %s::timestamptz", [moment])
        back: timedelta = cursor.fetchone()[0]
        cursor.execute("CREATE SCHEMA past")
        cursor.execute(
            f"""CREATE FUNCTION past.clock_timestamp() RETURNS timestamptz VOLATILE RETURN
                pg_catalog.clock_timestamp() - make_interval(secs => {back.total_seconds()})"""
        )
        cursor.execute("SET LOCAL search_path = past, pg_catalog, public")
        yield
        cursor.execute("RESET search_path")
        cursor.execute("DROP SCHEMA past CASCADE")
    for kind, column in BY_THE_TRUE_CLOCK:
        new = kind._default_manager.filter(pk__gt=newest[kind])
        new.update(**{column: models.F(column) - back})


def _newest(kind: type[models.Model]) -> int:
    return kind._default_manager.aggregate(newest=models.Max("pk", default=0))["newest"]
