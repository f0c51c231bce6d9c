"""What stands out among the exact figures of a stage, for staff before they publish: providers
whose figure is far from what it was in their own last months, or whose rate is far from others'.

What is compared, and how far is far, stands in `specification/outliers.csv`: a figure, by its
number or its rate; `least`, the number (of a rate: the number it is out of) below which nothing is
said; `change`, how many percent (of a rate: percentage points) from the middle of the provider's
own last months; `spread`, how many times the distance between the quartiles of all providers lie
between it and the nearer quartile; blank where providers are not compared, as they differ in size.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from statistics import median, quantiles
from typing import NamedTuple

from extracts.disclosure import percent
from extracts.figures import Counted, Figure, figures
from extracts.models import FigureCount, Run
from extracts.specification.breakdowns import PROVIDER
from extracts.specification.derivations import rows

# So many earlier months are one's usual; so many are needed, and so many providers.
MONTHS, MONTHS_NEEDED, PROVIDERS_NEEDED = 6, 2, 5
TENTH = Decimal("0.1")
Value = Decimal | int


class Asked(NamedTuple):
    """What is compared of one figure."""

    figure: Figure
    is_rate: bool
    least: int
    change: Decimal
    spread: Decimal | None

    def value(self, counted: Counted) -> Value | None:
        """None where it was not counted, and where there is no rate."""
        if self.figure.name not in counted:
            return None
        number = counted[self.figure.name]
        if not self.is_rate:
            return number
        whole = counted.get(self.figure.of, 0)
        return percent(number, whole, 1) if whole else None

    def is_large(self, several: Iterable[Counted]) -> bool:
        """Whether any of them has enough to say something of."""
        size = self.figure.of if self.is_rate else self.figure.name
        return any(one.get(size, 0) >= self.least for one in several)


@cache
def asked() -> tuple[Asked, ...]:
    known = {one.name: one for one in figures()}
    return tuple(
        Asked(
            known[row["figure"]],
            row["measure"] == "rate",
            int(row["least"]),
            Decimal(row["change"]),
            Decimal(row["spread"]) if row["spread"] else None,
        )
        for row in rows("outliers.csv")
    )


@dataclass(frozen=True)
class Compared:
    """A figure of a provider beside its own usual one and the quartiles of all; each None where
    there is too little to say."""

    provider: str
    asked: Asked
    now: Value
    usual: Decimal | None
    quartiles: tuple[Decimal, Decimal] | None
    is_changed: bool
    is_far: bool

    @property
    def stands_out(self) -> bool:
        return self.is_changed or self.is_far

    @property
    def change(self) -> Decimal | None:
        """In percent of the usual number, or in percentage points."""
        if self.usual is None:
            return None
        return change(Decimal(self.now), self.usual, self.asked.is_rate)


def change(now: Decimal, usual: Decimal, is_rate: bool) -> Decimal | None:
    """None where there is nothing to reckon percent of."""
    if is_rate:
        return now - usual
    return (100 * (now - usual) / usual).quantize(Decimal(1)) if usual else None


def compare(
    now: Mapping[str, Counted], before: Mapping[str, list[Counted]], of: Asked
) -> list[Compared]:
    """One figure of every provider that is large enough, beside the figures of its last months."""
    values = {
        provider: value
        for provider, counted in now.items()
        if (value := of.value(counted)) is not None
    }
    large = {
        provider: value
        for provider, value in values.items()
        if of.is_large([now[provider], *before.get(provider, [])])
    }
    quartiles = _quartiles([large[one] for one in large if of.is_large([now[one]])], of)
    found = []
    for provider, value in large.items():
        earlier = [of.value(one) for one in before.get(provider, [])]
        told = [Decimal(one) for one in earlier if one is not None]
        enough = len(told) >= MONTHS_NEEDED
        usual = Decimal(median(told)).quantize(TENTH) if enough else None
        is_far = (
            quartiles is not None
            and of.is_large([now[provider]])
            and _is_far(Decimal(value), quartiles, of.spread or Decimal(0))
        )
        is_changed = usual is not None and _has_changed(Decimal(value), usual, of)
        found.append(Compared(provider, of, value, usual, quartiles, is_changed, is_far))
    return found


def _has_changed(now: Decimal, usual: Decimal, of: Asked) -> bool:
    """Anything is far from nothing."""
    differs = change(now, usual, of.is_rate)
    return now != usual if differs is None else abs(differs) > of.change


def _quartiles(values: list[Value], of: Asked) -> tuple[Decimal, Decimal] | None:
    if of.spread is None or len(values) < PROVIDERS_NEEDED:
        return None
    low, _, high = quantiles([Decimal(one) for one in values], n=4, method="inclusive")
    return low.quantize(TENTH), high.quantize(TENTH)


def _is_far(value: Decimal, quartiles: tuple[Decimal, Decimal], spread: Decimal) -> bool:
    low, high = quartiles
    return not low - spread * (high - low) <= value <= high + spread * (high - low)


# -- of a run -------------------------------------------------------------------------------------


def of_run(run: Run, stage: str) -> list[Compared]:
    """Every figure of every provider of a stage that can be compared."""
    now = _by_provider(run, stage)
    before = earlier(run, stage)
    return [one for of in asked() for one in compare(now, before, of)]


def _by_provider(run: Run, stage: str) -> dict[str, Counted]:
    counts = run.figure_counts.filter(stage=stage, by=PROVIDER)
    return dict(counts.order_by("of").values_list("of", "figures"))


def earlier(run: Run, stage: str) -> dict[str, list[Counted]]:
    """By provider its figures of the last published months before, at the same stage: like with
    like."""
    counts = FigureCount.objects.filter(
        stage=stage,
        by=PROVIDER,
        run__window__primary_period__lt=run.window.primary_period,
        run__publication__isnull=False,
    )
    newest_first = counts.order_by("-run__window__primary_period")
    months = newest_first.values_list("run__window__primary_period", flat=True).distinct()[:MONTHS]
    # Of each provider and month as it was counted last.
    of_months = counts.filter(run__window__primary_period__in=list(months))
    last = of_months.order_by("of", "run__window__primary_period", "-run_id").distinct(
        "of", "run__window__primary_period"
    )
    found: dict[str, list[Counted]] = {}
    for provider, counted in last.values_list("of", "figures"):
        found.setdefault(provider, []).append(counted)
    return found
