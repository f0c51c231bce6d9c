"""Questions asked of the Disability table."""

import numpy as np

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import declare, rule
from validation.rules import words
from validation.rules.repeats import Repeats, combined, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN


@rule(
    "D01",
    "LPTID",
    severity=REJECT_ROW,
    source=words.ORPHAN,
    asks=("Person.LPTID",),
    is_consequence=True,
)
def disability_without_person(disability: Rows) -> Mask:
    """Disability has no matching person.

    Send the person in the Person table under the same LPTID; if that row was rejected, mend it.

        Person:
        LPTID  OrgCodeProvider
        P1     RZ1
        P2     RZ2              <- T01

        Disability:
        LPTID
        p1
        P2      <- D01
        P3      <- D01
        -       <- D01
    """
    return ~disability.has_parent


declare(
    "D02",
    REJECT_ROW,
    "Disability code is missing.",
    "Enter the code, or drop the row.",
    source=words.MANDATORY,
    example="""
        LPTID  Disability
        P1     NN
        P2     -           <- D02
    """,
)


@rule(
    "D03",
    None,
    severity=REJECT_ROW,
    source=words.TWICE,
    asks=("Disability.LPTID", "Disability.Disability"),
)
def duplicate_disability(disability: Rows) -> Repeats:
    """Duplicate disability record.

    Send each disability of a person once; the first row is taken.

        LPTID  Disability
        P1     01
        P2     01
        P1     02
        p1     1            <- D03↔1
    """
    person, code = disability.LPTID, disability.Disability
    usable = disability.right_provider & ~person.is_blank & ~code.is_blank
    return repeats(combined(person.keys, code.keys), usable, spare_first=True)


@rule("D04", "Disability", severity=WARN, source=words.CHOICE, asks=("Disability.LPTID",))
def none_together_with_another(disability: Rows) -> Mask:
    """No-disability code given with other disabilities.

    Drop the row with NN, or the others.

        LPTID  Disability
        P1     NN          <- D04
        P1     02          <- D04
        P2     NN
        P3     04
    """
    person, code = disability.LPTID.keys, disability.Disability
    none = code.isin("NN") & (person >= 0)
    another = ~code.is_blank & ~code.isin("NN") & (person >= 0)
    both = np.intersect1d(person[none], person[another])
    return (none | another) & np.isin(person, both)


declare(
    "D10",
    WARN,
    "Disability is not a valid code.",
    words.LIST,
    source=words.CODES,
    example="""
        LPTID  Disability
        P1     1
        P2     xx
        P3     11          <- D10
    """,
)
