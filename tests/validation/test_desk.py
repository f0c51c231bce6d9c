"""The desk checker: one answer for any file whatever."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.validation.drawing import completed
from validation import desk
from validation.sample import Asked, write
from validation.writing import write_access, write_archive

KEYS = [
    *("outcome", "message", "dataset_version", "provider", "period", "tables", "counts"),
    *("findings", "not_asked"),
]
FINDING_KEYS = ["rule", "severity", "table", "row", "line", "column", "other_row"]
TABLES = ["Person", "Disability", "Referral", "Appointment"]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    """The exit code and the one JSON object."""
    code = desk.main([*(str(word) for word in words), "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    said = json.loads(out)
    assert list(said) == KEYS
    return code, said


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path, Asked(60))


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return write(tmp_path, Asked(600, errors=10))


def one_row(path: Path, table: str, row: dict[str, str]) -> Path:
    write_archive(path, "1.0", completed({table: [row, {}]}))
    return path


def test_accepted(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, good)
    assert (code, said["outcome"]) == (0, "accepted")
    assert (said["dataset_version"], said["provider"], said["period"]) == ("1.0", "RZ1", "2013-04")
    assert said["counts"] == {}
    assert said["findings"] == []
    assert list(said["tables"]) == TABLES
    assert said["tables"]["Appointment"] == {"received": 60, "standing": 60, "rejected": 0}


def test_accepted_with_warnings(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, faulty)
    assert (code, said["outcome"]) == (0, "accepted_with_warnings")
    assert sum(said["counts"].values()) == len(said["findings"]) > 50
    for finding in said["findings"]:
        assert list(finding) == FINDING_KEYS
        assert finding["severity"] in ("REJECT_ROW", "WARN")


def test_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sent.zip"
    write_archive(path, "1.0", completed({"Person": [{"LPTID": ""}]}))
    code, said = asked(capsys, path)
    assert (code, said["outcome"]) == (1, "rejected")
    file_finding = {"rule": "F11", "severity": "REJECT_FILE", "table": "Person", "row": None}
    assert said["findings"][-1].items() >= file_finding.items()


def test_a_finding_says_row_line_column_and_other_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = completed({"Disability": [{}, {"Disability": "QQ"}, {}]})
    write_archive(tmp_path / "sent.zip", "1.0", rows)
    _, said = asked(capsys, tmp_path / "sent.zip")
    assert said["findings"] == [
        {
            **{"rule": "D03", "severity": "REJECT_ROW", "table": "Disability", "row": 3},
            **{"line": 4, "column": None, "other_row": 1},
        },
        {
            **{"rule": "D10", "severity": "WARN", "table": "Disability", "row": 2},
            **{"line": 3, "column": "Disability", "other_row": None},
        },
    ]


def test_an_access_database_has_rows_and_no_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_access(tmp_path / "sent.mdb", "1.0", completed({"Disability": [{"Disability": "QQ"}]}))
    code, said = asked(capsys, tmp_path / "sent.mdb")
    (finding,) = said["findings"]
    assert code == 0
    assert (finding["rule"], finding["row"], finding["line"]) == ("D10", 1, None)


def test_both_forms_get_the_same_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = []
    for form in ("zip", "mdb"):
        _, said = asked(capsys, write(tmp_path, Asked(400, errors=20, form=form)), "--all")
        for finding in said["findings"]:
            del finding["line"]
        verdicts.append(said)
    assert verdicts[0] == verdicts[1]


def test_all_lists_more_than_a_thousand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = completed({"Appointment": [{"PHQ9_Score": "28"}] * 600 + [{"AppType": ""}] * 5})
    rows["Appointment"] = [
        row
        | {
            "Appointment": f"2013-04-{place % 30 + 1:02}",
            "AppointmentTime": f"{place // 60:02}:{place % 60:02}",
        }
        for place, row in enumerate(rows["Appointment"] * 2)
    ]
    write_archive(tmp_path / "sent.zip", "1.0", rows)
    _, few = asked(capsys, tmp_path / "sent.zip")
    _, every = asked(capsys, tmp_path / "sent.zip", "--all")
    assert few["counts"] == every["counts"] == {"A11": 10, "A20": 1200}
    assert (len(few["findings"]), len(every["findings"])) == (1010, 1210)


def test_period(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = asked(capsys, good, "--period", "2013-04")
    assert (code, "F03" in said["not_asked"]) == (0, False)
    code, said = asked(capsys, good, "--period", "2013-05")
    assert (code, said["counts"], said["period"]) == (1, {"F03": 1}, "2013-04")
    assert "May 2013 was expected" in said["message"]


@pytest.mark.parametrize("period", ["2013-13", "April", "2013-4", "", "٢٠١٣-04"])
def test_a_period_that_is_none(good: Path, capsys: pytest.CaptureFixture[str], period: str) -> None:
    code, said = asked(capsys, good, "--period", period)
    assert (code, said["outcome"]) == (2, None)


def test_organisations(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = tmp_path / "ods.csv"
    register.write_text(
        '\ufeff"RZ1","ALDER VALLEY"\r\n91a,x\r\n'
        + "".join(f'"Q99{number:03}","PRACTICE, THE"\r\n' for number in range(1, 31))
    )
    code, said = asked(capsys, good, "--organisations", register)
    assert (code, said["outcome"]) == (0, "accepted")
    assert not {"F09", "P17", "R17"} & set(said["not_asked"])
    register.write_text("RZ1\n91A\n")
    code, said = asked(capsys, good, "--organisations", register)
    assert (code, set(said["counts"])) == (0, {"P17"})
    register.write_text("RZ2\n")
    code, said = asked(capsys, good, "--organisations", register)
    assert (code, "F09" in said["counts"]) == (1, True)


def test_not_asked_at_the_desk(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = asked(capsys, good)
    of_history = "F04 F12 F13 R16 R20 R21 R22 R23 R24".split()
    assert said["not_asked"] == sorted(["F03", "F09", "F10", "P17", "R17", *of_history])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PK\3\4 zip", b"# A heading\n"])
def test_a_register_that_is_no_list(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    code, said = asked(capsys, good, "--organisations", tmp_path / "list.csv")
    assert (code, said["outcome"]) == (2, None)
    assert "no list of organisations" in said["message"]


@pytest.mark.parametrize("register", ["nowhere.csv", "."])
def test_a_register_that_cannot_be_read(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], register: str
) -> None:
    code, said = asked(capsys, good, "--organisations", tmp_path / register)
    assert (code, said["outcome"]) == (2, None)


@pytest.mark.parametrize("name", ["nowhere.zip", ".", "a/b/c.mdb", "nul\0.zip", "x" * 300])
def test_what_is_not_there_cannot_be_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code, said = asked(capsys, tmp_path / name)
    assert (code, said["outcome"], said["tables"], said["counts"]) == (2, None, {}, {})
    assert said["message"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", PNG, b"%PDF-1.7", b"PK\3\4", b"PK\5\6" + bytes(18), b"\0\1\0\0Standard Jet DB\0"),
        *(bytes(5000), b"LPTID,NHSNumber\r\n1,2\r\n", b"\xff\xfeL\0P\0", b"<html>"),
    ],
)
def test_what_is_no_submission_is_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "sent"
    path.write_bytes(content)
    code, said = asked(capsys, path)
    assert (code, said["outcome"], said["counts"]) == (1, "rejected", {"F01": 1})
    assert list(said["tables"]) == TABLES


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: b"PK\3\4" + data))
def test_any_bytes_get_one_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "sent"
    path.write_bytes(content)
    code, said = asked(capsys, path)
    assert (code, said["outcome"]) == (1, "rejected")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_damaged_submission_gets_one_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    whole = tmp_path / "IAPT_RZ1_2013-04.zip"
    if not whole.exists():
        write(tmp_path, Asked(6))
    content = bytearray(whole.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "damaged.zip").write_bytes(content)
    code, said = asked(capsys, tmp_path / "damaged.zip")
    assert code == {"rejected": 1}.get(said["outcome"], 0)


def test_our_own_failure_is_no_verdict(
    good: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("9434765919")

    monkeypatch.setattr(desk, "check", fails)
    code, said = asked(capsys, good)
    assert (code, said["outcome"]) == (2, None)
    assert "9434765919" not in said["message"]


def test_words_for_a_terminal(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.main([str(faulty)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The file is accepted with findings")
    assert "P11 WARN" in said
    assert "(line " in said
    assert "Not asked at the desk: F03" in said


def test_a_workbook_with_findings_and_marked_rows(
    faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.xlsx"
    code, said = asked(capsys, faulty, "--excel", out)
    assert (code, said["outcome"]) == (0, "accepted_with_warnings")
    book = load_workbook(out)
    assert book.sheetnames == ["What to do first", "Counts by rule", "Findings", *TABLES]
    counts = {}
    for row in book["Counts by rule"].iter_rows(min_row=2, values_only=True):
        counts[row[0]] = counts.get(row[0], 0) + row[5]
    assert counts == said["counts"]
    assert desk.main([str(faulty), "--excel", str(out)]) == 0
    assert capsys.readouterr().out.endswith(f"Written: {out}\n")


def test_a_workbook_of_a_rejected_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sent").write_bytes(PNG)
    code, _ = asked(capsys, tmp_path / "sent", "--excel", tmp_path / "out.xlsx")
    assert code == 1
    assert len(load_workbook(tmp_path / "out.xlsx").sheetnames) == 3


@pytest.mark.parametrize("out", [".", "nowhere/out.xlsx", "IAPT_RZ1_2013-04.zip", "x" * 300])
def test_a_workbook_that_cannot_be_written(
    faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    before = faulty.read_bytes()
    code, said = asked(capsys, faulty, "--excel", tmp_path / out)
    assert (code, said["outcome"]) == (2, None)
    assert out in said["message"]
    assert faulty.read_bytes() == before


def test_a_program_of_its_own(good: Path) -> None:
    """The exit code reaches the shell, and stdout holds the object and nothing else."""
    command = [sys.executable, "-m", "validation", str(good), "--json", "--period", "2013-05"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["counts"] == {"F03": 1}
    assert done.stderr == ""


FILLED = Path(__file__).parent / "reading/data"


@pytest.mark.parametrize("file", ["filled_v1.0.mdb", "filled_v1.0P.accdb"])
def test_a_database_filled_by_another_program_is_answered_as_its_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: str
) -> None:
    """What we offer, filled by Jackcess with this sample (tools/access/README.md)."""
    version = file.removeprefix("filled_v").rpartition(".")[0]
    sample = write(tmp_path, Asked(60, errors=2, provider="RZ3", version=version))
    code, of_rows = asked(capsys, sample)
    same_code, of_filled = asked(capsys, FILLED / file)
    for answer in (of_rows, of_filled):
        for finding in answer["findings"]:
            del finding["line"]
    assert (same_code, of_filled) == (code, of_rows)
    assert of_filled["counts"]
