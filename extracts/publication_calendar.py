"""The calendar of publications: on which days extracts and statistics of which months come, or
came. Their days follow from the calendar of submissions (`Window.data_available`,
`Window.statistics_due`)."""

from datetime import date, datetime
from typing import NamedTuple

from accounts.clock import this_day
from extracts.models import Release, ReleasedPart, Run
from extracts.releases import in_words
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.periods import ends_quarter

# So many windows of the past are listed.
PAST = 12
EXTRACTS, STATISTICS = "Extracts", "Data quality report and statistics"


class Entry(NamedTuple):
    """Something that comes on a day, or came. `at` is when it did; `release` the one that holds
    it."""

    day: date
    what: str
    of: list[str]
    at: datetime | None
    release: Release | None = None

    @property
    def state(self) -> str:
        if self.release and self.release.withdrawn_at:
            return "withdrawn"
        if self.at:
            return "published"
        return "late" if self.day < this_day() else "upcoming"


def entries() -> tuple[list[Entry], list[Entry]]:
    """What comes, the next first; and what has come, the newest first."""
    windows = [*_published()[:PAST], *_coming()]
    found = [entry for window in windows for entry in _of(window)]
    coming = sorted((one for one in found if not one.at), key=lambda one: one.day)
    past = sorted((one for one in found if one.at), key=lambda one: one.at, reverse=True)
    return coming, past


def _published() -> list[Window]:
    return list(Window.objects.filter(published_at__isnull=False).order_by("-primary_period"))


def _coming() -> list[Window]:
    """Windows whose extracts are still to come: those whose day is not over, and those that took
    something and are late."""
    waiting = Window.objects.filter(published_at=None).order_by("primary_period")
    today = this_day()
    return [one for one in waiting if one.data_available >= today or one.submissions.exists()]


def _of(window: Window) -> list[Entry]:
    """Its extracts, and what is public of it."""
    newest = Release.objects.filter(run__window=window).first()
    months = [
        in_words(window.primary_period, Kind.PRIMARY),
        in_words(window.refresh_period, Kind.REFRESH),
    ]
    quarter = window.refresh_period if ends_quarter(window.refresh_period) else None
    public = [*months, in_words(quarter, ReleasedPart.QUARTER)] if quarter else months
    at = newest.at if newest else None
    return [
        Entry(window.data_available, EXTRACTS, months, window.published_at),
        Entry(window.statistics_due, STATISTICS, public, at, newest),
    ]


class Unreleased(NamedTuple):
    """A window whose extracts are published and whose statistics were never released."""

    window: Window
    is_late: bool


def unreleased() -> list[Unreleased]:
    """For staff: the oldest first."""
    published = Run.objects.filter(publication__isnull=False)
    windows = Window.objects.filter(runs__in=published).exclude(runs__releases__isnull=False)
    today = this_day()
    told = windows.distinct().order_by("primary_period")
    return [Unreleased(window, window.statistics_due < today) for window in told]
