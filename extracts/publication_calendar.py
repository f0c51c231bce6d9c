"""The calendar of publications: on which days extracts and statistics of which months come, or
came. Their days follow from the calendar of submissions (`Window.data_available`,
`Window.statistics_due`)."""

from datetime import date, datetime
from typing import NamedTuple

from accounts.clock import this_day
from extracts.models import Release, ReleasedPart, Run
from extracts.releases import in_order, in_words
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
    in_order = sorted(found, key=lambda one: one.day)
    return [one for one in in_order if not one.at], [one for one in in_order[::-1] if one.at]


def _published() -> list[Window]:
    return list(Window.objects.filter(published_at__isnull=False).order_by("-primary_period"))


def _coming() -> list[Window]:
    """Windows whose extracts are still to come: those whose day is not over, and those that took
    something and are late."""
    waiting = Window.objects.filter(published_at=None).order_by("primary_period")
    today = this_day()
    return [one for one in waiting if one.data_available >= today or one.submissions.exists()]


def _of(window: Window) -> list[Entry]:
    """Its extracts, and what is public of it: what the newest release holds, or will hold."""
    newest = Release.objects.filter(run__window=window).first()
    months = [
        in_words(window.primary_period, Kind.PRIMARY),
        in_words(window.refresh_period, Kind.REFRESH),
    ]
    return [
        Entry(window.data_available, EXTRACTS, months, window.published_at),
        Entry(
            window.statistics_due,
            STATISTICS,
            _held(newest) if newest else [*months, *_quarter(window)],
            newest.at if newest else None,
            newest,
        ),
    ]


def _held(release: Release) -> list[str]:
    parts = in_order(release.parts.defer("content"))
    return list(dict.fromkeys(in_words(part.period, part.stage) for part in parts))


def _quarter(window: Window) -> list[str]:
    """The quarter that its final month ends, if it ends one."""
    period = window.refresh_period
    return [in_words(period, ReleasedPart.QUARTER)] if ends_quarter(period) else []


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
