"""Questions asked of the Referral table."""

import numpy as np

from validation import values
from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import ORGANISATIONS, RULEBOOK_VERSION, also, declare, rule
from validation.rules import words
from validation.rules.repeats import Repeats, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
YOUNGEST_AGE, LONGEST_YEAR = 16, np.timedelta64(366, "D")
# The chapters of ICD-10 that a referral to this service may be about: mental and behavioural
# disorders, and what brings people into contact with health services.
CHAPTERS = ("F", "Z")
BIRTH_DATE = "Person.BirthDate"


@rule(
    "R01",
    "LPTID",
    severity=REJECT_ROW,
    source=words.ORPHAN,
    asks=("Person.LPTID",),
    is_consequence=True,
)
def referral_without_person(referral: Rows) -> Mask:
    """Referral has no matching person.

    Send the person in the Person table under the same LPTID; if that row was rejected, mend it.

        Person:
        LPTID  OrgCodeProvider
        P1     RZ1
        P2     RZ2              <- T01

        Referral:
        LPTID
        p1
        P2      <- R01
        P3      <- R01
        -       <- R01
    """
    return ~referral.has_parent


declare(
    "R02",
    REJECT_ROW,
    "Service request identifier is missing.",
    "Every referral needs the identifier of your own system (ServiceID).",
    source=words.MANDATORY,
    example="""
        ServiceID
        S1
        -          <- R02
    """,
)


@rule("R03", "ServiceID", severity=REJECT_ROW, source=words.TWICE)
def duplicate_referral(referral: Rows) -> Repeats:
    """Duplicate referral record.

    Send each referral once; we cannot tell which of the rows is right, so none is taken.

        ServiceID  LPTID
        S1         P1     <- R03↔2
        s1         P2     <- R03↔1
        S2         P1
    """
    return repeats(referral.ServiceID.keys, referral.right_provider & referral.ServiceID.is_valid)


declare(
    "R04",
    REJECT_ROW,
    "Referral received date is missing or invalid.",
    words.DATE,
    source=words.MANDATORY,
    example="""
        RefRecDate
        10/4/2013
        2013-04-10T09:30
        -                 <- R04
        31/04/2013        <- R04
        10/4/13           <- R04
        41374             <- R04
    """,
)


@rule("R05", "RefRecDate", severity=REJECT_ROW, source=words.IN_THE_PERIOD)
def received_after_the_period(referral: Rows) -> Mask:
    """Referral received after the reporting period.

    Send it in its own period, or correct the date.

        RefRecDate
        2013-04-30
        2013-05-01   <- R05
    """
    return referral.RefRecDate.dates > referral.header.end


@rule("R06", "EndDate", severity=REJECT_ROW, source=words.CHOICE, asks=("Referral.RefRecDate",))
def ends_before_it_begins(referral: Rows) -> Mask:
    """Referral ends before it was received.

    Correct whichever date is wrong; leave the end date blank while the referral is open.

        RefRecDate  EndDate
        2013-04-10  2013-04-09   <- R06
        2013-04-10  2013-04-10
        2013-04-10  -
    """
    return referral.EndDate.dates < referral.RefRecDate.dates


@rule("R07", "EndDate", severity=REJECT_ROW, source=words.IN_THE_PERIOD)
def ended_before_the_period(referral: Rows) -> Mask:
    """Referral ended before the reporting period.

    A referral is sent up to the month in which it ends. Leave it out, or correct the date.

        RefRecDate  EndDate
        2013-03-10  2013-03-31   <- R07
        2013-03-10  2013-04-01
    """
    return referral.EndDate.dates < referral.header.start


@rule("R08", "EndDate", severity=WARN, source=words.IN_THE_PERIOD)
def ends_after_the_period(referral: Rows) -> Mask:
    """End date falls after the reporting period.

    The referral is treated as not yet ended; send the end date in the month in which it falls.

        RefRecDate  EndDate
        2013-03-10  2013-05-01   <- R08
        2013-03-10  2013-04-30
    """
    return referral.EndDate.dates > referral.header.end


@rule("R09", "RefRecDate", severity=WARN, source=words.CHOICE, asks=(BIRTH_DATE,))
def received_before_birth(referral: Rows) -> Mask:
    """Referral received before birth date.

    Correct whichever date is wrong.

        Person:
        LPTID  BirthDate
        P1     1970-01-31
        P2     2013-03-16

        Referral:
        LPTID  RefRecDate
        P1     2013-03-15
        P2     2013-03-15   <- R09
    """
    return referral.RefRecDate.dates < referral.parent.dates("BirthDate")


@rule(
    "P14",
    "RefRecDate",
    severity=WARN,
    source="Design choice of this portal: the programme is for adults.",
    asks=(BIRTH_DATE,),
    since=RULEBOOK_VERSION,
)
def younger_than_expected(referral: Rows) -> Mask:
    """Age is below the expected range for the service.

    The person is under 16 on the day the referral is received. Check both dates; if they are
    right there is nothing to do.

        Person:
        LPTID  BirthDate
        P1     1997-03-15
        P2     1997-03-16

        Referral:
        LPTID  RefRecDate
        P1     2013-03-15
        P2     2013-03-15   <- P14
    """
    received, born = referral.RefRecDate.dates, referral.parent.dates("BirthDate")
    # Months are dear: they are looked at for the few who may be so young.
    young = (received >= born) & (received - born < YOUNGEST_AGE * LONGEST_YEAR)
    month = born[young].astype("datetime64[M]")
    # The day within the month is counted on, so who was born on 29 February waits for 1 March.
    birthday = (month + YOUNGEST_AGE * 12).astype("datetime64[D]") + (born[young] - month)
    young[young] = received[young] < birthday
    return young


