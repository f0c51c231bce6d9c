"""The month's numbers as the texts of the Appointment table: what happened, and how one felt."""

import numpy as np

from validation.rules.attended import SCORING, TREATING
from validation.sample import mix
from validation.sample.dice import Ints, Texts
from validation.sample.month import Mask, Month
from validation.sample.tables import Columns, lptids, same, service_ids, texts

# Half hours from eight in the morning; no referral has so many appointments in a month.
HALF_HOURS = 23
# Where the questionnaire at the first session lies: the least score and two dice of so many sides.
# The first says how ill the person is and falls alike for all questionnaires, so that one in ten is
# below caseness in both, about as many as were published.
QUESTIONNAIRES = {"PHQ9_Score": (3, 12, 27), "GAD7Score": (2, 9, 21), "WSASScore": (6, 14, 40)}
PHOBIA_SCALES = ("AgoraScore", "SocPhobiaScore", "SpecPhobiaScore")
# Measures of one disorder: the diagnosis that asks for it, least and sides as above, in hundredths
# where the measure is an average.
OF_DISORDER = {
    "F400": {"AgoraScoreAcc": (60, 120, 500), "AgoraScoreAlone": (120, 180, 500)},
    "F401": {"SocPhobiaInvScore": (20, 22, 68)},
    "F410": {"PanicScore": (6, 10, 28)},
    "F411": {"GenAnxScore": (40, 19, 80)},
    "F422": {"OCDScore": (36, 50, 168)},
    "F431": {"PTSD_Score": (28, 28, 88)},
    "F452": {"HealthAnxScore": (14, 18, 54)},
}
LEAST = {"GenAnxScore": 16}
UNSCORED = "07"
AVERAGES = ("AgoraScoreAcc", "AgoraScoreAlone")


