"""The checklist before a release: what waits, who is missing, what has changed, how much is shown."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import CertificateChange, CertificateStatus, DataUserCertificate, User
from accounts.refusals import Refusal
from extracts import checklist, drafting, large_changes, publishing, releasing
from extracts.checklist import Item, Verdict
from extracts.drafting import Draft
from extracts.figures import figures
from extracts.models import FigureCount, Release, ReleasedPart, Run
from extracts.releases import STAGES
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.periods import month_before
from submissions.withdrawing import withdraw_later
from tests.extracts.reading import process
from tests.submissions.places import put


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


def of(run: Run) -> dict[str, Item]:
    return {item.name: item for item in checklist.of(run, drafting.parts(run))}


def counted(run: Run, stage: str, by: str = "national", **numbers: int) -> None:
    """As if a run had counted that: `of` the nation, or of RZ1."""
    FigureCount.objects.filter(run=run, stage=stage, by=by).delete()
    told = {figure.name: numbers.get(figure.name, 0) for figure in figures()}
    FigureCount.objects.create(
        run=run,
        stage=stage,
        by=by,
        of="RZ1" if by == "provider" else "",
        figures=told,
        contributors=dict.fromkeys(told, 1),
    )


@pytest.fixture
def month_earlier(published: Run, erin: User) -> Run:
    """The run of the window before, published."""
    window = published.window
    before = Window.objects.create(
        primary_period=window.refresh_period,
        refresh_period=month_before(window.refresh_period),
        opens=date(2001, 1, 1),
        closes=date(2001, 1, 8),
        processing_week=date(2001, 1, 15),
        data_available=date(2001, 1, 22),
        opens_at="2001-01-01T00:00:00Z",
        closes_at="2001-01-09T00:00:00Z",
    )
    run = Run.objects.create(window=before, asked_by=erin, status=Run.Status.DONE)
    run.refresh_from_db()
    Run.objects.filter(id=run.id).update(stamp=run.asked_at)
    publishing.publish(window=before, by=erin)
    return run


# -- nothing waits ----------------------------------------------------------------------------


def test_nothing_waits(published: Run) -> None:
    item = of(published)["waiting"]
    words = "7 extracts are published, and nothing is on its way."
    assert (item.verdict, item.words) == (Verdict.WELL, [words])


def test_extracts_are_not_published(run: Run) -> None:
    item = of(run)["waiting"]
    assert item.verdict == Verdict.BLOCKS
    assert item.words == ["The extracts of this window are not published yet."]


def test_a_file_is_still_being_checked(published: Run) -> None:
    put(published.window, "RZ3", Status.CHECKING)
    item = of(published)["waiting"]
    assert item.verdict == Verdict.BLOCKS
    assert "Submissions still being checked: 1." in item.words


def test_a_file_failed_through_our_fault(published: Run) -> None:
    failed = put(published.window, "RZ3", Status.FAILED)
    item = of(published)["waiting"]
    assert item.verdict == Verdict.LOOK
    assert f"{failed.reference}" in item.words[-1]


def test_something_else_stands_by_now(published: Run, erin: User) -> None:
    withdraw_later(submission=Submission.objects.get(provider__code="RZ2"), by=erin, why="wrong")
    item = of(published)["waiting"]
    assert item.verdict == Verdict.BLOCKS
    assert "Process the window again" in item.words[-1]


# -- coverage ---------------------------------------------------------------------------------


def test_who_is_missing(published: Run) -> None:
    window, item = published.window, of(published)["coverage"]
    of_refreshes = "1 of 3 sent a Refresh; the Primary stands in for 0."
    assert item.verdict == Verdict.LOOK
    assert item.words == [
        f"{window.primary_period:%B %Y}, provisional: 2 of 3 expected providers. Missing: RZ3.",
        f"{window.refresh_period:%B %Y}, final: 1 of 3 expected providers. Missing: RZ2, RZ3.",
        f"{window.refresh_period:%B %Y}, final: {of_refreshes}",
    ]


def test_nobody_misses_who_came_later(published: Run) -> None:
    """RZ2 and RZ3 have certificates since now, when the window has closed, but RZ2 had sent."""
    for certificate in DataUserCertificate.objects.filter(organisation__code__in=["RZ2", "RZ3"]):
        CertificateChange.objects.create(certificate=certificate, after=CertificateStatus.GRANTED)
    provisional, *_ = of(published)["coverage"].words
    assert provisional.endswith("provisional: 2 of 2 expected providers.")


def test_nobody_has_sent_a_refresh(published: Run) -> None:
    """The Primary stands in for each."""
    Submission.objects.filter(provider__code="RZ1", kind="R").update(kind="P")
    words = "0 of 3 sent a Refresh; the Primary stands in for 1."
    item = of(published)["coverage"]
    assert (item.words[-1].partition(": ")[2], item.verdict) == (words, Verdict.LOOK)


# -- the announced day ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said", "verdict"),
    [
        (3, "3 days early: the calendar of publications announced ", Verdict.LOOK),
        (1, "1 day early: the calendar of publications announced ", Verdict.LOOK),
        (0, "The calendar of publications announced ", Verdict.WELL),
        (-2, "The calendar of publications announced ", Verdict.WELL),
    ],
)
def test_before_the_announced_day(
    published: Run, monkeypatch: pytest.MonkeyPatch, days: int, said: str, verdict: Verdict
) -> None:
    due = published.window.statistics_due
    monkeypatch.setattr(checklist, "this_day", lambda: due - timedelta(days=days))
    item = of(published)["day"]
    assert item.verdict == verdict
    assert item.words[0].startswith(f"{said}{due:%A %-d %B %Y}")


# -- large changes ----------------------------------------------------------------------------


def of_comparison(item: Item, stage: str, beside: str) -> list[list[str]]:
    words = f", {STAGES[stage]}, beside {beside}"
    return [row for row in item.rows if row[0].endswith(words)]


def test_there_is_nothing_to_compare_with(published: Run) -> None:
    item = of(published)["changes"]
    assert item.verdict == Verdict.WELL
    assert all("nothing to compare with" in words for words in item.words)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        # Nationally from 20 percent and 50 on.
        (1000, 1199, None),
        (1000, 1200, "+20%"),
        (1000, 800, "-20%"),
        (100, 149, None),
        (0, 50, "new"),
        (50, 0, "-100%"),
    ],
)
def test_large_against_the_month_before(
    published: Run, month_earlier: Run, before: int, now: int, told: str | None
) -> None:
    counted(month_earlier, "P", received=before)
    counted(published, "P", received=now)
    item = of(published)["changes"]
    rows = of_comparison(item, "P", "the month before")
    assert [(row[2], row[5]) for row in rows] == ([("Referrals received", told)] if told else [])
    assert (item.verdict == Verdict.LOOK) == bool(item.rows)


def test_large_of_a_provider_against_the_provisional_figures(
    published: Run, month_earlier: Run
) -> None:
    """What was provisional a month ago is final now."""
    counted(month_earlier, "P", by="provider", received=100, entered=40)
    counted(published, "R", by="provider", received=130, entered=49)
    rows = of_comparison(of(published)["changes"], "R", "the provisional figures of the month")
    (row,) = [row for row in rows if row[1] == "RZ1"]
    assert row[2:] == ["Referrals received", "100", "130", "+30%"]


def test_a_provider_that_is_there_no_more_is_a_large_change(
    published: Run, month_earlier: Run
) -> None:
    counted(month_earlier, "P", by="provider", received=60)
    FigureCount.objects.filter(run=published, by="provider", of="RZ1").delete()
    rows = of(published)["changes"].rows
    assert ["RZ1", "Referrals received", "60", "0", "-100%"] in [row[1:] for row in rows]


def test_a_provider_that_is_missing_is_told_in_coverage(published: Run, month_earlier: Run) -> None:
    """Not once more for each of its figures."""
    counted(month_earlier, "P", by="provider", received=60)
    FigureCount.objects.filter(run=month_earlier, by="provider").update(of="RZ3")
    item = of(published)["changes"]
    assert not [row for row in item.rows if row[1] == "RZ3"]
    assert "Missing altogether, and not listed here: RZ3." in item.words
    assert "Missing: RZ3" in of(published)["coverage"].words[0]


def test_what_is_released_again_stands_beside_what_was_released(
    published: Run, window: Window, erin: User
) -> None:
    releasing.release(window=window, by=erin)
    counted(published, "P", received=500)
    again = process(window, erin, why="a correction")
    counted(again, "P", received=506)
    told = [one.check for one in large_changes.comparisons(again)]
    assert told.count("released before") == again.figure_counts.values("stage").distinct().count()
    rows = [row for row in of(again)["changes"].rows if row[1] == "National"]
    assert [row[2:] for row in rows] == [["Referrals received", "500", "506", "+1%"]]


def test_so_many_are_listed_and_no_more(
    published: Run, month_earlier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checklist, "MOST", 2)
    many = dict.fromkeys((figure.name for figure in figures()), 900)
    counted(month_earlier, "P", **many)
    counted(published, "P")
    item = of(published)["changes"]
    assert len(item.rows) == 2
    assert item.words[-1].startswith("Listed are the first 2 of ")


# -- beside earlier releases ------------------------------------------------------------------


def national(received: int) -> dict[str, Any]:
    return {"exact": ["received"], "figures": {"national": {"": {"received": [received, None]}}}}


@pytest.mark.parametrize(("now", "learnt"), [(100, None), (103, "3 more"), (200, None)])
def test_what_could_be_learnt_beside_earlier_releases(
    published: Run, erin: User, now: int, learnt: str | None
) -> None:
    """A hundred were shown before."""
    period, part = published.window.primary_period, ReleasedPart.STATISTICS
    made = Release.objects.create(run=published, by=erin)
    ReleasedPart.objects.create(
        release=made, part=part, stage="P", period=period, content=national(100)
    )
    items = checklist.of(published, [Draft(part, "P", period, national(now))])
    (item,) = [one for one in items if one.name == "differencing"]
    before = f"{period:%B %Y}, provisional"
    row = ["National", "Referrals received", before, "100", f"{now}", learnt]
    assert item.rows == ([row] if learnt else [])
    assert item.verdict == (Verdict.LOOK if learnt else Verdict.WELL)
    assert (checklist.EXPLAINED in item.words) == bool(learnt)


def test_the_same_must_not_be_seen(published: Run, window: Window, erin: User) -> None:
    """What was hidden would be seen again: of the same run never, of a later one after a look."""
    made = releasing.release(window=window, by=erin)
    releasing.withdraw(release=made, by=erin, why="wrong", hidden=False)
    assert not [words for words in of(published)["differencing"].words if "must not" in words]
    releasing.withdraw(release=made, by=erin, why="too much", hidden=True)
    item = of(published)["differencing"]
    assert item.verdict == Verdict.BLOCKS
    told = f"What release {made.id} showed, of the same run, must not be seen."
    assert f"{told} Process the window again." in item.words
    with pytest.raises(Refusal, match="must not be seen"):
        releasing.release(window=window, by=erin, why="once more")
    process(window, erin, why="to have a look at it")
    item = of(window.runs.latest("id"))["differencing"]
    told = f"the same was shown by what must not be seen, release {made.id}."
    assert item.verdict == Verdict.LOOK
    assert item.words.count(f"Statistics: {window.primary_period:%B %Y}, provisional: {told}") == 1


# -- how much is shown ------------------------------------------------------------------------

ROW: dict[str, list[Any]] = {"received": [120, None], "recovered": [None, None]}
CONTENT = {"figures": {"national": {"": ROW}, "provider": {"RZ1": ROW}}}


def test_stars_are_counted() -> None:
    """Received has no rate, recovered has one: three figures a row, two of them left out."""
    assert checklist.size(ReleasedPart.STATISTICS, CONTENT) == (2, 6, 4)
    national, provider = [45, [40, None], "88.9", None], [45, [None, None], None, 75]
    item = ["gender", ["valid", "missing"], {"RZ1": provider}, national, []]
    assert checklist.size(ReleasedPart.QUALITY, {"items": [item]}) == (2, 8, 4)


def test_how_much_is_left_out(published: Run) -> None:
    item = of(published)["sizes"]
    named = [row[0] for row in item.rows]
    assert [name.partition(":")[0] for name in named[:4]] == [
        *("Data quality report", "Data quality report", "Statistics", "Statistics")
    ]
    assert item.verdict == Verdict.WELL
    assert not item.words


def test_a_stage_of_which_nothing_was_counted(published: Run) -> None:
    FigureCount.objects.filter(stage="R").delete()
    item = of(published)["sizes"]
    assert item.verdict == Verdict.BLOCKS
    words = "final: nothing was counted (Statistics). Process the window again."
    assert any(words in said for said in item.words)


def test_a_quarter_that_was_not_counted_is_looked_at(published: Run) -> None:
    june = date(2026, 6, 1)
    Window.objects.filter(id=published.window_id).update(
        refresh_period=june, primary_period=date(2026, 7, 1)
    )
    Submission.objects.filter(kind="P").update(period=date(2026, 7, 1))
    Submission.objects.filter(kind="R").update(period=june)
    run = Run.objects.select_related("window").get(id=published.id)
    words = (
        "Quarter 1 2026/27 (April to June 2026): the quarter was not counted and is not released."
    )
    quarter = Draft(ReleasedPart.STATISTICS, ReleasedPart.QUARTER, june, CONTENT)
    without, with_it = checklist.of(run, []), checklist.of(run, [quarter])
    assert [words in items[-1].words for items in (without, with_it)] == [True, False]


def test_the_share_of_the_month_before_stands_beside(
    published: Run, month_earlier: Run, erin: User
) -> None:
    made = Release.objects.create(run=month_earlier, by=erin)
    ReleasedPart.objects.create(
        release=made,
        part=ReleasedPart.STATISTICS,
        stage="P",
        period=month_earlier.window.primary_period,
        content=CONTENT,
    )
    item = of(published)["sizes"]
    (row,) = [row for row in item.rows if row[-1]]
    assert row[0].startswith("Statistics")
    assert row[-1] == "67%"


@pytest.mark.parametrize(("left_out", "verdict"), [(1, Verdict.LOOK), (2, Verdict.WELL)])
def test_much_more_is_left_out_than_before(
    published: Run, month_earlier: Run, erin: User, left_out: int, verdict: Verdict
) -> None:
    """Four of six now; of six before."""
    before: dict[str, list[Any]] = {"received": [120, None], "recovered": [90, "45.1"]}
    for place in range(left_out):
        before["recovered"][place] = None
    period, part = month_earlier.window.primary_period, ReleasedPart.STATISTICS
    made = Release.objects.create(run=month_earlier, by=erin)
    ReleasedPart.objects.create(
        release=made,
        part=part,
        stage="P",
        period=period,
        content={"figures": {"national": {"": before}}},
    )
    now = Draft(part, "P", published.window.primary_period, CONTENT)
    (item,) = [one for one in checklist.of(published, [now]) if one.name == "sizes"]
    words = f"{now.period:%B %Y}, provisional: 67% of the figures are left out, 33% of"
    assert (f"Statistics: {words} what was released before." in item.words) == (left_out == 1)
    looks = [one for one in item.words if "of the figures" in one]
    assert bool(looks) == (verdict == Verdict.LOOK)
