"""The calendar of publications: on which days extracts and statistics of which months come, or
came. Their days follow from the calendar of submissions (`Window.data_available`,
`Window.statistics_due`)."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from accounts.clock import LONDON, this_day
from extracts.models import Release, ReleasedPart, Run
from extracts.releases import in_order, in_words
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.periods import ends_quarter

# So many windows of the past are listed.
PAST = 12
EXTRACTS, STATISTICS = "Extracts", "Data quality report and statistics"


class Entry(NamedTuple):
    """Something that is announced for a day. `came` is the day on which it first came, `at` when it
    came last; `release` the one that holds it."""

    announced: date
    what: str
    of: list[str]
    state: str
    at: datetime | None
    came: date | None = None
    release: Release | None = None

    @property
    def day(self) -> date:
        """On which it came, or is to come."""
        return self.came or self.announced


def entries() -> tuple[list[Entry], list[Entry]]:
    """What comes, the next first; and what has come, the newest first."""
    today = this_day()
    past = Window.objects.filter(published_at__isnull=False).order_by("-primary_period")[:PAST]
    found = [entry for window in [*past, *_coming(today)] for entry in _of(window, today)]
    in_order = sorted(found, key=lambda one: one.day)
    return [one for one in in_order if not one.at], [one for one in in_order[::-1] if one.at]


def _coming(today: date) -> list[Window]:
    """Windows whose extracts are still to come: those whose day is not over, and those that took
    something and are late."""
    waiting = Window.objects.filter(published_at=None).order_by("primary_period")
    return [one for one in waiting if one.data_available >= today or one.submissions.exists()]


def _of(window: Window, today: date) -> tuple[Entry, Entry]:
    """Its extracts, and what is public of it: what the newest release holds, or will hold."""
    release = Release.objects.filter(run__window=window).first()
    months = [
        in_words(window.primary_period, Kind.PRIMARY),
        in_words(window.refresh_period, Kind.REFRESH),
    ]
    extracts, statistics = window.data_available, window.statistics_due
    available = "published" if window.published_at else _to_come(extracts, today)
    if release:
        public = Entry(
            statistics,
            STATISTICS,
            _held(release),
            release.state,
            release.at,
            _day(Release.objects.filter(run__window=window).earliest("id").at),
            release,
        )
    else:
        quarterly = [*months, *_quarter(window)]
        public = Entry(statistics, STATISTICS, quarterly, _to_come(statistics, today), None)
    at = window.published_at
    return Entry(extracts, EXTRACTS, months, available, at, at and _day(at)), public


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _to_come(day: date, today: date) -> str:
    return "late" if day < today else "upcoming"


def _held(release: Release) -> list[str]:
    parts = in_order(release.parts.defer("content"))
    return list(dict.fromkeys(in_words(part.period, part.stage) for part in parts))


def _quarter(window: Window) -> list[str]:
    """The quarter that its final month ends, if it ends one."""
    period = window.refresh_period
    return [in_words(period, ReleasedPart.QUARTER)] if ends_quarter(period) else []


class Unreleased(NamedTuple):
    """A window whose extracts are published and whose statistics are still to be released, or
    released `again`: it was processed and published anew since, or they were `withdrawn`."""

    window: Window
    again: bool
    withdrawn: bool
    is_late: bool


def unreleased() -> list[Unreleased]:
    """For staff: the oldest first."""
    published = Run.objects.filter(publication__isnull=False).order_by("window_id", "-id")
    newest = Run.objects.filter(id__in=published.distinct("window_id").values("id"))
    standing = Release.objects.standing().values("run")
    waiting = newest.exclude(id__in=standing)
    withdrawn = waiting.filter(releases__isnull=False, window=OuterRef("id"))
    return [
        Unreleased(
            window,
            window.was_released,
            window.is_withdrawn,
            window.statistics_due < window.now.astimezone(LONDON).date(),
        )
        for window in Window.objects.filter(id__in=waiting.values("window"))
        .with_clock()
        .annotate(
            was_released=Exists(Release.objects.filter(run__window=OuterRef("id"))),
            is_withdrawn=Exists(withdrawn),
        )
        .order_by("primary_period")
    ]
