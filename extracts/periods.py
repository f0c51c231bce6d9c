"""The numbers of a period, as the national extract writes them."""

from datetime import date, timedelta


def month_id(period: date) -> int:
    """April 2013 is 1357, April 2014 is 1369."""
    return (period.year - 1900) * 12 + period.month - 3


def quarter_id(period: date) -> int:
    """A number for each quarter of the financial year."""
    return (month_id(period) + 2) // 3


def last_day(period: date) -> date:
    return (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def year_start(period: date) -> date:
    """The first day of the financial year."""
    return date(period.year if period.month > 3 else period.year - 1, 4, 1)


def year_end(period: date) -> date:
    return date(year_start(period).year + 1, 3, 31)


def financial_year(period: date) -> str:
    """`2013/14`."""
    start = year_start(period).year
    return f"{start}/{(start + 1) % 100:02}"
