"""A second, plain reading of the rules: dictionaries, loops, one row after another.

Written from the words of the rules, not from the engine, so that one can be held against the
other; only the data set's code lists are shared. `check` answers for the rows of a file whose form
and header are in order. It is as slow as it looks, which makes it a floor to measure the engine by.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from tests.validation.reference_values import KINDS, Permitted, as_date, key
from validation.dataset import dataset

Row = dict[str, str]
# Rule, table, column (None for the row as a whole), 1-based row.
Finding = tuple[str, str, str | None, int]

REJECTING = set(
    "T01 P01 P02 P05 D01 D02 D03 R01 R02 R03 R04 R05 R06 R07 R11 R18 R19 A01 A02 A03 A04".split()
)
ASKS_REGISTER = {"P17", "R17"}

# Rule for a blank, rule for what is not valid.
SAID = dict.fromkeys(
    "Gender Ethnicity ReligiousGroup SexualOrientation BAFIndicator LTCondition".split(),
    ("P16", "P21"),
)
ORGANISATIONS = dict.fromkeys("GMPC OrgCodeResidence OrgCodeGPPractice".split(), ("P22", "P17"))
REFERRAL_CODES = dict.fromkeys("SourceReferral RecurInd ServReqAccInd EndCode".split(), ("", "R10"))
APPOINTMENT_CODES = dict.fromkeys(
    "PrimaryRole ConsMedium EmpStatus EmpSupportInd PsychMed SSPInd".split(), ("", "A12")
)
THERAPIES = "TherType1 TherType2 TherType3 TherType4".split()
SCORES = {
    **{"PHQ9_Score": "A20", "GAD7Score": "A21", "WSASScore": "A22", "AgoraScoreAcc": "A25"},
    **{"AgoraScoreAlone": "A25", "AgoraScore": "A24", "GenAnxScore": "A26"},
    **{"HealthAnxScore": "A27", "OCDScore": "A28", "PanicScore": "A29", "PTSD_Score": "A30"},
    **{"SocPhobiaInvScore": "A31", "SocPhobiaScore": "A24", "SpecPhobiaScore": "A24"},
}
ANSWERS = "AssessPEQ1 AssessPEQ2 AssessPEQ3 AssessSatisfaction".split()
ANSWERS += [f"TreatPEQ{number}" for number in range(1, 6)]
SINGLE = {
    "Person": {
        **{"LPTID": ("P01", "P05"), "NHSNumber": ("P10", "P11"), "NHSNoStatus": ("P12", "P12")},
        **{"BirthDate": ("P13", "P19"), "Postcode": ("P15", "P20")},
        **SAID,
        **ORGANISATIONS,
    },
    "Disability": {"Disability": ("D02", "D10")},
    "Referral": {
        **{"ServiceID": ("R02", "R18"), "OrgCodeComm": ("R11", "R17")},
        **{"RefRecDate": ("R04", "R04"), "OnsetDate": ("", "R14"), "ProvDiag": ("", "R12")},
        **{"EndDate": ("", "R19"), "CareCluster": ("", "B01")},
        **REFERRAL_CODES,
    },
    "Appointment": {
        **{"Appointment": ("A02", "A02"), "AppointmentTime": ("", "A18")},
        **{"Attendance": ("A10", "A34"), "AppType": ("A11", "A35"), "ContactDuration": ("", "A17")},
        **{"EmpSupportReferral": ("", "A19")},
        **APPOINTMENT_CODES,
        **dict.fromkeys(THERAPIES, ("", "A13")),
        **{name: ("", code) for name, code in SCORES.items()},
        **dict.fromkeys(ANSWERS, ("", "B02")),
    },
}


@cache
def asked(version: str, table: str) -> list[tuple[str, str, str, Callable, Permitted]]:
    """Of each column that is asked by itself: its two rules, how it is read, what it may hold."""
    columns = dataset(version).tables[table].columns
    return [
        (name, missing, invalid, KINDS[columns[name].kind], Permitted(columns[name]))
        for name, (missing, invalid) in SINGLE[table].items()
        if name in columns
    ]


# Tables ----------------------------------------------------------------------------------------


@dataclass
class Checked:
    """What is known of a file: its findings, and the rows that stand by their key."""

    version: str
    provider: str
    start: date
    end: date
    register: frozenset[str] | None = None
    found: set[Finding] = field(default_factory=set)
    standing: dict[str, list[bool]] = field(default_factory=dict)
    by_key: dict[str, dict[str, Row]] = field(default_factory=dict)

    def ask(self, code: str, table: str, column: str | None, row: int, fault: object) -> None:
        if fault and code:
            self.found.add((code, table, column, row))

    def close(self, table: str, rows: list[Row], column: str) -> None:
        """Which rows stand, and which of them belongs to a key."""
        fallen = {row for code, of, _, row in self.found if of == table and code in REJECTING}
        self.standing[table] = [number not in fallen for number in range(1, len(rows) + 1)]
        self.by_key[table] = {
            key(row[column]): row
            for number, row in enumerate(rows, 1)
            if number not in fallen and row[column]
        }


def check(
    rows: dict[str, list[Row]],
    *,
    version: str,
    provider: str,
    start: date,
    end: date,
    register: frozenset[str] | None = None,
) -> Checked:
    """Every finding on the rows of the four tables. Texts are as sent; what is left out is blank."""
    file = Checked(version, provider, start, end, register)
    texts = {
        name: [
            {column: row.get(column, "").strip() for column in table.columns} for row in rows[name]
        ]
        for name, table in dataset(version).tables.items()
        if name != "Header"
    }
    persons(file, texts["Person"])
    disabilities(file, texts["Disability"])
    referrals(file, texts["Referral"])
    appointments(file, texts["Appointment"])
    referred = {key(row["LPTID"]) for row in texts["Referral"]}
    for number, row in enumerate(texts["Person"], 1):
        lonely = file.standing["Person"][number - 1] and key(row["LPTID"]) not in referred
        file.ask("P04", "Person", None, number, lonely)
    return file


def single_columns(file: Checked, table: str, number: int, row: Row) -> Row:
    """Asks each column by itself; gives the values that are valid, "" for the others."""
    file.ask("T01", table, "OrgCodeProvider", number, key(row["OrgCodeProvider"]) != file.provider)
    valid = dict.fromkeys(row, "")
    for name, missing, invalid, judge, permitted in asked(file.version, table):
        if not row[name]:
            file.ask(missing, table, name, number, fault=True)
            continue
        value = judge(row[name], permitted)
        valid[name] = value or ""
        if invalid not in ASKS_REGISTER:
            file.ask(invalid, table, name, number, value is None)
        elif file.register is not None:
            known = value in file.register or value in permitted.codes
            file.ask(invalid, table, name, number, not known)
    return valid


def again(
    file: Checked, code: str, table: str, column: str | None, keys: Iterable, every: bool
) -> None:
    """Rows whose key (None: no row to look at) occurs more than once; all of them, or the later."""
    seen: dict[object, list[int]] = {}
    for number, one in enumerate(keys, 1):
        if one is not None:
            seen.setdefault(one, []).append(number)
    for numbers in seen.values():
        for number in numbers if every else numbers[1:]:
            file.ask(code, table, column, number, len(numbers) > 1)


def is_ours(file: Checked, row: Row) -> bool:
    return key(row["OrgCodeProvider"]) == file.provider


def persons(file: Checked, rows: list[Row]) -> None:
    patients: dict[str, set[str]] = {}
    valid = [single_columns(file, "Person", number, row) for number, row in enumerate(rows, 1)]
    for row, value in zip(rows, valid, strict=True):
        if value["NHSNumber"] and row["LPTID"]:
            patients.setdefault(value["NHSNumber"], set()).add(key(row["LPTID"]))
    for number, (row, value) in enumerate(zip(rows, valid, strict=True), 1):
        shared = row["LPTID"] and len(patients.get(value["NHSNumber"], ())) > 1
        file.ask("P03", "Person", "NHSNumber", number, shared)
        status, has_number = value["NHSNoStatus"], bool(row["NHSNumber"])
        odd = (status == "01" and not has_number) or (status == "07" and has_number)
        file.ask("P12", "Person", "NHSNoStatus", number, odd)
        file.ask(
            "P18",
            "Person",
            "BAFIndicator",
            number,
            value["BAFIndicator"] in {"01", "04"} and file.start >= date(2012, 4, 1),
        )
        born = as_date(value["BirthDate"])
        file.ask(
            "P19",
            "Person",
            "BirthDate",
            number,
            born and (born > file.end or age(born, file.end) > 120),
        )
    ours = [
        key(r["LPTID"]) if is_ours(file, r) and v["LPTID"] else None
        for r, v in zip(rows, valid, strict=True)
    ]
    again(file, "P02", "Person", "LPTID", ours, every=True)
    file.close("Person", rows, "LPTID")


def age(born: date, day: date) -> int:
    """In whole years; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def disabilities(file: Checked, rows: list[Row]) -> None:
    codes: dict[str, set[str]] = {}
    keys: list[object] = []
    for number, row in enumerate(rows, 1):
        value = single_columns(file, "Disability", number, row)["Disability"] or key(
            row["Disability"]
        )
        file.ask(
            "D01", "Disability", "LPTID", number, key(row["LPTID"]) not in file.by_key["Person"]
        )
        usable = is_ours(file, row) and row["LPTID"] and value
        keys.append((key(row["LPTID"]), value) if usable else None)
        if row["LPTID"] and value:
            codes.setdefault(key(row["LPTID"]), set()).add(value)
    for number, row in enumerate(rows, 1):
        given = codes.get(key(row["LPTID"]), set())
        file.ask(
            "D04",
            "Disability",
            "Disability",
            number,
            row["Disability"] and "NN" in given and len(given) > 1,
        )
    again(file, "D03", "Disability", None, keys, every=False)
    file.close("Disability", rows, "LPTID")


