"""Where every provider stands: what it has sent of each period and kind. However many providers
there are, the questions to the database are as many."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from accounts.models import (
    CertificateChange,
    CertificateStatus,
    DataUserCertificate,
    Organisation,
)
from submissions.lifecycle import Status
from submissions.models import Submission, TableCount, Window
from submissions.models.calendar import Kind, clock
from submissions.sweeping import lapsed

# A provider is in trouble with an accepted file when more of its rows than this are rejected …
REJECTED_SHARE = 0.05
# … and with whatever it has sent when it has tried as often as this.
MANY_TRIES = 5
# What is not answered by then is stuck.
STUCK_AFTER = timedelta(minutes=5)


class Group(StrEnum):
    """The three figures that open the desk: every provider is in one of them."""

    SENT = "sent"
    NOT_SENT = "not sent"
    TROUBLE = "in trouble"


class Answer(StrEnum):
    """What has come of what was sent, where one word has to do."""

    ACCEPTED = "accepted"
    CHECKING = "being checked"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    NOTHING = "not sent"
    NOT_HERE = "not registered then"


ANSWERS = {
    Status.RECEIVED: Answer.CHECKING,
    Status.CHECKING: Answer.CHECKING,
    Status.ACCEPTED: Answer.ACCEPTED,
    Status.REJECTED: Answer.REJECTED,
    Status.FAILED: Answer.FAILED,
    Status.WITHDRAWN: Answer.WITHDRAWN,
}
COLOURS = {
    Answer.ACCEPTED: "green",
    Answer.CHECKING: "blue",
    Answer.REJECTED: "red",
    Answer.FAILED: "red",
    Answer.WITHDRAWN: "grey",
    Answer.NOTHING: "grey",
    Answer.NOT_HERE: "grey",
}


@dataclass
class Position:
    """What one provider has sent of one period and kind, in the order of its receipts. `was_here`
    is whether it could send at all before the window closed."""

    tries: list[tuple[int, Status]] = field(default_factory=list)
    rows_received: int = 0
    rows_rejected: int = 0
    was_here: bool = True

    @property
    def standing(self) -> int | None:
        """The receipt number of the file that stands."""
        accepted = [key for key, status in self.tries if status == Status.ACCEPTED]
        return accepted[-1] if accepted else None

    @property
    def last(self) -> int | None:
        return self.tries[-1][0] if self.tries else None

    @property
    def last_answer(self) -> Answer:
        if not self.tries:
            return Answer.NOTHING if self.was_here else Answer.NOT_HERE
        return ANSWERS[self.tries[-1][1]]

    @property
    def answer(self) -> Answer:
        """What stands counts; where nothing does, the last try."""
        return Answer.ACCEPTED if self.standing else self.last_answer

    @property
    def shown(self) -> int | None:
        """The submission to look at: the one that stands, else the last."""
        return self.standing or self.last

    @property
    def rejected(self) -> int:
        return sum(status == Status.REJECTED for _, status in self.tries)

    @property
    def colour(self) -> str:
        return COLOURS[self.answer]

    @property
    def words(self) -> str:
        """What stands beside the answer."""
        if self.answer == Answer.ACCEPTED:
            tries = "first time" if len(self.tries) == 1 else f"{len(self.tries)} attempts"
            return f"{tries}, {self._share}" if self._share else tries
        if self.answer == Answer.REJECTED:
            return "once" if self.rejected == 1 else f"{self.rejected} times"
        return f"attempt {len(self.tries)}" if len(self.tries) > 1 else ""

    @property
    def _share(self) -> str:
        """How many of its rows are rejected, where that is too many."""
        if self.rows_rejected <= REJECTED_SHARE * self.rows_received:
            return ""
        return f"{self.rows_rejected / self.rows_received:.0%} of rows rejected"

    @property
    def later(self) -> Answer | None:
        """What came of the last try where an earlier one stands."""
        return self.last_answer if self.standing and self.last != self.standing else None

    @property
    def trouble(self) -> list[str]:
        """Why somebody should call: empty when nobody has to."""
        why = []
        if self.last_answer in {Answer.REJECTED, Answer.FAILED}:
            why.append(f"the last file {self.last_answer}")
        if self._share:
            why.append(self._share)
        if len(self.tries) >= MANY_TRIES:
            why.append(f"{len(self.tries)} attempts")
        return why

    @property
    def group(self) -> Group:
        if self.trouble:
            return Group.TROUBLE
        sent = self.answer in {Answer.ACCEPTED, Answer.CHECKING}
        return Group.SENT if sent else Group.NOT_SENT


Place = tuple[int, date, str]


def positions(periods: Collection[date]) -> dict[Place, Position]:
    """Of every provider that sent anything for the periods: by provider, period and kind."""
    found: dict[Place, Position] = defaultdict(Position)
    of = {}
    sent = Submission.objects.filter(period__in=periods).order_by("id")
    for provider, period, kind, key, status in sent.values_list(
        "provider", "period", "kind", "id", "status"
    ):
        of[key] = found[provider, period, kind]
        of[key].tries.append((key, Status(status)))
    rows = TableCount.objects.filter(
        submission__period__in=periods, submission__status=Status.ACCEPTED
    )
    for key, received, standing in (
        rows.order_by().values_list("submission").annotate(Sum("received"), Sum("standing"))
    ):
        if key in of and of[key].standing == key:
            of[key].rows_received, of[key].rows_rejected = received, received - standing
    return found


def expected(periods: Collection[date]) -> QuerySet[Organisation]:
    """The providers that should send: those with a certificate that was granted and not revoked,
    and whoever has sent all the same."""
    certificates = DataUserCertificate.objects.filter(
        organisation=OuterRef("id"),
        status__in=[CertificateStatus.GRANTED, CertificateStatus.SUSPENDED],
    )
    sent = Submission.objects.filter(provider=OuterRef("id"), period__in=periods)
    return Organisation.objects.filter(
        Exists(certificates) | Exists(sent), role=Organisation.Role.PROVIDER
    )


@dataclass
class Row:
    """A provider and all it has sent for the periods that were asked for; `since` is when it could
    send first, `closes` until when of each period and kind."""

    provider: Organisation
    positions: dict[tuple[date, str], Position]
    since: datetime | None = None
    closes: dict[tuple[date, str], datetime] = field(default_factory=dict)

    def of(self, period: date, kind: str) -> Position:
        return self.positions.get((period, kind)) or Position(was_here=self._was_here(period, kind))

    def _was_here(self, period: date, kind: str) -> bool:
        close = self.closes.get((period, kind))
        return self.since is None or close is None or self.since < close


def rows(periods: Collection[date], providers: QuerySet[Organisation] | None = None) -> list[Row]:
    """One for each provider that is expected, or for each of `providers`."""
    found: dict[int, dict[tuple[date, str], Position]] = defaultdict(dict)
    for (provider, period, kind), position in positions(periods).items():
        found[provider][period, kind] = position
    asked = expected(periods) if providers is None else providers
    since, closes = first_days(), _closes(periods)
    return [Row(provider, found[provider.id], since.get(provider.id), closes) for provider in asked]


def first_days() -> dict[int, datetime]:
    """When each provider, by its key, could send first: when a certificate of it was first granted,
    or what it sent before that was received."""
    granted = CertificateChange.objects.filter(after=CertificateStatus.GRANTED).order_by()
    of_certificates = granted.values_list("certificate__organisation").annotate(Min("at"))
    sent = Submission.objects.order_by().values_list("provider").annotate(Min("received_at"))
    found = dict(of_certificates)
    for provider, moment in sent:
        found[provider] = min(moment, found.get(provider, moment))
    return found


def _closes(periods: Collection[date]) -> dict[tuple[date, str], datetime]:
    """When the window that takes a period's Primary closed, or closes, and that of its Refresh."""
    windows = Window.objects.filter(primary_period__gte=min(periods)) if periods else []
    return {
        (window.period(kind), str(kind)): window.closes_at for window in windows for kind in Kind
    }


