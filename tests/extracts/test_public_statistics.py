"""What is public of the statistics of a run, as it is kept with a release."""

import json
from datetime import date
from typing import Any

import pytest
from drawn_months import Month, drawn_month, quarter_of

from accounts.models import User
from extracts import differencing, drafting, processing, statistics, tasks
from extracts.figures import figures
from extracts.models import FigureCount, Release, ReleasedPart, Remembered, Run
from submissions.models import Window

DOZEN = [60, 80, 30, 40, 25, 90, 10, 70, 50, 35, 45, 55]


def counted(run: Run, stage: str, month: Month, without: str = "") -> None:
    """As if the run had counted a drawn month."""
    run.figure_counts.filter(stage=stage).delete()
    rows = {("national", ""): month.national} | {
        (by, of): row for by, found in month.breakdowns.items() for of, row in found.items()
    }
    for (by, of), row in rows.items():
        FigureCount.objects.create(
            run=run,
            stage=stage,
            by=by,
            of=of,
            figures={name: number for name, number in row.items() if name != without},
            contributors=month.contributors,
        )


@pytest.fixture(scope="module")
def month() -> Month:
    return drawn_month(3, DOZEN, 4)


def test_plain_data(run: Run, month: Month) -> None:
    counted(run, "R", month)
    content = statistics.content(run, "R")
    assert json.loads(json.dumps(content)) == content
    assert set(content) == {"policy", "exact", "figures", "together", "coverage", "expected"}
    assert content["figures"].keys() == {"national", *month.breakdowns}
    shown = [
        cell
        for rows in content["figures"].values()
        for row in rows.values()
        for cell in row.values()
    ]
    assert {len(cell) for cell in shown} == {2, 3}
    assert {cell[2] for cell in shown if len(cell) == 3} <= {95, 90, 75, 50}
    assert all(cell[:2] == [None, None] for cell in shown if len(cell) == 3)


def test_final_national_figures_are_exact_and_provisional_ones_are_not(
    run: Run, month: Month
) -> None:
    for stage in ("P", "R", "Q"):
        counted(run, stage, month)
    for stage in ("R", "Q"):
        final = statistics.content(run, stage)
        assert "received" in final["exact"]
        assert final["figures"]["national"][""]["received"][0] == month.national["received"]
        exact = [one for one in figures() if {one.name, one.of} <= {*final["exact"]}]
        assert exact
        national = final["figures"]["national"][""]
        assert all("." in national[one.name][1] for one in exact)
    provisional = statistics.content(run, "P")
    assert provisional["exact"] == []
    told = [cell for cell in provisional["figures"]["national"][""].values() if cell[0]]
    assert {number % 5 for number, *_ in told} == {0}
    assert not any("." in rate for _, rate, *_ in told if rate)


def test_a_quarter_shows_of_its_last_month_what_the_month_shows(run: Run, month: Month) -> None:
    """Although a provider more, that sent nothing of the last month, has other stars come of it."""
    asked = {one.name for one in figures() if one.is_of_last_month}
    more = drawn_month(3, [*DOZEN, 30, 3], 4)
    monthly = {
        by: {of: {name: row[name] for name in asked} for of, row in rows.items()}
        for by, rows in month.breakdowns.items()
    }
    nothing = dict.fromkeys(asked, 0)
    quarterly = more._replace(
        national=more.national | {name: month.national[name] for name in asked},
        contributors=more.contributors | {name: month.contributors[name] for name in asked},
        breakdowns={
            by: {of: row | monthly[by].get(of, nothing) for of, row in rows.items()}
            for by, rows in more.breakdowns.items()
        },
    )
    counted(run, "R", month)
    counted(run, "Q", quarterly)
    final, quarter = (statistics.content(run, stage) for stage in ("R", "Q"))
    for by, rows in quarter["figures"].items():
        for of, row in rows.items():
            for name in asked:
                alike = final["figures"][by].get(of, {}).get(name, [None, None])
                assert row[name] == alike
    assert asked & {*quarter["exact"]} == asked & {*final["exact"]} != set()
    assert {*quarter["figures"]["provider"]["RZ12"]} == {one.name for one in figures()}


def test_a_quarter_leaves_out_what_would_tell_of_its_months(run: Run, erin: User) -> None:
    """As it would be released, beside the months that were, and the one that is with it."""
    last = Window.objects.filter(id=run.window_id)
    last.update(refresh_period=date(2030, 6, 1), primary_period=date(2030, 7, 1))
    run.window.refresh_from_db()
    drawn = [drawn_month(seed, [*DOZEN, 20], 4) for seed in (20, 21, 22)]
    for month, one in zip((4, 5), drawn, strict=False):
        counted(run, "R", one)
        ReleasedPart.objects.create(
            release=Release.objects.create(
                run=Run.objects.create(window=run.window, asked_by=erin, status=Run.Status.DONE),
                by=erin,
            ),
            part=ReleasedPart.STATISTICS,
            stage="R",
            period=date(2030, month, 1),
            content=statistics.content(run, "R"),
        )
    counted(run, "R", drawn[-1])
    counted(run, "Q", quarter_of(drawn))
    alone = statistics.content(run, "Q")
    (beside,) = [one.content for one in drafting.parts(run) if one.stage == ReleasedPart.QUARTER]
    assert stars(alone) < stars(beside)
    drafts = [(part, stage, of, content) for part, stage, of, content in drafting.parts(run)]
    told = [one for one in differencing.differences(drafts) if "which is left out" in one.learnt]
    assert told == []


def stars(content: dict[str, Any]) -> int:
    return sum(
        cell[0] is None
        for rows in content["figures"].values()
        for row in rows.values()
        for cell in row.values()
    )


def test_a_figure_that_was_declared_since_is_not_there(run: Run, month: Month) -> None:
    counted(run, "R", month, without="received_late")
    national = statistics.content(run, "R")["figures"]["national"][""]
    assert set(national) == {one.name for one in figures()} - {"received_late"}


def test_a_stage_of_which_nothing_was_counted(run: Run) -> None:
    run.figure_counts.all().delete()
    assert statistics.content(run, "R")["figures"] == {}


def test_what_is_public_is_made_once(run: Run, month: Month) -> None:
    """Of the same counts; other ones are looked at anew."""
    counted(run, "R", month)
    first = statistics.content(run, "R")
    kept = keys()
    assert statistics.content(run, "R") == first
    assert keys() == kept
    counted(run, "R", drawn_month(4, DOZEN, 4))
    assert statistics.content(run, "R") != first
    assert len(keys()) == len(kept) + 1


def test_it_is_made_before_staff_look(run: Run, window: Window, erin: User) -> None:
    """By the worker, after it has processed a window."""
    asked = processing.ask(window=window, by=erin)
    tasks.process(asked.id)
    kept = keys()
    assert kept
    drafting.parts(Run.objects.get(id=asked.id))
    assert keys() == kept


def keys() -> list[str]:
    return list(Remembered.objects.filter(name="statistics").values_list("digest", flat=True))
