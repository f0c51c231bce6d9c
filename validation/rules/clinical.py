"""Questions about what happened at an appointment: therapies, scores, the patient's answers."""

import numpy as np

from validation import dataset
from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import RULEBOOK_VERSION, declare, rule
from validation.rules import words
from validation.rules.attended import SCORING, THERAPIES, TREATING, absent, present

WARN = Severity.WARN
OUTCOMES = ("PHQ9_Score", "GAD7Score", "WSASScore")
ATTENDANCE_AND_TYPE = ("Appointment.Attendance", "Appointment.AppType")

declare(
    "A13",
    WARN,
    "Therapy type is not valid for this version.",
    "Version 1.0 has the codes 01 to 14.",
    source=f"{words.LIBRARY}: how the therapy types of 1.0 became those of 1.5.",
    example="""
        TherType1  TherType2  TherType3  TherType4
        7          14         -          -
        15         -          -          -          <- A13:TherType1
        01         20         51         00         <- A13:TherType2 A13:TherType3 A13:TherType4
    """,
)


@rule(
    "A14",
    THERAPIES[1:],
    severity=WARN,
    source=f"{words.LIBRARY}: a therapy given twice at one appointment counts once. The gap is a "
    "design choice.",
    since=RULEBOOK_VERSION,
    asks=("Appointment.TherType1",),
)
def therapy_repeated(appointment: Rows) -> list[Mask]:
    """Therapy type is repeated, or leaves a gap before it.

    Give each therapy of an appointment once, and fill the columns from TherType1 on.

        TherType1  TherType2  TherType3  TherType4
        07         14         -          -
        07         14         7          -           <- A14:TherType3
        07         -          14         -           <- A14:TherType3
        07         -          -          7           <- A14:TherType4
    """
    columns = [appointment.columns[name] for name in THERAPIES]
    codes = {code.code: place for place, code in enumerate(columns[0].column.codes)}
    given = [
        column.spread(np.array([codes.get(code or "", -1) for code in column.canonical], np.int8))
        for column in columns
    ]
    found = []
    for place, column in enumerate(columns[1:], 1):
        found.append(~column.is_blank & columns[place - 1].is_blank)
        for before in given[:place]:
            found[-1] |= (given[place] >= 0) & (given[place] == before)
    return found


@rule(
    "A15",
    "TherType1",
    severity=WARN,
    source="HSCIC's monthly data quality reports of 2012-13 measured therapy type. At which "
    "appointments it is expected is a design choice.",
    since=RULEBOOK_VERSION,
    asks=ATTENDANCE_AND_TYPE,
)
def therapy_expected(appointment: Rows) -> Mask:
    """Therapy type is missing at an attended treatment appointment.

    Enter the therapy that was given; if none was, the appointment type is another one.

        Attendance  AppType  TherType1
        5           02       07
        5           01       -
        3           02       -
        5           02       -           <- A15
        6           05       -           <- A15
    """
    return present(appointment, *TREATING) & appointment.TherType1.is_blank


# Every score of the data set is judged by a rule of its own between these two.
SCORES = tuple(
    column.name
    for column in dataset.widest().tables["Appointment"].columns.values()
    if "A20" <= column.invalid_rule <= "A31"
)


@rule(
    "A16",
    (*THERAPIES, *SCORES),
    severity=WARN,
    source=words.CHOICE,
    title="Clinical details are given for an appointment not attended.",
    since=RULEBOOK_VERSION,
    asks=("Appointment.Attendance",),
)
def clinical_details_of_nobody(appointment: Rows) -> list[Mask]:
    """An appointment that was not attended has {column} given.

    Leave therapies and scores blank where the person was not seen, or correct the attendance.

        Attendance  TherType1  PHQ9_Score  GAD7Score
        5           07         12          9
        3           -          -           -
        3           07         -           -          <- A16:TherType1
        7           -          12          9          <- A16:PHQ9_Score A16:GAD7Score
    """
    nobody = absent(appointment)
    return [nobody & ~appointment.columns[name].is_blank for name in (*THERAPIES, *SCORES)]


@rule(
    "A32",
    OUTCOMES,
    severity=WARN,
    source="HSCIC's data quality measures of 2012-13 on PHQ-9, GAD-7 and WSAS. At which "
    "appointments they are expected is a design choice.",
    title="An outcome score is missing at an attended appointment.",
    since=RULEBOOK_VERSION,
    asks=ATTENDANCE_AND_TYPE,
)
def outcome_expected(appointment: Rows) -> list[Mask]:
    """Outcome score {column} is missing at an attended appointment.

    Record PHQ-9, GAD-7 and WSAS at every appointment of the types 01 to 05: without two scores of
    a kind no outcome can be derived.

        Attendance  AppType  TherType1  PHQ9_Score  GAD7Score  WSASScore
        5           02       07         12          9          10
        5           06       -          -           -          -
        3           02       -          -           -          -
        5           02       07         12          9          -          <- A32:WSASScore
        6           01       -          -           -          10         <- A32:PHQ9_Score A32:GAD7Score
    """  # noqa: E501
    expected = present(appointment, *SCORING)
    return [expected & appointment.columns[name].is_blank for name in OUTCOMES]


declare(
    "B02",
    WARN,
    "Patient experience answer {column} is not valid.",
    "Choices are Y, N or Z; satisfaction and treatment answers are 0 to 4.",
    title="A patient experience answer is not valid.",
    source=f"{words.LIBRARY}: answers from 0 to 4. The codes Y, N and Z are recalled, not sourced.",
    example="""
        Given version 1.0P

        AssessPEQ1  AssessPEQ2  AssessSatisfaction  TreatPEQ1
        z           n           0                   4
        U           Y           4                   -          <- B02:AssessPEQ1
        Y           1           5                   Y          <- B02:AssessPEQ2 B02:AssessSatisfaction B02:TreatPEQ1
    """,  # noqa: E501
)
