"""The command: measures in a database of its own, one figure after another."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from bench.measures import MEASURES, Measure, measure


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./portal bench",
        description="Measure, each figure beside its floor. All of them take half an hour.",
        epilog="\n".join(f"{what.name:8} {_goal(what)}: {what.words}" for what in MEASURES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, help="rounds for each figure (default 5, at 1M 3)")
    parser.add_argument(
        "--nation",
        metavar="NOW,EARLIER",
        help="instead: a month of the country with so many appointments, and eleven before it",
    )
    parser.add_argument("--only", help="figures by commas: P2 for its quick size, or P2_1M")
    return parser.parse_args(words)


def said(what: Measure, told: dict[str, Any]) -> str:
    """A figure for people."""
    beside = told.get("with_preparing")
    more = f"; with preparing {beside}" if beside else ""
    return f"{what.name}: {told['ratio']} ({_goal(what)}; {what.words}{more})"


def _goal(what: Measure) -> str:
    return f"at {'least' if what.is_speed else 'most'} {what.goal}"


def chosen(only: str | None) -> list[Measure]:
    """The figures asked for, all without asking; raises SystemExit where one has no such name."""
    if only is None:
        return MEASURES
    named = {what.name: what for what in MEASURES}
    quick = {what.figure: what for what in reversed(MEASURES)}
    try:
        return [(named | quick)[name] for name in only.split(",")]
    except KeyError as unknown:
        raise SystemExit(f"No figure is called {unknown}: {', '.join(named)}") from None


@contextmanager
def own_database() -> Iterator[None]:
    """An empty database, whose name Django knows; gone afterwards."""
    from django.db import connection

    # Django says a word there that does not belong on standard output.
    with contextlib.redirect_stdout(sys.stderr):
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def empty() -> None:
    """The next figure begins with nothing."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        # Django's own clearing does not know it.
        cursor.execute("TRUNCATE identifying.local_key")
    call_command("flush", interactive=False, verbosity=0)


def main(words: list[str] | None = None) -> int:
    args = arguments(words)
    measures = chosen(args.only)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iapt_portal.settings")
    told = sys.stderr if args.json else sys.stdout
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        django.setup()
        from bench.preparing import APPOINTMENTS, prepared

        with own_database():
            if args.nation:
                from bench.nation import nation

                now, earlier = map(int, args.nation.split(","))
                print(json.dumps(nation(now, earlier, Path(folder)), indent=2))
                return 0
            for what in measures:
                bench = prepared(what.figure, what.size, Path(folder), APPOINTMENTS)
                figures[what.name] = measure(what, bench, args.rounds)
                empty()
                print(said(what, figures[what.name]), file=told, flush=True)
    if args.json:
        print(json.dumps(figures))
    return 0