def referrals(file: Checked, rows: list[Row]) -> None:
    keys: list[object] = []
    for number, row in enumerate(rows, 1):
        valid = single_columns(file, "Referral", number, row)

        def ask(code: str, column: str, fault: object, number: int = number) -> None:
            file.ask(code, "Referral", column, number, fault)

        person = file.by_key["Person"].get(key(row["LPTID"]))
        born = as_date(person["BirthDate"]) if person else None
        received, ended = as_date(valid["RefRecDate"]), as_date(valid["EndDate"])
        ask("R01", "LPTID", person is None)
        ask("R05", "RefRecDate", received and received > file.end)
        ask("R06", "EndDate", received and ended and ended < received)
        ask("R07", "EndDate", ended and ended < file.start)
        ask("R08", "EndDate", ended and ended > file.end)
        ask("R09", "RefRecDate", born and received and received < born)
        ask(
            "P14", "RefRecDate", born and received and received >= born and age(born, received) < 16
        )
        ask("R13", "ProvDiag", valid["ProvDiag"] and valid["ProvDiag"][0] not in "FZ")
        onset = valid["OnsetDate"]
        ask("R14", "OnsetDate", onset and received and onset > str(received)[:7])
        ask("R14", "OnsetDate", onset and born and onset < str(born)[:7])
        ask("R15", "EndDate", row["EndCode"] and not row["EndDate"])
        ask("R15", "EndCode", row["EndDate"] and not row["EndCode"])
        keys.append(key(row["ServiceID"]) if is_ours(file, row) and valid["ServiceID"] else None)
    again(file, "R03", "Referral", "ServiceID", keys, every=True)
    file.close("Referral", rows, "ServiceID")


