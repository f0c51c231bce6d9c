"""A report as text for a terminal, and how far a check is."""

import shutil
import sys
import textwrap
import threading
import time
from typing import Self, TextIO

from validation.finding import Severity
from validation.report import Broken, Place, Report, Told

NARROW, WIDE = 40, 110
EXAMPLES = 3
HEADINGS = {
    Severity.REJECT_FILE: "What rejects the file",
    Severity.REJECT_ROW: "What rejects rows",
    Severity.WARN: "Warnings: the rows are kept",
}
# Somebody who waits longer wants to know for what.
SILENT_SECONDS = 1.0
CLEAR_LINE = "\r\033[K"


def width() -> int:
    """How wide text may be here."""
    return max(NARROW, min(shutil.get_terminal_size().columns, WIDE))


def readable(report: Report, every_finding: bool, columns: int) -> str:
    """The verdict: counts first, then what to do first, rule by rule with examples (or every
    place), in lines of at most `columns` characters."""
    lines = [*textwrap.wrap(report.message, columns), ""]
    if report.about:
        lines += [report.about, ""]
    if report.has_rows:
        lines += [*_tables(report), ""]
    broken = report.by_rule()
    if broken:
        lines += [*_counts(broken, columns), ""]
    for severity, heading in HEADINGS.items():
        if some := [one for one in broken if one.severity == severity]:
            lines += [heading, "-" * len(heading), ""]
            for one in some:
                lines += [*_rule(one, every_finding, columns), ""]
    if report.not_asked:
        said = f"Not asked at the desk: {', '.join(report.not_asked)}."
        lines += textwrap.wrap(said, columns)
    return "\n".join(lines).rstrip()


def _tables(report: Report) -> list[str]:
    lines = [f"{'Table':<14}{'received':>10}{'standing':>10}{'rejected':>10}"]
    for name, rows in report.tables.items():
        lines.append(f"{name:<14}{rows.received:>10,}{rows.standing:>10,}{rows.rejected:>10,}")
    return lines


def _counts(broken: list[Broken], columns: int) -> list[str]:
    lines = ["What to do first", ""]
    for one in broken:
        start = f"{one.code} {one.severity:<12}{one.count:>8,}  "
        lines.append(start + textwrap.shorten(one.sentence, columns - len(start), placeholder="…"))
    return lines


def _rule(broken: Broken, every_finding: bool, columns: int) -> list[str]:
    lines = textwrap.wrap(f"{broken.code} {broken.sentence}", columns)
    lines += _indented(f"To do: {broken.rule.advice}", columns)
    if broken.rule.is_consequence:
        lines += _indented("It follows from a fault elsewhere: mend that first.", columns)
    for told in broken.found:
        if said := _told(told, broken, None if every_finding else EXAMPLES):
            lines += _indented(said, columns)
    return lines


def _indented(words: str, columns: int) -> list[str]:
    return textwrap.wrap(words, columns, initial_indent="    ", subsequent_indent="      ")


def _told(told: Told, broken: Broken, most: int | None) -> str:
    """Column, how often, what exactly is wrong where the rule's line does not say it, and where."""
    shown = [said for place in told.places[:most] if (said := _place(place))]
    times = f", {told.count:,} times" if told.count > 1 else ""
    exactly = [told.words] if told.words != broken.sentence else []
    if more := told.count - len(shown) if shown else 0:
        shown.append(f"and {more:,} more")
    parts = [f"{told.where}{times}", *exactly, "; ".join(shown)]
    return ": ".join(part for part in parts if part)


def _place(place: Place) -> str:
    if place.row is None:
        return f"line {place.line}" if place.line else ""
    line = f" (line {place.line})" if place.line else ""
    other = f", see row {place.other_row}" if place.other_row else ""
    return f"row {place.row}{line}{other}"


class Progress:
    """Says on a terminal what is being done, once that has taken longer than a moment; nothing
    where nobody looks, and nothing is left of it afterwards."""

    def __init__(self, stream: TextIO | None = None, silent: float = SILENT_SECONDS):
        self._stream, self._silent = stream or sys.stderr, silent
        self._words, self._began = "", time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def stage(self, words: str) -> None:
        """What is done from now on."""
        self._words = words

    def _tell(self) -> None:
        wait = self._silent
        while not self._stop.wait(wait):
            wait = 0.2
            seconds = time.monotonic() - self._began
            self._stream.write(f"{CLEAR_LINE}{self._words} ({seconds:.0f} s)")
            self._stream.flush()

    def __enter__(self) -> Self:
        if self._stream.isatty():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
            self._stream.write(CLEAR_LINE)
            self._stream.flush()
