"""The data quality report: how many values of each item are valid, by period and stage, nationally
and by provider, as a run froze it.

What is public goes through disclosure control, once: it is part of a release, and kept with it. A
provider's own figures, for itself and for staff, are exact, and there once the run is published.

Public is plain data, read by any later version:

    {"policy": "portal",
     "items": [["gender", ["valid", "missing"],
                {"RZ1": [45, [40, null], "88.9", null], …}, [120, [110, 10], "91.7", null],
                ["RZ8", "RZ9"]], …]}

An item has its name, its categories, by provider and then nationally what is shown (the whole, the
parts, the rate as text, at least how many percent), and those that stand as one row together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Organisation
from extracts import disclosure, statistics
from extracts.beside_statistics import Beside
from extracts.disclosure import TOGETHER, Shown, ShownTable
from extracts.models import Frozen, Run
from extracts.remembering import remembered
from submissions.models import QualityCount
from submissions.models.calendar import Kind
from validation import quality
from validation.quality import CATEGORIES, Item

POLICY = disclosure.policies()["portal"]
# Of an item: by provider its counts, in the order of CATEGORIES.
Counts = dict[str, tuple[int, ...]]
Content = dict[str, Any]


class Stage(NamedTuple):
    """What is published of a period: provisional (of its Primaries), or final (of its Refreshes,
    where there is none of the Primary)."""

    period: date
    stage: str
    run: Run

    @property
    def is_provisional(self) -> bool:
        return self.stage == Kind.PRIMARY

    @property
    def words(self) -> str:
        return "provisional" if self.is_provisional else "final"


@dataclass(frozen=True)
class Figures:
    """What is public of one item in one stage. A part of a row belongs to the category in the same
    place of `categories`."""

    item: Item
    categories: tuple[str, ...]
    table: ShownTable

    def by_category(self, parts: Iterable[int | None]) -> dict[str, int | None]:
        return dict(zip(self.categories, parts, strict=True))


class Own(NamedTuple):
    """A provider's exact counts of one item, in the order of CATEGORIES."""

    item: Item
    counts: tuple[int, ...]

    @property
    def whole(self) -> int:
        return sum(self.counts)

    @property
    def rate(self) -> Decimal | None:
        return disclosure.percent(self.counts[0], self.whole, 1) if self.whole else None

    @property
    def to_improve(self) -> int:
        """How many values are default, invalid or missing."""
        told = dict(zip(CATEGORIES, self.counts, strict=True))
        return told["default"] + told["invalid"] + told["missing"]


def published() -> dict[date, list[Stage]]:
    """The stages of every period of which something is published, the newest period first; of a
    period the provisional stage first. Of each the newest run that is published tells."""
    runs = Run.objects.filter(publication__isnull=False).select_related("window", "publication")
    with_data = set(Frozen.objects.filter(run__in=runs).values_list("run_id", "stage").distinct())
    newest = {
        (run.window.period(kind), str(kind)): run
        for run in runs.order_by("id")
        for kind in (Kind.PRIMARY, Kind.REFRESH)
        if (run.id, str(kind)) in with_data
    }
    found: dict[date, list[Stage]] = {}
    for (period, stage), run in sorted(newest.items(), key=lambda one: one[0][1]):
        found.setdefault(period, []).append(Stage(period, stage, run))
    return dict(sorted(found.items(), reverse=True))


def counted(run: Run, stage: str) -> dict[str, Counts]:
    """By item the exact counts of each provider, of what the run froze."""
    frozen = run.frozen.filter(stage=stage).values("submission")
    counts = QualityCount.objects.filter(submission__in=frozen)
    in_order = counts.order_by("submission__provider__code")
    found: dict[str, Counts] = {}
    for item, provider, *numbers in in_order.values_list(
        "item", "submission__provider__code", *CATEGORIES
    ):
        found.setdefault(item, {})[provider] = tuple(numbers)
    return found


def content(run: Run, stage: str) -> Content:
    """What is public of a stage of a run; `items` is empty where nothing was counted."""
    policy = POLICY.of_provisional() if stage == Kind.PRIMARY else POLICY
    counts, providers = counted(run, stage), statistics.shown_of_providers(run, stage)
    beside = Beside(providers, policy)
    return remembered(
        "quality",
        [repr(policy), repr(quality.items()), counts, providers],
        lambda: {
            "policy": POLICY.name,
            "items": [_plain(one) for one in _figures(counts, beside).values()],
        },
    )


