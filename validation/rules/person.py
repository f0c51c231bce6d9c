"""Questions asked of the Person table."""

from datetime import date

import numpy as np
import pandas as pd

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import ORGANISATIONS, RULEBOOK_VERSION, also, declare, rule
from validation.rules import words
from validation.rules.repeats import Repeats, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
OLDEST_AGE = 120
PRESENT, NOT_PRESENT = "01", "07"

declare(
    "P01",
    REJECT_ROW,
    "Local patient identifier is missing.",
    "Every person needs the identifier of your own system (LPTID).",
    source=words.MANDATORY,
    example="""
        LPTID
        P1
        -       <- P01
    """,
)


@rule("P02", "LPTID", severity=REJECT_ROW, source=words.TWICE)
def duplicate_person(person: Rows) -> Repeats:
    """Duplicate person record.

    Send each person once; we cannot tell which of the rows is right, so none is taken.

        LPTID
        P1     <- P02↔3
        P2
        p1     <- P02↔1
    """
    return repeats(person.LPTID.keys, person.right_provider & person.LPTID.is_valid)


@rule(
    "P03",
    "NHSNumber",
    severity=WARN,
    asks=("Person.LPTID",),
    source="Design choice of this portal: an NHS number belongs to one person.",
)
def nhs_number_shared(person: Rows) -> Repeats:
    """NHS number used for more than one patient.

    If they are one person, join the two local records; if not, trace the right numbers.

        LPTID  NHSNumber
        P1     9990000018     <- P03↔3
        P2     9990000026
        P3     999␣000␣0018   <- P03↔1
    """
    number, local = person.NHSNumber, person.LPTID
    numbers = number.keys
    shared, other = repeats(numbers, number.is_valid & ~local.is_blank)
    patients = pd.Series(local.keys[shared]).groupby(numbers[shared]).transform("nunique")
    several = np.zeros(person.count, dtype=bool)
    several[shared] = patients.to_numpy() > 1
    return several, other


@rule(
    "P04",
    None,
    severity=WARN,
    asks=("Person.LPTID", "Referral.LPTID"),
    source="Design choice of this portal: a person without a referral is in no figure.",
)
def person_without_referral(person: Rows, referral: Rows) -> Mask:
    """Person has no referral.

    Send the person's referrals too, or leave the person out: nothing is counted without one.

        Person:
        LPTID
        P1
        P2      <- P04

        Referral:
        LPTID
        P1
    """
    referred = set(referral.LPTID.folded_distinct)
    lacks = np.array([key not in referred for key in person.LPTID.folded_distinct], dtype=bool)
    return person.stands & person.LPTID.spread(lacks)


declare(
    "P05",
    REJECT_ROW,
    "Local patient identifier holds characters that are not allowed.",
    words.IDENTIFIER,
    source=words.CHOICE,
    example="""
        LPTID
        P/1-2_3.4
        7␣7
        P#1                      <- P05
        -1                       <- P05
        12345678901234567890
        123456789012345678901    <- P05
    """,
)
declare(
    "P10",
    WARN,
    "NHS number is missing.",
    "Trace the number; without it the person cannot be followed between providers.",
    source=words.MEASURED,
    example="""
        NHSNumber   NHSNoStatus
        9990000018  01
        -           03            <- P10
    """,
)
declare(
    "P11",
    WARN,
    "NHS number is not valid.",
    "It has ten digits, the last one a check digit. Look for a typing mistake, or trace it.",
    source="NHS Data Dictionary: ten digits with a modulus 11 check digit. That not all digits "
    "may be alike is a design choice.",
    example="""
        NHSNumber
        9990000018
        999␣000␣0026
        9990000019      <- P11
        999000001       <- P11
        1111111111      <- P11
    """,
)
declare(
    "P12",
    WARN,
    "NHS number status is missing, not valid or at odds with the number.",
    "Use one of the codes of the data dictionary's list for this item: 01 only where there is a "
    "number, 07 only where there is none.",
    source="NHS Data Dictionary: the permitted codes of the item. Comparing it with the number is "
    "a design choice.",
    asks=("Person.NHSNumber",),
    changed=RULEBOOK_VERSION,
    example="""
        NHSNumber   NHSNoStatus
        9990000018  1
        9990000026  -            <- P12
        9990000034  09           <- P12
        9990000042  07           <- P12
        -           01           <- P12 P10
        -           07           <- P10
    """,
)


@also("P12", "NHSNoStatus")
def status_at_odds_with_the_number(person: Rows) -> Mask:
    """Present and verified without a number, or not present with one."""
    status, has_none = person.NHSNoStatus, person.NHSNumber.is_blank
    return (status.isin(PRESENT) & has_none) | (status.isin(NOT_PRESENT) & ~has_none)


