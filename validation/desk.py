"""The desk checker: a content verdict on a file, without database or services."""

import argparse
import json
import os
import re
import sys
from pathlib import Path

from validation import annotated, report, terminal, workbook
from validation.engine import REJECTED, Verdict, check, unreadable
from validation.finding import Found
from validation.reading import read
from validation.rules.file import Context
from validation.sent import Arrived, CannotCheck, Sent, SentTable, Unreadable, ignored
from validation.terminal import Progress
from validation.values import ORGANISATION

ACCEPTED_EXIT, REJECTED_EXIT, NOT_CHECKED_EXIT = 0, 1, 2
PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./portal check", description="Check a submission at your desk. Nothing is sent."
    )
    parser.add_argument("file", type=Path, help="an Access database or a zip of CSV files")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--all", action="store_true", help="list every finding")
    parser.add_argument("--period", help="the month the file should be of, as 2013-04")
    parser.add_argument(
        "--organisations",
        type=Path,
        help="codes that are known: a list of ODS, or the portal's own for the month",
    )
    parser.add_argument(
        "--excel", type=Path, metavar="OUT", help="write findings and marked rows to a workbook"
    )
    return parser.parse_args(words)


def organisations(path: Path) -> frozenset[str]:
    """The codes in the first column of a CSV without a header: a list as ODS publishes it, or the
    portal's own of the organisations known in a month. Raises CannotCheck where it holds none."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    first = (line.split(",")[0].strip().strip('"').upper() for line in text.splitlines())
    codes = frozenset(code for code in first if ORGANISATION.fullmatch(code))
    if not codes:
        raise CannotCheck(f"{path.name} is no list of organisations: no line begins with a code.")
    return codes


def context_of(args: argparse.Namespace) -> Context:
    if args.period is not None and not PERIOD.fullmatch(args.period):
        raise CannotCheck("Give the period as year and month, such as 2013-04.")
    try:
        known = organisations(args.organisations) if args.organisations else None
    except OSError as error:
        raise CannotCheck(f"Cannot read {args.organisations}: {error.strerror}.") from error
    return Context(period=args.period, organisations=known)


def verdict_on(
    path: Path, context: Context, arrived: Arrived = ignored
) -> tuple[Verdict, Sent | None]:
    """Tells `arrived` of each table. Raises CannotCheck where nothing can be said about the
    file."""
    if path.exists() and not path.is_file():
        raise CannotCheck(f"{path.name} is not a file.")
    try:
        sent = read(path, arrived=arrived)
    except Unreadable as error:
        found = Found("F01", error.table, words=error.words, line=error.line)
        return unreadable(found, context), None
    except OSError as error:
        raise CannotCheck(f"Cannot read {path.name}: {error.strerror}.") from error
    except MemoryError as error:
        raise CannotCheck("There is not enough memory here to check this file.") from error
    return check(sent, context), sent


def not_checked(words: str) -> dict[str, object]:
    """The JSON object for a file that could not be checked."""
    return {
        "outcome": None,
        "message": words,
        "dataset_version": None,
        "provider": None,
        "period": None,
        "tables": {},
        "counts": {},
        "findings": [],
        "not_asked": [],
    }


def answer(args: argparse.Namespace) -> tuple[str, int]:
    """What is printed, and the exit code."""
    try:
        with Progress() as progress:
            verdict, sent = _checked(args, progress)
            if args.excel:
                progress.stage("Writing the workbook")
                write_workbook(args.excel, verdict, sent, of=args.file)
        said = _said(args, verdict, sent)
    except CannotCheck as error:
        return _not_checked(str(error), args.json)
    except Exception as error:  # noqa: BLE001 (our fault is never a verdict on the file)
        words = f"The check itself went wrong ({type(error).__name__}). The file may be right."
        return _not_checked(words, args.json)
    return said, REJECTED_EXIT if verdict.outcome == REJECTED else ACCEPTED_EXIT


def _checked(args: argparse.Namespace, progress: Progress) -> tuple[Verdict, Sent | None]:
    def arrived(table: SentTable) -> None:
        progress.stage(f"Read {table.name}, {table.rows:,} rows")

    progress.stage("Reading the file")
    return verdict_on(args.file, context_of(args), arrived)


def _said(args: argparse.Namespace, verdict: Verdict, sent: Sent | None) -> str:
    if args.json:
        return json.dumps(report.as_data(verdict, sent, args.all))
    told = report.report(verdict, sent, None if args.all else report.KEPT_PER_RULE)
    said = terminal.readable(told, args.all, terminal.width())
    return f"{said}\n\nWritten: {args.excel}" if args.excel else said


def write_workbook(out: Path, verdict: Verdict, sent: Sent | None, *, of: Path) -> None:
    """One workbook with the report and the sender's rows that have findings. Raises CannotCheck
    where it cannot be written."""
    book = workbook.Book()
    workbook.sheets(book, report.report(verdict, sent))
    annotated.sheets(book, verdict, sent)
    content = book.content()
    try:
        if out.exists() and out.samefile(of):
            raise CannotCheck(f"{out} is the file that is checked. Choose another name.")
        out.write_bytes(content)
    except OSError as error:
        raise CannotCheck(f"Cannot write {out}: {error.strerror}.") from error


def _not_checked(words: str, as_json: bool) -> tuple[str, int]:
    return json.dumps(not_checked(words)) if as_json else words, NOT_CHECKED_EXIT


def main(words: list[str] | None = None) -> int:
    said, exit_code = answer(arguments(words))
    try:
        print(said, flush=True)
    except OSError:
        # Nobody reads it any more, or there is no room: what was not said is no verdict.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (until we end)
        return NOT_CHECKED_EXIT
    return exit_code
