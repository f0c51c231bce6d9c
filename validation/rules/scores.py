"""What the data set's ranges of scores say to the sender."""

from validation.finding import Severity
from validation.rule import declare
from validation.rules.words import LIBRARY, QUESTIONNAIRE, SCORE, SCORES

WARN = Severity.WARN

declare(
    "A20",
    WARN,
    "PHQ-9 score is out of range (0-27).",
    SCORE,
    source="The questionnaire's own range, in which a published research script reads it too.",
    example="""
        PHQ9_Score
        27
        027.0
        28          <- A20
        1e1         <- A20
    """,
)
declare(
    "A21",
    WARN,
    "GAD-7 score is out of range (0-21).",
    SCORE,
    source=SCORES,
    example="""
        GAD7Score
        21
        22         <- A21
        NaN        <- A21
    """,
)
declare(
    "A22",
    WARN,
    "WSAS total is out of range (0-40).",
    SCORE,
    source=f"{LIBRARY}: version 1.0 has the total alone. Its range follows from five items of 0 to "
    "8.",
    example="""
        WSASScore
        40
        41         <- A22
        -1         <- A22
    """,
)
declare(
    "A24",
    WARN,
    "Phobia scale {column} is out of range (0-8).",
    SCORE,
    title="A phobia scale is out of range (0-8).",
    source=SCORES,
    example="""
        AgoraScore  SocPhobiaScore  SpecPhobiaScore
        0           8.0             08
        9           8               8                <- A24:AgoraScore
        8           9               9                <- A24:SocPhobiaScore A24:SpecPhobiaScore
    """,
)
declare(
    "A25",
    WARN,
    "Mobility inventory {column} is out of range (0-5).",
    f"It is an average with at most two decimals, written with a point. {SCORE}",
    title="A mobility inventory is out of range (0-5).",
    source=SCORES,
    example="""
        AgoraScoreAcc  AgoraScoreAlone
        0.00           2.35
        5.01           5                <- A25:AgoraScoreAcc
        5              2,35             <- A25:AgoraScoreAlone
    """,
)
declare(
    "A26",
    WARN,
    "Penn State score is out of range (16-80).",
    SCORE,
    source=QUESTIONNAIRE,
    example="""
        GenAnxScore
        16
        15           <- A26
        81           <- A26
    """,
)
declare(
    "A27",
    WARN,
    "Health anxiety score is out of range (0-54).",
    SCORE,
    source=QUESTIONNAIRE,
    example="""
        HealthAnxScore
        54
        55              <- A27
    """,
)
declare(
    "A28",
    WARN,
    "OCD inventory is out of range (0-168).",
    SCORE,
    source=SCORES,
    example="""
        OCDScore
        168
        169       <- A28
    """,
)
declare(
    "A29",
    WARN,
    "Panic severity is out of range (0-28).",
    SCORE,
    source=SCORES,
    example="""
        PanicScore
        28
        29          <- A29
    """,
)
declare(
    "A30",
    WARN,
    "Impact of events score is out of range (0-88).",
    SCORE,
    source=SCORES,
    example="""
        PTSD_Score
        88
        89          <- A30
    """,
)
declare(
    "A31",
    WARN,
    "Social phobia inventory is out of range (0-68).",
    SCORE,
    source=SCORES,
    example="""
        SocPhobiaInvScore
        68
        69                 <- A31
    """,
)
