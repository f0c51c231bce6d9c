"""The numbers of a period, as the national extract writes them."""

from datetime import date


def month_id(period: date) -> int:
    """April 2013 is 1357, April 2014 is 1369."""
    return (period.year - 1900) * 12 + period.month - 3


def quarter_id(period: date) -> int:
    """A number for each quarter of the financial year."""
    return (month_id(period) + 2) // 3
