"""All findings of a submission as a CSV file for a spreadsheet, written line by line.

Cells are made inert as OWASP advises against formula injection: an apostrophe before what begins
like a formula. The same apostrophe keeps identifiers and values that a spreadsheet would take for
numbers or dates (`007`, `1-2`, `31/02/2013`) as they were sent.
"""

import csv
import re
from collections.abc import Iterator

from submissions.finding_lists import FindingList
from submissions.finding_pages import ByRule, Place, Told

# What the file begins with, so that a spreadsheet knows its encoding.
BOM = "\ufeff"
COLUMNS = (
    *("Your record", "Rule", "What it costs", "Table", "Row", "Line", "Column", "Value"),
    *("What is wrong", "What is permitted", "What to do", "See row"),
)
AT_ONCE = 2_000
# What begins like a formula (full-width signs too), a number, or a date (`SEPT2`).
_TAKEN_AMISS = re.compile(
    r"[\s=+\-@＝＋－＠]|[.,]?\d|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s./-]?\d",
    re.IGNORECASE,
)


def inert(text: str) -> str:
    """A cell that stays the text it is."""
    return f"'{text}" if _TAKEN_AMISS.match(text) else text


class _Line:
    """What the csv module writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def lines(found: FindingList, every: list[Told]) -> Iterator[str]:
    """The file, a few thousand lines at a time."""
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(COLUMNS)
    by_rule = ByRule(found, every, with_records=True)
    for one in every:
        cells = _Cells(one)
        for first in range(0, one.listed.count, AT_ONCE):
            places = by_rule.places(one, first, min(first + AT_ONCE, one.listed.count))
            yield "".join(writer.writerow(cells.of(place)) for place in places)


class _Cells:
    """The cells of a finding: most are the same at each of its places."""

    def __init__(self, one: Told):
        self._before = one.code, one.cost.tag, inert(one.listed.table)
        self._column = inert(one.listed.column)
        permitted = one.entry.permitted if one.entry else ""
        self._after = inert(one.sentence), permitted, one.advice

    def of(self, place: Place) -> tuple[str | int | None, ...]:
        where = (place.row, place.line, self._column, inert(place.value))
        return inert(place.key), *self._before, *where, *self._after, place.other_row
