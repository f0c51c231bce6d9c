"""The annotated copy: the sender's own rows with what is wrong marked on them."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np

from tests.validation.drawing import completed
from tests.validation.test_workbook import Rows, read, text
from validation import annotated, report
from validation.desk import verdict_on
from validation.engine import Verdict
from validation.rules.file import Context
from validation.sent import Sent
from validation.workbook import COLOURS
from validation.writing import write_archive


def checked(folder: Path, rows: Rows) -> tuple[Verdict, Sent | None]:
    path = folder / "sent.zip"
    write_archive(path, "1.0", completed(rows))
    return verdict_on(path, Context())


def written(verdict: Verdict, sent: Sent | None, most: int = annotated.MOST_ROWS) -> bytes:
    return annotated.write(verdict, sent, report.message(verdict), most)


def colour(cell) -> str:
    return f"#{cell.fill.start_color.rgb[2:]}"


def test_rows_with_findings_stand_there_as_sent_and_what_is_wrong_is_marked(tmp_path: Path) -> None:
    rows: Rows = {
        "Person": [
            {"LPTID": "0001"},
            {"LPTID": "0002", "Gender": "7", "Postcode": "Leeds"},
            {"LPTID": ""},
        ]
    }
    verdict, sent = checked(tmp_path, rows)
    book = read(written(verdict, sent))
    assert book.sheetnames == ["About this copy", "Person"]
    sheet = book["Person"]
    assert sent is not None
    assert [cell.value for cell in sheet[2]] == ["Row and rules", *sent.tables["Person"].columns]
    head = {cell.value: cell.column - 1 for cell in sheet[2]}
    # What costs most comes first.
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == [
        "row 3, line 4: P01",
        "row 2, line 3: P20, P21",
    ]
    second = sheet[4]
    values = {cell.value: cell for cell in second}
    assert values["0002"].data_type == "s"
    gender, postcode = second[head["Gender"]], second[head["Postcode"]]
    assert (gender.value, colour(gender)) == ("7", COLOURS["WARN"])
    assert "P21: Gender is not a valid code. (a warning; the row is kept)" in gender.comment.text
    assert "Permitted: One of 1 (Male), 2 (Female)" in gender.comment.text
    assert "What to do: Use one of the codes" in gender.comment.text
    assert postcode.comment.text.startswith("P20:")
    assert second[head["LPTID"]].comment is None
    blank = sheet[3][head["LPTID"]]
    assert colour(blank) == COLOURS["REJECT_ROW"]
    assert blank.comment.text.startswith("P01:")


def test_what_is_about_the_whole_row_is_said_in_the_first_column(tmp_path: Path) -> None:
    verdict, sent = checked(tmp_path, {"Disability": [{}, {}]})
    sheet = read(written(verdict, sent))["Disability"]
    first = sheet["A3"]
    assert first.value == "row 2, line 3: D03"
    assert colour(first) == COLOURS["REJECT_ROW"]
    assert "See row 1." in first.comment.text


def test_columns_stand_in_the_senders_own_order(tmp_path: Path) -> None:
    good, turned = tmp_path / "good.zip", tmp_path / "turned.zip"
    write_archive(good, "1.0", completed({"Disability": [{"Disability": "QQ"}]}))
    with ZipFile(good) as members, ZipFile(turned, "w") as archive:
        for name in members.namelist():
            content = members.read(name)
            if name == "Disability.csv":
                content = b"Disability,LPTID,OrgCodeProvider\r\nQQ,P1,RZ1\r\n"
            archive.writestr(name, content)
    sheet = read(written(*verdict_on(turned, Context())))["Disability"]
    head = ["Row and rules", "Disability", "LPTID", "OrgCodeProvider"]
    assert [cell.value for cell in sheet[2]][:4] == head
    assert [cell.value for cell in sheet[3]][1:4] == ["QQ", "P1", "RZ1"]


def test_at_most_so_many_rows_and_said_so(tmp_path: Path) -> None:
    rows: Rows = {"Person": [{"LPTID": f"P{place}", "Gender": "7"} for place in range(8)]}
    rows["Person"][6]["LPTID"] = ""
    verdict, sent = checked(tmp_path, rows)
    book = read(written(verdict, sent, most=3))
    said = "Person: 3 of 8 rows with findings, what costs most first."
    assert said in text(book["About this copy"])
    assert said in text(book["Person"])
    first = [row[0].value.split(",")[0] for row in book["Person"].iter_rows(min_row=3)]
    assert first == ["row 7", "row 1", "row 2"]
    whole = read(written(verdict, sent))
    assert "Person: all 8 rows with findings." in text(whole["About this copy"])


def test_a_file_without_rows_to_show_says_so(tmp_path: Path) -> None:
    good = read(written(*checked(tmp_path, {"Person": [{}]})))
    assert good.sheetnames == ["About this copy"]
    assert "Nothing was found." in text(good["About this copy"])
    (tmp_path / "none.zip").write_bytes(b"%PDF-1.7")
    none = read(written(*verdict_on(tmp_path / "none.zip", Context())))
    assert "about the file as a whole" in text(none["About this copy"])


def test_what_was_sent_is_text(tmp_path: Path) -> None:
    rows: Rows = {"Person": [{"LPTID": "0007", "NHSNumber": "=HYPERLINK(1)", "Gender": "+1"}]}
    sheet = read(written(*checked(tmp_path, rows)))["Person"]
    cells = [cell for cell in sheet[3] if cell.value is not None]
    assert {"0007", "=HYPERLINK(1)", "+1"} <= {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_what_costs_most_is_chosen_whatever_its_place(tmp_path: Path) -> None:
    rows: Rows = {"Person": [{"LPTID": f"P{place}", "Gender": "7"} for place in range(6)]}
    rows["Person"][5]["LPTID"] = ""
    verdict, _ = checked(tmp_path, rows)
    found = [one for one in verdict.findings if one.table == "Person"]
    chosen, with_findings = annotated._chosen(found, 6, 2)
    assert (chosen.tolist(), with_findings) == ([6, 1], 6)
    assert chosen.dtype == np.int64
