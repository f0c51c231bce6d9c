"""Statistics as they are public: the figures of a stage after disclosure control.

What is shown is plain data, kept as it was released and read by any later version:

    {"policy": "portal",
     "exact": ["received", …],
     "figures": {"national": {"": {"received": [1234, null], "recovered": [90, "45.1"], …}},
                 "provider": {"RZ1": {"received": [45, null], "recovered": [null, null], …}, …},
                 "commissioner": {…}, …},
     "together": {"provider": ["RZ8", "RZ9"]},
     "coverage": {"2013-04": ["RZ1", "RZ8", "RZ9"], "2013-05": ["RZ1", …], …}}

A figure is its number and its rate (percent, as text), each null where it is left out and shown as
a star; a rate is null, too, where a figure has none. Where the rate is left out but a bound of it
can be told, a third place says how many percent it is at least: `[null, null, 90]`. `together`
names those that stand as one row named `together`, because one of them is too small to stand alone.
`exact` names the figures that are exact for the nation; everything else is rounded. `coverage`
names the providers that sent each month of the period.
"""

from typing import Any

from extracts import counting, disclosure, shielding
from extracts.figures import figures
from extracts.models import FigureCount, Run
from extracts.shielding import Shown, ShownFigures, ShownRow
from extracts.specification.breakdowns import NATIONAL
from submissions.models.calendar import Kind

POLICY = disclosure.policies()["portal"]
Content = dict[str, Any]


def content(run: Run, stage: str) -> Content:
    """What is public of the statistics of a stage of a run; `figures` is empty where nothing was
    counted."""
    shown = _shown(run, stage)
    return {
        "policy": POLICY.name,
        "exact": shown.exact if shown else [],
        "figures": _figures(shown) if shown else {},
        "together": {},
        "coverage": counting.coverage(run, stage),
    }


def _shown(run: Run, stage: str) -> ShownFigures | None:
    of_stage = FigureCount.objects.filter(run=run, stage=stage)
    nation = of_stage.filter(by=NATIONAL).first()
    if nation is None:
        return None
    counted: dict[str, dict[str, dict[str, int]]] = {}
    for one in of_stage.exclude(by=NATIONAL).order_by("by", "of"):
        counted.setdefault(one.by, {})[one.of] = one.figures
    # A figure that was declared since was not counted.
    told = [figure for figure in figures() if figure.name in nation.figures]
    policy = POLICY.of_provisional() if stage == Kind.PRIMARY else POLICY
    return shielding.shown_figures(told, policy, nation.figures, nation.contributors, counted)


def _figures(shown: ShownFigures) -> dict[str, dict[str, Any]]:
    by_row = {NATIONAL: {"": shown.national}} | shown.breakdowns
    return {by: {of: _plain(row) for of, row in rows.items()} for by, rows in by_row.items()}


def _plain(row: ShownRow) -> dict[str, list[Any]]:
    return {name: _plain_figure(shown) for name, shown in row.items()}


def _plain_figure(shown: Shown) -> list[Any]:
    plain = [shown.number, None if shown.rate is None else str(shown.rate)]
    return plain if shown.at_least is None else [*plain, shown.at_least]
