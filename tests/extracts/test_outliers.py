"""What stands out among providers, of figures that are written down here; and its page."""

from decimal import Decimal

import pytest

from accounts.models import User
from extracts import outliers, publishing
from extracts.models import FigureCount, Run
from extracts.outliers import Asked, Compared, compare
from submissions.models import Window
from tests.pages import cells, visit, words

ASKED = {(one.figure.name, one.is_rate): one for one in outliers.asked()}
RECEIVED, RECOVERED = ASKED["received", False], ASKED["recovered", True]


def received(*numbers: int) -> list[dict[str, int]]:
    return [{"received": number} for number in numbers]


def recovered(percent: int, caseness: int = 100) -> dict[str, int]:
    return {"recovered": percent * caseness // 100, "caseness": caseness}


def one(now: dict[str, int], before: list[dict[str, int]], of: Asked) -> list[Compared]:
    return compare({"RZ1": now}, {"RZ1": before}, of)


@pytest.mark.parametrize(
    ("now", "before", "stands_out"),
    [
        (100, (100, 104, 96), False),
        # More than 30 % from the median of its own months, not from their mean.
        (130, (100, 100, 500), False),
        (131, (100, 100, 500), True),
        (69, (100, 100, 100), True),
        # Nothing came any more: what is large was so before.
        (0, (100, 100, 100), True),
        # Too few months, or too few referrals, to say anything.
        (500, (100,), False),
        (6, (19, 19, 19), None),
        (20, (2, 2, 2), True),
    ],
)
def test_a_number_beside_its_own_last_months(
    now: int, before: tuple[int, ...], stands_out: bool | None
) -> None:
    found = one({"received": now}, received(*before), RECEIVED)
    assert [each.stands_out for each in found] == ([] if stands_out is None else [stands_out])


def test_a_rate_beside_its_own_last_months_in_points() -> None:
    (found,) = one(recovered(60), [recovered(44), recovered(40), recovered(46)], RECOVERED)
    assert (found.now, found.usual, found.change) == (Decimal("60.0"), Decimal("44.0"), 16)
    assert found.is_changed
    (found,) = one(recovered(59), [recovered(44), recovered(44)], RECOVERED)
    assert not found.stands_out


def test_a_rate_far_from_the_other_providers() -> None:
    rates = {"RZ1": 40, "RZ2": 42, "RZ3": 44, "RZ4": 46, "RZ5": 48, "RZ6": 20, "RZ7": 90}
    now = {code: recovered(rate) for code, rate in rates.items()}
    # Of few patients nothing is said, and they say nothing of others.
    now["RZ8"] = recovered(0, caseness=19)
    found = {each.provider: each for each in compare(now, {}, RECOVERED)}
    assert {code for code, each in found.items() if each.is_far} == {"RZ6", "RZ7"}
    assert found["RZ1"].quartiles == (Decimal("41.0"), Decimal("47.0"))
    assert "RZ8" not in found


def test_few_providers_are_not_compared_with_each_other() -> None:
    now = {"RZ1": recovered(40), "RZ2": recovered(90), "RZ3": recovered(5)}
    assert [each.quartiles for each in compare(now, {}, RECOVERED)] == [None] * 3


def test_numbers_of_providers_are_not_compared_with_each_other() -> None:
    now = {f"RZ{place}": {"received": 100 * 3**place} for place in range(1, 9)}
    assert not any(each.stands_out for each in compare(now, {}, RECEIVED))


def test_there_is_no_change_from_nothing() -> None:
    (found,) = one({"received": 500}, received(0, 0, 0), RECEIVED)
    assert (found.usual, found.change, found.stands_out) == (0, None, True)


# -- the page -------------------------------------------------------------------------------------


@pytest.fixture
def with_a_past(run: Run, erin: User) -> Run:
    """RZ1 had a hundred referrals in each of the two months before, and has two now."""
    for window in Window.objects.filter(primary_period__lt=run.window.primary_period)[:2]:
        before = Run.objects.create(window=window, asked_by=erin, status=Run.Status.DONE)
        publishing.Publication.objects.create(run=before, by=erin)
        FigureCount.objects.create(
            run=before,
            stage="P",
            by="provider",
            of="RZ1",
            figures={"received": 100},
            contributors={},
        )
    counts = FigureCount.objects.get(run=run, stage="P", by="provider", of="RZ1")
    counts.figures |= {"received": 2}
    counts.save()
    return run


def test_staff_see_coverage_and_what_stands_out(with_a_past: Run, erin: User) -> None:
    shown = visit(erin).get(f"/windows/{with_a_past.window_id}/figures/").content.decode()
    assert "2 of 3 providers expected are counted" in words(shown)
    assert "Not counted, as nothing of theirs stood: Cedar Bay" in words(shown)
    assert cells(shown, "RZ1") == [
        *("Referrals received of RZ1 over the months", "-98%", "2", "100.0", ""),
        "far from its own last months",
    ]
    assert 'href="/statistics/exact/provider/RZ1/?figure=received"' in shown
    assert 'href="/desk/tracker/RZ1/"' in shown
    window = visit(erin).get(f"/windows/{with_a_past.window_id}/").content.decode()
    assert f"/windows/{with_a_past.window_id}/figures/" in window


def test_the_table_sorts_without_a_script(with_a_past: Run, erin: User) -> None:
    place = f"/windows/{with_a_past.window_id}/figures/"
    for sort, order in (("provider", "ascending"), ("figure", "ascending"), ("change", "desc")):
        shown = visit(erin).get(f"{place}?all&sort={sort}").content.decode()
        assert shown.count("aria-sort") == 1
        assert f'aria-sort="{order}' in shown
    assert visit(erin).get(f"{place}?stage=R&sort=nothing").status_code == 200


def test_a_window_that_was_not_processed_says_so(window: Window, erin: User) -> None:
    shown = visit(erin).get(f"/windows/{window.id}/figures/").content.decode()
    assert "has not been processed yet" in words(shown)


def test_nobody_but_staff_sees_it(run: Run, alice: User, dora: User) -> None:
    for user in (alice, dora):
        assert visit(user).get(f"/windows/{run.window_id}/figures/").status_code == 404


def test_every_figure_that_is_compared_is_counted() -> None:
    assert {each.figure.name for each in outliers.asked()} >= {"received", "recovered", "finished"}
    assert all(each.figure.of for each in outliers.asked() if each.is_rate)
    assert not any(each.spread for each in outliers.asked() if not each.is_rate)
