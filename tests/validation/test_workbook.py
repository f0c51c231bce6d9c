"""The workbook of findings, read back as another program reads it."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Read
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from tests.validation.drawing import completed
from validation import dictionary, report, workbook
from validation.desk import verdict_on
from validation.report import Report
from validation.rules.file import Context
from validation.writing import write_access, write_archive

Rows = dict[str, list[dict[str, str]]]


def reported(folder: Path, rows: Rows, form: str = "zip", most: int | None = None) -> Report:
    path = folder / f"sent.{form}"
    {"zip": write_archive, "mdb": write_access}[form](path, "1.0", completed(rows))
    verdict, sent = verdict_on(path, Context())
    return report.report(verdict, sent, most or report.KEPT_PER_RULE)


def read(content: bytes) -> Read:
    return load_workbook(io.BytesIO(content))


def table(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows below the head, by the names in the head."""
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(place for place, line in enumerate(lines) if "Rule" in line)
    return [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 :]]


def text(sheet: Worksheet) -> str:
    return " ".join(
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


FAULTY: Rows = {
    "Person": [
        {"LPTID": "0012", "Gender": "7"},
        {"LPTID": "=1+1", "NHSNumber": "0123456789"},
        {"LPTID": "0013", "Gender": "x"},
    ],
}


def test_a_finding_says_whose_record_where_what_and_what_to_do(tmp_path: Path) -> None:
    book = read(workbook.write(reported(tmp_path, FAULTY)))
    assert book.sheetnames == ["What to do first", "Counts by rule", "Findings"]
    found = table(book["Findings"])
    (first,) = [row for row in found if row["Your own key"] == "0012"]
    assert next(iter(first)) == "Your own key"
    assert (first["Table"], first["Row"], first["Line"]) == ("Person", 1, 2)
    assert (first["Column"], first["Value"], first["Rule"]) == ("Gender", "7", "P21")
    assert first["What is permitted"] == dictionary.permitted("1.0", "Person", "Gender")
    assert "1 (Male), 2 (Female)" in str(first["What is permitted"])
    assert first["What was found"] == "Gender is not a valid code."
    assert "data dictionary's list" in str(first["What to do"])
    assert first["What it costs"] == "a warning; the row is kept"


def test_rows_are_as_high_as_their_words(tmp_path: Path) -> None:
    sheet = read(workbook.write(reported(tmp_path, FAULTY)))["Counts by rule"]
    for row in sheet.iter_rows(min_row=2):
        height = sheet.row_dimensions[row[0].row].height or workbook.LINE_HEIGHT
        longest = max(len(str(cell.value or "")) for cell in row)
        assert height >= workbook.LINE_HEIGHT * longest / 60
    assert any(sheet.row_dimensions[row].height for row in range(2, sheet.max_row + 1))


def test_what_was_sent_is_text_and_neither_number_nor_formula_nor_link(tmp_path: Path) -> None:
    rows = {
        "Person": [
            {"LPTID": f"{place:04}", "Gender": gender}
            for place, gender in enumerate(["7", "=1+1", "+9", "@A1", "https://x.example", "1e5"])
        ]
    }
    sheet = read(workbook.write(reported(tmp_path, rows)))["Findings"]
    cells = [cell for row in sheet.iter_rows(min_row=3) for cell in (row[0], row[5])]
    assert {"0003", "=1+1", "https://x.example", "1e5"} <= {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.number_format == "@" for cell in cells)
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_what_costs_most_is_to_be_done_first_and_causes_before_what_follows(tmp_path: Path) -> None:
    rows: Rows = {
        "Person": [{"LPTID": ""}, {"LPTID": "P2"}, {"LPTID": "P3", "Gender": "7"}],
        "Referral": [{"LPTID": "P9", "ServiceID": f"S{place}"} for place in range(4)]
        + [{"LPTID": "P2", "ServiceID": "T2"}, {"LPTID": "P3", "ServiceID": "T3"}],
    }
    book = read(workbook.write(reported(tmp_path, rows)))
    told = [(row["Rule"], row["How often"]) for row in table(book["What to do first"])][:3]
    assert told == [("P01", 1), ("R01", 4), ("P21", 1)]
    assert "5 rows are rejected, 1 warning" in text(book["What to do first"])
    costs = {row["Rule"]: row["What it costs"] for row in table(book["Counts by rule"])}
    assert costs["P01"] == "the row is rejected"
    assert costs["R01"] == "the row is rejected; follows from a fault elsewhere"


def test_counts_are_exact_where_not_every_finding_is_listed(tmp_path: Path) -> None:
    rows = {"Person": [{"LPTID": f"P{place}", "Gender": "7"} for place in range(9)]}
    book = read(workbook.write(reported(tmp_path, rows, most=4)))
    (counted,) = table(book["Counts by rule"])
    assert (counted["How often"], counted["Listed"]) == (9, 4)
    assert "Not every finding is listed. Listed are: of P21 4 of 9." in text(book["Findings"])
    assert len(table(book["Findings"])) == 4
    whole = read(workbook.write(reported(tmp_path, rows)))
    assert "Every finding is listed." in text(whole["Findings"])


def test_a_thousand_of_each_rule_are_listed(tmp_path: Path) -> None:
    rows = {
        "Person": [{"LPTID": f"P{place}", "Gender": "7", "NHSNumber": ""} for place in range(1100)]
    }
    found = reported(tmp_path, rows)
    assert {one.code: (one.listed, one.count) for one in found.by_rule()} == {
        **{"P10": (1000, 1100), "P21": (1000, 1100)}
    }


def test_a_file_without_findings_says_so_on_every_sheet(tmp_path: Path) -> None:
    book = read(workbook.write(reported(tmp_path, {"Person": [{}]})))
    for sheet in book:
        assert "Nothing was found" in text(sheet)


def test_a_rejected_file_says_why_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "sent.zip"
    path.write_bytes(b"%PDF-1.7")
    verdict, sent = verdict_on(path, Context())
    assert sent is None
    book = read(workbook.write(report.report(verdict, sent)))
    assert text(book["What to do first"]).startswith("The file is rejected.")
    (found,) = table(book["Findings"])
    assert (found["Rule"], found["What it costs"]) == ("F01", "the file is rejected")


def test_rows_of_a_rejected_file_are_told_by_their_keys(tmp_path: Path) -> None:
    found = reported(tmp_path, {"Person": [{"LPTID": "A#1"}]})
    assert found.outcome == "rejected"
    (told,) = [one for one in found.found if one.rule == "P05"]
    assert [(place.key, place.value) for place in told.places] == [("A#1", "A#1")]


def test_a_database_has_no_lines(tmp_path: Path) -> None:
    found = table(read(workbook.write(reported(tmp_path, FAULTY, "mdb")))["Findings"])
    assert {row["Line"] for row in found} == {None}
    assert {row["Row"] for row in found} == {1, 2, 3}


def test_columns_are_wide_enough_and_the_head_stays_and_filters(tmp_path: Path) -> None:
    rows = {"Person": [{"LPTID": "LONG/IDENTIFIER-01", "Gender": "7"}]}
    book = read(workbook.write(reported(tmp_path, rows)))
    sheet = book["Findings"]
    assert sheet.column_dimensions["A"].width >= len("LONG/IDENTIFIER-01")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B3", "A2:L3")
    assert sheet.print_title_rows == "$2:$2"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert book["Counts by rule"].freeze_panes == "B2"


def test_a_rule_links_to_its_page_where_there_is_one(tmp_path: Path) -> None:
    pages = {"P21": "https://portal.example/rules/P21/"}
    book = read(workbook.write(reported(tmp_path, FAULTY), pages.get))
    links = {
        row[0].value: row[9].hyperlink.target if row[9].hyperlink else None
        for row in book["Counts by rule"].iter_rows(min_row=2)
    }
    assert set(links) > {"P21"}
    assert {code: page for code, page in links.items() if page} == pages


def test_a_report_comes_back_from_json_as_it_was(tmp_path: Path) -> None:
    found = reported(tmp_path, FAULTY)
    assert found.found
    assert report.from_json(found.as_json()) == found


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_back_as_it_was(words: str) -> None:
    book = workbook.Book()
    sheet = book.sheet("Any")
    sheet.row([words, "end"])
    sheet.done()
    value = unescape(read(book.content())["Any"]["A1"].value or "")
    # What no XML file may hold has a sign in its place.
    held = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", words)
    assert value == held


def test_no_cell_is_longer_than_one_can_read() -> None:
    assert len(workbook.text("x" * 40_000)) == workbook.LONGEST


@pytest.mark.parametrize("version", ["1.0", "1.0P", ""])
def test_what_is_permitted_is_said_of_every_column(version: str) -> None:
    for entry in dictionary.entries():
        if version in {*entry.column.versions, ""}:
            said = dictionary.permitted(version, entry.column.table, entry.column.name)
            assert said, entry.place
            assert "below" not in said, entry.place
            assert len(said) < 1000, entry.place
    assert dictionary.permitted(version, "Person", "Surname") == ""
    assert dictionary.permitted(version, "Friends", "Name") == ""
