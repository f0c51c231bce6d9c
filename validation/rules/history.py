"""What earlier files tell: declared here, with what a marked difference and what treatment is, and
answered by the portal alone, which keeps them."""

from validation.columns import Mask
from validation.finding import Severity
from validation.quality import ATTENDED
from validation.rows import Rows
from validation.rule import HISTORY, declare

WARN = Severity.WARN

# How much a number of rows may differ from the month before, in percent.
MARKED_PERCENT = 20
MEASURED = ("Person", "Referral", "Appointment")
# End codes that say that there was treatment, and the types of appointment that are treatment.
TREATED_END_CODES = ("40", "41", "42", "43", "44", "45", "98")
TREATMENT_TYPES = ("02", "03", "05")

declare(
    "F13",
    WARN,
    "The number of rows differs markedly from an earlier file.",
    "Make sure that the file holds the whole month. If it does, there is nothing to do; if not, "
    "send the whole file, or return to the previous one.",
    needs=HISTORY,
)
declare(
    "R16",
    WARN,
    "End code implies treatment.",
    "No attended treatment appointment of this referral was ever sent. Send the appointments that "
    "are missing, each in its own month, or choose an end code for a referral that was not "
    "treated.",
    needs=HISTORY,
    asks=("Referral.EndCode",),
)
declare(
    "R20",
    WARN,
    "A referral that was open last month is missing.",
    "An open referral is sent every month, and counts as inactive in a month in which it is not. "
    "Put it back; if it has ended, send it with its end date in the month in which it ended.",
    needs=HISTORY,
    asks=("Referral.ServiceID",),
)
declare(
    "R21",
    WARN,
    "Referral belongs to another person than last month.",
    "A service request identifier stays with one person for ever. Correct the patient identifier, "
    "or give the new referral an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.LPTID",),
)
declare(
    "R22",
    WARN,
    "Referral received date is another than last month.",
    "The date now counts. Correct it if last month's was right; if this is another referral, give "
    "it an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.RefRecDate",),
)
declare(
    "R23",
    WARN,
    "Referral had ended last month and its end date was taken back.",
    "It counts as open again. If it has ended, leave it out from now on; if the patient has come "
    "back, send a referral with an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.EndDate",),
)
declare(
    "R24",
    WARN,
    "NHS number is another than last month.",
    "By its number this is another person now, so that what was sent before is not joined with it. "
    "Correct the number if last month's was right; if it was traced meanwhile, there is nothing "
    "to do.",
    needs=HISTORY,
    asks=("Person.NHSNumber",),
)


def is_treatment(appointment: Rows) -> Mask:
    """Attended, and of a type that is treatment."""
    attended = appointment.Attendance.isin(*ATTENDED)
    return attended & appointment.AppType.isin(*TREATMENT_TYPES)


def differs_markedly(now: int, before: int) -> bool:
    """By more than may be. To where nothing was, everything is a marked difference."""
    return 100 * abs(now - before) > MARKED_PERCENT * before
