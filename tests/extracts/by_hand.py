"""The formulas of the extract once more, row by row in plain Python, written from their words.

Takes the stored records of all months as dictionaries and gives what is derived of one referral.
Knows nothing of how the portal derives: no table, threshold or name is shared with it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Derived = dict[str, Any]

ANSWERS = {
    "PHQ9": "phq9_score",
    "GAD": "gad7score",
    "AGORA_MOB_ACCOM": "agorascoreacc",
    "AGORA_MOB_ALONE_V1": "agorascorealone",
    "AGORA": "agorascore",
    "PENN_STATE": "genanxscore",
    "ANXIETY_INVENTORY": "healthanxscore",
    "OCD": "ocdscore",
    "PANIC_DISORDER": "panicscore",
    "PTSD": "ptsd_score",
    "SOCIAL_PHOBIA_INVENTORY": "socphobiainvscore",
    "SOCIAL_PHOBIA": "socphobiascore",
    "SPECIFIC_PHOBIA": "specphobiascore",
    "WASASTOTAL": "wsasscore",
    "EMPSTATUS": "empstatus",
    "PSYCHOTROPIC_INDICATOR": "psychmed",
    "SICKPAY_INDICATOR": "sspind",
}
SESSIONS = {
    "CCBT_SESSIONS": {"01"},
    "PURE_SELF_HELP_SESSIONS": {"02"},
    "GUIDED_SELF_HELP_SESSIONS": {"03"},
    "BEHAVIOURAL_ACTIVATION_SESSIONS": {"04"},
    "STRUCTURED_EXERCISE_SESSIONS": {"05"},
    "PSYCOEDUC_GROUP_SESSIONS": {"06"},
    "CBT_SESSIONS": {"07"},
    "IPT_SESSIONS": {"08"},
    "COUNSELLING_SESSIONS": {"09"},
    "COUPLES_THERAPY_SESSIONS": {"10"},
    "OTHER_SESSIONS": {"11"},
    "COLLABRATIVE_CARE_SESSIONS": {"12"},
    "DYNAMIC_THERAPY_SESSIONS": {"13"},
    "EMPLOYMENT_SUPPORT_SESSIONS": {"14"},
    "OTHER_LI": {"05", "12"},
    "OTHER_HI": set(),
    "NOT_SPECIFIED": {"11"},
}
# first and last columns, caseness, reliable change
SPECIFIC: dict[str, tuple[str, str, Decimal, Decimal]] = {
    "AGORA_MOB_ALONE": ("F400", "AGORA_MOB_ALONE_V1", Decimal("2.3"), Decimal("0.73")),
    "SOCIAL_PHOBIA_INVENTORY": ("F401", "SOCIAL_PHOBIA_INVENTORY", Decimal(19), Decimal(10)),
    "OCD": ("F42", "OCD", Decimal(40), Decimal(32)),
    "PTSD": ("F431", "PTSD", Decimal(33), Decimal(9)),
    "ANXIETY_INVENTORY": ("F452", "ANXIETY_INVENTORY", Decimal(18), Decimal(4)),
}
GROUPS = {"F32": "Depression", "F33": "Depression"} | dict.fromkeys(
    ("F40", "F41", "F42", "F43"), "Anxiety and stress related disorders"
)
PROBLEMS = {
    "F400": "Agoraphobia",
    "F401": "Social phobias",
    "F402": "Specific (isolated) phobias",
    "F410": "Panic disorder [episodic paroxysmal anxiety]",
    "F411": "Generalized anxiety disorder",
    "F412": "Mixed anxiety and depressive disorder",
    "F431": "Post-traumatic stress disorder",
    "F452": "Hypochondriacal disorder",
}


def therapies(row: Row) -> list[str]:
    return [row[f"thertype{n}"] for n in (1, 2, 3, 4) if row[f"thertype{n}"]]


def is_follow_up(row: Row) -> bool:
    return row["apptype"] == "06"


def is_treatment(row: Row) -> bool:
    return not is_follow_up(row) and bool(therapies(row))


def moment(row: Row) -> tuple[date, str, str]:
    """Day, time, type: what is blank comes last."""
    return row["appointment"], row["appointmenttime"] or "~", row["apptype"] or "~"


def derive(
    referral: Row,
    appointments: list[Row],
    period: date,
    later_months: list[date],
    newest_month: date,
) -> Derived:
    """What is derived of a referral: `appointments` are those of its pathway in all months up to
    the period, `later_months` those in which the pathway is seen again."""
    month_end = (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    ended = referral["enddate"]
    if ended is not None and ended > month_end:
        ended = None
    year = date(period.year if period.month > 3 else period.year - 1, 4, 1)
    counted = [
        row
        for row in appointments
        if row["attendance"] in ("5", "6")
        and referral["refrecdate"] <= row["appointment"] <= (ended or month_end)
    ]
    counted.sort(key=moment)
    of: Derived = {}
    of |= _days_and_counts(counted, ended, year)
    of |= _sessions([row for row in counted if is_treatment(row)], year)
    asked = [row for row in counted if not is_follow_up(row)]
    for name, column in ANSWERS.items():
        of |= _answers(name, [(moment(row), row[column]) for row in asked], ended)
    of |= _outcomes(of, referral["ic_provdiag"])
    of |= _problem(referral["ic_provdiag"])
    quarters = {(later.year, (later.month - 1) // 3) for later in later_months}
    own = (period.year, (period.month - 1) // 3)
    of["IC_USE_PATHWAY_FLAG"] = "Y"
    of["IC_USE_QTR_REFERRAL_FLAG"] = None if own in quarters else "Y"
    vanished = ended is None and not later_months and newest_month > period
    following = month_end + timedelta(days=1)
    of["IC_INACTIVE_TIMESTAMP"] = f"{following}T00:00:00" if vanished else None
    return of


def _days_and_counts(counted: list[Row], ended: date | None, year: date) -> Derived:
    def days(wanted: Callable[[Row], bool]) -> list[date]:
        return [row["appointment"] for row in counted if wanted(row)]

    def at(found: list[date], place: int) -> date | None:
        return found[place] if len(found) > max(place, -place - 1) else None

    assessed = days(lambda row: row["apptype"] in ("01", "03"))
    treated = days(is_treatment)
    everything = days(lambda row: True)
    return {
        "IC_DATE_FIRST_ASSESSMENT": at(assessed, 0),
        "IC_DATE_LAST_ASSESSMENT": at(assessed, -1),
        "IC_DATE_FIRST_THERAPEUTIC_SESSION": at(treated, 0),
        "IC_DATE_SECOND_THERAPEUTIC_SESSION": at(treated, 1),
        "IC_DATE_LAST_THERAPEUTIC_SESSION": at(treated, -1),
        "IC_DATE_LAST_APPOINTMENT": at(days(lambda row: not is_follow_up(row)), -1),
        "IC_COUNT_APPOINTMENTS": len(everything),
        "IC_COUNT_APPOINTMENTS_INYEAR": sum(day >= year for day in everything),
        "IC_COUNT_TREATMENT_APPOINTMENTS": len(treated),
        "IC_COUNT_TREATMENT_APPOINTMENTS_INYEAR": sum(day >= year for day in treated),
        "IC_COMPLETED_TREATMENT_FLAG": "Y" if ended and len(treated) >= 2 else None,
    }


def _sessions(treated: list[Row], year: date) -> Derived:
    of: Derived = {}
    for name, codes in SESSIONS.items():
        found = [row for row in treated if codes & set(therapies(row))]
        of[f"IC_COUNT_{name}"] = len(found)
        of[f"IC_COUNT_{name}_INYEAR"] = sum(row["appointment"] >= year for row in found)
    of["IC_COUNT_DISTINCT_THERAPY_TYPES"] = len({c for row in treated for c in therapies(row)})
    # Of those alike in day, time and type the greater code is the last.
    last = max(treated, key=lambda row: (moment(row), therapies(row)[0]), default=None)
    of["IC_LAST_THERAPY_TYPE"] = therapies(last)[0] if last else None
    return of


def _answers(name: str, asked: list[tuple[Any, Any]], ended: date | None) -> Derived:
    """Of those alike in day, time and type the lesser answer is the first."""
    given = sorted((when, answer) for when, answer in asked if answer is not None)
    has_last = len(given) > 1 and (ended or name == "SICKPAY_INDICATOR")
    return {
        f"IC_FIRST_{name}": given[0][1] if given else None,
        f"IC_LAST_{name}": given[-1][1] if has_last else None,
    }


def _outcomes(of: Derived, diagnosis: str) -> Derived:
    word, column, caseness, change = "GAD7", "GAD", Decimal(8), Decimal(4)
    for adsm, (pattern, measure, case, reliable) in SPECIFIC.items():
        fits = diagnosis.startswith(pattern) if pattern == "F42" else diagnosis == pattern
        first, last = of[f"IC_FIRST_{measure}"], of[f"IC_LAST_{measure}"]
        if fits and first is not None and first >= case and last is not None:
            word, column, caseness, change = adsm, measure, case, reliable
    first, last = of[f"IC_FIRST_{column}"], of[f"IC_LAST_{column}"]
    phq_first, phq_last = of["IC_FIRST_PHQ9"], of["IC_LAST_PHQ9"]
    finished = of["IC_COMPLETED_TREATMENT_FLAG"] == "Y"
    below = None not in (first, phq_first) and first < caseness and phq_first < 10
    paired = finished and last is not None and phq_last is not None
    recovered = improved = worse = same = False
    if paired:
        recovered = not below and last < caseness and phq_last < 10
        fell = first - last >= change or phq_first - phq_last >= 6
        rose = last - first >= change or phq_last - phq_first >= 6
        improved, worse = fell and not rose, rose and not fell
        same = not improved and not worse
    flags = {
        "IC_CASENESS_FLAG": finished and not below,
        "IC_NOT_CASENESS_FLAG": finished and below,
        "IC_RECOVERY_FLAG": recovered,
        "IC_RELIABLE_IMPROV_FLAG": improved,
        "IC_RELIABLE_DETER_FLAG": worse,
        "IC_NO_CHANGE_FLAG": same,
        "IC_RELIABLE_RECOVERY_FLAG": recovered and improved,
    }
    return {
        "IC_ADSM": word,
        "IC_FIRST_ADSM_SCORE": first,
        "IC_LAST_ADSM_SCORE": last,
    } | {name: "Y" if flag else None for name, flag in flags.items()}


def _problem(diagnosis: str) -> Derived:
    special = {"-1": "Unspecified", "-3": "Invalid Data Supplied"}
    other = "Other Mental Health problems" if diagnosis[0] == "F" else "Other Recorded Problems"
    primary = special.get(diagnosis) or GROUPS.get(diagnosis[:3], other)
    secondary = PROBLEMS.get(diagnosis)
    if diagnosis.startswith("F42"):
        secondary = "Obsessive-compulsive disorder"
    elif secondary is None and diagnosis[:3] in ("F40", "F41", "F43"):
        secondary = "Other anxiety or stress related disorder"
    return {"IC_PROBDESC_PRIMARY": primary, "IC_PROBDESC_SECONDARY": secondary}
