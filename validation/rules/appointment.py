"""Questions asked of the Appointment table: its keys, its dates, who came and how long."""

import numpy as np

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import RULEBOOK_VERSION, also, declare, rule
from validation.rules import words
from validation.rules.attended import absent
from validation.rules.repeats import Repeats, combined, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
LONGEST_CREDIBLE_MINUTES = 480


@rule(
    "A01",
    "ServiceID",
    severity=REJECT_ROW,
    source=words.ORPHAN,
    asks=("Referral.ServiceID",),
    is_consequence=True,
)
def appointment_without_referral(appointment: Rows) -> Mask:
    """Appointment has no matching referral.

    Send the referral in the Referral table under the same ServiceID; if that row was rejected,
    mend it.

        Referral:
        ServiceID  RefRecDate
        S1         2013-04-01
        S2         -            <- R04

        Appointment:
        ServiceID
        s1
        S2          <- A01
        S3          <- A01
        -           <- A01
    """
    return ~appointment.has_parent


declare(
    "A02",
    REJECT_ROW,
    "Appointment date is missing or invalid.",
    words.DATE,
    source=words.MANDATORY,
    example="""
        Appointment
        1/4/2013
        -            <- A02
        2013-04-31   <- A02
    """,
)


@rule(
    "A03",
    None,
    severity=REJECT_ROW,
    source=words.TWICE,
    asks=tuple(
        f"Appointment.{name}" for name in ("ServiceID", "Appointment", "AppointmentTime", "AppType")
    ),
)
def duplicate_appointment(appointment: Rows) -> Repeats:
    """Duplicate appointment record.

    Send each appointment once: service, date and time tell them apart, and where the time is
    blank the appointment type. The first row is taken.

        ServiceID  Appointment  AppointmentTime  AppType
        S1         2013-04-10   09:30:00         02
        s1         10/04/2013   9:30             01       <- A03↔1
        S1         2013-04-10   09:31            02
        S2         2013-04-10   -                01
        S2         2013-04-10   -                02
        S2         2013-04-10   -                2        <- A03↔5
        S3         2013-04-10   9am              02       <- A18
        S3         2013-04-10   10am             02       <- A18
    """
    service, day, time = appointment.ServiceID, appointment.Appointment, appointment.AppointmentTime
    usable = appointment.right_provider & ~service.is_blank & day.is_valid
    # A time that is not valid still tells two appointments apart.
    kind = np.where(time.is_blank, appointment.AppType.keys, -2)
    at = np.where(time.is_blank, -1, time.keys)
    return repeats(combined(service.keys, day.keys, at, kind), usable, spare_first=True)


@rule("A04", "Appointment", severity=REJECT_ROW, source=words.IN_THE_PERIOD)
def appointment_outside_the_period(appointment: Rows) -> Mask:
    """Appointment is outside the reporting period.

    Send it in the period in which it took place, or correct the date.

        Appointment
        2013-04-01
        2013-04-30
        2013-05-01   <- A04
    """
    day, header = appointment.Appointment.dates, appointment.header
    return (day < header.start) | (day > header.end)


@rule(
    "A05",
    "Appointment",
    severity=WARN,
    source=f"{words.LIBRARY}: appointments outside the referral's dates are left out of reports.",
    asks=("Referral.RefRecDate", "Referral.EndDate"),
)
def appointment_outside_the_referral(appointment: Rows) -> Mask:
    """Appointment is outside the referral dates.

    It lies before the referral was received or after it ended, so reports leave it out. Correct
    whichever date is wrong.

        Referral:
        ServiceID  RefRecDate  EndDate
        S1         2013-04-10  2013-04-20
        S2         2013-04-10  -

        Appointment:
        ServiceID  Appointment
        S1         2013-04-09   <- A05
        S1         2013-04-10
        S1         2013-04-20
        S1         2013-04-21   <- A05
        S2         2013-04-30
    """
    day, referral = appointment.Appointment.dates, appointment.parent
    return (day < referral.dates("RefRecDate")) | (day > referral.dates("EndDate"))


@rule("A06", "LPTID", severity=WARN, source=words.CHOICE, asks=("Referral.LPTID",))
def patient_differs_from_the_referral(appointment: Rows) -> Mask:
    """Patient identifier differs from the referral.

    The referral's patient counts. Correct the identifier on the appointment.

        Referral:
        ServiceID  LPTID
        S1         P1

        Appointment:
        ServiceID  LPTID
        S1         p1
        S1         P2      <- A06
        S1         -       <- A06
    """
    sent = appointment.LPTID
    differs = sent.folded != appointment.parent.keys("LPTID")
    return sent.is_blank | (appointment.has_parent & differs)


