"""Submissions of invented people: the same question always gets the same answer.

`./portal sample` writes one. Persons, their referrals and what is said of them are functions of
the seed, the provider and the calendar, so next month's sample holds the same people again while
their referrals are open.
"""

from validation.sample.month import Asked
from validation.sample.submission import write

__all__ = ["Asked", "write"]
