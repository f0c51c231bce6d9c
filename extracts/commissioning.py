"""What a commissioner sees of its providers: who has sent what, when, and how good it is.

Of a provider all rows count, as in what is published about it; no number of patients or referrals
is told, and nothing that could be reckoned back to one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from accounts.models import Organisation
from extracts import released_statistics
from extracts.models import Extract
from submissions.models import CommissionerCount, FindingCount, QualityCount, Submission, Window
from submissions.models.calendar import Kind, State, clock
from validation import quality
from validation.finding import NOTES, Severity

MONTHS = 12
EXTRACTS_SHOWN = 6
IN_HAND, NOT_ACCEPTED = "Being checked", "Sent, not accepted"
NOT_YET, NOT_SENT = "Not sent yet", "Not sent"
TITLES = {item.name: item.title for item in quality.items()}
# The width of a drawn bar that is full.
FULL_BAR = 60


def share(part: int, whole: int) -> str:
    """A part of a whole in whole percent; what is not none or all is never said to be."""
    if not whole:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "under 1%"
    if 99 < percent < 100:
        return "over 99%"
    return f"{percent:.0f}%"


@dataclass(frozen=True)
class Quality:
    """How many of the values that a submission's quality items ask for are valid."""

    valid: int
    asked: int

    @property
    def said(self) -> str:
        return share(self.valid, self.asked)

    @property
    def bar(self) -> int:
        """The length of its bar in a drawing."""
        return round(FULL_BAR * self.valid / self.asked) if self.asked else 0


@dataclass(frozen=True)
class Sent:
    """What stands of a provider for one kind and period. `lowest` is the quality item with the
    fewest valid values, and how many those are; only of the window that is shown."""

    submission: Submission
    warnings: int
    quality: Quality
    lowest: tuple[str, str] | None

    @property
    def rejected(self) -> str:
        return share(self.submission.rows_rejected, self.submission.rows_received)


@dataclass(frozen=True)
class Line:
    """One kind in the window that is shown: what stands or, without that, what is the matter."""

    kind: Kind
    period: date
    sent: Sent | None
    otherwise: str


@dataclass(frozen=True)
class Month:
    """One period of a provider: its Primary and its Refresh."""

    primary: Sent | None
    refresh: Sent | None
    is_open: bool

    @property
    def best(self) -> Sent | None:
        """What stands for the period."""
        return self.refresh or self.primary


@dataclass(frozen=True)
class Provider:
    """A provider with the window that is shown and the months before; `page` is the address of
    what everybody sees of it, blank where that is nothing."""

    organisation: Organisation
    page: str
    lines: list[Line]
    months: list[Month]


Key = tuple[int, date, str]


def windows() -> list[Window]:
    """Those of the last months that have opened, the newest first."""
    opened = Window.objects.with_clock().filter(opens_at__lte=clock()).order_by("-primary_period")
    found = list(opened[:MONTHS])
    return [one for one in found if _months_between(one, found[0]) < MONTHS]


def _months_between(earlier: Window, later: Window) -> int:
    one, other = earlier.primary_period, later.primary_period
    return (other.year - one.year) * 12 + other.month - one.month


def position(
    commissioner: Organisation, windows: list[Window], shown: Window | None
) -> dict[str, Any]:
    """What the page shows of one commissioner, with one of the windows in full; so many questions
    however many providers."""
    extracts = Extract.objects.published().kept().filter(recipient=commissioner)
    return {
        "commissioner": commissioner,
        "providers": _providers(commissioner, windows, shown) if shown else [],
        "extracts": extracts.select_related("recipient")[:EXTRACTS_SHOWN],
    }


