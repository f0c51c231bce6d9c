"""The data inclusion rules: which rows of what was sent count for which month, and what sees to it.
They stand in `inclusion.csv`."""

from functools import cache
from typing import NamedTuple

from extracts.specification.derivations import rows


class InclusionRule(NamedTuple):
    """One rule: its code, what it is about, what it says, and how the portal goes by it."""

    code: str
    title: str
    words: str
    how: str


@cache
def inclusion_rules() -> tuple[InclusionRule, ...]:
    return tuple(InclusionRule(**row) for row in rows("inclusion.csv"))