class Sessions:
    """Some rows of the Appointment table, with what their columns share."""

    def __init__(self, month: Month, rows: Ints):
        self.month, self.rows, self.dice = month, rows, month.dice
        self.of = month.appointment_referral[rows]
        self.who = tuple(numbers[rows] for numbers in month.appointment_who)
        self.referral_who = tuple(numbers[self.of] for numbers in month.referral_who)
        self.day = month.day[rows]
        self.attended: Mask = month.attended[rows]
        self.is_unscored = month.is_unscored[self.of]
        received = month.referral_received[self.of]
        # Days from the referral to its end, and to this appointment.
        self.stay = (month.referral_ended[self.of] - received).astype(int)
        self.gone = (self.day - received).astype(int)
        self.kind = self._kind()

    def _kind(self) -> Texts:
        first = self.dice.pick("first", mix.TYPE_FIRST, *self.who)
        treated = self.dice.pick("AppType treated", mix.TYPE_TREATED, *self.who)
        assessed = self.dice.pick("AppType", mix.TYPE_ASSESSED, *self.who)
        is_treated, is_first = self.month.is_treated[self.of], self.month.is_first[self.rows]
        # Treatment of a type at which scores are not expected, so that nothing is missing.
        treated = np.where(self.is_unscored, UNSCORED, treated)
        first = np.where(is_treated, first, "01")
        return np.where(is_first, first, np.where(is_treated, treated, assessed))

    def where(self, mask: Mask, values: Texts) -> Texts:
        return np.where(mask, values, "")

    def is_kind(self, *kinds: str) -> Mask:
        return np.isin(self.kind.astype(str), kinds)

    def times(self) -> Texts:
        """Another half hour for each appointment of a referral, so that no two are alike."""
        start = self.dice.roll("time", HALF_HOURS, *self.referral_who)
        half_hours = (start + 5 * self.month.appointment_number[self.rows]) % HALF_HOURS
        names = [f"{8 + half // 2:02}:{half % 2 * 30:02}:00" for half in range(HALF_HOURS)]
        return np.array(names, dtype=object)[half_hours]

    def therapies(self) -> Columns:
        unscored = self.is_unscored & self.is_kind(UNSCORED)
        given = self.attended & (self.is_kind(*TREATING) | unscored)
        first = self.dice.pick("therapy", mix.THERAPY, *self.referral_who)
        second = self.dice.pick("second therapy", mix.SECOND_THERAPY, *self.who)
        return {
            "TherType1": self.where(given, first),
            "TherType2": self.where(given & (first != second), second),
        }

    def employment(self) -> Columns:
        support = self.dice.pick("EmpSupportInd", mix.EMPLOYMENT_SUPPORT, *self.referral_who)
        received = self.month.referral_received[self.of]
        referred = self.where(support == "Y", texts(received))
        return {"EmpSupportInd": support, "EmpSupportReferral": referred}

    def steady(self) -> Columns:
        """The same from the first session on; for one referral in eight another from the middle."""
        columns = {}
        is_later = 2 * self.gone > self.stay
        for name, codes in mix.STEADY.items():
            changes = self.dice.roll(f"{name} changes", 8, *self.referral_who) == 0
            at_first = self.dice.pick(name, codes, *self.referral_who)
            later = self.dice.pick(f"{name} later", codes, *self.referral_who)
            columns[name] = np.where(changes & is_later, later, at_first)
        return columns

    def score(self, name: str, least: int, sides: int, most: int) -> Ints:
        """Falls from the first session to the last by the person's own share, give or take."""
        dice, who = self.dice, self.referral_who
        ill = dice.roll("how ill", 100, *who) * sides // 100
        first = least + ill + dice.roll(f"{name} b", sides, *who)
        # Most get better, one in ten gets worse.
        better = dice.roll("better", 100, *who)
        better = np.where(better < 10, -90, better)
        now = first - first * better * self.gone // (100 * np.maximum(self.stay, 1))
        now += dice.roll(f"{name} today", 3, *self.who) - 1
        return np.clip(now, LEAST.get(name, 0), most)

    def questionnaires(self) -> Columns:
        given = self.attended & self.is_kind(*SCORING)
        columns = {
            name: self.where(given, self.score(name, *shape).astype(str))
            for name, shape in QUESTIONNAIRES.items()
        }
        phobia = given & (self.dice.roll("phobia", 3, *self.referral_who) == 0)
        for name in PHOBIA_SCALES:
            columns[name] = self.where(phobia, self.score(name, 0, 5, 8).astype(str))
        return columns

    def of_disorder(self) -> Columns:
        given = self.attended & self.is_kind(*SCORING)
        diagnosis = self.dice.pick("ProvDiag", mix.REFERRAL["ProvDiag"], *self.referral_who)
        columns = {}
        for code, measures in OF_DISORDER.items():
            asked = given & (diagnosis == code)
            for name, shape in measures.items():
                value = self.score(name, *shape)
                text = [f"{v / 100:.2f}" if name in AVERAGES else str(v) for v in value.tolist()]
                columns[name] = self.where(asked, np.array(text, dtype=object))
        return columns

    def patient_experience(self) -> Columns:
        """The pilot's questions: choice after the first session, satisfaction after treatment."""
        choice = self.attended & self.month.is_first[self.rows]
        columns = {
            f"AssessPEQ{n}": self.where(choice, self.dice.pick(f"PEQ{n}", mix.CHOICE, *self.who))
            for n in (1, 2, 3)
        }
        satisfied = self.dice.pick("satisfied", mix.SATISFACTION, *self.who)
        treated = self.attended & self.is_kind("05")
        for n in range(1, 6):
            answer = self.dice.pick(f"treated PEQ{n}", mix.SATISFACTION, *self.who)
            columns[f"TreatPEQ{n}"] = self.where(treated, answer)
        return columns | {"AssessSatisfaction": self.where(choice, satisfied)}


def appointment(month: Month, rows: Ints) -> Columns:
    here = Sessions(month, rows)
    minutes = 30 + 5 * month.dice.roll("minutes", 7, *here.who)
    columns = {
        "OrgCodeProvider": same(month.asked.provider, rows),
        "LPTID": lptids(month, month.referral_person[here.of]),
        "ServiceID": service_ids(month, here.of),
        "Appointment": texts(here.day),
        "AppointmentTime": here.times(),
        "Attendance": month.attendance[rows],
        "ContactDuration": np.where(here.attended, minutes, 0).astype(str).astype(object),
        "AppType": here.kind,
    }
    columns["ConsMedium"] = month.dice.pick("ConsMedium", mix.CONSULTATION, *here.who)
    columns |= here.steady() | here.therapies() | here.employment()
    columns |= here.questionnaires() | here.of_disorder()
    return columns | (here.patient_experience() if month.asked.version == "1.0P" else {})