def _providers(commissioner: Organisation, windows: list[Window], shown: Window) -> list[Provider]:
    """Those of whom a standing submission names the commissioner."""
    standing = _standing(windows).values("id")
    naming = CommissionerCount.objects.filter(
        commissioner=commissioner.code, submission__in=standing
    )
    named = Organisation.objects.filter(id__in=naming.values("submission__provider"))
    providers = list(named)
    mine = Submission.objects.filter(id__in=standing, provider__in=providers)
    sent, otherwise = _sent(mine.with_rows(), shown), _otherwise(shown, providers)
    pages = released_statistics.pages(Organisation.Role.PROVIDER, [one.code for one in providers])
    return [
        Provider(
            one,
            pages[one.code],
            [_line(one, kind, shown.period(kind), sent, otherwise) for kind in Kind],
            [_month(one, window, sent) for window in windows],
        )
        for one in providers
    ]


def _line(
    provider: Organisation,
    kind: Kind,
    period: date,
    sent: dict[Key, Sent],
    otherwise: dict[tuple[int, str], str],
) -> Line:
    stands = sent.get((provider.id, period, kind))
    return Line(kind, period, stands, otherwise[provider.id, kind])


def _standing(windows: list[Window]) -> QuerySet[Submission]:
    """For each provider, period and kind of the windows the last accepted submission."""
    accepted = Submission.objects.accepted().filter(window__in=windows)
    return accepted.order_by("provider_id", "period", "kind", "-id").distinct(
        "provider_id", "period", "kind"
    )


def _sent(standing: QuerySet[Submission], shown: Window) -> dict[Key, Sent]:
    """What stands, by provider, period and kind, with its figures."""
    found = list(standing)
    # What a file replaces says nothing of how good it is.
    warned = FindingCount.objects.filter(submission__in=found, severity=Severity.WARN).exclude(
        rule__in=NOTES
    )
    by_submission = warned.order_by().values_list("submission")
    warnings = dict(by_submission.annotate(Count("rule", distinct=True)))
    measured = dict(_measured(found, "submission"))
    lowest = _lowest([one for one in found if one.window_id == shown.id])
    return {
        (one.provider_id, one.period, one.kind): Sent(
            one,
            warnings.get(one.id, 0),
            measured.get(one.id, Quality(0, 0)),
            lowest.get(one.id),
        )
        for one in found
    }


def _measured(of: list[Submission], *by: str) -> list[tuple[Any, Quality]]:
    """The quality of submissions, by the columns named (one, or several as a tuple)."""
    counts = QualityCount.objects.filter(submission__in=of).order_by().values_list(*by)
    every = F("valid") + F("other") + F("default") + F("invalid") + F("missing")
    return [
        (key[0] if len(key) == 1 else tuple(key), Quality(valid, asked))
        for *key, valid, asked in counts.annotate(Sum("valid"), asked=Sum(every))
    ]


def _lowest(of: list[Submission]) -> dict[int, tuple[str, str]]:
    """For each submission the item with the fewest valid values, where some are not."""
    worst: dict[int, tuple[float, str, str]] = {}
    for (submission, item), found in _measured(of, "submission", "item"):
        if found.valid < found.asked:
            one = (found.valid / found.asked, TITLES.get(item, item), found.said)
            worst[submission] = min(one, worst.get(submission, one))
    return {submission: (title, said) for submission, (_, title, said) in worst.items()}


def _otherwise(window: Window, providers: list[Organisation]) -> dict[tuple[int, str], str]:
    """What is said of each provider and kind of a window where nothing stands."""
    nothing = NOT_YET if window.state == State.OPEN else NOT_SENT
    said = {(one.id, str(kind)): nothing for one in providers for kind in Kind}
    tries = Submission.objects.filter(window=window, provider__in=providers)
    for last in tries.order_by("provider_id", "kind", "-id").distinct("provider_id", "kind"):
        said[last.provider_id, last.kind] = IN_HAND if last.is_in_hand else NOT_ACCEPTED
    return said


def _month(provider: Organisation, window: Window, sent: dict[Key, Sent]) -> Month:
    """The Primary that a window took, and the Refresh of that period, which the next one took."""
    period = window.primary_period
    return Month(
        sent.get((provider.id, period, Kind.PRIMARY)),
        sent.get((provider.id, period, Kind.REFRESH)),
        window.state == State.OPEN,
    )
