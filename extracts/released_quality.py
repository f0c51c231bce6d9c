"""The data quality report as it is released, in the shapes that pages and files need.

Everything here is read of releases (`extracts.models.ReleasedPart`), and nothing of exact counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from extracts import data_quality, disclosure, released_statistics, releases
from extracts.data_quality import Figures
from extracts.disclosure import TOGETHER
from extracts.models import ReleasedPart
from extracts.released_statistics import Shown, Stage
from extracts.releases import Released
from validation import quality
from validation.quality import Item


def months() -> dict[date, list[Released]]:
    """What stands, by month, the newest first; of a month the provisional stage first."""
    return releases.released(ReleasedPart.QUALITY)


def beside(of: Iterable[Released]) -> list[Stage]:
    """The statistics that were released together with some stages: they say whose data both rest
    on, where a release says so at all."""
    return [
        one
        for stage in of
        for one in released_statistics.of_release(stage.release.id)
        if one.stage == stage.stage
    ]


def providers(of: Iterable[Released]) -> list[str]:
    """The codes of those that some stages tell of, alone or together with others."""
    return sorted(set().union(*(data_quality.providers(stage.content) for stage in of)))


def tells_of(provider: str) -> bool:
    """Whether a release that stands tells of a provider, alone or together with others: if so, its
    first item does, which is counted over all patients."""
    standing = ReleasedPart.objects.filter(part=ReleasedPart.QUALITY, release__withdrawn_at=None)
    alone = Q(content__items__0__2__has_key=provider)
    together = Q(content__items__0__4__contains=[provider])
    return provider != TOGETHER and standing.filter(alone | together).exists()


def national(of: Iterable[Released], item: Item) -> list[Shown | None]:
    """An item in several stages; None where it was not counted."""
    found = [data_quality.figures(stage.content, [item]).get(item.name) for stage in of]
    return [shown(one.table.national) if one else None for one in found]


def of_provider(of: Iterable[Released], item: Item, code: str) -> list[Shown | None]:
    """The same of one provider; None where it has none of it."""
    found = [data_quality.figures(stage.content, [item]).get(item.name) for stage in of]
    return [alone(one, code) if one else None for one in found]


def alone(figures: Figures, code: str) -> Shown | None:
    """An item of one provider: left out where it stands together with others, None where it has
    none of it."""
    if row := figures.table.rows.get(code):
        return shown(row)
    return Shown(None, None, None, has_rate=True) if code in figures.table.together else None


def shown(row: disclosure.Shown) -> Shown:
    """How many records a row has, and the rate of valid ones."""
    return Shown(row.whole, row.rate, row.at_least, has_rate=True)


def first_shown(of: Sequence[Released]) -> Item:
    """The first item whose national rate is shown in the last of some stages; where none is, the
    first that is told as a band; else the first item."""
    items = quality.items()
    told = data_quality.figures(of[-1].content) if of else {}
    rates = [(one, told[one.name].table.national) for one in items if one.name in told]
    exact = (one for one, row in rates if row.rate is not None)
    bands = (one for one, row in rates if row.at_least is not None)
    return next(exact, None) or next(bands, None) or items[0]
