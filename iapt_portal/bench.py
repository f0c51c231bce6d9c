"""`./portal bench`: speed as a ratio to a floor taken in the same run, never as seconds.

The floor of loading: COPY of the ready-made pseudonymised CSV of the same rows into the same
logged, typed tables, then their primary keys; no Python work. That of extracts: COPY of their
ready-made rows to CSV. That of deriving: a month of one twelfth of the size.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import django

APPOINTMENTS = {"60k": 60_000, "1M": 1_000_000}
ROUNDS = {"60k": 5, "1M": 3}


@dataclass(frozen=True)
class Measure:
    """One figure: its goal, and what measures floor and ours once."""

    name: str
    goal: float
    size: str

    @property
    def figure(self) -> str:
        """What is measured, whatever its size: `P2`."""
        return self.name.partition("_")[0]


MEASURES = [
    Measure("P2_60k", 3.3, "60k"),
    Measure("P2_1M", 2.8, "1M"),
    Measure("P10_60k", 1.15, "60k"),
    Measure("P11_60k", 1.5, "60k"),
    Measure("P12_60k", 14, "60k"),
]


class Bench(Protocol):
    """Something that was prepared, and can be measured again and again, in seconds."""

    def ours(self) -> float: ...

    def floor(self) -> float: ...


def prepared(what: Measure, folder: Path) -> Bench:
    """What a figure needs before it can be measured; once Django is set up."""
    from iapt_portal.bench_extracts import RECIPIENTS, Deriving, Extracts
    from iapt_portal.bench_loading import Loading

    appointments = APPOINTMENTS[what.size]
    match what.figure:
        case "P10":
            return Extracts(appointments, folder)
        case "P11":
            return Extracts(appointments, folder, RECIPIENTS)
        case "P12":
            return Deriving(appointments, folder)
        case _:
            return Loading(appointments, folder)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./portal bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, help="rounds for each figure (default 5, large 3)")
    parser.add_argument("--only", help="figures by the beginning of their name, as P2 or P2_60k")
    return parser.parse_args(words)


def chosen(only: str | None) -> list[Measure]:
    """The figures asked for; raises SystemExit when none has that name."""
    names = only.split(",") if only else ["P2_60k"]
    found = [measure for measure in MEASURES if any(_is(measure.name, name) for name in names)]
    if not found:
        raise SystemExit(f"No figure is called {only}: " + ", ".join(m.name for m in MEASURES))
    return found


def _is(name: str, asked: str) -> bool:
    # `P2` alone means the quick size; the large one is asked for by its whole name.
    return name in {asked, f"{asked}_60k"}


def measure(what: Measure, rounds: int | None) -> dict[str, Any]:
    """Floor and ours in turn, one round first that does not count."""
    with tempfile.TemporaryDirectory() as folder:
        bench = prepared(what, Path(folder))
        bench.ours()
        bench.floor()
        times: dict[str, list[float]] = {"floor_s": [], "ours_s": []}
        for _ in range(rounds or ROUNDS[what.size]):
            times["ours_s"].append(_rounded(bench.ours))
            times["floor_s"].append(_rounded(bench.floor))
    ratio = statistics.median(times["ours_s"]) / statistics.median(times["floor_s"])
    return {"ratio": round(ratio, 2), "goal": what.goal, **times}


def _rounded(run: Callable[[], float]) -> float:
    return round(run(), 4)


def main(words: list[str] | None = None) -> int:
    args = arguments(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iapt_portal.settings")
    measures = chosen(args.only)
    django.setup()
    from django.db import connection

    # Django says a word there that does not belong on standard output.
    with contextlib.redirect_stdout(sys.stderr):
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        figures = {what.name: measure(what, args.rounds) for what in measures}
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    if args.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name}: {figure['ratio']} × the floor (goal {figure['goal']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
