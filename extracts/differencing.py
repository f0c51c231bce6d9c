"""Differencing: what a release would tell of single persons beside what earlier ones showed.

A final month differs from its provisional one, a month released again from what was shown before,
and a quarter is the sum of its months. Where the difference of two shown figures tells of fewer
than five persons, staff read it before they release; and where something is left out that could be
reckoned from what is shown and what was. What was withdrawn was seen all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from extracts import beside_months, disclosure
from extracts.figures import figures, partitions
from extracts.known_ranges import POLICY, Ranges, ranges
from extracts.models import ReleasedPart
from extracts.releases import in_words
from submissions.models.calendar import Kind
from submissions.periods import quarter_end

# The part, the stage, the period (of a quarter its last month) and the content of what would be
# released.
Draft = tuple[str, str, date, dict[str, Any]]


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
    return [*found, *_from_months(drafts)]


# -- the same period, shown before ------------------------------------------------------------


def _from_before(draft: Draft) -> Iterator[Difference]:
    part, stage, period, content = draft
    now = ranges(part, stage, content)
    is_quarter = stage == ReleasedPart.QUARTER
    earlier = ReleasedPart.objects.filter(part=part, period=period).select_related("release")
    for one in earlier.order_by("-release_id", "stage"):
        if (one.stage == ReleasedPart.QUARTER) == is_quarter:
            words = in_words(period, one.stage)
            if one.release.withdrawn_at:
                words += " (withdrawn)"
            before = ranges(part, one.stage, one.content)
            yield from _between(before, now, words)
            yield from _of_both(before, now, words)


def _between(before: Ranges, now: Ranges, words: str) -> Iterator[Difference]:
    for place, told in now.items():
        if was := before.get(place):
            low, high = told.low - was.high, told.high - was.low
            if (low > 0 or high < 0) and max(-low, high) < POLICY.least:
                learnt = _in_words(low, high)
                yield Difference(*place, was.shown, told.shown, words, learnt)


def _of_both(before: Ranges, now: Ranges, words: str) -> Iterator[Difference]:
    """What is left out, where all it would be reckoned from is shown, now or before: of a whole and
    its parts other ones are left out now than were then."""
    titled = {figure.name: figure.title for figure in figures()}
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
                    shown = ", ".join(f"{titled[name]} {one.shown}" for name, one in was.items())
                    learnt = f"at most {high}, if nothing has changed since"
                    yield Difference(*row, missing[0], shown, disclosure.STAR, words, learnt)


def _in_words(low: int, high: int) -> str:
    least, most = sorted((abs(low), abs(high)))
    told = str(least) if least == most else f"{least} to {most}"
    return f"{told} {'more' if low > 0 else 'fewer'}"


# -- a quarter and its months -----------------------------------------------------------------


def _from_months(drafts: list[Draft]) -> Iterator[Difference]:
    """Of the quarters among what would be released, and of those that were released before of its
    final months."""
    statistics, final = ReleasedPart.STATISTICS, str(Kind.REFRESH)
    drawn = {draft[2]: draft[3] for draft in drafts if draft[:2] == (statistics, final)}
    quarters = {
        draft[2]: draft[3] for draft in drafts if draft[:2] == (statistics, ReleasedPart.QUARTER)
    }
    for last in sorted({*quarters, *map(quarter_end, drawn)}):
        if content := quarters.get(last) or _quarter_before(last):
            yield from _of_quarter(content, beside_months.final_months(last, drawn))


def _quarter_before(last: date) -> dict[str, Any] | None:
    """The quarter that ends with `last` as it was released last."""
    of_quarter = {"part": ReleasedPart.STATISTICS, "stage": ReleasedPart.QUARTER, "period": last}
    before = ReleasedPart.objects.filter(**of_quarter).order_by("-release_id")
    return before.values_list("content", flat=True).first()


def _of_quarter(content: dict[str, Any], months: Mapping[date, Ranges]) -> Iterator[Difference]:
    for one in beside_months.told(content, months):
        if one.is_small() and (one.month is None or one.high >= 0):
            before = " + ".join(shown.shown for shown in one.shown)
            if one.month:
                learnt = f"{one.low} to {one.high} in {one.month:%B %Y}, which is left out"
                words = "the other months"
            else:
                learnt = _in_words(one.low, one.high)
                words = "the months of the quarter"
            yield Difference(*one.place, before, one.told.shown, words, learnt)
