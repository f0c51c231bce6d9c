"""Releases drawn as tables, as if they had been made in the past, without a run having counted
anything."""

from datetime import date
from typing import Any

from accounts.models import User
from extracts.models import Release, ReleasedPart, Run
from submissions.models import Window

# What stands in a drawing where a figure is left out.
STAR = "*"
Content = dict[str, Any]

JUNE, JULY = date(2013, 6, 1), date(2013, 7, 1)

FIRST = """
                       received   finished   caseness   recovered
    national            1000       200 40%    180 90%    81 45.0%
    provider RZ1         400        80 40%     70 88%    30 43%
    provider RZ2         600       120 40%    110 92%    50 46%
    commissioner 91A    1000       200 40%    180 90%    80 44%
"""
LATER = """
                       received   finished   caseness   recovered   gone
    national            1250       200 40%    *   *      *   75+     7
    provider RZ1         650        80 40%    70 88%     *   *       5
    provider RZ2         *          *  *      *   *      *   *       *
    provider RZ3         600       120 40%    130 92%    60 46%     10
    provider together     10        *  *      *   *      *   *       *
    commissioner =1+1    10         *  *      *   *      *   *       *
    age 65 and over      *          *  *      *   *      *   *       *
    age 18 to 35         *          *  *      *   *      *   *       *
    age 36 to 64         900       120 40%    130 92%    60 46%      *
    age                  15         *  *      *   *      *   *       *
"""


def drawn(text: str, together: dict[str, list[str]] | None = None) -> Content:
    """The content of a release from a drawing:

                    received   recovered
    national         1234       90 45.1%
    provider RZ1       45       *  *
    provider RZ2       20       *  75+
    age 18 to 35       30       10 50%
    """
    head, *lines = [line for line in text.splitlines() if line.strip()]
    names = head.split()
    figures: dict[str, dict[str, Any]] = {}
    for line in lines:
        starts = [head.index(name) for name in names]
        by, _, of = line[: starts[0]].strip().partition(" ")
        cells = [line[a:b].split() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        of_it = figures.setdefault(by, {}).setdefault(of.strip(), {})
        for name, cell in zip(names, cells, strict=True):
            if cell:
                of_it[name] = _figure(*cell)
    return {"policy": "portal", "figures": figures, "together": together or {}}


def _figure(number: str, rate: str = "") -> list[Any]:
    told = None if number == STAR else int(number)
    if rate.endswith("+"):
        return [told, None, int(rate.removesuffix("+"))]
    return [told, None if rate in {"", STAR} else rate.removesuffix("%")]


def release(by: User, primary: date, **parts: Content) -> Release:
    """What was released of the window that takes the Primary of a month; `parts` by stage: P, R,
    Q."""
    window = Window.objects.get(primary_period=primary)
    run = Run.objects.create(window=window, asked_by=by, status=Run.Status.DONE)
    made = Release.objects.create(run=run, by=by)
    for stage, content in parts.items():
        ReleasedPart.objects.create(
            release=made,
            part=ReleasedPart.STATISTICS,
            stage=stage,
            period=window.primary_period if stage == "P" else window.refresh_period,
            content=content,
        )
    return made


def of_quality(text: str, together: tuple[str, ...] = ()) -> Content:
    """The data quality report of a release from a drawing; of each item all records and the rate of
    valid ones:

                    gender     phq9
    national       100 96%   200 90%
    provider RZ1    60 95+    80 *
    provider RZ2    40 *     120 91%
    """
    whole = drawn(text)["figures"]
    names = list(whole["national"][""])
    return {
        "policy": "portal",
        "items": [
            [
                name,
                ["valid", "missing"],
                {code: _row(row[name]) for code, row in whole["provider"].items() if name in row},
                _row(whole["national"][""][name]),
                [*together],
            ]
            for name in names
        ],
    }


def _row(figure: list[Any]) -> list[Any]:
    number, rate, *band = figure
    valid = None if rate is None else round(number * float(rate) / 100)
    return [number, [valid, None], rate, band[0] if band else None]


def with_quality(of: Release, **parts: Content) -> None:
    """The data quality report was released with it; `parts` by stage: P, R."""
    window = of.run.window
    for stage, content in parts.items():
        period = window.primary_period if stage == "P" else window.refresh_period
        ReleasedPart.objects.create(
            release=of, part=ReleasedPart.QUALITY, stage=stage, period=period, content=content
        )


def two_months(by: User) -> list[Release]:
    """June provisional; then June final, July provisional and the quarter that ends with June."""
    first, later = drawn(FIRST), drawn(LATER, {"provider": ["RZ8", "RZ9"]})
    return [release(by, JUNE, P=first), release(by, JULY, R=first, P=later, Q=first)]
