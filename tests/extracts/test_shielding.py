"""Nothing that is left out of the statistics can be reckoned back: an onlooker with a solver tries
it, with everything that is shown of a stage."""

from collections.abc import Iterator
from functools import cache
from random import Random

import pytest
from drawn_months import Month, drawn_month
from hypothesis import given, settings
from hypothesis import strategies as st
from onlooker import NATION, Onlooker, Sum, families

from extracts.disclosure import Policy, policies
from extracts.figures import figures
from extracts.shielding import Shown, ShownFigures, shown_figures

PUBLISHED, PORTAL = policies()["published-2016"], policies()["portal"]
# Sizes of providers, how many commissioners.
MONTHS = {
    "a single provider": ([60], 1),
    "two small ones": ([30, 25], 2),
    "three of a demonstration": ([120, 90, 40], 2),
    "one large, the others tiny": ([400, 3, 1, 2], 3),
    "a nation of which only a rest is small": ([80, 80, 30, 150, 150, 150, 150, 30, 80], 3),
    "nine": ([80, 120, 60, 30, 200, 10, 44, 90, 7], 4),
    "a dozen, the nation is exact": ([60, 80, 30, 40, 25, 90, 10, 70, 50, 35, 45, 55], 5),
}


@cache
def drawn(name: str) -> Month:
    return drawn_month(len(name), *MONTHS[name])


@cache
def shown_drawn(name: str) -> ShownFigures:
    return shown_of(drawn(name), PORTAL)


def shown_of(month: Month, policy: Policy) -> ShownFigures:
    return shown_figures(figures(), policy, *month)


def number_of(month: Month, sum_: Sum) -> int:
    rows = {NATION: month.national} | {
        (by, of): row for by, found in month.breakdowns.items() for of, row in found.items()
    }
    return sum(times * rows[row][name] for (row, name), times in sum_.items())


def reckoned_back(month: Month, policy: Policy, seed: int, most: int) -> Iterator[str]:
    """What of a month is known too well by what is shown of it, among so many of each family of
    figures that are left out, and of the rests that are small."""
    dice = Random(seed)
    shown = shown_of(month, policy)
    for family in families().values():
        onlooker = Onlooker(family, policy, shown)
        left_out = onlooker.left_out()
        for sum_ in dice.sample(left_out, min(most, len(left_out))):
            low, high = onlooker.range_of(sum_)
            assert low <= number_of(month, sum_) <= high, "the onlooker believes what is not so"
            if low == high or high < policy.least:
                yield f"{sum_}: {low} to {high}"
        small = [sum_ for sum_ in onlooker.rests() if number_of(month, sum_) < policy.least]
        for sum_ in dice.sample(small, min(most, len(small))):
            if (high := onlooker.most(sum_)) < policy.least:
                yield f"{sum_}: at most {high}"


@pytest.mark.parametrize("name", MONTHS)
def test_nothing_that_is_left_out_can_be_reckoned_back(name: str) -> None:
    assert list(reckoned_back(drawn(name), PORTAL, 1, most=3)) == []


@given(
    sizes=st.lists(st.sampled_from([1, 4, 10, 30, 80]), min_size=1, max_size=11),
    commissioners=st.integers(1, 4),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=6, deadline=None)
def test_of_no_month_can_anything_be_reckoned_back(
    sizes: list[int], commissioners: int, seed: int
) -> None:
    month = drawn_month(seed, sizes, commissioners)
    assert list(reckoned_back(month, PORTAL, seed, most=1)) == []


def test_without_protection_the_onlooker_finds_much() -> None:
    """The same questions under the other policy: they can be answered with too much."""
    month = drawn("three of a demonstration")
    assert len(list(reckoned_back(month, PUBLISHED, 1, most=4))) > 20


@pytest.mark.parametrize("name", MONTHS)
def test_nothing_small_is_shown(name: str) -> None:
    """Multiples of five, or a star; the nation exactly, where ten providers are shown."""
    month, shown = drawn(name), shown_drawn(name)
    for figure, told in shown.national.items():
        number = month.national[figure]
        is_exact = len(seen_with(shown, figure)) >= 10 and told.number is not None
        assert (figure in shown.exact) == is_exact
        assert told.number in {None, number if is_exact else fives(number)}
    for by, rows in shown.breakdowns.items():
        for of, row in rows.items():
            for figure, told in row.items():
                number = month.breakdowns[by][of][figure]
                assert told.number is None or number >= 5
                assert told.number in {None, fives(number)}
                assert told.rate is None or told.rate == int(told.rate)


