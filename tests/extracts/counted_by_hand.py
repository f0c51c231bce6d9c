"""The figures once more, pathway by pathway in plain Python, written from their definitions.

Takes what is derived of a referral (`by_hand`) and the stored rows of referral and person. Knows
nothing of how the portal counts: no formula, list or name of a category is shared with it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

Row = dict[str, Any]

SOURCES = {
    "received_self": {"B1"},
    "received_gp": {"A1"},
    "received_primary_care": {"A2", "A3"},
    "received_step": {"N1", "N2"},
    "received_health": {
        *("F1", "F2", "F3", "G1", "G2", "G3", "H1", "H2", "I1", "I2", "J1", "J2", "J3", "J4"),
        *("K1", "K2", "K3", "K4", "K5", "L1", "L2"),
    },
    "received_elsewhere": {
        *("B2", "C1", "C2", "D1", "E1", "E2", "E3", "E4", "E5", "G4"),
        *("M1", "M2", "M3", "M4", "M5", "M6"),
    },
    "received_source_unknown": {None},
}
# The measure for each problem that has one.
MEASURES = {
    "F400": "AGORA_MOB_ALONE",
    "F401": "SOCIAL_PHOBIA_INVENTORY",
    "F42": "OCD",
    "F431": "PTSD",
    "F452": "ANXIETY_INVENTORY",
}
ETHNIC = {
    "A": "White: British",
    "B": "White: Irish",
    "C": "White: any other background",
    "D": "Mixed: White and Black Caribbean",
    "E": "Mixed: White and Black African",
    "F": "Mixed: White and Asian",
    "G": "Mixed: any other background",
    "H": "Asian: Indian",
    "J": "Asian: Pakistani",
    "K": "Asian: Bangladeshi",
    "L": "Asian: any other background",
    "M": "Black: Caribbean",
    "N": "Black: African",
    "P": "Black: any other background",
    "R": "Chinese",
    "S": "Any other ethnic group",
    "Z": "Not stated",
}


@dataclass
class Asked:
    """The period; whether the pathway is in data of an earlier one, and in those of its last
    month."""

    first: date
    last: date
    was_sent_before: bool
    is_in_last_month: bool

    def has(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


def figures(referral: Row, ended: date | None, of: Row, asked: Asked) -> set[str]:
    """The figures in which a pathway counts. `ended` is blank where it ended after its month."""
    counts: set[str] = set()
    received = referral["refrecdate"]
    if asked.has(received):
        counts.add("received")
        counts |= {name for name, codes in SOURCES.items() if referral["sourcereferral"] in codes}
    elif not asked.was_sent_before and received < asked.first:
        counts.add("received_late")
    counts |= _first_contacts(received, of, asked)
    if asked.has(ended):
        counts |= _ended(received, referral["ic_provdiag"], of)
    if ended is None and asked.is_in_last_month:
        counts |= _open(received, of, asked.last)
    return counts


def _band(name: str, days: int) -> str:
    for most, band in ((28, "28"), (56, "29_56"), (90, "57_90")):
        if days <= most:
            return f"{name}_{band}"
    return f"{name}_over_90"


def _first_contacts(received: date, of: Row, asked: Asked) -> set[str]:
    counts: set[str] = set()
    assessed, first = of["IC_DATE_FIRST_ASSESSMENT"], of["IC_DATE_FIRST_THERAPEUTIC_SESSION"]
    second = of["IC_DATE_SECOND_THERAPEUTIC_SESSION"]
    if asked.has(assessed):
        counts |= {"assessed", _band("assessed", (assessed - received).days)}
    if asked.has(first):
        wait = (first - received).days
        counts |= {"entered", _band("entered", wait)}
        counts |= {f"entered_{'within' if wait <= most else 'over'}_{most}" for most in (42, 126)}
    if asked.has(second):
        wait = (second - first).days
        counts |= {"second", "second_over_28" if wait > 28 else "second_28"}
        counts |= {"second_over_90"} if wait > 90 else set()
    return counts


def _ended(received: date, diagnosis: str, of: Row) -> set[str]:
    treated = of["IC_COUNT_TREATMENT_APPOINTMENTS"]
    if treated == 0:
        seen = of["IC_COUNT_APPOINTMENTS"] > 0
        return {"ended", "ended_not_treated" if seen else "ended_not_seen"}
    if treated == 1:
        return {"ended", "ended_treated_once"}
    counts = {"ended", "finished"}
    wait = (of["IC_DATE_FIRST_THERAPEUTIC_SESSION"] - received).days
    counts |= {f"finished_within_{most}" for most in (42, 126) if wait <= most}
    if None not in (of["IC_LAST_PHQ9"], of["IC_LAST_ADSM_SCORE"]):
        counts.add("paired")
    flags = {
        "caseness": "IC_CASENESS_FLAG",
        "not_caseness": "IC_NOT_CASENESS_FLAG",
        "recovered": "IC_RECOVERY_FLAG",
        "improved": "IC_RELIABLE_IMPROV_FLAG",
        "recovered_reliably": "IC_RELIABLE_RECOVERY_FLAG",
        "no_change": "IC_NO_CHANGE_FLAG",
        "deteriorated": "IC_RELIABLE_DETER_FLAG",
    }
    counts |= {name for name, flag in flags.items() if of[flag] == "Y"}
    measure = MEASURES.get("F42" if diagnosis.startswith("F42") else diagnosis)
    if measure:
        counts.add("adsm_problem")
        counts |= {"adsm_appropriate"} if of["IC_ADSM"] == measure else set()
    return counts


def _open(received: date, of: Row, last: date) -> set[str]:
    treated = of["IC_DATE_LAST_THERAPEUTIC_SESSION"]
    if treated:
        days = (last - treated).days
        for most, band in ((60, "60"), (90, "61_90"), (120, "91_120")):
            if days <= most:
                return {"open", f"open_{band}"}
        return {"open", "open_over_120"}
    days = (last - received).days
    counts = {"open", "waiting", _band("waiting", days)}
    return counts | ({"waiting_over_28"} if days > 28 else set())


def categories(person: Row) -> dict[str, str]:
    """By age, gender and ethnicity which of it a person is; blank where it is not known."""
    age = person["age_end"]
    if age is None:
        band = ""
    elif age < 16:
        band = "Under 16"
    elif age <= 17:
        band = "16 to 17"
    elif age <= 35:
        band = "18 to 35"
    else:
        band = "36 to 64" if age <= 64 else "65 and over"
    genders = {"1": "Male", "2": "Female", "9": "Indeterminate"}
    return {
        "age": band,
        "gender": genders.get(person["gender"], ""),
        "ethnicity": ETHNIC.get(person["ic_ethnicity"], ""),
    }
