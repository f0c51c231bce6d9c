"""Rows that providers send: invented people, NHS numbers of the range kept for tests."""

from datetime import date

Row = dict[str, str]
Rows = dict[str, list[Row]]


def nhs_number(place: int) -> str:
    """The valid number of the range 999 that stands at `place` (from 0)."""
    found = -1
    for nine in range(999_000_000 + place, 1_000_000_000):
        weighted = sum(int(digit) * (10 - at) for at, digit in enumerate(str(nine)))
        check = (11 - weighted % 11) % 11
        found += check < 10
        if check < 10 and nine - 999_000_000 >= place:
            return f"{nine}{check}"
    raise ValueError(place)


def last_day(period: date) -> date:
    following = date(period.year + period.month // 12, period.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def header(period: date, provider: str = "RZ1", **changes: str) -> Row:
    return {
        "DataSetVersion": "1.0",
        "OrgCodeProvider": provider,
        "OrgCodeSubmitter": provider,
        "StartDate": str(period.replace(day=1)),
        "EndDate": str(last_day(period)),
    } | changes


def person(place: int, provider: str = "RZ1", **changes: str) -> Row:
    """A person about whom no rule has anything to say."""
    return {
        "OrgCodeProvider": provider,
        "LPTID": f"PAT{place:03}",
        "NHSNumber": nhs_number(place * 7),
        "NHSNoStatus": "01",
        "BirthDate": "1980-02-29",
        "Postcode": "LS1 4AP",
        "Gender": "1",
        "GMPC": "Q99001",
        "Ethnicity": "A",
        "ReligiousGroup": "L1",
        "SexualOrientation": "1",
        "BAFIndicator": "03",
        "LTCondition": "N",
        "OrgCodeResidence": "91A",
        "OrgCodeGPPractice": "91A",
    } | changes


def referral(place: int, period: date, provider: str = "RZ1", **changes: str) -> Row:
    """The referral of the person at the same place."""
    return {
        "OrgCodeProvider": provider,
        "LPTID": f"PAT{place:03}",
        "ServiceID": f"REF{place:03}",
        "OrgCodeComm": "91A",
        "RefRecDate": f"{period:%Y-%m}-02",
        "SourceReferral": "A1",
        "ServReqAccInd": "Y",
        "RecurInd": "N",
        "ProvDiag": "F41.1",
    } | changes


def appointment(place: int, period: date, provider: str = "RZ1", **changes: str) -> Row:
    """An appointment of the referral at the same place."""
    return {
        "OrgCodeProvider": provider,
        "LPTID": f"PAT{place:03}",
        "ServiceID": f"REF{place:03}",
        "Appointment": f"{period:%Y-%m}-10",
        "AppointmentTime": "09:30",
        "PrimaryRole": "43",
        "Attendance": "5",
        "ContactDuration": "50",
        "AppType": "03",
        "ConsMedium": "01",
        "TherType1": "07",
        "EmpStatus": "01",
        "EmpSupportInd": "N",
        "PsychMed": "03",
        "SSPInd": "N",
        "PHQ9_Score": "12",
        "GAD7Score": "9",
        "WSASScore": "10",
    } | changes


def disability(place: int, provider: str = "RZ1", **changes: str) -> Row:
    return {"OrgCodeProvider": provider, "LPTID": f"PAT{place:03}", "Disability": "02"} | changes


def month(period: date, provider: str = "RZ1", persons: int = 6, commissioner: str = "91A") -> Rows:
    """A month without a fault: each person has a referral with two appointments; every third
    referral is paid for by 92A."""
    of = range(persons)
    payers = ["92A" if place % 3 == 2 else commissioner for place in of]
    return {
        "Header": [header(period, provider)],
        "Person": [person(place, provider) for place in of],
        "Disability": [disability(1, provider)],
        "Referral": [referral(p, period, provider, OrgCodeComm=payers[p]) for p in of],
        "Appointment": [
            appointment(place, period, provider, AppointmentTime=time)
            for place in of
            for time in ("09:30", "14:00")
        ],
    }
