"""Differencing: what a release would tell of single persons beside what earlier ones showed.

A final month differs from its provisional one, a month released again from what was shown before,
and a quarter is the sum of its months. Where the difference of two shown figures tells of fewer
than five persons, staff read it before they release; and where something is left out that could be
reckoned from what is shown and what was. What was withdrawn was seen all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from extracts import disclosure
from extracts.figures import figures, partitions
from extracts.models import ReleasedPart
from extracts.releases import in_words
from submissions.models.calendar import Kind
from submissions.periods import month_after, quarter_start

POLICY = disclosure.policies()["portal"]
NATIONAL, PROVIDER = "national", "provider"
# The part, the stage, the period (of a quarter its last month) and the content of what would be
# released.
Draft = tuple[str, str, date, dict[str, Any]]
# A breakdown, which of it, and a figure.
Place = tuple[str, str, str]


class Range(NamedTuple):
    """Between what an onlooker knows a number to lie, and as what it is shown."""

    low: int
    high: int
    shown: str


class Difference(NamedTuple):
    """One figure that is shown beside another: `now` and `before` as they are shown, what the
    latter was shown as, and in words what can be learnt of the two. `of` is blank for the
    nation."""

    breakdown: str
    of: str
    figure: str
    before: str
    now: str
    shown_before: str
    learnt: str


def differences(drafts: Iterable[Draft]) -> list[Difference]:
    """Every figure of what would be released whose difference from what was shown before, also in
    releases that were withdrawn, tells of one to four persons; and what is left out of it that can
    be narrowed to so few with what was shown."""
    drafts = list(drafts)
    found = [one for draft in drafts for one in _from_before(draft)]
    for part, stage, period, content in drafts:
        if part == ReleasedPart.STATISTICS and stage == ReleasedPart.QUARTER:
            found += _from_months(content, _final_months(period, drafts))
    return found


# -- the same period, shown before ------------------------------------------------------------


def _from_before(draft: Draft) -> Iterator[Difference]:
    part, stage, period, content = draft
    now = _ranges(part, stage, content)
    is_quarter = stage == ReleasedPart.QUARTER
    earlier = ReleasedPart.objects.filter(part=part, period=period).select_related("release")
    for one in earlier.order_by("-release_id", "stage"):
        if (one.stage == ReleasedPart.QUARTER) == is_quarter:
            words = in_words(period, one.stage)
            if one.release.withdrawn_at:
                words += " (withdrawn)"
            before = _ranges(part, one.stage, one.content)
            yield from _between(before, now, words)
            yield from _of_both(before, now, words)


def _between(
    before: Mapping[Place, Range], now: Mapping[Place, Range], words: str
) -> Iterator[Difference]:
    for place, told in now.items():
        if was := before.get(place):
            low, high = told.low - was.high, told.high - was.low
            if (low > 0 or high < 0) and max(-low, high) < POLICY.least:
                learnt = _in_words(low, high)
                yield Difference(*place, was.shown, told.shown, words, learnt)


def _of_both(
    before: Mapping[Place, Range], now: Mapping[Place, Range], words: str
) -> Iterator[Difference]:
    """What is left out, where all it would be reckoned from is shown, now or before: of a whole and
    its parts other ones are left out now than were then."""
    for (whole, _), parts in partitions().items():
        for row in dict.fromkeys(place[:2] for place in now):
            names = (whole, *parts)
            told = {name: now[place] for name in names if (place := (*row, name)) in now}
            was = {
                name: before[place]
                for name in names
                if name not in told and (place := (*row, name)) in before
            }
            known = told | was
            missing = [name for name in parts if name not in known]
            if was and whole in known and len(missing) == 1:
                high = known[whole].high - sum(known[one].low for one in parts if one in known)
                if 0 <= high < POLICY.least:
                    shown = ", ".join(f"{name} {one.shown}" for name, one in was.items())
                    learnt = f"at most {high}, if nothing has changed since"
                    yield Difference(*row, missing[0], shown, disclosure.STAR, words, learnt)


def _in_words(low: int, high: int) -> str:
    least, most = sorted((abs(low), abs(high)))
    told = str(least) if least == most else f"{least} to {most}"
    return f"{told} {'more' if low > 0 else 'fewer'}"


# -- a quarter and its months -----------------------------------------------------------------


def _final_months(last: date, drafts: list[Draft]) -> dict[date, dict[Place, Range]]:
    """The newest that is shown of each final month of a quarter."""
    statistics, final = ReleasedPart.STATISTICS, str(Kind.REFRESH)
    found, month = {}, quarter_start(last)
    while month <= last:
        drawn = [draft[3] for draft in drafts if draft[:3] == (statistics, final, month)]
        released = ReleasedPart.objects.filter(part=statistics, stage=final, period=month)
        contents = drawn or [one.content for one in released.order_by("-release_id")[:1]]
        if contents:
            found[month] = _ranges(statistics, final, contents[0])
        month = month_after(month)
    return found


def _from_months(
    content: dict[str, Any], months: dict[date, dict[Place, Range]]
) -> Iterator[Difference]:
    """What the quarter tells beside its months: of those who are not in the sum of all three, and
    of a month that is left out."""
    if len(months) < 3:
        return
    of_last_month = {one.name for one in figures() if one.is_of_last_month}
    for place, told in _ranges(ReleasedPart.STATISTICS, ReleasedPart.QUARTER, content).items():
        if place[2] in of_last_month:
            continue
        shown = [month[place] for month in months.values() if place in month]
        missing = [month for month, ranges in months.items() if place not in ranges]
        low, high = (
            told.low - sum(one.high for one in shown),
            told.high - sum(one.low for one in shown),
        )
        before = " + ".join(one.shown for one in shown)
        if not missing and (low > 0 or high < 0) and max(-low, high) < POLICY.least:
            words = _in_words(low, high)
            yield Difference(*place, before, told.shown, "the months of the quarter", words)
        for month in missing:
            # The others hold what is shown of them, or of their parts.
            others = [ranges for one, ranges in months.items() if one != month]
            high = told.high - sum(_at_least(ranges, place[:2], place[2]) for ranges in others)
            if 0 <= high < POLICY.least:
                least = max(low, 0) if len(missing) == 1 else 0
                learnt = f"{least} to {high} in {month:%B %Y}, which is left out"
                yield Difference(*place, before, told.shown, "the other months", learnt)


def _at_least(known: Mapping[Place, Range], row: tuple[str, str], name: str) -> int:
    """The least that a figure can be, by itself and by its parts."""
    own = known[*row, name].low if (*row, name) in known else 0
    of_parts = (
        sum(_at_least(known, row, part) for part in parts)
        for (whole, _), parts in partitions().items()
        if whole == name
    )
    return max(own, *of_parts, 0)


# -- what is shown ----------------------------------------------------------------------------


def _ranges(part: str, stage: str, content: dict[str, Any]) -> dict[Place, Range]:
    """Every number that is shown, and what can be known of it."""
    if part == ReleasedPart.STATISTICS:
        return dict(_of_statistics(content))
    return dict(_of_quality(content, stage == Kind.PRIMARY))


def _of_statistics(content: dict[str, Any]) -> Iterator[tuple[Place, Range]]:
    wholes = {figure.name: figure.of for figure in figures()}
    exact_ones = content.get("exact", list(wholes))
    for by, rows in content["figures"].items():
        exact = exact_ones if by == NATIONAL else []
        for of, row in rows.items():
            numbers = {name: shown[0] for name, shown in row.items()}
            for name, (number, rate, *_) in row.items():
                if number is not None:
                    whole = numbers.get(wholes.get(name, ""))
                    yield (by, of, name), _range(number, rate, whole, name in exact)


def _of_quality(content: dict[str, Any], is_provisional: bool) -> Iterator[tuple[Place, Range]]:
    for item, categories, rows, national, _ in content["items"]:
        lines = [(PROVIDER, name, row) for name, row in rows.items()] + [(NATIONAL, "", national)]
        for by, of, (whole, parts, rate, _) in lines:
            is_exact = by == NATIONAL and not is_provisional
            if whole is not None:
                yield (by, of, f"{item}: all"), _range(whole, None, None, is_exact)
            for place, (category, number) in enumerate(zip(categories, parts, strict=True)):
                if number is not None:
                    told = _range(number, None if place else rate, whole, is_exact)
                    yield (by, of, f"{item}: {category}"), told


def _range(number: int, rate: str | None, whole: int | None, is_exact: bool) -> Range:
    """What is known of a number: it is rounded, if it is not exact, and has a rate."""
    shown = f"{number:,}"
    if is_exact:
        return Range(number, number, shown)
    low, high = POLICY.bounds(number)
    if rate is None or whole is None:
        return Range(low, high, shown)
    least, most = POLICY.bounds(whole)
    half = Fraction(1, 2 * 10**POLICY.decimals)
    percent = Fraction(Decimal(rate))
    return Range(
        max(low, ceil(least * (percent - half) / 100)),
        min(high, floor(most * (percent + half) / 100)),
        shown,
    )
