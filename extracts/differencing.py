"""Differencing: what a release would tell of single persons beside what earlier ones showed.

A final month differs from its provisional one, a month released again from what was shown before,
and a quarter is the sum of its months. Where the difference of two shown figures tells of fewer
than five persons, staff read it before they release. What was withdrawn was seen all the same.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

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
    releases that were withdrawn, tells of one to four persons."""
    return []