def appointments(file: Checked, rows: list[Row]) -> None:
    keys: list[object] = []
    for number, row in enumerate(rows, 1):
        valid = single_columns(file, "Appointment", number, row)

        def ask(code: str, column: str, fault: object, number: int = number) -> None:
            file.ask(code, "Appointment", column, number, fault)

        referral = file.by_key["Referral"].get(key(row["ServiceID"]))
        day = as_date(valid["Appointment"])
        received = as_date(referral["RefRecDate"]) if referral else None
        ended = as_date(referral["EndDate"]) if referral else None
        ask("A01", "ServiceID", referral is None)
        ask("A04", "Appointment", day and not file.start <= day <= file.end)
        ask(
            "A05", "Appointment", day and ((received and day < received) or (ended and day > ended))
        )
        ask(
            "A06",
            "LPTID",
            not row["LPTID"] or (referral and key(row["LPTID"]) != key(referral["LPTID"])),
        )
        support = as_date(valid["EmpSupportReferral"])
        ask("A19", "EmpSupportReferral", support and received and support < received)
        ask(
            "A19", "EmpSupportReferral", row["EmpSupportReferral"] and valid["EmpSupportInd"] == "N"
        )
        came, stayed_away = (
            valid["Attendance"] in ("5", "6"),
            valid["Attendance"] in ("2", "3", "4", "7"),
        )
        minutes = int(valid["ContactDuration"] or 0)
        ask("A17", "ContactDuration", minutes > 480 or (stayed_away and minutes > 0))
        ask(
            "A15",
            "TherType1",
            came and valid["AppType"] in ("02", "03", "05") and not row["TherType1"],
        )
        for name in ("PHQ9_Score", "GAD7Score", "WSASScore"):
            ask("A32", name, came and "01" <= valid["AppType"] <= "05" and not row[name])
        for name in (*THERAPIES, *SCORES):
            ask("A16", name, stayed_away and row[name])
        for place, name in enumerate(THERAPIES):
            before = [valid[other] for other in THERAPIES[:place]]
            ask("A14", name, valid[name] and valid[name] in before)
            ask("A14", name, place and row[name] and not row[THERAPIES[place - 1]])
        time = valid["AppointmentTime"] or key(row["AppointmentTime"])
        at = time or ("", valid["AppType"] or key(row["AppType"]))
        usable = is_ours(file, row) and row["ServiceID"] and day
        keys.append((key(row["ServiceID"]), day, at) if usable else None)
    again(file, "A03", "Appointment", None, keys, every=False)
    file.close("Appointment", rows, "ServiceID")