declare(
    "R10",
    WARN,
    "{column} is not a valid code.",
    words.LIST,
    title="Something said of the referral is not a code of its list.",
    source=f"NHS Data Dictionary, and {words.SCRIPT}.",
    example="""
        SourceReferral  RecurInd  ServReqAccInd  EndDate     EndCode
        n2              u         n              2013-04-20  98
        -               -         -              -           -
        A4              Y         Y              -           -        <- R10:SourceReferral
        A1              X         Z              2013-04-20  46       <- R10:RecurInd R10:ServReqAccInd R10:EndCode
    """,  # noqa: E501
)
declare(
    "R11",
    REJECT_ROW,
    "Commissioner code is missing.",
    "Enter the ODS code of the commissioner of this referral.",
    source=words.MANDATORY,
    example="""
        OrgCodeComm
        91A
        -            <- R11
    """,
)
declare(
    "R12",
    WARN,
    "Provisional diagnosis is not a valid ICD-10 code.",
    "Enter a letter, two digits and, where there is one, the figure after the dot.",
    source=f"{words.LIBRARY}: how diagnoses were cleansed.",
    example="""
        ProvDiag
        F32.1
        f␣32.1
        F4O1
        low       <- R12
        F3        <- R12
        F32111    <- R12
    """,
)


@rule("R13", "ProvDiag", severity=WARN, source=words.CHOICE, since=RULEBOOK_VERSION)
def diagnosis_of_another_chapter(referral: Rows) -> Mask:
    """Provisional diagnosis is not a mental health code.

    Codes of this service begin with F, or with Z for what brings somebody into contact with it.
    Give what the person is treated for; a long-term physical condition belongs in LTCondition.

        ProvDiag
        F32.1
        Z63.0
        E11.9     <- R13
        -
    """
    column = referral.ProvDiag
    chapters = [values.diagnosis_cleansed(code)[:1] if code else "" for code in column.canonical]
    others = [bool(chapter) and chapter not in CHAPTERS for chapter in chapters]
    return column.spread(np.array(others, dtype=bool))


declare(
    "R14",
    WARN,
    "Onset date is not valid.",
    "Enter year and month as YYYY-MM: not before the person was born, nor after the month in "
    "which the referral was received.",
    source="NHS Data Dictionary: the format. Comparing it with other dates is a design choice.",
    asks=("Referral.RefRecDate", BIRTH_DATE),
    changed=RULEBOOK_VERSION,
    example="""
        Person:
        LPTID  BirthDate
        P1     1970-01-31

        Referral:
        LPTID  RefRecDate  OnsetDate
        P1     2013-03-15  2013-03
        P1     2013-03-15  1970-01
        P1     2013-03-15  2012-13    <- R14
        P1     2013-03-15  11/2012    <- R14
        P1     2013-03-15  2013-04    <- R14
        P1     2013-03-15  1969-12    <- R14
    """,
)


@also("R14", "OnsetDate")
def onset_out_of_order(referral: Rows) -> Mask:
    """After the month of the referral, or before that of birth."""
    onset, born = referral.OnsetDate.dates, referral.parent.dates("BirthDate")
    # An onset is the first of its month, so these are nearly all; but it may be the month of birth.
    early = onset < born
    early[early] = onset[early] < born[early].astype("datetime64[M]")
    return early | (onset > referral.RefRecDate.dates)


@rule(
    "R15",
    ("EndDate", "EndCode"),
    severity=WARN,
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    title="End date and end code are not given together.",
)
def ends_by_half(referral: Rows) -> list[Mask]:
    """End date and end code must be given together, and {column} is blank.

    Give both once the referral has ended, and neither while it is open.

        EndDate     EndCode
        2013-04-20  42
        -           -
        2013-04-20  -         <- R15:EndCode
        -           42        <- R15:EndDate
    """
    has_no_date, has_no_code = referral.EndDate.is_blank, referral.EndCode.is_blank
    return [has_no_date & ~has_no_code, has_no_code & ~has_no_date]


declare(
    "R17",
    WARN,
    "Commissioner code is not recognised.",
    f"{words.ODS} No commissioner receives this referral.",
    source=words.ODS_TEST,
    needs=ORGANISATIONS,
    example="""
        Given organisations RZ1 91A

        OrgCodeComm
        91A
        XMD00
        5XX          <- R17
        ?            <- R17
    """,
)
declare(
    "R18",
    REJECT_ROW,
    "Service request identifier holds characters that are not allowed.",
    words.IDENTIFIER,
    source=words.CHOICE,
    example="""
        ServiceID
        S-1/2_3.4␣5
        S+1                      <- R18
        _S                       <- R18
        123456789012345678901    <- R18
    """,
)
declare(
    "R19",
    REJECT_ROW,
    "End date is not a date.",
    f"{words.DATE} Leave it blank while the referral is open.",
    source=words.CHOICE,
    example="""
        EndDate
        30/04/2013
        -
        soon         <- R19
        1899-12-31   <- R19
    """,
)
declare(
    "B01",
    WARN,
    "Care cluster is not a valid code.",
    words.LIST,
    source="NHS Data Dictionary: the permitted codes of the item; 09 is not to be used.",
    example="""
        Given version 1.0P

        CareCluster
        4
        -
        09            <- B01
        22            <- B01
    """,
)
