"""What is released to the public: read as it was kept when it was released, never reckoned anew."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse

from extracts.models import Release, ReleasedPart, Releases
from submissions.models.calendar import Kind
from submissions.periods import APRIL, financial_year, quarter_start

STAGES = {Kind.PRIMARY: "provisional", Kind.REFRESH: "final", ReleasedPart.QUARTER: "quarterly"}
PARTS = {ReleasedPart.QUALITY: "Data quality report", ReleasedPart.STATISTICS: "Statistics"}


@dataclass(frozen=True)
class Released:
    """One part of a release, of one stage; `content` as the part's own module describes it is read
    when it is asked for."""

    part: ReleasedPart

    @property
    def period(self) -> date:
        return self.part.period

    @property
    def stage(self) -> str:
        return self.part.stage

    @property
    def release(self) -> Release:
        return self.part.release

    @property
    def content(self) -> dict[str, Any]:
        return self.part.content

    @property
    def words(self) -> str:
        return STAGES[self.stage]

    @property
    def is_provisional(self) -> bool:
        return self.stage == Kind.PRIMARY

    @property
    def title(self) -> str:
        return title(self.part)


def released(part: str) -> dict[date, list[Released]]:
    """What stands of a part, by period, the newest first; of a period by stage, provisional
    first."""
    parts = ReleasedPart.objects.filter(part=part, release__withdrawn_at=None)
    found: dict[date, list[Released]] = {}
    for one in in_order(parts.select_related("release").defer("content")):
        found.setdefault(one.period, []).append(Released(one))
    return dict(sorted(found.items(), reverse=True))


def in_order(parts: Iterable[ReleasedPart]) -> list[ReleasedPart]:
    """By part, then by stage, provisional first."""
    return sorted(parts, key=lambda one: (one.part, list(STAGES).index(one.stage)))


def in_words(period: date, stage: str) -> str:
    """What a part is of: "September 2026, provisional", or the name of a quarter."""
    if stage == ReleasedPart.QUARTER:
        return quarter_title(period)
    return f"{period:%B %Y}, {STAGES[stage]}"


def quarter_title(last: date) -> str:
    """Of the quarter that ends with a month: "Quarter 2 2026/27 (July to September 2026)"."""
    return f"Quarter {quarter_short(last)[1:]} ({quarter_start(last):%B} to {last:%B %Y})"


def quarter_short(last: date) -> str:
    """The same where there is little room: "Q2 2026/27", of the year that begins with April."""
    return f"Q{(last.month - APRIL) % 12 // 3 + 1} {financial_year(last)}"


def title(part: ReleasedPart) -> str:
    return f"{PARTS[part.part]}: {in_words(part.period, part.stage)}"


def page(part: ReleasedPart) -> str:
    """The address where a part is read while it stands."""
    if part.part == ReleasedPart.QUALITY:
        return reverse("quality_month", args=[f"{part.period:%Y-%m}"])
    is_quarter = part.stage == ReleasedPart.QUARTER
    return reverse("statistics_quarter" if is_quarter else "statistics_month", args=[part.period])


def listed() -> Releases:
    """Every release, the newest first, with its parts but not with what they show."""
    parts = ReleasedPart.objects.defer("content")
    return (
        Release.objects.with_later()
        .select_related("run__window", "by", "asked_by", "withdrawn_by", "hidden_by")
        .prefetch_related(Prefetch("parts", parts))
    )


def withdrawn() -> Releases:
    """What was withdrawn and has nothing in its place yet."""
    return listed().without_later().exclude(withdrawn_at=None)


def withdrawn_stages(part: str, period: date, *, quarter: bool = False) -> list[Released]:
    """Of a month, or of the quarter that ends with it, the stages that were withdrawn and have
    nothing in their place yet; without what they showed."""
    held = ReleasedPart.objects.filter(part=part, period=period, release__in=withdrawn())
    parts = held.select_related("release__run__window").defer("content")
    is_quarter = [one for one in in_order(parts) if (one.stage == ReleasedPart.QUARTER) == quarter]
    return [Released(one) for one in is_quarter]


class Alike(NamedTuple):
    """Other releases of the same window, the oldest first, that can still be seen by everybody:
    those that go with one when it must not be seen, and those that show the same only in part,
    with the titles of that."""

    whole: list[Release]
    in_part: list[tuple[Release, list[str]]]


def alike(release: Release) -> Alike:
    """What shows the same as a release: whatever else was released of the same run, and what is the
    same in every stage."""
    place = ("part", "stage", "period", "content")
    same = Exists(release.parts.filter(**{name: OuterRef(name) for name in place}))
    parts = ReleasedPart.objects.filter(
        release__run__window=release.run.window, release__hidden_at=None
    )
    found: dict[Release, list[ReleasedPart]] = {}
    others = parts.exclude(release=release).annotate(same=same).select_related("release")
    for part in in_order(others.defer("content").order_by("release_id")):
        found.setdefault(part.release, []).append(part)
    told = Alike([], [])
    for one in sorted(found, key=lambda one: one.id):
        shared = [title(part) for part in found[one] if getattr(part, "same", False)]
        if one.run_id == release.run_id or len(shared) == len(found[one]):
            told.whole.append(one)
        elif shared:
            told.in_part.append((one, shared))
    return told


def as_kept(part: ReleasedPart) -> bytes:
    """A part as a file: the same bytes whenever it is asked for."""
    whole = {
        "release": part.release_id,
        "part": part.part,
        "stage": STAGES[part.stage],
        "period": f"{part.period:%Y-%m}",
        "content": part.content,
    }
    return json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"
