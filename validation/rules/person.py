"""Questions asked of the Person table."""

import numpy as np
import pandas as pd

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import also, rule
from validation.rules import columns as _column_rules
from validation.rules.repeats import Repeats, repeats

assert _column_rules.DECLARED  # `also` adds to codes declared there

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
OLDEST_AGE = 120


@rule("P02", "LPTID", severity=REJECT_ROW)
def duplicate_person(person: Rows) -> Repeats:
    """Duplicate person record.

    Send each person once; we cannot tell which of the rows is right, so none is taken.
    """
    return repeats(person.LPTID.keys, person.right_provider & person.LPTID.is_valid)


@rule("P03", "NHSNumber", severity=WARN)
def nhs_number_shared(person: Rows) -> Repeats:
    """NHS number used for more than one patient.

    If they are one person, join the two local records; if not, trace the right numbers.
    """
    number, local = person.NHSNumber, person.LPTID
    numbers = number.keys
    shared, other = repeats(numbers, number.is_valid & ~local.is_blank)
    patients = pd.Series(local.keys[shared]).groupby(numbers[shared]).transform("nunique")
    several = np.zeros(person.count, dtype=bool)
    several[shared] = patients.to_numpy() > 1
    return several, other


@rule("P04", None, severity=WARN)
def person_without_referral(person: Rows, referral: Rows) -> Mask:
    """Person has no referral.

    Send the person's referrals too, or leave the person out: nothing is counted without one.
    """
    referred = set(referral.LPTID.folded_distinct)
    lacks = np.array([key not in referred for key in person.LPTID.folded_distinct], dtype=bool)
    return person.stands & person.LPTID.spread(lacks)


@also("P19", "BirthDate")
def birth_date_not_credible(person: Rows) -> Mask:
    """After the period's end, or an age over 120 on its last day."""
    born, end = person.BirthDate.dates, person.header.end
    oldest = f"{int(str(end)[:4]) - OLDEST_AGE - 1}{str(end)[4:]}"
    return (born > end) | (born <= np.datetime64(oldest.replace("-02-29", "-02-28")))


@rule("P18", "BAFIndicator", severity=WARN)
def retired_armed_forces_code(person: Rows) -> Mask:
    """Ex-British armed forces code was retired on 1 April 2012.

    Use 02, 03, 05, UU or ZZ; the row is kept as sent.
    """
    column = person.BAFIndicator
    return column.isin(*(code.code for code in column.column.codes if code.retired))
