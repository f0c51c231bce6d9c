"""A test of a rule is a table drawn as text; an arrow marks what the rules should find.

    draw(Referral='''
        ServiceID  RefRecDate  EndDate
        S1         2013-04-10  2013-04-09   <- R06
        S2         2013-04-10  2013-04-10
    ''')

The language is that of the rules' own examples (`validation.example`). What is not drawn is made,
and made so that no rule objects: columns left out, the header, and the persons and referrals to
which the drawn rows belong. A drawing is the whole truth: a finding without a mark fails the test,
and so does a mark without a finding. Only the made rows of tables that are not drawn may lose their
parents unmarked.

Marks on the header's row, and those given as `file=`, are findings about the file, a table or a
column as a whole: `F06:Referral.EndDate`, `F05:Person`, `F01`.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from validation import dataset, example
from validation.desk import verdict_on
from validation.engine import Verdict
from validation.example import Drawing
from validation.quality import ATTENDED
from validation.rules.attended import SCORING, TREATING
from validation.rules.file import Context
from validation.writing import write_archive

Row = dict[str, str]
ORPHANED = {"Disability": "D01", "Referral": "R01", "Appointment": "A01"}
# Valid, and of nobody: the range 999 is kept for tests.
NHS_NUMBERS = (
    *("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069"),
    *("9990000077", "9990000085", "9990000093", "9990000107", "9990000115", "9990000123"),
)
HEADER = {
    "DataSetVersion": "1.0",
    "OrgCodeProvider": "RZ1",
    "OrgCodeSubmitter": "RZ1",
    "StartDate": "2013-04-01",
    "EndDate": "2013-04-30",
}
PERSON = {
    **{"OrgCodeProvider": "RZ1", "NHSNoStatus": "01", "BirthDate": "1970-01-31"},
    **{"Postcode": "ZZ99 3VZ", "Gender": "2", "GMPC": "V81999", "Ethnicity": "A"},
    **{"ReligiousGroup": "L1", "SexualOrientation": "1", "BAFIndicator": "03"},
    **{"LTCondition": "N", "OrgCodeResidence": "91A", "OrgCodeGPPractice": "91A"},
}
DISABILITY = {"OrgCodeProvider": "RZ1", "LPTID": "P1", "Disability": "01"}
REFERRAL = {
    **{"OrgCodeProvider": "RZ1", "LPTID": "P1", "OrgCodeComm": "91A"},
    **{"RefRecDate": "2013-03-15", "SourceReferral": "A1"},
}
APPOINTMENT = {
    **{"OrgCodeProvider": "RZ1", "LPTID": "P1", "ServiceID": "S1"},
    **{"Appointment": "2013-04-15", "Attendance": "5", "AppType": "01"},
}
SCORES = {"PHQ9_Score": "12", "GAD7Score": "9", "WSASScore": "10"}
DEFAULTS = {
    "Header": HEADER,
    "Person": PERSON,
    "Disability": DISABILITY,
    "Referral": REFERRAL,
    "Appointment": APPOINTMENT,
}


@dataclass(frozen=True)
class Place:
    """Where a rule is broken. As a mark, `column` and `other` may be left open (None)."""

    code: str
    table: str | None
    row: int
    column: str | None
    other: int | None

    def fits(self, found: "Place") -> bool:
        """This mark speaks of that finding."""
        return (
            (self.code, self.table, self.row) == (found.code, found.table, found.row)
            and self.column in (None, found.column)
            and self.other in (None, found.other)
        )

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        other = f"↔{self.other}" if self.other else ""
        return f"{self.table or 'file'} row {self.row}: {self.code}{column}{other}"


def draw(
    file: str = "",
    *,
    version: str = "1.0",
    context: Context | None = None,
    without: Iterable[str] = (),
    extra: Mapping[str, str | bytes] | None = None,
    **drawings: str | Drawing,
) -> Verdict:
    """Check the drawn submission and compare what is found with what is marked.

    `without` names tables (`Person`) and columns (`Person.Gender`) to leave out of the file;
    `extra` are further members of the zip, name and content.
    """
    drawn = {
        table: drawing if isinstance(drawing, Drawing) else example.drawing(table, drawing)
        for table, drawing in drawings.items()
    }
    rows = completed(
        {name: [row.cells for row in one.rows] for name, one in drawn.items()}, version
    )
    marks = [place for one in drawn.values() for place in _marked(one)]
    marks += [_file_mark(mark.code, mark.column or "") for mark in example.marks(file)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.zip"
        write(path, version, rows, set(without), extra or {})
        verdict, _ = verdict_on(path, context or Context())
    _compare(marks, places(verdict, set(drawings)))
    return verdict


def write(
    path: Path,
    version: str,
    rows: Mapping[str, list[Row]],
    without: set[str],
    extra: Mapping[str, str | bytes],
) -> None:
    """The rows as a zip of CSV; what `without` names is taken out of it again."""
    if not without and not extra:
        write_archive(path, version, rows)
        return
    with ZipFile(path, "w") as archive:
        for name, table in dataset.dataset(version).tables.items():
            if name not in without:
                columns = [column for column in table.columns if f"{name}.{column}" not in without]
                lines = [columns, *([row.get(c, "") for c in columns] for row in rows[name])]
                archive.writestr(f"{name}.csv", "".join(",".join(one) + "\r\n" for one in lines))
        for name, content in extra.items():
            archive.writestr(name, content)


def _marked(drawing: Drawing) -> Iterator[Place]:
    """The places that the arrows of one drawing point at."""
    for number, row in enumerate(drawing.rows, 1):
        for mark in row.marks:
            if drawing.table == "Header":
                yield _file_mark(mark.code, f"Header.{mark.column}" if mark.column else "Header")
            else:
                yield Place(mark.code, drawing.table, number, mark.column, mark.other)


def _file_mark(code: str, where: str) -> Place:
    table, _, column = where.partition(".")
    if table not in dataset.TABLES:
        table, column = where, ""
    return Place(code, table or None, 0, column or None, None)


# What is not drawn -----------------------------------------------------------------------------


def completed(drawn: dict[str, list[Row]], version: str = "1.0") -> dict[str, list[Row]]:
    """The drawn rows with all columns, and the rows of the other tables that they need."""
    rows: dict[str, list[Row]] = {"Header": drawn.get("Header", [{}])}
    rows["Appointment"] = drawn.get("Appointment", [])
    rows["Disability"] = drawn.get("Disability", [])
    rows["Referral"] = _numbered(drawn.get("Referral", []), "ServiceID", "S")
    rows["Person"] = _numbered(drawn.get("Person", []), "LPTID", "P")
    if "Referral" not in drawn:
        rows["Referral"] = list(_referrals_for(rows["Appointment"], rows["Person"]))
    if "Person" not in drawn:
        rows["Person"] = list(_persons_for(rows["Disability"], rows["Referral"]))
        named = {_key(row.get("LPTID", "P1")) for row in rows["Referral"]}
        lonely = [row for row in rows["Person"] if _key(row["LPTID"]) not in named]
        rows["Referral"] += [
            {"ServiceID": f"M{n}", "LPTID": row["LPTID"]} for n, row in enumerate(lonely)
        ]
    defaults = DEFAULTS | {"Header": HEADER | {"DataSetVersion": version}}
    return {
        name: [_fitted(name, defaults[name] | _own(name, at), row) for at, row in enumerate(given)]
        for name, given in rows.items()
    }


def _own(table: str, at: int) -> Row:
    """What no two rows of a table may share."""
    if table == "Person":
        return {"NHSNumber": NHS_NUMBERS[at % len(NHS_NUMBERS)]}
    if table == "Appointment":
        return {"AppointmentTime": f"{9 + at // 60:02}:{at % 60:02}:00"}
    return {}


def _fitted(table: str, made: Row, drawn: Row) -> Row:
    """The row, of which what is made fits what is drawn."""
    row = made | drawn
    if table == "Person" and not row["NHSNumber"]:
        made |= {"NHSNoStatus": "07"}
    if table == "Referral" and row.get("EndDate"):
        made |= {"EndCode": "42"}
    if table == "Appointment" and row["Attendance"] in ATTENDED:
        kind = row["AppType"].rjust(2, "0")
        made |= {"TherType1": "07"} if kind in TREATING else {}
        made |= SCORES if kind in SCORING else {}
    return made | drawn


def _numbered(rows: list[Row], column: str, letter: str) -> list[Row]:
    return [{column: f"{letter}{number}"} | row for number, row in enumerate(rows, 1)]


def _key(text: str) -> str:
    return text.strip().upper()


def _referrals_for(appointments: list[Row], persons: list[Row]) -> Iterator[Row]:
    """One for each service that an appointment names and each person whom none of these names."""
    services: dict[str, str] = {}
    for row in appointments:
        services.setdefault(_key(row.get("ServiceID", "S1")), row.get("LPTID") or "P1")
    services.pop("", None)
    yield from ({"ServiceID": key, "LPTID": person} for key, person in services.items())
    named = {_key(person) for person in services.values()}
    lonely = {_key(row["LPTID"]) for row in persons} - named - {""}
    yield from ({"ServiceID": f"M{n}", "LPTID": key} for n, key in enumerate(sorted(lonely)))


def _persons_for(disabilities: list[Row], referrals: list[Row]) -> Iterator[Row]:
    keys = {_key(row.get("LPTID", "P1")): None for row in [*disabilities, *referrals]}
    keys.pop("", None)
    yield from ({"LPTID": key} for key in keys or {"P1": None})


# What is found ---------------------------------------------------------------------------------


def places(verdict: Verdict, drawn: set[str]) -> list[Place]:
    """Every place of every finding but for orphans in tables that are not drawn."""
    found = []
    for one in verdict.findings:
        if one.table not in drawn and ORPHANED.get(one.table or "") == one.rule:
            continue
        rows = one.rows.tolist() or [0]
        others = one.other_rows.tolist() if one.other_rows is not None else [0] * len(rows)
        found += [
            Place(one.rule, one.table, row, one.column, other or None)
            for row, other in zip(rows, others, strict=True)
        ]
    return found


def _compare(marks: list[Place], found: list[Place]) -> None:
    """The marks that say most choose first, so that an open one does not take their finding."""
    missed, left = [], list(found)
    for mark in sorted(marks, key=lambda mark: (mark.column is None) + (mark.other is None)):
        fitting = next((place for place in left if mark.fits(place)), None)
        if fitting is None:
            missed.append(f"marked, not found: {mark}")
        else:
            left.remove(fitting)
    wrong = missed + [f"found, not marked: {place}" for place in left]
    assert not wrong, "\n".join(["the drawing and the verdict differ", *sorted(wrong)])
