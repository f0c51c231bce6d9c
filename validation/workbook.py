"""A report as an Excel workbook: what to do first, counts by rule, findings with their places.

Whatever was sent is written as text: no spreadsheet makes a number of an identifier, nor a formula
or a link of a value.
"""

import io
import re
import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from validation import dictionary
from validation.engine import REJECTED
from validation.report import Broken, Place, Report, Told

# rule code -> the address of the page about it; None where there is none.
Address = Callable[[str], str | None]

FIRST, COUNTS, FINDINGS = "What to do first", "Counts by rule", "Findings"
# Excel's own limit for a cell is 32,767; nothing that long can be read in one.
LONGEST = 4000
NARROWEST, WIDEST = 6, 60
# A line of words goes over so many columns, and holds so many characters.
LAST_OF_LINE, LINE = 5, 100
LINE_HEIGHT = 15
# The most that Excel allows a row.
TALLEST = 409
A4 = 9
NOTHING = "Nothing was found."
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# As the marks of an annotated copy.
COLOURS = {"REJECT_FILE": "#F4B6B0", "REJECT_ROW": "#F4B6B0", "WARN": "#FFEB99"}

Cell = str | int | Decimal | None


def no_page(code: str) -> str | None:
    """Rules have no page where this workbook is read."""
    return None


def text(words: str) -> str:
    """As it may stand in a cell: not too long, and without what no XML file may hold."""
    whole = NOT_IN_XML.sub("\ufffd", words)
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


