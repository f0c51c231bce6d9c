"""Faults to plant, one in a row: which rule each breaks, which cells it changes, what it costs.

They are written by hand beside the rulebook on purpose, so that what a check finds can be held
against something that is not the rulebook. Every value fits the column's Access type too.
A fault changes nothing that another fault could break: what it needs of its row, of the row
before (its partner) and of its parent it asks first, and where that is not so it does not fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from validation.rules.attended import TREATING
from validation.sample import appointments, tables
from validation.sample.month import Month

NOBODY = -1
CHILDHOOD = np.timedelta64(15 * 365, "D")
# After 2100 no date is accepted; Access can hold it.
NO_DATE = "2913-04-05"


@dataclass(frozen=True)
class Change:
    """A fault put in a row.

    `cells` are the new texts. `twice`: the row before is now broken by the same rule, and shares
    the row's lot. `parent`: the place of the parent that the row has now, or NOBODY.
    """

    cells: dict[str, str]
    twice: bool = False
    parent: int | None = None


@dataclass
class Row:
    """A row that shall have a fault. `is_sound` tells of its parent's place: no fault, stands."""

    month: Month
    place: int
    is_sound: Callable[[int], bool] = field(repr=False)

    @property
    def partner(self) -> int:
        return self.place - 1

    @property
    def is_absent(self) -> bool:
        return not self.month.attended[self.place]

    @property
    def referral(self) -> int:
        return int(self.month.appointment_referral[self.place])

    def texts(self, make: Callable[..., dict[str, Any]], place: int) -> dict[str, str]:
        columns = make(self.month, np.array([place]))
        return {name: str(column[0]) for name, column in columns.items()}


@dataclass(frozen=True)
class Fault:
    """`change` gives None where the fault does not fit the row; `only` in files of one version;
    `since` a period (`YYYY-MM`)."""

    code: str
    change: Callable[[Row], Change | None]
    rejects: bool = False
    only: str = ""
    since: str = ""


def cells(code: str, only: str = "", rejects: bool = False, **texts: str) -> Fault:
    """A fault that is nothing but other texts, in any row."""
    return Fault(code, lambda row: Change(texts), rejects, only)


def nobodys(link: str) -> Callable[[Row], Change]:
    """Points at a parent that is not there; no two rows at the same."""
    return lambda row: Change({link: f"NONE{row.place}"}, parent=NOBODY)


# Person -----------------------------------------------------------------------------------------


def another_persons_identifier(row: Row) -> Change:
    """In small letters and padded, which is the same key."""
    partner = row.texts(tables.person, row.partner)
    return Change({"LPTID": f" {partner['LPTID'].lower()} "}, twice=True)


def another_persons_number(row: Row) -> Change:
    return Change(
        {"NHSNumber": row.texts(tables.person, row.partner)["NHSNumber"]},
        twice=True,
    )


def wrong_check_digit(row: Row) -> Change:
    number = row.texts(tables.person, row.place)["NHSNumber"]
    return Change({"NHSNumber": f"{number[:9]}{(int(number[9]) + 1) % 10}"})


PERSON = [
    cells("P10", NHSNumber="", NHSNoStatus="07"),
    Fault("P11", wrong_check_digit),
    cells("P11", NHSNumber="99912"),
    cells("P12", NHSNoStatus=""),
    cells("P12", NHSNoStatus="09"),
    cells("P12", NHSNoStatus="07"),
    cells("P13", BirthDate=""),
    cells("P15", Postcode=""),
    cells("P16", Gender=""),
    cells("P16", Ethnicity=""),
    cells("P16", LTCondition=""),
    Fault("P18", lambda _: Change({"BAFIndicator": "04"}), since="2012-04"),
    cells("P19", BirthDate=NO_DATE),
    cells("P20", Postcode="QX1 1A"),
    cells("P21", Gender="3"),
    cells("P21", Ethnicity="Y"),
    cells("P21", ReligiousGroup="C81"),
    cells("P21", SexualOrientation="X"),
    cells("P22", GMPC=""),
    cells("P22", OrgCodeResidence=""),
    Fault("P03", another_persons_number),
    Fault("P02", another_persons_identifier, rejects=True),
    cells("P01", rejects=True, LPTID=""),
    cells("P05", rejects=True, LPTID="P#1"),
    cells("T01", rejects=True, OrgCodeProvider="RX9"),
]


# Disability -------------------------------------------------------------------------------------


def _person_of(row: Row, place: int) -> int:
    return int(row.month.disability_person[place])


def same_disability_again(row: Row) -> Change:
    partner = row.texts(tables.disability, row.partner)
    return Change(partner, parent=_person_of(row, row.partner))