declare(
    "P13",
    WARN,
    "Birth date is missing.",
    "Enter it; without it no age can be derived.",
    source=words.MEASURED,
    example="""
        BirthDate
        1970-01-31
        -            <- P13
    """,
)
declare(
    "P15",
    WARN,
    "Postcode is missing.",
    "For no fixed abode use the pseudo postcode ZZ99 3VZ.",
    source=words.MEASURED,
    example="""
        Postcode
        ZZ99␣3VZ
        -          <- P15
    """,
)
declare(
    "P16",
    WARN,
    "{column} is missing.",
    words.BLANK,
    title="Something that a person says of themselves is missing.",
    source="HSCIC's monthly data quality reports of 2012-13 measured most of these items.",
    example="""
        Gender  Ethnicity  ReligiousGroup  SexualOrientation  BAFIndicator  LTCondition
        2       A          C               1                  03            N
        -       A          C               1                  03            N            <- P16:Gender
        9       99         N               Z                  UU            U
        1       -          -               -                  -             -            <- P16:Ethnicity P16:ReligiousGroup P16:SexualOrientation P16:BAFIndicator P16:LTCondition
    """,  # noqa: E501
)
declare(
    "P17",
    WARN,
    "{column} is not a recognised organisation.",
    words.ODS,
    title="An organisation named for the person is not recognised.",
    source=words.ODS_TEST,
    needs=ORGANISATIONS,
    example="""
        Given organisations RZ1 91A A81001

        GMPC    OrgCodeResidence  OrgCodeGPPractice
        A81001  91A               91a
        V81997  91A               91A
        A81002  91A               91A                 <- P17:GMPC
        A81001  5XX               ?                   <- P17:OrgCodeResidence P17:OrgCodeGPPractice
    """,
)


@rule(
    "P18",
    "BAFIndicator",
    severity=WARN,
    source="NHS Data Dictionary: the codes 01 and 04 were retired on 1 April 2012.",
    valid_from=date(2012, 4, 1),
)
def retired_armed_forces_code(person: Rows) -> Mask:
    """Ex-British armed forces code was retired on 1 April 2012.

    Use 02, 03, 05, UU or ZZ; the row is kept as sent.

        BAFIndicator
        03
        01              <- P18
        4               <- P18
    """
    column = person.BAFIndicator
    return column.isin(*(code.code for code in column.column.codes if code.retired))


declare(
    "P19",
    WARN,
    "Birth date is not credible.",
    f"{words.DATE} It lies before the end of the period, and the person is at most 120 years old.",
    source="Design choice of this portal.",
    example="""
        BirthDate
        29/02/1972
        30/02/1972   <- P19
        1972-13-01   <- P19
        1880-01-01   <- P19
    """,
)


@also("P19", "BirthDate")
def birth_date_not_credible(person: Rows) -> Mask:
    """After the period's end, or an age over 120 on its last day."""
    born, end = person.BirthDate.dates, person.header.end
    oldest = f"{int(str(end)[:4]) - OLDEST_AGE - 1}{str(end)[4:]}"
    return (born > end) | (born <= np.datetime64(oldest.replace("-02-29", "-02-28")))


declare(
    "P20",
    WARN,
    "Postcode is not valid.",
    "Check it against the address; write it with one space, as in AB1 2CD.",
    source=f"{words.LIBRARY}: a postcode can fail the check on submission, and gives no geography "
    "then.",
    example="""
        Postcode
        ab12cd
        ZZ99␣3WZ
        AB1␣2C     <- P20
        1AB␣2CD    <- P20
    """,
)
declare(
    "P21",
    WARN,
    "{column} is not a valid code.",
    words.LIST,
    title="What a person says of themselves is not a code of its list.",
    source=words.CODES,
    example="""
        Gender  Ethnicity  ReligiousGroup  SexualOrientation  BAFIndicator  LTCondition
        1       99         n1              z                  uu            z
        2       a1         C80             4                  2             U
        0       A          C               1                  03            N            <- P21:Gender
        1       Y          O               5                  06            X            <- P21:Ethnicity P21:ReligiousGroup P21:SexualOrientation P21:BAFIndicator P21:LTCondition
    """,  # noqa: E501
)
declare(
    "P22",
    WARN,
    "{column} is missing.",
    "Enter the ODS code. A person without a practice has V81997 in GMPC.",
    title="An organisation named for the person is missing.",
    source="HSCIC's monthly data quality reports of 2012-13 measured the practice; the other two "
    "are a design choice.",
    example="""
        GMPC    OrgCodeResidence  OrgCodeGPPractice
        V81997  91A               91A
        -       91A               91A                 <- P22:GMPC
        A81001  -                 -                   <- P22:OrgCodeResidence P22:OrgCodeGPPractice
    """,
)
