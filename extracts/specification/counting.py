"""The rules by which figures are counted, as data: what counts once, what a quarter is, how late
referrals and missing months are treated."""

from functools import cache
from typing import NamedTuple

from extracts.specification.derivations import rows
from extracts.specification.words import said


class CountingRule(NamedTuple):
    """One rule, under a permanent code."""

    code: str
    title: str
    words: str


@cache
def counting_rules() -> tuple[CountingRule, ...]:
    """What other pages say too stands in `words.csv`."""
    return tuple(
        CountingRule(row["code"], row["title"], row["words"].format(stages=said("stages")))
        for row in rows("counting.csv")
    )
