"""Statistics as they are public: the figures of a stage after disclosure control.

What is shown is plain data, kept as it was released and read by any later version:

    {"policy": "portal",
     "figures": {"national": {"": {"received": [1234, null], "recovered": [90, "45.1"], …}},
                 "provider": {"RZ1": {"received": [45, null], "recovered": [null, null], …}, …},
                 "commissioner": {…}, …},
     "together": {"provider": ["RZ8", "RZ9"]},
     "coverage": {"2013-04": ["RZ1", "RZ8", "RZ9"], "2013-05": ["RZ1", …], …}}

A figure is its number and its rate (percent, as text), each null where it is left out and shown as
<<<<<<< HEAD
a star; a rate is null, too, where a figure has none. Where the rate is left out but a bound of it
can be told, a third place says how many percent it is at least: `[null, null, 90]`. `together`
names those that stand as one row named `together`, because one of them is too small to stand alone.
=======
a star; a rate is null, too, where a figure has none. `together` names those that stand as one row
named `together`, because one of them is too small to stand alone.
`coverage` names the providers that sent each month of the period.
>>>>>>> a1cc81e0591767ffd15d4f43440b4910ad673ae6
"""

from typing import Any

from extracts import counting, disclosure
from extracts.figures import figures
from extracts.models import FigureCount, Run

POLICY = disclosure.policies()["portal"]
Content = dict[str, Any]


def content(run: Run, stage: str) -> Content:
    """What is public of the statistics of a stage of a run; `figures` is empty where nothing was
    counted."""
    shown: dict[str, dict[str, Any]] = {}
    for one in FigureCount.objects.filter(run=run, stage=stage):
        shown.setdefault(one.by, {})[one.of] = _shown(one)
    return {
        "policy": POLICY.name,
        "figures": shown,
        "together": {},
        "coverage": counting.coverage(run, stage),
    }


def _shown(counted: FigureCount) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for figure in figures():
        number = counted.figures[figure.name]
        rate = POLICY.rate(number, counted.figures[figure.of]) if figure.of else None
        found[figure.name] = [POLICY.count(number), None if rate is None else str(rate)]
    return found
