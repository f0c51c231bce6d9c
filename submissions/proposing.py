"""Proposing further windows by the rules of the published calendar, and saying where a calendar
breaks them. Dates only: nothing here asks the database.

Source: the published page. A window usually opens on a Monday and closes on a Friday; where these
fall on a bank holiday the next working day is used; the week after is for processing; processed
data are there by the Monday after it.
"""

from calendar import FRIDAY, MONDAY, SATURDAY
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import holidays

from submissions.periods import month_after

DAY, WEEKEND = timedelta(days=1), timedelta(days=3)
# From a window's Friday to the Monday of the next opening.
BEFORE_THE_NEXT = timedelta(days=10)
# From the day on which extracts are there to that of the statistics: a Thursday as a rule.
UNTIL_STATISTICS = timedelta(days=3)


class Days(NamedTuple):
    """The days of a window as they are published (London)."""

    primary_period: date
    opens: date
    closes: date
    processing_week: date
    data_available: date


# What a calendar calls its days, and the weekday on which each usually falls.
LABELS = {
    "opens": ("Opening", MONDAY),
    "closes": ("Closing", FRIDAY),
    "processing_week": ("Processing week", MONDAY),
    "data_available": ("Data available", MONDAY),
}


@cache
def _bank_holidays(year: int) -> dict[date, str]:
    return dict(holidays.UnitedKingdom(subdiv="ENG", years=year))


def bank_holiday(day: date) -> str | None:
    """What the bank holiday in England is called, if the day is one."""
    return _bank_holidays(day.year).get(day)


def working_day_from(day: date) -> date:
    """The day itself, or the next working day where it is none."""
    while day.weekday() >= SATURDAY or bank_holiday(day):
        day += DAY
    return day


def working_days_before(day: date, count: int) -> date:
    """The working day that lies so many of them before a day."""
    while count:
        day -= DAY
        count -= day.weekday() < SATURDAY and not bank_holiday(day)
    return day


def first_monday(month: date) -> date:
    first = month.replace(day=1)
    return first + timedelta(days=-first.weekday() % 7)


def propose(primary_period: date) -> Days:
    """The window that takes the Primary of a period: it opens in the month after."""
    month = month_after(primary_period)
    friday = first_monday(month_after(month)) - BEFORE_THE_NEXT
    return between(primary_period, first_monday(month), friday)


def between(primary_period: date, monday: date, friday: date) -> Days:
    """The window from a Monday to a Friday, with what follows it; bank holidays give way to the
    next working day."""
    closes = working_day_from(friday)
    return Days(
        primary_period=primary_period,
        opens=working_day_from(monday),
        closes=closes,
        processing_week=max(friday + WEEKEND, closes + DAY),
        data_available=working_day_from(friday + BEFORE_THE_NEXT),
    )


def propose_year(first_period: date, months: int = 12) -> list[Days]:
    """Windows for so many periods, one after the other."""
    proposed = []
    period = first_period
    for _ in range(months):
        proposed.append(propose(period))
        period = month_after(period)
    return proposed


def slips(days: Days) -> Iterator[str]:
    """Where the days of a window break the calendar's own rules: told to staff, never corrected."""
    for name, (label, usual) in LABELS.items():
        day: date = getattr(days, name)
        said = f"{label} {day:%-d %B %Y} is a {day:%A}"
        if name == "processing_week":
            if day.weekday() >= SATURDAY:
                yield f"{said}; a week begins on a Monday."
        elif day.weekday() >= SATURDAY:
            yield f"{said}, not a working day."
        elif holiday := bank_holiday(day):
            when = f"{label} {day:%-d %B %Y}"
            yield f"{when} is a bank holiday ({holiday}); the next working day is the rule."
        elif day != working_day_from(day - timedelta(days=(day.weekday() - usual) % 7)):
            yield f"{said}; {date(2001, 1, 1 + usual):%A} is usual."


def statistics_due(data_available: date) -> date:
    """The day on which the data quality report and the statistics are to be released, when extracts
    are there from `data_available` on."""
    return working_day_from(data_available + UNTIL_STATISTICS)


def out_of_order(days: Days) -> bool:
    """Whether a window's days do not follow one another."""
    return not days.opens <= days.closes < days.processing_week < days.data_available
