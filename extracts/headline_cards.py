"""The headline figures as cards: the newest that is shown, and how it differs from before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from extracts import released_statistics, trends
from extracts.disclosure import STAR
from extracts.headlines import Headline, change
from extracts.released_statistics import Shown, Stage, shown
from submissions.periods import month_before, quarter_start


@dataclass(frozen=True)
class Card:
    """A headline in words, of which month or quarter that is (`is_newest`: of the newest month),
    how it differs from the one before and from a year before, and its drawing over the months."""

    headline: Headline
    words: str
    of: Stage
    is_newest: bool
    changes: list[str]
    trend: trends.Trend


def cards(headlines: Sequence[Headline], months: list[Stage], quarters: list[Stage]) -> list[Card]:
    """Of some months, the oldest first, and quarters."""
    stages = [*months, *quarters]
    national = released_statistics.national(stages)
    providers = _providers(stages)
    found = []
    for headline in headlines:
        told = {
            stage: shown(headline.figure, kept)
            for stage, kept in zip(stages, national, strict=True)
        }
        of = _newest_shown(headline, told) or months[-1]
        found.append(
            Card(
                headline,
                headline.words(told[of]),
                of,
                of == months[-1],
                _changes(headline, of, told, providers),
                _trend(headline, months, told),
            )
        )
    return found


def _newest_shown(headline: Headline, told: dict[Stage, Shown | None]) -> Stage | None:
    """Of a month and the quarter that ends with it the month."""
    newest_first = sorted(told, key=lambda one: (one.period, not one.is_quarter), reverse=True)
    return next((one for one in newest_first if headline.words(told[one]) not in {"", STAR}), None)


def _changes(
    headline: Headline,
    of: Stage,
    told: dict[Stage, Shown | None],
    providers: dict[Stage, list[list[str]]],
) -> list[str]:
    """How it differs from the period before and the same a year before, as far as they are
    shown."""
    earlier = {(one.period, one.is_quarter): one for one in told}
    found = []
    for period in (_before(of), of.period.replace(year=of.period.year - 1)):
        then = earlier.get((period, of.is_quarter))
        if then is None:
            continue
        differs = change(headline.value(told[of]), headline.value(told[then]), headline.is_rate)
        if differs:
            sent = providers.get(of), providers.get(then)
            alike = None in sent or sent[0] == sent[1]
            found.append(f"{differs} {then.title}{'' if alike else ' (not the same providers)'}")
    return found


def _before(of: Stage) -> date:
    return month_before(quarter_start(of.period) if of.is_quarter else of.period)


def _providers(stages: Sequence[Stage]) -> dict[Stage, list[list[str]]]:
    """Who sent what some stages rest on, month by month, where their releases say so."""
    found: dict[Stage, list[list[str]]] = {}
    for one in released_statistics.coverage(stages):
        found.setdefault(one.stage, []).append(one.sent)
    return found


def _trend(
    headline: Headline, months: list[Stage], told: dict[Stage, Shown | None]
) -> trends.Trend:
    return trends.trend(
        [f"{one.period:%b %Y}" for one in months],
        {headline.title: [headline.value(told[one]) for one in months]},
        kinds=["own"],
        hollow=[place for place, one in enumerate(months) if one.is_provisional],
        counts=not headline.is_rate,
        frame=trends.SMALL,
    )