def none_beside_another(row: Row) -> Change | None:
    """Makes two rows of one person of two persons' only rows."""
    person, partner = _person_of(row, row.place), _person_of(row, row.partner)
    rows = np.searchsorted(row.month.disability_person, [person, person + 1, partner, partner + 1])
    given = row.texts(tables.disability, row.partner)
    if rows[1] - rows[0] != 1 or rows[3] - rows[2] != 1 or given["Disability"] == "NN":
        return None
    return Change(given | {"Disability": "NN"}, twice=True, parent=partner)


DISABILITY = [
    cells("D02", rejects=True, Disability=""),
    cells("D10", Disability="QQ"),
    Fault("D03", same_disability_again, rejects=True),
    Fault("D04", none_beside_another),
    Fault("D01", nobodys("LPTID")),
    cells("T01", rejects=True, OrgCodeProvider="RX9"),
]


# Referral ---------------------------------------------------------------------------------------


def another_referrals_identifier(row: Row) -> Change:
    return Change(
        {"ServiceID": row.texts(tables.referral, row.partner)["ServiceID"].lower()},
        twice=True,
    )


def received_after_the_period(row: Row) -> Change | None:
    if not row.month.is_open[row.place]:
        return None
    return Change({"RefRecDate": str(row.month.asked.end + 2)})


def ended_too_early(row: Row) -> Change | None:
    """Ends the day before it begins, within the period."""
    received = row.month.referral_received[row.place]
    if received <= row.month.asked.start:
        return None
    return Change({"EndDate": str(received - 1), "EndCode": "42"})


def ended_last_month(row: Row) -> Change | None:
    start = row.month.asked.start
    if row.month.referral_received[row.place] >= start:
        return None
    return Change({"EndDate": str(start - 1), "EndCode": "42"})


def ends_next_month(row: Row) -> Change | None:
    if not row.month.is_open[row.place]:
        return None
    return Change({"EndDate": str(row.month.asked.end + 5), "EndCode": "42"})


def received_before_birth(row: Row) -> Change | None:
    person = int(row.month.referral_person[row.place])
    if not row.is_sound(person):
        return None
    born = tables.birth_dates(row.month, np.array([person]))[0]
    return Change({"RefRecDate": str(born - 1), "OnsetDate": ""})


def referred_as_a_child(row: Row) -> Change | None:
    person = int(row.month.referral_person[row.place])
    if not row.is_sound(person):
        return None
    born = tables.birth_dates(row.month, np.array([person]))[0]
    return Change({"RefRecDate": str(born + CHILDHOOD), "OnsetDate": ""})


def began_after_the_referral(row: Row) -> Change:
    received = row.month.referral_received[row.place].astype("datetime64[M]")
    return Change({"OnsetDate": str(received + 1)})


def began_before_birth(row: Row) -> Change | None:
    person = int(row.month.referral_person[row.place])
    if not row.is_sound(person):
        return None
    born = tables.birth_dates(row.month, np.array([person]))[0]
    return Change({"OnsetDate": str(born.astype("datetime64[M]") - 1)})


def ended_without_a_date(row: Row) -> Change | None:
    return Change({"EndCode": "42"}) if row.month.is_open[row.place] else None


def ended_without_a_code(row: Row) -> Change | None:
    return None if row.month.is_open[row.place] else Change({"EndCode": ""})


REFERRAL = [
    Fault("R08", ends_next_month),
    Fault("R09", received_before_birth),
    cells("R10", SourceReferral="A4"),
    cells("R10", RecurInd="X"),
    cells("R10", ServReqAccInd="U"),
    cells("R12", ProvDiag="LOWMOO"),
    cells("R14", OnsetDate="2012-13"),
    cells("R14", OnsetDate="May 12"),
    Fault("P14", referred_as_a_child),
    cells("R13", ProvDiag="E119"),
    Fault("R14", began_after_the_referral),
    Fault("R14", began_before_birth),
    Fault("R15", ended_without_a_date),
    Fault("R15", ended_without_a_code),
    cells("B01", "1.0P", CareCluster="09"),
    cells("R02", rejects=True, ServiceID=""),
    cells("R04", rejects=True, RefRecDate=""),
    cells("R11", rejects=True, OrgCodeComm=""),
    cells("R18", rejects=True, ServiceID="S+1"),
    cells("R19", rejects=True, EndDate=NO_DATE, EndCode="42"),
    Fault("R03", another_referrals_identifier, rejects=True),
    Fault("R05", received_after_the_period, rejects=True),
    Fault("R06", ended_too_early, rejects=True),
    Fault("R07", ended_last_month, rejects=True),
    Fault("R01", nobodys("LPTID")),
    cells("T01", rejects=True, OrgCodeProvider="RX9"),
]


