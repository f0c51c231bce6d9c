"""Statistics as they are public: the figures of a stage after disclosure control.

What is shown is plain data, kept as it was released and read by any later version:

    {"policy": "portal",
     "exact": ["received", …],
     "figures": {"national": {"": {"received": [1234, null], "recovered": [90, "45.1"], …}},
                 "provider": {"RZ1": {"received": [45, null], "recovered": [null, null], …}, …},
                 "commissioner": {…}, …},
     "together": {"provider": ["RZ8", "RZ9"]},
     "coverage": {"2013-04": ["RZ1", "RZ8", "RZ9"], "2013-05": ["RZ1", …], …},
     "expected": {"2013-04": ["RZ1", "RZ8", "RZ9"], "2013-05": ["RZ1", …], …}}

A figure is its number and its rate (percent, as text), each null where it is left out and shown as
a star; a rate is null, too, where a figure has none. Where the rate is left out but a bound of it
can be told, a third place says how many percent it is at least: `[null, null, 90]`. `together`
names those that stand as one row named `together`, because one of them must not stand alone.
`exact` names the figures that are exact for the nation; everything else is rounded. `coverage`
names the providers that sent each month of the period, `expected` those that should have.
"""

from collections.abc import Collection
from typing import Any

from extracts import counting, disclosure, shielding
from extracts.figures import Place, figures
from extracts.linking import QUARTER
from extracts.models import FigureCount, Run
from extracts.remembering import remembered
from extracts.shielding import Shown, ShownFigures, ShownRow
from extracts.specification.breakdowns import NATIONAL, PROVIDER
from submissions.models.calendar import Kind

POLICY = disclosure.policies()["portal"]
Content = dict[str, Any]


def content(run: Run, stage: str, telling: Collection[Place] = ()) -> Content:
    """What is public of the statistics of a stage of a run, without what is `telling` elsewhere;
    `figures` is empty where nothing was counted."""
    shown = _shown(run, stage, telling)
    if stage == QUARTER and (month := _shown(run, str(Kind.REFRESH)))["figures"]:
        shown = _with_last_month(shown, month)
    return {
        "policy": POLICY.name,
        **shown,
        "together": {},
        "coverage": counting.coverage(run, stage),
        "expected": counting.expected(run, stage),
    }


def shown_of_providers(run: Run, stage: str) -> dict[str, dict[str, list[Any]]]:
    """By provider what `content` has of it; empty where nothing was counted."""
    found: dict[str, dict[str, list[Any]]] = _shown(run, stage)["figures"].get(PROVIDER, {})
    return found


def _with_last_month(quarter: Content, month: Content) -> Content:
    """A quarter with what is asked of its last month alone as it is shown of that month: these are
    the same counts, and two different choices of stars would tell together what each hides."""
    names = {one.name for one in figures() if one.is_of_last_month}
    shown = {
        by: {
            of: row
            | {
                name: month["figures"].get(by, {}).get(of, {}).get(name, [None, None])
                for name in row
                if name in names
            }
            for of, row in rows.items()
        }
        for by, rows in quarter["figures"].items()
    }
    exact = [name for name in quarter["exact"] if name not in names]
    return {"exact": exact + [name for name in month["exact"] if name in names], "figures": shown}


def _shown(run: Run, stage: str, telling: Collection[Place] = ()) -> Content:
    """What is shown of counts. Two hundred providers take some seconds, so that it is kept: for
    the checklist, and what is released after it."""
    counted = list(FigureCount.objects.filter(run=run, stage=stage).order_by("by", "of"))
    nation = next((one for one in counted if one.by == NATIONAL), None)
    if nation is None:
        return {"exact": [], "figures": {}}
    # A figure that was declared since was not counted.
    told = [figure for figure in figures() if figure.name in nation.figures]
    policy = POLICY.of_provisional() if stage == Kind.PRIMARY else POLICY
    breakdowns: dict[str, dict[str, dict[str, int]]] = {}
    for one in counted:
        if one.by != NATIONAL:
            breakdowns.setdefault(one.by, {})[one.of] = one.figures
    counts = nation.figures, nation.contributors, breakdowns
    return remembered(
        "statistics",
        [repr(policy), repr(told), *counts, sorted(telling)],
        lambda: _figures(shielding.shown_figures(told, policy, *counts, telling=telling)),
    )


def _figures(shown: ShownFigures) -> Content:
    by_row = {NATIONAL: {"": shown.national}} | shown.breakdowns
    plain = {by: {of: _plain(row) for of, row in rows.items()} for by, rows in by_row.items()}
    return {"exact": shown.exact, "figures": plain}


def _plain(row: ShownRow) -> dict[str, list[Any]]:
    return {name: _plain_figure(shown) for name, shown in row.items()}


def _plain_figure(shown: Shown) -> list[Any]:
    plain = [shown.number, None if shown.rate is None else str(shown.rate)]
    return plain if shown.at_least is None else [*plain, shown.at_least]
