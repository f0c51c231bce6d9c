"""Questions asked of the Appointment table."""

import numpy as np

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import also, rule
from validation.rules import columns as _column_rules
from validation.rules.repeats import Repeats, combined, repeats

assert _column_rules.DECLARED  # `also` adds to codes declared there

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
LONGEST_CREDIBLE_MINUTES = 480


@rule("A01", "ServiceID", severity=REJECT_ROW, is_consequence=True)
def appointment_without_referral(appointment: Rows) -> Mask:
    """Appointment has no matching referral.

    Send the referral in the Referral table under the same ServiceID; if that row was rejected,
    mend it.
    """
    return ~appointment.has_parent


@rule("A03", None, severity=REJECT_ROW)
def duplicate_appointment(appointment: Rows) -> Repeats:
    """Duplicate appointment record.

    Send each appointment once: service, date and time tell them apart, and where the time is
    blank the appointment type. The first row is taken.
    """
    service, day, time = appointment.ServiceID, appointment.Appointment, appointment.AppointmentTime
    usable = appointment.right_provider & ~service.is_blank & day.is_valid
    kind = np.where(time.is_valid, -2, appointment.AppType.keys)
    at = np.where(time.is_valid, time.keys, -1)
    return repeats(combined(service.keys, day.keys, at, kind), usable, spare_first=True)


@rule("A04", "Appointment", severity=REJECT_ROW)
def appointment_outside_the_period(appointment: Rows) -> Mask:
    """Appointment is outside the reporting period.

    Send it in the period in which it took place, or correct the date.
    """
    day, header = appointment.Appointment.dates, appointment.header
    return (day < header.start) | (day > header.end)


@rule("A05", "Appointment", severity=WARN)
def appointment_outside_the_referral(appointment: Rows) -> Mask:
    """Appointment is outside the referral dates.

    It lies before the referral was received or after it ended, so reports leave it out. Correct
    whichever date is wrong.
    """
    day, referral = appointment.Appointment.dates, appointment.parent
    return (day < referral.dates("RefRecDate")) | (day > referral.dates("EndDate"))


@rule("A06", "LPTID", severity=WARN)
def patient_differs_from_the_referral(appointment: Rows) -> Mask:
    """Patient identifier differs from the referral.

    The referral's patient counts. Correct the identifier on the appointment.
    """
    sent = appointment.LPTID
    differs = sent.folded != appointment.parent.keys("LPTID")
    return sent.is_blank | (appointment.has_parent & differs)


@also("A17", "ContactDuration")
def contact_longer_than_credible(appointment: Rows) -> Mask:
    """More than eight hours."""
    column = appointment.ContactDuration
    long = [int(value or 0) > LONGEST_CREDIBLE_MINUTES for value in column.canonical]
    return column.spread(np.array(long, dtype=bool))
