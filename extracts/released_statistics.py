"""The statistics as they are released, in the shapes that pages, drawings and files need.

Everything here is read of releases (`extracts.models.ReleasedPart`), and nothing of exact figures:
what is left out there cannot come back in a page, a drawing or a file.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db.models import Func, TextField
from django.db.models.fields.json import KeyTransform

from extracts import breakdown_parts, figures, releases
from extracts.breakdown_parts import titles
from extracts.disclosure import STAR
from extracts.figures import Figure
from extracts.models import ReleasedPart
from extracts.releases import STAGES
from submissions.models.calendar import Kind

# The figures of one provider, age, … as they are kept: by name the number, the rate and, where
# the rate is told as a band, how many percent it is at least.
Kept = dict[str, list[Any]]
# So many months lie between a month and the same one a year before, with both.
MONTHS = 13
# So many quarters are told of together: two years, and the one that they are compared with.
QUARTERS = 9


@dataclass(frozen=True)
class Stage:
    """A month as it stands, provisional or final, or a quarter, named by its last month; without
    its figures. `part` is the key of the released part that holds them."""

    part: int
    period: date
    stage: str
    release: int
    at: datetime
    # Why it was released again; blank where it was not.
    why: str = ""

    @property
    def words(self) -> str:
        return STAGES[self.stage]

    @property
    def is_quarter(self) -> bool:
        return self.stage == ReleasedPart.QUARTER

    @property
    def is_provisional(self) -> bool:
        return self.stage == Kind.PRIMARY

    @property
    def title(self) -> str:
        """Of a month `May 2026`."""
        return releases.quarter_title(self.period) if self.is_quarter else f"{self.period:%B %Y}"

    @property
    def in_words(self) -> str:
        return releases.in_words(self.period, self.stage)

    @property
    def short(self) -> str:
        """What stands below its place in a drawing."""
        return releases.quarter_short(self.period) if self.is_quarter else f"{self.period:%b %Y}"


@dataclass(frozen=True)
class Shown:
    """A figure as it was released. Where `number` or `rate` is None it is left out, and shown as a
    star; a rate that is left out may be told as `at_least` so many percent instead."""

    number: int | None
    rate: Decimal | None
    at_least: int | None
    has_rate: bool

    @property
    def is_told(self) -> bool:
        """Whether anything of it is shown."""
        return any(one is not None for one in (self.number, self.rate, self.at_least))

    @property
    def number_words(self) -> str:
        return STAR if self.number is None else f"{self.number:,}"

    @property
    def rate_words(self) -> str:
        """Blank where the figure has no rate."""
        if not self.has_rate:
            return ""
        if self.at_least is not None:
            return f"{self.at_least}% or more"
        return STAR if self.rate is None else f"{self.rate}%"


def shown(figure: Figure, kept: Kept | None) -> Shown | None:
    """A figure of those that are kept; None where it was not counted."""
    if kept is None or figure.name not in kept:
        return None
    return read(kept[figure.name], bool(figure.of))


def read(kept: list[Any], has_rate: bool) -> Shown:
    """A figure as it is kept; it may have had a rate when it was released."""
    number, rate, *band = kept
    return Shown(
        number,
        None if rate is None else Decimal(rate),
        band[0] if band else None,
        has_rate or rate is not None,
    )


# -- what stands ----------------------------------------------------------------------------------


def stages() -> list[Stage]:
    """What stands of every period, the newest first; of a period the provisional stage first."""
    standing = releases.released(ReleasedPart.STATISTICS).values()
    return [_stage(one.part) for several in standing for one in several]


def of_release(release: int) -> list[Stage]:
    """The stages of one release, also of one that is withdrawn."""
    parts = ReleasedPart.objects.filter(release=release, part=ReleasedPart.STATISTICS)
    in_order = releases.in_order(parts.select_related("release").defer("content"))
    return [_stage(one) for one in in_order]


def _stage(part: ReleasedPart) -> Stage:
    return Stage(
        part.id, part.period, part.stage, part.release_id, part.release.at, part.release.why
    )


def months(of: Iterable[Stage] | None = None) -> dict[date, list[Stage]]:
    """By month its stages."""
    found: dict[date, list[Stage]] = {}
    for one in stages() if of is None else of:
        if not one.is_quarter:
            found.setdefault(one.period, []).append(one)
    return found


def last_months(of: Iterable[Stage] | None = None) -> list[Stage]:
    """Of the newest months the stage that counts, which is the last; the oldest month first."""
    return [one[-1] for one in list(months(of).values())[:MONTHS]][::-1]


def page_of(by: str, code: str) -> str:
    """The address of what everybody sees of an organisation; blank where that is nothing."""
    return pages(by, [code])[code]


def pages(by: str, codes: Iterable[str]) -> dict[str, str]:
    """The same of several organisations, by their codes; as many questions as for one."""
    of = last_months()
    parts = ReleasedPart.objects.filter(id__in=[stage.part for stage in of])
    alone = parts.values_list(_keys_at("figures", by), flat=True)
    stand = {*alone, *chain.from_iterable(together(of, by))}
    return {one: breakdown_parts.page_of(by, one) if one in stand else "" for one in codes}


def last_quarters(of: Iterable[Stage] | None = None) -> list[Stage]:
    """The newest quarters; the oldest first."""
    return [one for one in (stages() if of is None else of) if one.is_quarter][:QUARTERS][::-1]


# -- its figures ----------------------------------------------------------------------------------


def contents(of: Collection[Stage]) -> dict[int, dict[str, Any]]:
    """The whole content of some stages, by part."""
    parts = ReleasedPart.objects.filter(id__in=[one.part for one in of])
    return dict(parts.values_list("id", "content"))


def by(stage: Stage, breakdown: str) -> dict[str, Kept]:
    """The figures of a stage by provider, age, …; empty where it has no such breakdown."""
    return _taken([stage], "figures", breakdown).get(stage.part) or {}


def national(of: Collection[Stage]) -> list[Kept | None]:
    return of_one(of, "national", "")


def of_one(of: Collection[Stage], breakdown: str, one: str) -> list[Kept | None]:
    """The figures of one provider, age, … in several stages; None where it has none."""
    found = _taken(of, "figures", breakdown, one)
    return [found.get(stage.part) for stage in of]


def together(of: Collection[Stage], breakdown: str) -> list[list[str]]:
    """Who stands as one row in each of several stages."""
    found = _taken(of, "together", breakdown)
    return [found.get(stage.part) or [] for stage in of]


def policies(of: Collection[Stage]) -> list[str]:
    """The names of the policies by which some stages were released."""
    return sorted(set(_taken(of, "policy").values()))


def exact(stage: Stage) -> list[str]:
    """The figures that are exact of the nation; none in a release that did not say."""
    return _taken([stage], "exact").get(stage.part) or []


@dataclass(frozen=True)
class Coverage:
    """Whose data the figures of a stage come from, of one of its months; `expected` is None in a
    release that did not say."""

    stage: Stage
    month: date
    sent: list[str]
    expected: list[str] | None
    # Whether it is so of every month of the stage, which is then told once.
    is_every_month: bool = False

    @property
    def words(self) -> str:
        if self.is_every_month:
            return f"Each month of {self.stage.title}"
        return f"{self.month:%B %Y}, {self.stage.words}"

    @property
    def missing(self) -> list[str]:
        return [one for one in self.expected or [] if one not in self.sent]


def coverage(of: Collection[Stage]) -> list[Coverage]:
    """By stage and month; nothing of a release that did not say."""
    sent, expected = _taken(of, "coverage"), _taken(of, "expected")
    return [
        Coverage(
            stage,
            date.fromisoformat(f"{month}-01"),
            providers,
            (expected.get(stage.part) or {}).get(month),
        )
        for stage in of
        for month, providers in sorted((sent.get(stage.part) or {}).items())
    ]


def breakdowns(stage: Stage) -> list[str]:
    """By what a stage tells figures, but for the nation as a whole."""
    told = _keys(stage, "figures")
    return [one for one in titles() if one in told]


def parts(stage: Stage, breakdown: str) -> set[str]:
    """The providers, ages, … that have figures of their own in a stage."""
    return _keys(stage, "figures", breakdown)


def _keys(stage: Stage, *path: str) -> set[str]:
    parts = ReleasedPart.objects.filter(id=stage.part)
    return set(parts.values_list(_keys_at(*path), flat=True))


def _keys_at(*path: str) -> Func:
    return Func(_at(path), function="jsonb_object_keys", output_field=TextField())


def _at(path: tuple[str, ...]) -> Any:
    """A place in the contents; only what stands there leaves the database."""
    place: Any = "content"
    for name in path:
        place = KeyTransform(name, place)
    return place


def _taken(of: Collection[Stage], *path: str) -> dict[int, Any]:
    """What stands at a place of the contents, by part."""
    found = ReleasedPart.objects.filter(id__in=[one.part for one in of])
    return dict(found.values_list("id", _at(path)))


def figures_in(several: Iterable[Mapping[str, Any] | None]) -> list[Figure]:
    """The figures that any of them has, in the order in which they are declared."""
    named = set().union(*(one for one in several if one))
    return [figure for figure in figures.figures() if figure.name in named]
