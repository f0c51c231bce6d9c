"""A period is a calendar month, written as its first day; a financial year begins in April."""

from datetime import date, timedelta

APRIL = 4


def month_before(period: date) -> date:
    return (period - timedelta(days=1)).replace(day=1)


def month_after(period: date) -> date:
    return (period + timedelta(days=31)).replace(day=1)


def last_day(period: date) -> date:
    return month_after(period) - timedelta(days=1)


def quarter_start(period: date) -> date:
    """The first month of the quarter: of a financial year as of a calendar year."""
    return date(period.year, period.month - (period.month - 1) % 3, 1)


def quarter_end(period: date) -> date:
    """The last month of the quarter."""
    return date(period.year, quarter_start(period).month + 2, 1)


def ends_quarter(period: date) -> bool:
    return period.month % 3 == 0


def year_start(period: date) -> date:
    """The first day of the financial year."""
    return date(period.year if period.month >= APRIL else period.year - 1, APRIL, 1)


def year_end(period: date) -> date:
    return date(year_start(period).year + 1, APRIL, 1) - timedelta(days=1)


def financial_year(period: date) -> str:
    """`2013/14`."""
    start = year_start(period).year
    return f"{start}/{(start + 1) % 100:02}"
