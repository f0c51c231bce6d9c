"""What an onlooker knows of every number that is shown: between what it lies, by how it is rounded
and by its rate."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from extracts import disclosure
from extracts.figures import Place, figures, partitions
from extracts.models import ReleasedPart
from extracts.specification.breakdowns import NATIONAL, PROVIDER
from submissions.models.calendar import Kind

POLICY = disclosure.policies()["portal"]


class Range(NamedTuple):
    """Between what an onlooker knows a number to lie, and as what it is shown."""

    low: int
    high: int
    shown: str


Ranges = dict[Place, Range]


def ranges(part: str, stage: str, content: dict[str, Any]) -> Ranges:
    """Every number that a part shows, of what is public of it."""
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


def at_least(own: Callable[[str], int], name: str) -> int:
    """The least that a figure of a row can be, by itself and by its parts; `own` tells what is
    known of one by itself."""
    of_parts = (
        sum(at_least(own, part) for part in parts)
        for (whole, _), parts in partitions().items()
        if whole == name
    )
    return max(own(name), *of_parts, 0)
