"""What a quarter may tell beside its months: it is their sum, so whoever takes two of them from it
knows the third, though it is left out of that month; and who is in the quarter and in none of its
months.

What would tell so of a provider, an age, … is left out of the quarter; staff read the rest before
they release (`extracts.differencing`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from extracts.figures import Place, figures
from extracts.known_ranges import POLICY, Range, Ranges, at_least, ranges
from extracts.models import ReleasedPart
from extracts.specification.breakdowns import NATIONAL
from submissions.models.calendar import Kind
from submissions.periods import month_after, quarter_start

# A month's figure is known better than by itself, as its row and its column add up: so much more
# has to be open here.
MARGIN = POLICY.base // 2
Content = dict[str, Any]


class Told(NamedTuple):
    """What can be reckoned of a figure of a quarter, `told`, and what its months show: that from
    `low` to `high` are in the `month` that is left out, or, where it is None, more or fewer than in
    all three."""

    place: Place
    told: Range
    shown: list[Range]
    month: date | None
    low: int
    high: int

    def is_small(self, margin: int = 0) -> bool:
        if self.month:
            return self.high < POLICY.least + margin
        return (self.low > 0 or self.high < 0) and max(-self.low, self.high) < POLICY.least


def final_months(last: date, drawn: Mapping[date, Content]) -> dict[date, Ranges]:
    """What is known of each final month of the quarter that ends with `last`: by what is `drawn` to
    be released, else by what was released last, though it was withdrawn."""
    statistics, final = ReleasedPart.STATISTICS, str(Kind.REFRESH)
    found, month = {}, quarter_start(last)
    while month <= last:
        released = ReleasedPart.objects.filter(part=statistics, stage=final, period=month)
        before = released.order_by("-release_id").values_list("content", flat=True)
        if content := drawn.get(month) or before.first():
            found[month] = ranges(statistics, final, content)
        month = month_after(month)
    return found


def told(content: Content, months: Mapping[date, Ranges]) -> Iterator[Told]:
    """All that can be reckoned of what a quarter shows and its months; nothing while one of these
    is not known."""
    if len(months) < 3:
        return
    of_last_month = {one.name for one in figures() if one.is_of_last_month}
    for place, quarter in ranges(ReleasedPart.STATISTICS, ReleasedPart.QUARTER, content).items():
        if place[2] not in of_last_month:
            yield from _of_figure(place, quarter, months)


def _of_figure(place: Place, quarter: Range, months: Mapping[date, Ranges]) -> Iterator[Told]:
    shown = [ranges[place] for ranges in months.values() if place in ranges]
    missing = [month for month, ranges in months.items() if place not in ranges]
    low = quarter.low - sum(one.high for one in shown)
    if not missing:
        high = quarter.high - sum(one.low for one in shown)
        yield Told(place, quarter, shown, None, low, high)
    for month in missing:
        # The others hold what is shown of them, or of their parts.
        others = [ranges for one, ranges in months.items() if one != month]
        high = quarter.high - sum(_at_least(ranges, place) for ranges in others)
        least = max(low, 0) if len(missing) == 1 else 0
        yield Told(place, quarter, shown, month, least, high)


def _at_least(known: Ranges, place: Place) -> int:
    def own(name: str) -> int:
        found = known.get((*place[:2], name))
        return found.low if found else 0

    return at_least(own, place[2])


def without_what_tells(
    quarter: Callable[[set[Place]], Content], months: Mapping[date, Ranges]
) -> Content:
    """A quarter that leaves out what would tell of few beside its months. `quarter` makes it, given
    what it has to leave out. Of the nation only what tells of a month stays out: whether a few came
    late tells of nobody there, and what is left out of the nation is left out everywhere."""
    out: set[Place] = set()
    content = quarter(out)
    while more := _telling(content, months) - out:
        out |= more
        content = quarter(out)
    return content


def _telling(content: Content, months: Mapping[date, Ranges]) -> set[Place]:
    return {
        one.place
        for one in told(content, months)
        if (one.month or one.place[0] != NATIONAL) and one.is_small(MARGIN)
    }
