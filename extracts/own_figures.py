"""The exact figures of an organisation, of runs that are published: for itself alone. What others
see of them has gone through disclosure control (`extracts.released_statistics`)."""

import csv
import io
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from extracts import figures
from extracts.disclosure import percent
from extracts.figures import Counted, Figure
from extracts.models import FigureCount, ReleasedPart
from extracts.released_statistics import Shown
from extracts.releases import STAGES, in_words
from extracts.statistics_files import COUNT, PERCENT
from submissions.models.calendar import Kind


@dataclass(frozen=True, eq=False)
class Own:
    """The exact figures of a month, provisional or final, or of a quarter; each is itself alone."""

    period: date
    stage: str
    figures: Counted

    @property
    def words(self) -> str:
        return STAGES[self.stage]

    @property
    def is_provisional(self) -> bool:
        return self.stage == Kind.PRIMARY

    @property
    def title(self) -> str:
        return f"{self.period:%B %Y}"

    @property
    def in_words(self) -> str:
        return in_words(self.period, self.stage)

    @property
    def short(self) -> str:
        """What stands below its place in a drawing."""
        return f"{self.period:%b %Y}"


def stages(organisation: Organisation) -> list[Own]:
    """All that is published of a provider, or of the patients that a commissioner answers for, the
    newest first; of a month and stage as it was counted last."""
    counts = FigureCount.objects.filter(
        by=organisation.role, of=organisation.code, run__publication__isnull=False
    )
    found: dict[tuple[date, str], Own] = {}
    for one in counts.select_related("run__window").order_by("-run_id"):
        # A quarter ends with the month that is final.
        kind = Kind.REFRESH if one.stage == ReleasedPart.QUARTER else Kind(one.stage)
        period = one.run.window.period(kind)
        found.setdefault((period, one.stage), Own(period, one.stage, one.figures))
    return sorted(found.values(), key=lambda one: one.period, reverse=True)


def months(of: list[Own]) -> list[Own]:
    """Of each month the stage that counts; the oldest month first."""
    order = list(STAGES)
    found: dict[date, Own] = {}
    for one in sorted(of, key=lambda one: order.index(one.stage)):
        if one.stage != ReleasedPart.QUARTER:
            found[one.period] = one
    return [found[period] for period in sorted(found)]


def newest_quarter(of: list[Own]) -> Own | None:
    return next((one for one in of if one.stage == ReleasedPart.QUARTER), None)


def exact(figure: Figure, counted: Counted) -> Shown | None:
    """A figure as its organisation sees it; None where it was not counted. There is no rate of
    nothing."""
    if figure.name not in counted:
        return None
    number, whole = counted[figure.name], counted.get(figure.of, 0)
    rate = percent(number, whole, 1) if whole else None
    return Shown(number, rate, None, has_rate=rate is not None)


def figures_in(several: list[Own]) -> list[Figure]:
    """The figures that any of them has, in order."""
    named = set().union(*(one.figures for one in several))
    return [one for one in figures.figures() if one.name in named]


HEAD = ("period", "stage", "figure", "former", "statistic", "value")


def as_csv(several: list[Own]) -> str:
    """Months and quarters as a file, one figure a line; its columns are called as in what is
    public."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(HEAD)
    for one in several:
        for figure in figures_in([one]):
            former = figure.former if one.stage == ReleasedPart.QUARTER else ""
            told = exact(figure, one.figures)
            place = (f"{one.period:%Y-%m}", one.words, figure.name, former)
            if told:
                lines.writerow((*place, COUNT, told.number))
                if told.has_rate:
                    lines.writerow((*place, PERCENT, told.rate))
    return text.getvalue()
