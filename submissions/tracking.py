"""Where every provider stands: what it has sent of each period and kind. However many providers
there are, the questions to the database are as many."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import CertificateStatus, DataUserCertificate, Organisation
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
}


@dataclass
class Position:
    """What one provider has sent of one period and kind, in the order of its receipts."""

    tries: list[tuple[int, Status]] = field(default_factory=list)
    rows_received: int = 0
    rows_rejected: int = 0

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
        return ANSWERS[self.tries[-1][1]] if self.tries else Answer.NOTHING

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
    """A provider and all it has sent for the periods that were asked for."""

    provider: Organisation
    positions: dict[tuple[date, str], Position]

    def of(self, period: date, kind: str) -> Position:
        return self.positions.get((period, kind), Position())


def rows(periods: Collection[date], providers: QuerySet[Organisation] | None = None) -> list[Row]:
    """One for each provider that is expected, or for each of `providers`."""
    found: dict[int, dict[tuple[date, str], Position]] = defaultdict(dict)
    for (provider, period, kind), position in positions(periods).items():
        found[provider][period, kind] = position
    asked = expected(periods) if providers is None else providers
    return [Row(provider, found[provider.id]) for provider in asked]


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
        each = [row.of(window.period(kind), kind) for row in found]
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
        each = [(row.provider, row.of(period, kind)) for row in found]
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