def figures(content: Content, items: Iterable[Item] | None = None) -> dict[str, Figures]:
    """By item what is public, of all or of some, from what was kept."""
    titled = {item.name: item for item in (quality.items() if items is None else items)}
    return {name: _again(titled[name], *told) for name, *told in content["items"] if name in titled}


def providers(content: Content) -> set[str]:
    """The codes of those that something kept tells of, alone or together with others."""
    of_items = ({*rows, *together} for _, _, rows, _, together in content["items"])
    return set().union(*of_items) - {TOGETHER}


def _plain(one: Figures) -> list[Any]:
    """Figures as they are kept."""
    rows = {name: _plain_row(row) for name, row in one.table.rows.items()}
    national = _plain_row(one.table.national)
    return [one.item.name, [*one.categories], rows, national, [*one.table.together]]


def _plain_row(row: Shown) -> list[Any]:
    rate = None if row.rate is None else str(row.rate)
    return [row.whole, [*row.parts], rate, row.at_least]


def _again(item: Item, categories: Any, rows: Any, national: Any, together: Any) -> Figures:
    in_order = sorted(rows, key=lambda name: (name == TOGETHER, name))
    shown = {name: _row_again(*rows[name]) for name in in_order}
    table = ShownTable(shown, _row_again(*national), tuple(together))
    return Figures(item, tuple(categories), table)


def _row_again(whole: Any, parts: Any, rate: Any, at_least: Any) -> Shown:
    return Shown(whole, tuple(parts), None if rate is None else Decimal(rate), at_least)


def _figures(by_item: dict[str, Counts], beside: Beside) -> dict[str, Figures]:
    return {
        item.name: _of_item(item, by_item[item.name], beside)
        for item in quality.items()
        if item.name in by_item and not _tells_of_few(item, by_item)
    }


def _tells_of_few(item: Item, by_item: dict[str, Counts]) -> bool:
    """Whether some whose files were checked before the item was measured sent so few of its records
    that it would tell how many, beside another item of the same records."""
    own = by_item[item.name]
    alike = [
        by_item[one.name]
        for one in quality.items()
        if (one.table, one.population) == (item.table, item.population) and one.name in by_item
    ]
    missing = (
        sum(sum(numbers) for provider, numbers in counts.items() if provider not in own)
        for counts in alike
    )
    return any(0 < one < POLICY.least for one in missing)


def _of_item(item: Item, counts: Counts, beside: Beside) -> Figures:
    """A category that none of the item's values can fall into is no figure: there it is always
    none. It is one where a count was made by other definitions."""
    columns = [
        place
        for place, category in enumerate(CATEGORIES)
        if category in item.categories or any(numbers[place] for numbers in counts.values())
    ]
    table = {
        provider: [numbers[place] for place in columns] for provider, numbers in counts.items()
    }
    names = tuple(CATEGORIES[place] for place in columns)
    return Figures(item, names, beside.shown_table(item, table))


def published_of(provider: Organisation) -> dict[date, Stage]:
    """Of every period of which something of a provider is published the stage that counts, which is
    the last; the newest period first."""
    newest = {period: stages[-1] for period, stages in published().items()}
    runs = [stage.run for stage in newest.values()]
    frozen = Frozen.objects.filter(run__in=runs, submission__provider=provider)
    sent = set(frozen.values_list("run_id", "stage"))
    return {
        period: stage for period, stage in newest.items() if (stage.run.id, stage.stage) in sent
    }


def own(stage: Stage, provider: Organisation) -> dict[str, Own]:
    """By item a provider's exact counts: for itself and for staff."""
    frozen = stage.run.frozen.filter(stage=stage.stage, submission__provider=provider)
    counts = QualityCount.objects.filter(submission__in=frozen.values("submission"))
    by_item = {item: numbers for item, *numbers in counts.values_list("item", *CATEGORIES)}
    return {
        item.name: Own(item, tuple(by_item[item.name]))
        for item in quality.items()
        if item.name in by_item
    }


def to_improve_first(of: dict[str, Own], most: int = 5) -> list[Own]:
    """The items in which the most values are default, invalid or missing."""
    found = [one for one in of.values() if one.to_improve]
    return sorted(found, key=lambda one: -one.to_improve)[:most]