class Sheet:
    """A sheet that is filled from the top, row after row."""

    def __init__(self, book: "Book", name: str):
        self.book = book
        self.sheet: Worksheet = book.workbook.add_worksheet(name)
        self.next_row = 0
        self._widths: dict[int, int] = {}
        # Row, column and words of cells that go on in a second line.
        self._wrapped: list[tuple[int, int, str]] = []

    def say(self, words: str, style: str = "plain") -> None:
        """A line, or as many as it takes, over the first columns."""
        lines = -(-len(words) // LINE)
        form = self.book.styles[style]
        self.sheet.merge_range(self.next_row, 0, self.next_row, LAST_OF_LINE, "", form)
        self.sheet.write_string(self.next_row, 0, text(words), form)
        self.sheet.set_row(self.next_row, min((4 + form.font_size * 1.2) * lines, TALLEST))
        self.next_row += 1

    def head(self, names: Sequence[str], *, frozen: bool = True) -> None:
        """The names of the columns; they stay in sight, and are printed on each page."""
        self._first = self.next_row
        self.row(names, "head")
        if frozen:
            self.sheet.freeze_panes(self.next_row, 1)
            self.sheet.repeat_rows(self._first)

    def row(self, cells: Sequence[Cell], style: str = "cell") -> None:
        """A number is written as a number, everything else as text."""
        for place, cell in enumerate(cells):
            self.put(place, cell, style)
        self.next_row += 1

    def put(self, place: int, cell: Cell, style: str = "cell") -> None:
        """One cell of the row that comes next."""
        form = self.book.styles[style]
        if isinstance(cell, int | Decimal):
            number = self.book.styles["number" if isinstance(cell, int) else "decimal"]
            self.sheet.write_number(self.next_row, place, cell, number)
        elif cell or style != "cell":
            self.sheet.write_string(self.next_row, place, text(cell or ""), form)
        if cell and style == "wrapped":
            self._wrapped.append((self.next_row, place, str(cell)))
        longest = max(map(len, str(cell).split("\n"))) if cell is not None else 0
        self._widths[place] = max(self._widths.get(place, 0), longest)

    def done(self, columns: int = 0, widest: dict[int, int] | None = None) -> None:
        """Columns as wide as what stands in them, up to `widest`; filters over `columns` below the
        head; fit for printing."""
        widths = {
            place: min(max(width + 2, NARROWEST), (widest or {}).get(place, WIDEST))
            for place, width in self._widths.items()
        }
        for place, width in widths.items():
            self.sheet.set_column(place, place, width)
        self._heighten(widths)
        if columns:
            self.sheet.autofilter(self._first, 0, max(self.next_row - 1, self._first), columns - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&A&RPage &P of &N")

    def _heighten(self, widths: dict[int, int]) -> None:
        """Rows as high as their words take: not every spreadsheet sees to that itself."""
        lines: dict[int, int] = {}
        for row, place, words in self._wrapped:
            taken = len(textwrap.wrap(words, widths[place] - 2, break_on_hyphens=False))
            lines[row] = max(lines.get(row, 1), taken)
        for row, count in lines.items():
            if count > 1:
                self.sheet.set_row(row, min(LINE_HEIGHT * count, TALLEST))


class Book:
    """A workbook in the making, with the styles that its sheets share; it says that it was made
    now, or at `made_at`."""

    def __init__(self, made_at: datetime | None = None) -> None:
        self._bytes = io.BytesIO()
        options: dict[str, Any] = {
            # What was sent touches no disk in clear.
            "in_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self.workbook = Workbook(self._bytes, options)
        if made_at:
            self.workbook.set_properties({"created": made_at})
        self.styles: dict[str, Format] = {name: self._style(form) for name, form in STYLES.items()}

    def _style(self, form: dict[str, Any]) -> Format:
        return self.workbook.add_format({"valign": "top", **form})

    def sheet(self, name: str) -> Sheet:
        return Sheet(self, name)

    def content(self) -> bytes:
        """The finished workbook."""
        self.workbook.close()
        return self._bytes.getvalue()


TEXT = {"num_format": "@"}
STYLES: dict[str, dict[str, Any]] = {
    "plain": {"text_wrap": True},
    "title": {"bold": True, "font_size": 14, "text_wrap": True},
    "bold": {"bold": True, "text_wrap": True},
    "head": {"bold": True, "bg_color": "#D8DDE0", "border": 1, "text_wrap": True},
    "cell": TEXT,
    "wrapped": {**TEXT, "text_wrap": True},
    "number": {"num_format": "#,##0"},
    "decimal": {"num_format": "General"},
    "link": {"font_color": "#005EB8", "underline": 1},
    **{name: {**TEXT, "bg_color": colour} for name, colour in COLOURS.items()},
}


def write(report: Report, address: Address = no_page) -> bytes:
    """The workbook of a report."""
    book = Book()
    sheets(book, report, address)
    return book.content()


def sheets(book: Book, report: Report, address: Address = no_page) -> None:
    """The three sheets of a report."""
    _first(book.sheet(FIRST), report)
    _counts(book.sheet(COUNTS), report, address)
    _findings(book.sheet(FINDINGS), report)


def nothing(report: Report) -> str:
    """What stands in place of an empty table."""
    return NOTHING if report.outcome == REJECTED else f"{NOTHING} Every row stands."


def _first(sheet: Sheet, report: Report) -> None:
    sheet.say(report.message, "title")
    if report.about:
        sheet.say(report.about)
    if report.has_rows:
        sheet.next_row += 1
        sheet.head(["Table", "Received", "Standing", "Rejected"], frozen=False)
        for name, rows in report.tables.items():
            sheet.row([name, rows.received, rows.standing, rows.rejected])
    sheet.next_row += 1
    broken = report.by_rule()
    if not broken:
        sheet.say(nothing(report), "bold")
    else:
        sheet.head(
            ["Rule", "How often", "What it costs", "Where", "What was found", "What to do"],
            frozen=False,
        )
        for one in broken:
            words = [one.cost, one.where, one.sentence, one.rule.advice]
            sheet.put(0, one.code, str(one.severity))
            sheet.put(1, one.count)
            for place, said in enumerate(words, 2):
                sheet.put(place, said, "wrapped")
            sheet.next_row += 1
    if report.not_asked:
        sheet.next_row += 1
        sheet.say(f"Rules that were not asked: {', '.join(report.not_asked)}.")
    sheet.done(widest={2: 28, 3: 40, 4: 50, 5: 70})


def _counts(sheet: Sheet, report: Report, address: Address) -> None:
    if not report.found:
        sheet.say(nothing(report), "bold")
        sheet.done()
        return
    heads = ["Rule", "What it costs", "What was found", "Table", "Column", "How often", "Listed"]
    heads += ["What is permitted", "What to do"]
    has_pages = any(address(one.rule) for one in report.found)
    sheet.head([*heads, "About the rule"] if has_pages else heads)
    for broken in report.by_rule():
        for one in broken.found:
            sheet.put(0, one.rule, one.severity)
            sheet.put(1, broken.cost, "wrapped")
            sheet.put(2, one.sentence, "wrapped")
            sheet.put(3, one.table)
            sheet.put(4, one.column)
            sheet.put(5, one.count)
            sheet.put(6, len(one.listed))
            sheet.put(7, _permitted(report, one), "wrapped")
            sheet.put(8, broken.rule.advice, "wrapped")
            page = address(one.rule)
            if page:
                sheet.sheet.write_url(sheet.next_row, 9, page, sheet.book.styles["link"], "Open")
            sheet.next_row += 1
    sheet.done(len(heads) + has_pages, {1: 28, 2: 50})


def _permitted(report: Report, one: Told) -> str:
    return dictionary.permitted(report.dataset_version, one.table, one.column)


HEADS = [
    *("Your own key", "Table", "Row", "Line", "Column", "Value", "What is permitted", "Rule"),
    *("What it costs", "What was found", "What to do", "See row"),
]


def _findings(sheet: Sheet, report: Report) -> None:
    broken = report.by_rule()
    if not broken:
        sheet.say(nothing(report), "bold")
        sheet.done()
        return
    sheet.say(how_many(broken), "bold")
    sheet.head(HEADS)
    for one in broken:
        for told in one.found:
            same = _permitted(report, told), told.rule, one.cost, told.sentence, one.rule.advice
            for place in told.listed:
                sheet.row(_finding(told, place, same))
    sheet.done(len(HEADS), {0: 40, 5: 30, 6: 40, 9: 70, 10: 70})


def _finding(told: Told, place: Place, same: Sequence[str]) -> list[Cell]:
    where = [place.key, told.table, place.row, place.line, told.column, place.value]
    return [*where, *same, place.other_row]


def how_many(broken: list[Broken]) -> str:
    """That all findings are listed, or of which rules how many of how many."""
    cut = [one for one in broken if one.listed < one.count]
    if not cut:
        return "Every finding is listed."
    several = "; ".join(f"of {one.code} {one.listed:,} of {one.count:,}" for one in cut)
    return f"Not every finding is listed. Listed are: {several}."