# Appointment ------------------------------------------------------------------------------------


def same_appointment_again(row: Row) -> Change:
    partner = row.texts(appointments.appointment, row.partner)
    return Change(partner, parent=int(row.month.appointment_referral[row.partner]))


def next_month(row: Row) -> Change | None:
    if not row.month.is_open[row.referral]:
        return None
    return Change({"Appointment": str(row.month.asked.end + 3)})


def before_the_referral(row: Row) -> Change | None:
    received = row.month.referral_received[row.referral]
    if received <= row.month.asked.start or not row.is_sound(row.referral):
        return None
    return Change({"Appointment": str(received - 1)})


def another_patient(row: Row) -> Change | None:
    return Change({"LPTID": "ANOTHER"}) if row.is_sound(row.referral) else None


def score(code: str, **texts: str) -> Fault:
    """Something that is said only of an attended appointment."""
    return Fault(code, lambda row: Change(texts) if row.month.attended[row.place] else None)


def of_nobody(code: str, **texts: str) -> Fault:
    """Something that is said of an appointment although nobody came."""
    return Fault(code, lambda row: Change(texts) if row.is_absent else None)


def therapy_again(row: Row) -> Change | None:
    """The first therapy once more; where there is none, a second one without a first."""
    if not row.month.attended[row.place]:
        return None
    first = row.texts(appointments.appointment, row.place)["TherType1"]
    return Change({"TherType2": first or "02"})


def no_therapy(row: Row) -> Change | None:
    of_row = row.texts(appointments.appointment, row.place)
    is_missed = of_row["TherType1"] and of_row["AppType"] in TREATING
    return Change({"TherType1": "", "TherType2": ""}) if is_missed else None


def no_score(row: Row) -> Change | None:
    of_row = row.texts(appointments.appointment, row.place)
    return Change({"GAD7Score": ""}) if of_row["GAD7Score"] else None


def supported_before_the_referral(row: Row) -> Change | None:
    if not row.is_sound(row.referral):
        return None
    day = row.month.referral_received[row.referral] - 1
    return Change({"EmpSupportInd": "Y", "EmpSupportReferral": str(day)})


APPOINTMENT = [
    score("A20", PHQ9_Score="28"),
    score("A21", GAD7Score="99"),
    score("A22", WSASScore="41"),
    Fault("A05", before_the_referral),
    cells("A06", LPTID=""),
    Fault("A06", another_patient),
    cells("A10", Attendance=""),
    cells("A34", Attendance="0"),
    cells("A11", AppType=""),
    cells("A35", AppType="08"),
    cells("A12", ConsMedium="07"),
    cells("A12", EmpStatus="09"),
    cells("A12", PsychMed="04"),
    cells("A12", PrimaryRole="18"),
    cells("A12", SSPInd="X"),
    cells("A12", EmpSupportInd="M", EmpSupportReferral=""),
    score("A13", TherType1="15"),
    score("A17", ContactDuration="600"),
    score("A17", ContactDuration="-5"),
    cells("A19", EmpSupportInd="Y", EmpSupportReferral=NO_DATE),
    Fault("A14", therapy_again),
    Fault("A15", no_therapy),
    of_nobody("A16", PHQ9_Score="12"),
    of_nobody("A16", TherType1="02"),
    of_nobody("A17", ContactDuration="30"),
    Fault("A19", supported_before_the_referral),
    Fault("A32", no_score),
    score("A24", AgoraScore="9"),
    score("A25", AgoraScoreAlone="5.25"),
    score("A26", GenAnxScore="15"),
    score("A27", HealthAnxScore="55"),
    score("A28", OCDScore="169"),
    score("A29", PanicScore="29"),
    score("A30", PTSD_Score="89"),
    score("A31", SocPhobiaInvScore="69"),
    cells("B02", "1.0P", AssessPEQ2="K"),
    cells("B02", "1.0P", TreatPEQ3="5"),
    cells("A02", rejects=True, Appointment=""),
    Fault("A03", same_appointment_again, rejects=True),
    Fault("A04", next_month, rejects=True),
    Fault("A01", nobodys("ServiceID")),
    cells("T01", rejects=True, OrgCodeProvider="RX9"),
]

FAULTS = {
    "Person": PERSON,
    "Disability": DISABILITY,
    "Referral": REFERRAL,
    "Appointment": APPOINTMENT,
}
