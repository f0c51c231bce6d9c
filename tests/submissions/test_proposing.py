"""Proposing windows, proven by the published ones; and where a calendar breaks its own rules."""

from datetime import date
from itertools import pairwise

import pytest

from submissions import calendar
from submissions.proposing import (
    LABELS,
    Days,
    bank_holiday,
    first_monday,
    month_after,
    out_of_order,
    propose,
    propose_year,
    slips,
)

PUBLISHED = {f"{days.primary_period:%Y-%m}": days for days in calendar.published()}

# period, day that differs, published, proposed. Everything else is as published.
DIFFERENCES = """
2013-02  data_available   2013-04-01  2013-04-02   Easter Monday
2013-03  opens            2013-04-01  2013-04-02   Easter Monday
2013-03  data_available   2013-05-06  2013-05-07   May Day
2013-04  processing_week  2013-05-26  2013-05-27   a Sunday
2013-07  processing_week  2013-08-25  2013-08-26   a Sunday
2014-02  closes           2014-03-21  2014-03-28   the next one opened in March
2014-02  processing_week  2014-03-24  2014-03-31
2014-02  data_available   2014-03-31  2014-04-07
2014-03  opens            2014-03-31  2014-04-07
"""

SLIPS = """
2013-02  Data available 1 April 2013 is a bank holiday (Easter Monday)
2013-03  Opening 1 April 2013 is a bank holiday (Easter Monday)
2013-03  Data available 6 May 2013 is a bank holiday (May Day)
2013-04  Processing week 26 May 2013 is a Sunday
2013-07  Processing week 25 August 2013 is a Sunday
"""


def test_the_rules_give_the_published_years_but_for_their_slips_and_one_early_opening() -> None:
    differences = [
        (period, name, str(getattr(days, name)), str(getattr(propose(days.primary_period), name)))
        for period, days in PUBLISHED.items()
        for name in LABELS
        if getattr(days, name) != getattr(propose(days.primary_period), name)
    ]
    assert differences == [tuple(line.split()[:4]) for line in DIFFERENCES.strip().splitlines()]


def test_slips_of_the_published_years_are_told() -> None:
    told = [(period, words) for period, days in PUBLISHED.items() for words in slips(days)]
    expected = [tuple(line.split("  ", 1)) for line in SLIPS.strip().splitlines()]
    assert [period for period, _ in told] == [period for period, _ in expected]
    for (_, words), (_, begins) in zip(told, expected, strict=True):
        assert words.startswith(begins)


@pytest.mark.parametrize("first", [date(2014, 4, 1), date(2026, 4, 1), date(2035, 1, 1)])
def test_proposals_keep_their_own_rules(first: date) -> None:
    proposed = propose_year(first, 60)
    for days, following in pairwise(proposed):
        assert not list(slips(days))
        assert not out_of_order(days)
        assert days.closes < following.opens
        assert following.primary_period == month_after(days.primary_period)


def test_a_closing_on_good_friday_moves_behind_easter() -> None:
    days = propose(date(2027, 2, 1))
    assert bank_holiday(date(2027, 3, 26)) == "Good Friday"
    assert (days.closes, days.processing_week) == (date(2027, 3, 30), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("month", "monday"),
    [("2013-06-01", "2013-06-03"), ("2013-07-01", "2013-07-01"), ("2014-04-30", "2014-04-07")],
)
def test_first_monday(month: str, monday: str) -> None:
    assert first_monday(date.fromisoformat(month)) == date.fromisoformat(monday)


def test_other_days_of_the_week_are_told() -> None:
    odd = Days(date(2026, 1, 1), *(date(2026, 2, day) for day in (3, 12, 15, 19)))
    assert [words.split(" is ")[0] for words in slips(odd)] == [
        "Opening 3 February 2026",
        "Closing 12 February 2026",
        "Processing week 15 February 2026",
        "Data available 19 February 2026",
    ]
