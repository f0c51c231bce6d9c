"""What earlier files tell: declared here, with what a marked difference and what treatment is, and
answered by the portal alone, which keeps them."""

from validation.finding import Severity
from validation.rule import HISTORY, RULEBOOK_VERSION, declare
from validation.rules import words

WARN = Severity.WARN

# How much a number of rows may differ from the month before, in percent.
MARKED_PERCENT = 20
MEASURED = ("Person", "Referral", "Appointment")
# End codes that say that there was treatment.
TREATED_END_CODES = ("40", "41", "42", "43", "44", "45", "98")

declare(
    "F13",
    WARN,
    "The number of rows differs markedly from an earlier file.",
    "Make sure that the file holds the whole month. If it does, there is nothing to do; if not, "
    "send the whole file, or return to the previous one.",
    needs=HISTORY,
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    example="""
        Fails: Last month's file had 1,000 referrals that stand; this one has 790.

        Passes: Last month's file had 1,000 referrals that stand; this one has 800.
    """,
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
    source=f"{words.LIBRARY}: these end codes say that there was treatment. {words.CHOICE}",
    since=RULEBOOK_VERSION,
    example="""
        Fails: A referral ends with code 42, and neither this file nor an earlier one holds an
        attended treatment appointment of it.

        Passes: A referral ends with code 42, and an attended treatment appointment of it was sent
        two months ago.
    """,
)
declare(
    "R20",
    WARN,
    "A referral that was open last month is missing.",
    "An open referral is sent every month, and counts as inactive in a month in which it is not. "
    "Put it back; if it has ended, send it with its end date in the month in which it ended.",
    needs=HISTORY,
    asks=("Referral.ServiceID",),
    source=f"{words.LIBRARY}: an open referral that is missing from the next month is inactive.",
    since=RULEBOOK_VERSION,
    example="""
        Fails: Service request S7 was open in last month's file and is not in this one.

        Passes: Service request S7 had ended in last month's file and is not in this one.
    """,
)
declare(
    "R21",
    WARN,
    "Referral belongs to another person than last month.",
    "A service request identifier stays with one person for ever. Correct the patient identifier, "
    "or give the new referral an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.LPTID",),
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    example="""
        Fails: Last month service request S7 was of patient P1; now it is of patient P2.

        Passes: Service request S7 is of patient P1, as it was last month.
    """,
)
declare(
    "R22",
    WARN,
    "Referral received date is another than last month.",
    "The date now counts. Correct it if last month's was right; if this is another referral, give "
    "it an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.RefRecDate",),
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    example="""
        Fails: Last month service request S7 was received on 2013-03-04; now on 2013-03-14.

        Passes: Service request S7 was received on 2013-03-04, as last month's file says.
    """,
)
declare(
    "R23",
    WARN,
    "Referral had ended last month and its end date was taken back.",
    "It counts as open again. If it has ended, leave it out from now on; if the patient has come "
    "back, send a referral with an identifier of its own.",
    needs=HISTORY,
    asks=("Referral.EndDate",),
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    example="""
        Fails: Last month service request S7 ended on 2013-03-20; now its end date is blank.

        Passes: Last month service request S7 was open, and so it is now.
    """,
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
    source=words.CHOICE,
    since=RULEBOOK_VERSION,
    example="""
        Fails: Last month patient P1 had no valid NHS number; now there is one.

        Passes: Patient P1 has the NHS number that last month's file gave.
    """,
)


def differs_markedly(now: int, before: int) -> bool:
    """By more than may be. To where nothing was, everything is a marked difference."""
    return 100 * abs(now - before) > MARKED_PERCENT * before
