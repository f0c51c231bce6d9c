"""The rules by which figures are counted, as data: what counts once, what a quarter is, how late
referrals and missing months are treated."""

from functools import cache
from typing import NamedTuple

from extracts.specification.derivations import rows


class CountingRule(NamedTuple):
    """One rule, under a permanent code."""

    code: str
    title: str
    words: str


@cache
def counting_rules() -> tuple[CountingRule, ...]:
    return tuple(CountingRule(**row) for row in rows("counting.csv"))
