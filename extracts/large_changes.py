"""How the exact main figures of a run differ from those one would hold beside them: of the month or
the quarter before, of the provisional figures, of what was released before. For staff, who look at
the large changes before anything is released."""

from datetime import date
from functools import cache
from typing import NamedTuple

from extracts.figures import main_figures
from extracts.models import FigureCount, Release, ReleasedPart, Run
from extracts.releases import in_words
from extracts.specification.derivations import rows
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.periods import month_before, quarter_start

LEVELS = ("national", "provider")


class Threshold(NamedTuple):
    """From how many percent, and from how much at least, a change is large."""

    percent: int
    least: int
    words: str

    def passed(self, before: int, now: int) -> bool:
        change = abs(now - before)
        return change >= self.least and 100 * change >= self.percent * before


class Comparison(NamedTuple):
    """A stage of a run, and what is held beside it: a stage of another run, if there is one."""

    check: str
    stage: str
    before: Run | None
    before_stage: str


class Change(NamedTuple):
    """A figure that has changed much; `of` is blank for the nation."""

    comparison: Comparison
    of: str
    figure: str
    before: int
    now: int

    @property
    def percent(self) -> str:
        if not self.before:
            return "new"
        return f"{100 * (self.now - self.before) / self.before:+.0f}%"


@cache
def thresholds() -> dict[tuple[str, str], Threshold]:
    """By what is compared and by level (`specification/release_checks.csv`)."""
    return {
        (row["check"], row["level"]): Threshold(
            int(row["percent"]), int(row["least"] or 0), row["words"]
        )
        for row in rows("release_checks.csv")
    }


def comparisons(run: Run) -> list[Comparison]:
    """What the figures of a run are held beside."""
    window = run.window
    month = run_of(primary_period=month_before(window.primary_period))
    quarter = run_of(refresh_period=month_before(quarter_start(window.refresh_period)))
    released = Release.objects.filter(run__window=window).exclude(run=run).first()
    stages = set(run.figure_counts.values_list("stage", flat=True))
    told = [
        Comparison("month before", Kind.PRIMARY, month, Kind.PRIMARY),
        Comparison("month before", Kind.REFRESH, month, Kind.REFRESH),
        Comparison("provisional", Kind.REFRESH, month, Kind.PRIMARY),
        Comparison("quarter before", ReleasedPart.QUARTER, quarter, ReleasedPart.QUARTER),
    ]
    if released:
        told += [Comparison("released before", one, released.run, one) for one in sorted(stages)]
    return [one for one in told if one.stage in stages]


def run_of(**window: date) -> Run | None:
    """The newest run that is published, of the window that takes a period."""
    published = Run.objects.filter(publication__isnull=False)
    return published.filter(window__in=Window.objects.filter(**window)).order_by("-id").first()


def large(run: Run, comparison: Comparison) -> list[Change] | None:
    """The large changes of one comparison, the largest first; None where there is nothing to
    compare with."""
    before = _numbers(comparison.before, comparison.before_stage)
    if not before:
        return None
    now = _numbers(run, comparison.stage)
    found = [
        Change(comparison, of, figure, before.get(key, 0), now.get(key, 0))
        for key in {**now, **before}
        for by, of, figure in [key]
        if thresholds()[comparison.check, by].passed(before.get(key, 0), now.get(key, 0))
    ]
    return sorted(found, key=lambda one: (one.of != "", -abs(one.now - one.before)))


def _numbers(run: Run | None, stage: str) -> dict[tuple[str, str, str], int]:
    """By level, organisation and figure what a run counted."""
    counts = FigureCount.objects.filter(run=run, stage=stage, by__in=LEVELS)
    known = [figure.name for figure in main_figures()]
    return {
        (one.by, one.of, name): one.figures[name]
        for one in counts.order_by("by", "of")
        for name in known
        if isinstance(one.figures.get(name), int)
    }


def words(run: Run, comparison: Comparison) -> str:
    """Which stage is held beside what, as people say it."""
    window = run.window
    stage = comparison.stage
    period = window.refresh_period if stage != Kind.PRIMARY else window.primary_period
    beside = thresholds()[comparison.check, LEVELS[0]].words
    return f"{in_words(period, stage)}, beside {beside}"
