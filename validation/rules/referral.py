"""Questions asked of the Referral table."""

from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import rule
from validation.rules.repeats import Repeats, repeats

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN


@rule("R01", "LPTID", severity=REJECT_ROW, is_consequence=True)
def referral_without_person(referral: Rows) -> Mask:
    """Referral has no matching person.

    Send the person in the Person table under the same LPTID; if that row was rejected, mend it.
    """
    return ~referral.has_parent


@rule("R03", "ServiceID", severity=REJECT_ROW)
def duplicate_referral(referral: Rows) -> Repeats:
    """Duplicate referral record.

    Send each referral once; we cannot tell which of the rows is right, so none is taken.
    """
    return repeats(referral.ServiceID.keys, referral.right_provider & referral.ServiceID.is_valid)


@rule("R05", "RefRecDate", severity=REJECT_ROW)
def received_after_the_period(referral: Rows) -> Mask:
    """Referral received after the reporting period.

    Send it in its own period, or correct the date.
    """
    return referral.RefRecDate.dates > referral.header.end


@rule("R06", "EndDate", severity=REJECT_ROW)
def ends_before_it_begins(referral: Rows) -> Mask:
    """Referral ends before it was received.

    Correct whichever date is wrong; leave the end date blank while the referral is open.
    """
    return referral.EndDate.dates < referral.RefRecDate.dates


@rule("R07", "EndDate", severity=REJECT_ROW)
def ended_before_the_period(referral: Rows) -> Mask:
    """Referral ended before the reporting period.

    A referral is sent up to the month in which it ends. Leave it out, or correct the date.
    """
    return referral.EndDate.dates < referral.header.start


@rule("R08", "EndDate", severity=WARN)
def ends_after_the_period(referral: Rows) -> Mask:
    """End date falls after the reporting period.

    The referral is treated as not yet ended; send the end date in the month in which it falls.
    """
    return referral.EndDate.dates > referral.header.end


@rule("R09", "RefRecDate", severity=WARN)
def received_before_birth(referral: Rows) -> Mask:
    """Referral received before birth date.

    Correct whichever date is wrong.
    """
    return referral.RefRecDate.dates < referral.parent.dates("BirthDate")
