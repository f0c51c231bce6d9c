"""The policy `published-2016` beside real published figures: what was rounded, left out and told as
a rate is what the policy does, wherever the exact counts are known or can be bounded.

The source stands in `data/README.md`: all 387 rows of 2017-18 (CCGs, providers, regions, England),
and England in total for 2013-14 to 2017-18.
"""

import csv
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from extracts.disclosure import policies

DATA = Path(__file__).parent / "data"
PUBLISHED = policies()["published-2016"]
# The rate of a measure is of those who finished; of recovery, of those who were at caseness too.
OF_FINISHED = ("deterioration", "improvement", "no_reliable_change")
OF_CASENESS = ("recovery", "reliable_recovery")
RATED = (*OF_FINISHED, *OF_CASENESS)
COUNTED = (
    *RATED,
    "at_caseness",
    "not_at_caseness",
    "finished_course_treatment",
    "referrals_received",
)
Row = dict[str, str]


@cache
def figures(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_2017(*kinds: str) -> list[Row]:
    return [row for row in figures("subnational_2017_18.csv") if row["org_type"] in kinds]


SUBNATIONAL = of_2017("CCG", "Provider", "Commissioning Region")


# -- the nation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "year", [*figures("england.csv"), *of_2017("England")], ids=lambda row: row["period"]
)
def test_national_rates_are_reproduced_from_the_counts(year: Row) -> None:
    finished, not_cases = (
        int(year[f"{name}/count"]) for name in ("finished_course_treatment", "not_at_caseness")
    )
    wholes = dict.fromkeys(OF_FINISHED, finished) | dict.fromkeys(OF_CASENESS, finished - not_cases)
    told = [name for name in wholes if year[f"{name}/percentage"]]
    assert told
    for name in told:
        rate = PUBLISHED.rate(int(year[f"{name}/count"]), wholes[name], is_national=True)
        assert rate == Decimal(year[f"{name}/percentage"]), name


@pytest.mark.parametrize("kind", ["CCG", "Provider", "Commissioning Region"])
@pytest.mark.parametrize("name", COUNTED)
def test_the_exact_nation_lies_within_what_the_rounded_parts_allow(kind: str, name: str) -> None:
    """A star is a count under 5 here: nothing else was left out."""
    (england,) = of_2017("England")
    shown = [row[f"{name}/count"] for row in of_2017(kind)]
    bounds = [(0, 4) if one == "*" else PUBLISHED.bounds(int(one)) for one in shown]
    lows, highs = (sum(bound) for bound in zip(*bounds, strict=True))
    assert lows <= int(england[f"{name}/count"]) <= highs


# -- organisations ----------------------------------------------------------------------------


def test_all_counts_are_stars_or_multiples_of_five() -> None:
    counts = {row[f"{name}/count"] for row in SUBNATIONAL for name in COUNTED}
    assert "*" in counts
    for one in counts - {"*"}:
        assert PUBLISHED.count(int(one)) == int(one)


def test_all_rates_are_stars_or_whole_percent_and_never_none() -> None:
    rates = {row[f"{name}/percentage"] for row in SUBNATIONAL for name in RATED} - {"*"}
    assert {rate for rate in rates if not 1 <= int(rate) <= 100} == set()


def test_a_rate_is_left_out_exactly_with_its_numerator() -> None:
    """A whole is never smaller than its part. That others are left out matters to none."""
    for row in SUBNATIONAL:
        for name in RATED:
            assert (row[f"{name}/percentage"] == "*") == (row[f"{name}/count"] == "*")
    shown = [row for row in SUBNATIONAL if row["not_at_caseness/count"] == "*"]
    assert any(row["recovery/percentage"] != "*" for row in shown)


def unrounded(shown: str) -> list[int]:
    """Every count that is shown so."""
    if shown == "*":
        return [number for number in range(10) if PUBLISHED.count(number) is None]
    low, high = PUBLISHED.bounds(int(shown))
    return list(range(low, high + 1))


@pytest.mark.parametrize("name", RATED)
def test_every_rate_is_that_of_some_counts_that_are_shown_so(name: str) -> None:
    for row in SUBNATIONAL:
        part, rate = row[f"{name}/count"], row[f"{name}/percentage"]
        wholes = unrounded(row["finished_course_treatment/count"])
        if name in OF_CASENESS:
            not_cases = unrounded(row["not_at_caseness/count"])
            wholes = sorted({a - b for a, b in product(wholes, not_cases) if a >= b})
        told = {PUBLISHED.rate(a, b) for a, b in product(unrounded(part), wholes) if a <= b}
        assert (None if rate == "*" else Decimal(rate)) in told, row["org_code"]


def test_rates_are_of_unrounded_counts() -> None:
    """Of the rounded counts beside them many would be others."""
    others = [
        (row["org_code"], name)
        for row in SUBNATIONAL
        for name in OF_FINISHED
        if row[f"{name}/percentage"] != "*"
        and PUBLISHED.rate(int(row[f"{name}/count"]), int(row["finished_course_treatment/count"]))
        != Decimal(row[f"{name}/percentage"])
    ]
    assert len(others) > 20


# -- the policy, number by number -------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1012, 1010)],
)
def test_a_count(number: int, shown: int | None) -> None:
    assert PUBLISHED.count(number) == shown
    if shown:
        low, high = PUBLISHED.bounds(number)
        assert {PUBLISHED.count(one) for one in range(low, high + 1)} == {shown}
        assert shown not in {PUBLISHED.count(low - 1), PUBLISHED.count(high + 1)}


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(4, 40, None), (5, 40, 13), (5, 4, None), (40, 40, 100), (9, 200, 5), (3, 0, None)],
)
def test_a_rate_is_of_unrounded_counts(part: int, whole: int, rate: int | None) -> None:
    assert PUBLISHED.rate(part, whole) == rate
