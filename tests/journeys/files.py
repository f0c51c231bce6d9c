"""Files that the people of the journeys send: a good month, and all that can go wrong with it."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from submissions.models import Window
from validation.writing import write_access, write_archive

PERSONS = 12
APPOINTMENTS = 24
Rows = dict[str, list[dict[str, str]]]
Members = dict[str, bytes]


def last_day(period: date) -> date:
    following = date(period.year + period.month // 12, period.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def month(period: date, provider: str = "RZ1", commissioner: str = "91A") -> Rows:
    """A small month without a fault: every third referral is paid for by 95A, which does not take part."""
    day = f"{period:%Y-%m}"
    own = {"OrgCodeProvider": provider}
    header = {"DataSetVersion": "1.0", "OrgCodeSubmitter": provider, "StartDate": f"{day}-01"}
    persons = [f"P{number}" for number in range(PERSONS)]
    return {
        "Header": [{**own, **header, "EndDate": str(last_day(period))}],
        "Person": [
            {**own, "LPTID": person, "NHSNumber": number, **PERSON}
            for person, number in zip(persons, NUMBERS, strict=True)
        ],
        "Disability": [{**own, "LPTID": "P1", "Disability": "02"}],
        "Referral": [
            {**own, "LPTID": person, "ServiceID": f"S{person}", "RefRecDate": f"{day}-02"}
            | {"OrgCodeComm": "95A" if number % 3 == 2 else commissioner, **REFERRAL}
            for number, person in enumerate(persons)
        ],
        "Appointment": [
            {**own, "LPTID": person, "ServiceID": f"S{person}", "Appointment": f"{day}-1{turn}"}
            | {"AppointmentTime": "09:30", **APPOINTMENT}
            for person in persons
            for turn in range(APPOINTMENTS // PERSONS)
        ],
    }


# Of the range that is kept for tests and belongs to nobody.
NUMBERS = [
    *("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069"),
    *("9990000077", "9990000085", "9990000093", "9990000107", "9990000115", "9990000123"),
]
PERSON = {
    "NHSNoStatus": "01",
    "BirthDate": "1980-02-29",
    "Postcode": "ZZ99 3VZ",
    "Gender": "1",
    "GMPC": "Q99001",
    "Ethnicity": "A",
    "ReligiousGroup": "L",
    "SexualOrientation": "1",
    "BAFIndicator": "03",
    "LTCondition": "N",
    "OrgCodeResidence": "91A",
    "OrgCodeGPPractice": "91A",
}
REFERRAL = {"SourceReferral": "A1", "ProvDiag": "F41.1"}
APPOINTMENT = {
    "Attendance": "5",
    "AppType": "02",
    "TherType1": "07",
    "PHQ9_Score": "12",
    "GAD7Score": "9",
    "WSASScore": "10",
}


class Maker:
    """Makes files in a folder, of the months that the open window takes."""

    def __init__(self, folder: Path, window: Window):
        self.folder, self.window = folder, window

    def rows(self, provider: str = "RZ1", period: date | None = None) -> Rows:
        return month(period or self.window.primary_period, provider)

    def zip(self, name: str, rows: Rows) -> Path:
        write_archive(self.folder / name, "1.0", rows)
        return self.folder / name

    def mdb(self, name: str, rows: Rows) -> Path:
        write_access(self.folder / name, "1.0", rows)
        return self.folder / name

    def bytes(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def changed(self, name: str, change: Callable[[Members], object]) -> Path:
        """A good zip whose members were changed by hand."""
        good = self.zip(f"good {name}", self.rows())
        with zipfile.ZipFile(good) as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
        change(members)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return self.bytes(name, packed.getvalue())


def mixed(rows: Rows) -> Rows:
    """The same month with a few faults: two persons rejected with all theirs, and warnings."""
    rows["Person"][3]["LPTID"] = rows["Person"][4]["LPTID"] = "TWICE"
    rows["Person"][5] |= {"NHSNumber": "999 000 0019", "Gender": "7"}
    rows["Person"][6]["Ethnicity"] = rows["Person"][8]["LTCondition"] = ""
    rows["Referral"][7]["ProvDiag"] = "depressed"
    rows["Appointment"][0]["PHQ9_Score"] = "99"
    rows["Appointment"][1]["Appointment"] = "2013-02-28"
    return rows
