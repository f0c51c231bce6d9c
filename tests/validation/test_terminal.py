"""What somebody at a terminal reads."""

import io
import threading
from pathlib import Path

import pytest

from tests.validation.test_workbook import Rows, reported
from validation import terminal
from validation.terminal import CLEAR_LINE, Progress

# Narrower than this no table of counts is.
WIDTH_OF_THE_TABLE = 44
ROWS: Rows = {
    "Person": [
        *({"LPTID": "TWICE", "Gender": "7"} for _ in range(2)),
        *({"LPTID": f"P{place}", "Gender": "7"} for place in range(6)),
    ],
}


@pytest.mark.parametrize("columns", [40, 80, 110])
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, columns: int) -> None:
    said = terminal.readable(reported(tmp_path, ROWS), True, columns)
    assert max(map(len, said.splitlines())) <= max(columns, WIDTH_OF_THE_TABLE)


def test_counts_come_first_then_what_to_do_rule_by_rule(tmp_path: Path) -> None:
    said = terminal.readable(reported(tmp_path, ROWS), False, 80)
    order = [
        *("The file is accepted with findings", "Person", "What to do first"),
        *("P02 REJECT_ROW", "P21 WARN", "What rejects rows", "P02 Duplicate person record."),
        *("To do:", "Warnings: the rows are kept", "P21 Gender is not a valid code."),
        *("Person.Gender, 8 times: row 1 (line 2)", "and 5 more", "Not asked at the desk: F03"),
    ]
    places = [" ".join(said.split()).find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_every_place_where_it_was_asked_for(tmp_path: Path) -> None:
    said = terminal.readable(reported(tmp_path, ROWS), True, 80)
    assert "row 8 (line 9)" in " ".join(said.split())
    assert "more" not in said


def test_a_good_file_has_nothing_to_do(tmp_path: Path) -> None:
    said = terminal.readable(reported(tmp_path, {"Person": [{}]}), False, 80)
    assert "Every row stands" in said
    assert "What to do first" not in said


class Terminal(io.StringIO):
    """A stream that somebody looks at; `told` once something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.told.set()


def test_on_a_terminal_one_sees_what_goes_on_and_nothing_is_left_of_it() -> None:
    stream = Terminal()
    progress = Progress(stream, silent=0)
    progress.stage("Reading the file")
    with progress:
        assert stream.told.wait(60)
    assert "Reading the file (" in stream.getvalue()
    assert stream.getvalue().endswith(CLEAR_LINE)


def test_what_is_quick_and_what_nobody_looks_at_says_nothing() -> None:
    quick, file = Terminal(), io.StringIO()
    with Progress(quick, silent=3600) as progress:
        progress.stage("Reading the file")
    with Progress(file, silent=0) as progress:
        progress.stage("Reading the file")
    assert "Reading" not in quick.getvalue()
    assert file.getvalue() == ""
