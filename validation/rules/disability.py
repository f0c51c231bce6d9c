"""Questions asked of the Disability table."""

import numpy as np

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import rule
from validation.rules.repeats import Repeats, combined, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN


@rule("D01", "LPTID", severity=REJECT_ROW, is_consequence=True)
def disability_without_person(disability: Rows) -> Mask:
    """Disability has no matching person.

    Send the person in the Person table under the same LPTID; if that row was rejected, mend it.
    """
    return ~disability.has_parent


@rule("D03", None, severity=REJECT_ROW)
def duplicate_disability(disability: Rows) -> Repeats:
    """Duplicate disability record.

    Send each disability of a person once; the first row is taken.
    """
    person, code = disability.LPTID, disability.Disability
    usable = disability.right_provider & ~person.is_blank & ~code.is_blank
    return repeats(combined(person.keys, code.keys), usable, spare_first=True)


@rule("D04", "Disability", severity=WARN)
def none_together_with_another(disability: Rows) -> Mask:
    """No-disability code given with other disabilities.

    Drop the row with NN, or the others.
    """
    person, code = disability.LPTID.keys, disability.Disability
    none = code.isin("NN") & (person >= 0)
    another = ~code.is_blank & ~code.isin("NN") & (person >= 0)
    both = np.intersect1d(person[none], person[another])
    return (none | another) & np.isin(person, both)
