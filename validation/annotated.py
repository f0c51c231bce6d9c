"""An annotated copy: the sender's own rows that have findings, as they were sent, with the cells
that are wrong coloured and a comment on each that says why."""

import numpy as np
import numpy.typing as npt

from validation import dictionary, report, workbook
from validation.dataset import DATA_TABLES
from validation.engine import Verdict, severity
from validation.finding import Found, Severity
from validation.rule import RULEBOOK
from validation.sent import Sent, SentTable
from validation.workbook import Book, Sheet

ABOUT = "About this copy"
# Of each table; the rows that cost most come first.
MOST_ROWS = 5000
AUTHOR = "IAPT submission portal"
NO_ROWS = (
    "What was found is about the file as a whole and not about single rows, so there is no row to "
    "show. It stands in the workbook of findings."
)
# Below the number of lines that a comment holds without being opened wider.
LINE_HEIGHT, LINE_CHARACTERS, COMMENT_WIDTH = 20, 45, 320

# The findings of one row, by the place of their column in the sheet.
Marks = dict[int, list[tuple[Found, int]]]


def write(verdict: Verdict, sent: Sent | None, message: str, most: int = MOST_ROWS) -> bytes:
    """The annotated copy as a workbook of its own; `message` is the verdict in words."""
    book = Book()
    about = book.sheet(ABOUT)
    about.say(message, "title")
    shown = sheets(book, verdict, sent, most)
    for words in shown or [NO_ROWS if verdict.findings else workbook.NOTHING]:
        about.say(words)
    for style, words in (("REJECT_ROW", Severity.REJECT_ROW.cost), ("WARN", Severity.WARN.cost)):
        about.put(0, "", style)
        about.put(1, f"A cell of this colour: {words}")
        about.next_row += 1
    about.done()
    return book.content()


def sheets(book: Book, verdict: Verdict, sent: Sent | None, most: int = MOST_ROWS) -> list[str]:
    """A sheet for each table with findings in its rows; says of each what it shows."""
    if sent is None:
        return []
    version = verdict.header.version if verdict.header else ""
    shown = []
    for name in DATA_TABLES:
        found = [one for one in verdict.findings if one.table == name and len(one.rows)]
        if found:
            chosen, with_findings = _chosen(found, sent.tables[name].rows, most)
            words = f"{name}: {how_many(len(chosen), with_findings)}"
            table = sent.tables[name]
            _table(book.sheet(name), version, table, found, chosen=chosen, words=words)
            shown.append(words)
    return shown


def how_many(shown: int, with_findings: int) -> str:
    """In words, that all rows with findings are there, or how many of how many."""
    if shown == with_findings:
        return f"all {shown:,} rows with findings."
    return f"{shown:,} of {with_findings:,} rows with findings, what costs most first."


def _chosen(found: list[Found], rows: int, most: int) -> tuple[npt.NDArray[np.int64], int]:
    """The rows to show, what costs most first; and how many have findings."""
    ranks = sorted({report.order(one)[:2] for one in found})
    nothing = len(ranks)
    rank = np.full(rows + 1, nothing, dtype=np.int64)
    for one in found:
        mine = ranks.index(report.order(one)[:2])
        rank[one.rows] = np.minimum(rank[one.rows], mine)
    with_findings = np.flatnonzero(rank < nothing)
    by_cost = with_findings[np.argsort(rank[with_findings], kind="stable")]
    return by_cost[:most], len(with_findings)


def _table(
    sheet: Sheet,
    version: str,
    table: SentTable,
    found: list[Found],
    *,
    chosen: npt.NDArray[np.int64],
    words: str,
) -> None:
    columns = list(table.columns)
    marks = _marks(found, columns, chosen)
    sheet.say(words, "bold")
    sheet.head(["Row and rules", *columns])
    cells = [[report.cell(table, name, row) for name in columns] for row in chosen.tolist()]
    for row, texts in zip(chosen.tolist(), cells, strict=True):
        of_row = marks[row]
        for place, said in enumerate([_first(table, row, of_row), *texts]):
            here = of_row.get(place, [])
            style = str(min(severity(one) for one, _ in here)) if here else "cell"
            sheet.put(place, said, style)
            if here:
                _comment(sheet, place, [_words(version, one, other) for one, other in here])
        sheet.next_row += 1
    sheet.done(len(columns) + 1, {0: 40} | dict.fromkeys(range(1, len(columns) + 1), 24))


def _marks(
    found: list[Found], columns: list[str], chosen: npt.NDArray[np.int64]
) -> dict[int, Marks]:
    """The findings of each chosen row; what is about no column of it is about the row."""
    places = {name: place for place, name in enumerate(columns, 1)}
    marks: dict[int, Marks] = {row: {} for row in chosen.tolist()}
    for one in sorted(found, key=report.order):
        place = places.get(one.column or "", 0)
        for at in np.flatnonzero(np.isin(one.rows, chosen)).tolist():
            other = int(one.other_rows[at]) if one.other_rows is not None else 0
            marks[int(one.rows[at])].setdefault(place, []).append((one, other))
    return marks


def _first(table: SentTable, row: int, marks: Marks) -> str:
    """Row and line as the sender counts them, and the rules that were broken there."""
    line = f", line {table.lines[row - 1]}" if table.lines is not None else ""
    found = sorted((one for some in marks.values() for one, _ in some), key=report.order)
    rules = dict.fromkeys(one.rule for one in found)
    return f"row {row}{line}: {', '.join(rules)}"


def _words(version: str, found: Found, other: int) -> str:
    """What a comment says of one finding."""
    said = [f"{found.rule}: {report.sentence(found)} ({severity(found).cost})"]
    if other:
        said.append(f"See row {other}.")
    if permitted := dictionary.permitted(version, found.table or "", found.column or ""):
        said.append(f"Permitted: {permitted}.")
    said.append(f"What to do: {RULEBOOK[found.rule].advice}")
    return "\n".join(said)


def _comment(sheet: Sheet, place: int, findings: list[str]) -> None:
    words = workbook.text("\n\n".join(findings))
    lines = sum(1 + len(line) // LINE_CHARACTERS for line in words.split("\n"))
    size = {"width": COMMENT_WIDTH, "height": LINE_HEIGHT * (lines + 1)}
    sheet.sheet.write_comment(sheet.next_row, place, words, {"author": AUTHOR, **size})