def of_window(window: Window) -> list[Row]:
    """Every expected provider in the two periods of a window."""
    return rows([window.primary_period, window.refresh_period])


class Figures(NamedTuple):
    """How many of the providers expected are where, for one kind of a window."""

    kind: Kind
    period: date
    expected: int
    sent: int
    not_sent: int
    trouble: int
    checking: int


def figures(window: Window, found: Iterable[Row]) -> list[Figures]:
    told = []
    for kind in Kind:
        asked = [row.of(window.period(kind), kind) for row in found]
        each = [position for position in asked if position.answer != Answer.NOT_HERE]
        groups = [position.group for position in each]
        told.append(
            Figures(
                kind=kind,
                period=window.period(kind),
                expected=len(each),
                sent=groups.count(Group.SENT),
                not_sent=groups.count(Group.NOT_SENT),
                trouble=groups.count(Group.TROUBLE),
                checking=sum(position.answer == Answer.CHECKING for position in each),
            )
        )
    return told


class IfClosed(NamedTuple):
    """What would stand of a kind if its window closed now. Among the `missing`, none of whose
    files stands, some are `checking` or `failed`."""

    kind: Kind
    period: date
    expected: int
    standing: int
    missing: list[tuple[Organisation, Position]]

    def _count(self, answer: Answer) -> int:
        return sum(position.answer == answer for _, position in self.missing)

    @property
    def checking(self) -> int:
        return self._count(Answer.CHECKING)

    @property
    def failed(self) -> int:
        return self._count(Answer.FAILED)


