"""How a run differs from the one before it of the same window: rows and main figures of each
extract, from what is stored beside the extracts."""

from typing import NamedTuple

from extracts.figures import main_figures
from extracts.models import Extract, Run
from extracts.specification import TABLES


class Change(NamedTuple):
    """A number of an extract before and now; None where there is no such extract or number."""

    name: str
    before: int | None
    now: int | None


class Differing(NamedTuple):
    """An extract, and its numbers that differ."""

    extract: Extract
    changes: list[Change]


class Difference(NamedTuple):
    """Two runs beside each other."""

    before: Run
    differing: list[Differing]
    alike: int


def from_the_run_before(run: Run) -> Difference | None:
    """None while the run is not done, and where there is none before it."""
    done = run.window.runs.filter(status=Run.Status.DONE)
    before = done.filter(id__lt=run.id).first()
    if before is None or not done.filter(id=run.id).exists():
        return None
    was, now = _extracts(before), _extracts(run)
    compared = [
        Differing(now.get(key) or was[key], _changes(was.get(key), now.get(key)))
        for key in sorted({*was, *now})
    ]
    differing = [one for one in compared if one.changes]
    return Difference(before, differing, len(compared) - len(differing))


def _extracts(run: Run) -> dict[tuple[str, str], Extract]:
    found = run.extracts.select_related("recipient", "run")
    return {(extract.code, extract.stage): extract for extract in found}


def _changes(was: Extract | None, now: Extract | None) -> list[Change]:
    """Of one that is made in one run alone its rows say enough."""
    before, after = _numbers(was), _numbers(now)
    return [
        Change(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ][: None if was and now else len(TABLES)]


def _numbers(extract: Extract | None) -> dict[str, int]:
    """Rows by table, then main figures, by the words for each, in their own order."""
    if extract is None:
        return {}
    rows = {f"{table} rows": extract.rows[table] for table in TABLES}
    counted = {one.title: extract.figures.get(one.name) for one in main_figures()}
    return rows | {title: number for title, number in counted.items() if number is not None}