def test_that_a_figure_is_exact_tells_nothing_of_who_contributes() -> None:
    """Thirteen, exactly, of at least ten providers: none of them would have had five."""
    month = rare({f"RZ{place}": 1 + (place < 1) for place in range(12)})
    assert month.national["received_late"] == 13
    shown = shown_of(month, PORTAL)
    assert "received" in shown.exact
    assert "received_late" not in shown.exact
    assert shown.national["received_late"].number == 15


def test_that_a_figure_is_not_exact_tells_nothing_of_who_contributes() -> None:
    """Rounded, though nine are shown: so may it be if the others had some."""
    nine = {f"RZ{place}": 20 for place in range(9)}
    rows = {f"RZ{place}" for place in range(9, 12)}
    none, some = rare(nine | dict.fromkeys(rows, 0)), rare(nine | dict.fromkeys(rows, 1))
    assert none.contributors["received_late"] == 9
    assert some.contributors["received_late"] == 12
    for month in (none, some):
        shown = shown_of(month, PORTAL)
        assert "received_late" not in shown.exact
        assert {shown.breakdowns["provider"][of]["received_late"] for of in rows} == {Shown(None)}


def test_the_only_star_that_could_be_small_does_not_stand_alone() -> None:
    """Whoever is left out because of others has others that are left out: one alone is small."""
    rows = shown_of(rare({"RZ1": 3, "RZ2": 8, "RZ3": 60}), PORTAL).breakdowns["provider"]
    told = {of: row["received_late"].number for of, row in rows.items()}
    assert told == {"RZ1": None, "RZ2": None, "RZ3": 60}


def rare(late: dict[str, int]) -> Month:
    """A month in which every provider received a hundred referrals, and so many late ones."""
    names = [one.name for one in figures()]
    counts = {
        of: dict.fromkeys(names, 0)
        | {"received": 100, "received_self": 60, "received_gp": 40, "received_late": many}
        for of, many in late.items()
    }
    national = {name: sum(row[name] for row in counts.values()) for name in names}
    contributors = {name: sum(row[name] > 0 for row in counts.values()) for name in names}
    return Month(national, contributors, {"provider": counts})


def seen_with(shown: ShownFigures, figure: str) -> list[str]:
    """The providers that are seen to have somebody in a figure, or in a part of it."""
    parts = [one.name for one in figures() if figure in (one.whole, *one.also_in)]
    beneath = [of for part in parts for of in seen_with(shown, part)]
    own = [
        of
        for of, row in shown.breakdowns["provider"].items()
        if row[figure].number is not None or row[figure].at_least is not None
    ]
    return sorted({*own, *beneath})


def fives(number: int) -> int:
    return (number + 2) // 5 * 5


def test_what_the_nation_does_not_show_nobody_shows() -> None:
    shown = shown_drawn("two small ones")
    left_out = [name for name, told in shown.national.items() if told.number is None]
    assert left_out
    for rows in shown.breakdowns.values():
        assert {row[name] for row in rows.values() for name in left_out} == {Shown(None)}


def test_most_of_a_nation_is_shown() -> None:
    """Where there are many providers, little more is left out than what is small."""
    month = drawn_month(5, [150 + 3 * number for number in range(40)], 20)
    shown = shown_of(month, PORTAL)
    assert all(told.number is not None for told in shown.national.values())
    cells = [
        (told, month.breakdowns[by][of][name])
        for by, rows in shown.breakdowns.items()
        for of, row in rows.items()
        for name, told in row.items()
    ]
    large = [told for told, number in cells if number >= 5]
    assert sum(told.number is not None for told in large) > 0.8 * len(large)


def test_by_the_other_policy_only_what_is_small_is_left_out() -> None:
    month = drawn("nine")
    shown = shown_of(month, PUBLISHED)
    assert {name: told.number for name, told in shown.national.items()} == month.national
    for by, rows in shown.breakdowns.items():
        for of, row in rows.items():
            for name, told in row.items():
                assert told.number == PUBLISHED.count(month.breakdowns[by][of][name])
