"""The words of `./portal sample`."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from validation.dataset import VERSIONS
from validation.sample.month import MOST_APPOINTMENTS, Asked
from validation.sample.planting import MOST_PERCENT
from validation.sample.submission import WRITERS, write

PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
DEFAULTS = vars(Asked())


def arguments(words: list[str] | None = None) -> tuple[Path, Asked]:
    parser = argparse.ArgumentParser(
        prog="./portal sample",
        description="Make a submission of invented patients, and beside it expected.json: "
        "what a check of it counts.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the file is made")
    parser.add_argument("--appointments", type=_appointments, help="rows of that table")
    parser.add_argument("--errors", type=_percent, help="rows with a planted fault, in percent")
    parser.add_argument("--form", choices=list(WRITERS), help="zip of CSV files, or Access")
    parser.add_argument("--provider", type=_organisation(6), help="its ODS code")
    parser.add_argument(
        "--commissioner",
        dest="commissioners",
        type=_organisation(5),
        action="append",
        help="may be given several times; referrals are spread over them (91A if none is given)",
    )
    parser.add_argument("--period", type=_period, help="year and month")
    parser.add_argument("--version", choices=VERSIONS, help="of the data set")
    parser.add_argument("--seed", type=int, help="the same number, the same people")
    parser.set_defaults(**{**DEFAULTS, "commissioners": None})
    given = vars(parser.parse_args(words))
    given["commissioners"] = tuple(given["commissioners"] or DEFAULTS["commissioners"])
    return given.pop("folder"), Asked(**given)


def _appointments(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_APPOINTMENTS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_APPOINTMENTS}")
    return number


def _percent(text: str) -> float:
    percent = float(text)
    if not 0 <= percent <= MOST_PERCENT:
        raise argparse.ArgumentTypeError(f"from 0 to {MOST_PERCENT}")
    return percent


def _organisation(longest: int) -> Callable[[str], str]:
    def code(text: str) -> str:
        if not re.fullmatch(f"[A-Za-z0-9]{{3,{longest}}}", text):
            raise argparse.ArgumentTypeError(f"an ODS code has 3 to {longest} letters and digits")
        return text.upper()

    return code


def _period(text: str) -> str:
    if not PERIOD.fullmatch(text):
        raise argparse.ArgumentTypeError("year and month from 2000 on, such as 2013-04")
    return text


def main(words: list[str] | None = None) -> int:
    folder, asked = arguments(words)
    try:
        path = write(folder, asked)
    except OSError as error:
        print(f"Cannot write in {folder}: {error.strerror}.", file=sys.stderr)
        return 1
    print(path)
    return 0
