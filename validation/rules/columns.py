"""What the single-column questions of the data set say to the sender.

The data set (`dataset/columns.csv`) says which column asks which code when it is blank or not
valid; here stands each code once, with its severity, sentence and advice.
"""

from validation.finding import Severity
from validation.rule import ORGANISATIONS, declare

REJECT_ROW, WARN = Severity.REJECT_ROW, Severity.WARN
_LIST = "Use one of the codes of the data dictionary's list for this item."
_BLANK = "Ask for it at the next contact, and enter the code for not stated or not known meanwhile."
_DATE = "Enter a real date as YYYY-MM-DD or DD/MM/YYYY, with the year in four digits."
_SCORE = "Check the questionnaire: an answer may have been counted twice or typed wrongly."

DECLARED = [
    declare(
        "P01",
        REJECT_ROW,
        "Local patient identifier is missing.",
        "Every person needs the identifier of your own system (LPTID).",
    ),
    declare(
        "P05",
        REJECT_ROW,
        "Local patient identifier holds characters that are not allowed.",
        "Letters, digits, space and / - _ . are allowed, at most 20, the first one a letter or "
        "digit. A spreadsheet may have changed it.",
    ),
    declare(
        "P10",
        WARN,
        "NHS number is missing.",
        "Trace the number; without it the person cannot be followed between providers.",
    ),
    declare(
        "P11",
        WARN,
        "NHS number is not valid.",
        "It has ten digits, the last one a check digit. Look for a typing mistake, or trace it.",
    ),
    declare("P12", WARN, "NHS number status is not valid.", _LIST),
    declare("P13", WARN, "Birth date is missing.", "Enter it; without it no age can be derived."),
    declare(
        "P15", WARN, "Postcode is missing.", "For no fixed abode use the pseudo postcode ZZ99 3VZ."
    ),
    declare(
        "P16",
        WARN,
        "{column} is missing.",
        _BLANK,
    ),
    declare(
        "P17",
        WARN,
        "{column} is not a recognised organisation.",
        "Look the code up in the ODS directory; it must have been open in the period.",
        needs=ORGANISATIONS,
    ),
    declare("P19", WARN, "Birth date is not credible.", _DATE + " Age may be at most 120."),
    declare(
        "P20",
        WARN,
        "Postcode is not valid.",
        "Check it against the address; write it with one space, as in AB1 2CD.",
    ),
    declare("P21", WARN, "{column} is not a valid code.", _LIST),
    declare(
        "P22",
        WARN,
        "{column} is missing.",
        "Enter the ODS code. A person without a practice has V81997 in GMPC.",
    ),
    declare("D02", REJECT_ROW, "Disability code is missing.", "Enter the code, or drop the row."),
    declare("D10", WARN, "Disability is not a valid code.", _LIST),
    declare(
        "R02",
        REJECT_ROW,
        "Service request identifier is missing.",
        "Every referral needs the identifier of your own system (ServiceID).",
    ),
    declare("R04", REJECT_ROW, "Referral received date is missing or invalid.", _DATE),
    declare("R10", WARN, "{column} is not a valid code.", _LIST),
    declare(
        "R11",
        REJECT_ROW,
        "Commissioner code is missing.",
        "Enter the ODS code of the commissioner of this referral.",
    ),
    declare(
        "R12",
        WARN,
        "Provisional diagnosis is not a valid ICD-10 code.",
        "Enter a letter, two digits and, where there is one, the figure after the dot.",
    ),
    declare(
        "R14",
        WARN,
        "Onset date is not valid.",
        "Enter year and month as YYYY-MM.",
    ),
    declare(
        "R17",
        WARN,
        "Commissioner code is not recognised.",
        "Look the code up in the ODS directory; no commissioner receives this referral.",
        needs=ORGANISATIONS,
    ),
    declare(
        "R18",
        REJECT_ROW,
        "Service request identifier holds characters that are not allowed.",
        "Letters, digits, space and / - _ . are allowed, at most 20, the first one a letter or "
        "digit. A spreadsheet may have changed it.",
    ),
    declare(
        "R19",
        REJECT_ROW,
        "End date is not a date.",
        _DATE + " Leave it blank while the referral is open.",
    ),
    declare("A02", REJECT_ROW, "Appointment date is missing or invalid.", _DATE),
    declare("A10", WARN, "Attendance is missing.", "Say how the appointment ended."),
    declare("A11", WARN, "Appointment type is missing.", "Say what the appointment was for."),
    declare("A12", WARN, "{column} is not a valid code.", _LIST),
    declare(
        "A13",
        WARN,
        "Therapy type is not valid for this version.",
        "Version 1.0 has the codes 01 to 14.",
    ),
    declare(
        "A17",
        WARN,
        "Contact duration is not credible.",
        "Enter minutes as a whole number from 0 to 999; more than 480 is unlikely.",
    ),
    declare("A18", WARN, "Appointment time is not valid.", "Enter it as HH:MM or HH:MM:SS."),
    declare(
        "A19",
        WARN,
        "Employment support referral date is not consistent.",
        "Enter a real date, not before the referral was received; leave it blank where "
        "EmpSupportInd is N.",
    ),
    declare("A20", WARN, "PHQ-9 score is out of range (0-27).", _SCORE),
    declare("A21", WARN, "GAD-7 score is out of range (0-21).", _SCORE),
    declare("A22", WARN, "WSAS total is out of range (0-40).", _SCORE),
    declare("A24", WARN, "Phobia scale {column} is out of range (0-8).", _SCORE),
    declare("A25", WARN, "Mobility inventory {column} is out of range (0-5).", _SCORE),
    declare("A26", WARN, "Penn State score is out of range (16-80).", _SCORE),
    declare("A27", WARN, "Health anxiety score is out of range (0-54).", _SCORE),
    declare("A28", WARN, "OCD inventory is out of range (0-168).", _SCORE),
    declare("A29", WARN, "Panic severity is out of range (0-28).", _SCORE),
    declare("A30", WARN, "Impact of events score is out of range (0-88).", _SCORE),
    declare("A31", WARN, "Social phobia inventory is out of range (0-68).", _SCORE),
    declare("A34", WARN, "Attendance is not a valid code.", _LIST),
    declare(
        "A35",
        WARN,
        "Appointment type is not a valid code.",
        _LIST + " A mistyped follow-up then counts as treatment.",
    ),
    declare("B01", WARN, "Care cluster is not a valid code.", _LIST),
    declare(
        "B02",
        WARN,
        "Patient experience answer {column} is not valid.",
        "Choices are Y, N or Z; satisfaction and treatment answers are 0 to 4.",
    ),
]