declare(
    "A10",
    WARN,
    "Attendance is missing.",
    "Say how the appointment ended.",
    source=f"{words.LIBRARY}: only attended appointments count.",
    example="""
        Attendance
        5
        -           <- A10
    """,
)
declare(
    "A11",
    WARN,
    "Appointment type is missing.",
    "Say what the appointment was for.",
    source=words.MEASURED,
    example="""
        AppType
        06
        -        <- A11
    """,
)
declare(
    "A12",
    WARN,
    "{column} is not a valid code.",
    words.LIST,
    title="Something said of the appointment is not a code of its list.",
    source=f"NHS Data Dictionary, and {words.SCRIPT}.",
    example="""
        PrimaryRole  ConsMedium  EmpStatus  EmpSupportInd  PsychMed  SSPInd
        10           6           zz         na             uu        z
        -            -           -          -              -         -
        18           01          01         Y              01        Y       <- A12:PrimaryRole
        10           07          09         U              04        X       <- A12:ConsMedium A12:EmpStatus A12:EmpSupportInd A12:PsychMed A12:SSPInd
    """,  # noqa: E501
)
declare(
    "A17",
    WARN,
    "Contact duration is not credible.",
    "Enter minutes as a whole number from 0 to 999; more than 480 is unlikely. An appointment that "
    "was not attended has 0, or none.",
    source="NHS Data Dictionary: the format, up to three digits. The limits are a design choice.",
    asks=("Appointment.Attendance",),
    changed=RULEBOOK_VERSION,
    example="""
        Attendance  ContactDuration
        5           480
        5           060.0
        5           481              <- A17
        5           -1               <- A17
        5           3.5              <- A17
        3           50               <- A17
        3           0
        3           -
    """,
)


@also("A17", "ContactDuration")
def contact_longer_than_credible(appointment: Rows) -> Mask:
    """More than eight hours, or any time at all with somebody who was not there."""
    column = appointment.ContactDuration
    minutes = column.spread(np.array([int(value or 0) for value in column.canonical]))
    return (minutes > LONGEST_CREDIBLE_MINUTES) | ((minutes > 0) & absent(appointment))


declare(
    "A18",
    WARN,
    "Appointment time is not valid.",
    "Enter it as HH:MM or HH:MM:SS.",
    source="NHS Data Dictionary: the format.",
    example="""
        Appointment  AppointmentTime
        2013-04-01   23:59:59
        2013-04-02   9:30
        2013-04-03   24:00            <- A18
        2013-04-04   9am              <- A18
    """,
)
declare(
    "A19",
    WARN,
    "Employment support referral date is not consistent.",
    "Enter a real date, not before the referral was received; leave it blank where EmpSupportInd "
    "is N.",
    source=words.CHOICE,
    asks=("Appointment.EmpSupportInd", "Referral.RefRecDate"),
    changed=RULEBOOK_VERSION,
    example="""
        Referral:
        ServiceID  RefRecDate
        S1         2013-03-15

        Appointment:
        ServiceID  EmpSupportInd  EmpSupportReferral
        S1         Y              2013-03-15
        S1         NA             -
        S1         Y              tomorrow             <- A19
        S1         Y              2013-03-14           <- A19
        S1         N              2013-04-15           <- A19
    """,
)


@also("A19", "EmpSupportReferral")
def employment_support_at_odds(appointment: Rows) -> Mask:
    """Referred to employment support before the referral itself, or though it is not suitable."""
    column = appointment.EmpSupportReferral
    too_early = column.dates < appointment.parent.dates("RefRecDate")
    return too_early | (~column.is_blank & appointment.EmpSupportInd.isin("N"))


declare(
    "A34",
    WARN,
    "Attendance is not a valid code.",
    words.LIST,
    source="NHS Data Dictionary: the permitted codes of the item; 0 is not valid for this service.",
    example="""
        Attendance
        6
        0           <- A34
        05          <- A34
        8           <- A34
    """,
)
declare(
    "A35",
    WARN,
    "Appointment type is not a valid code.",
    f"{words.LIST} A mistyped follow-up then counts as treatment.",
    source=words.CODES,
    example="""
        AppType
        1
        08       <- A35
    """,
)