def if_closed(window: Window, found: Collection[Row]) -> list[IfClosed]:
    told = []
    for kind in Kind:
        period = window.period(kind)
        asked = [(row.provider, row.of(period, kind)) for row in found]
        each = [one for one in asked if one[1].answer != Answer.NOT_HERE]
        missing = [(provider, position) for provider, position in each if not position.standing]
        told.append(IfClosed(kind, period, len(each), len(each) - len(missing), missing))
    return told


class Cell(NamedTuple):
    """A provider's Primary and Refresh of a period; the newest period has no Refresh yet."""

    period: date
    primary: Position
    refresh: Position | None


def newest_periods(months: int) -> list[date]:
    """The periods that the windows which have opened take, the newest first."""
    opened = Window.objects.filter(opens_at__lte=clock()).order_by("-primary_period")[:months]
    taken = {window.period(kind) for window in opened for kind in Kind}
    return sorted(taken, reverse=True)[:months]


def cells(row: Row, periods: list[date]) -> list[Cell]:
    return [
        Cell(
            period,
            row.of(period, Kind.PRIMARY),
            row.of(period, Kind.REFRESH) if place else None,
        )
        for place, period in enumerate(periods)
    ]


def stuck() -> QuerySet[Submission]:
    """What was received and is not answered in time, and what a worker left."""
    late = Q(received_at__lt=clock() - STUCK_AFTER)
    return (
        Submission.objects.in_hand()
        .filter(late | lapsed())
        .annotate(no_sign_of_life=Exists(Submission.objects.filter(lapsed(), id=OuterRef("id"))))
        .select_related("provider")
        .order_by("id")
    )


def failed() -> QuerySet[Submission]:
    """What failed through our fault and was not made good by a later file."""
    later = Submission.objects.accepted().filter(
        provider=OuterRef("provider"),
        period=OuterRef("period"),
        kind=OuterRef("kind"),
        id__gt=OuterRef("id"),
    )
    return (
        Submission.objects.filter(~Exists(later), status=Status.FAILED)
        .select_related("provider")
        .order_by("id")
    )


def narrowed(found: Iterable[Row], text: str, state: str, period: date, kind: str) -> list[Row]:
    """Those whose code or name holds the text and whose file of the period and kind is in a state,
    a word of `Group` or `Answer`; all where these are blank."""

    def fits(row: Row) -> bool:
        position = row.of(period, kind)
        return text.strip().lower() in str(row.provider).lower() and (
            not state or state in {position.group, position.answer}
        )

    return [row for row in found if fits(row)]
