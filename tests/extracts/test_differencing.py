"""What a release would tell of single persons beside what was shown before."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import User
from extracts.differencing import Difference, differences
from extracts.models import Release, ReleasedPart, Run
from submissions.models import Window

STATISTICS, QUALITY = ReleasedPart.STATISTICS, ReleasedPart.QUALITY
APRIL, MAY, JUNE = date(2013, 4, 1), date(2013, 5, 1), date(2013, 6, 1)


def statistics(exact: bool = True, provider: str = "RZ1", **shown: list[Any]) -> dict[str, Any]:
    """A nation, and a provider that is shown the same but never exactly."""
    return {
        "exact": [*shown] if exact else [],
        "figures": {"national": {"": shown}, "provider": {provider: shown}},
    }


class Released:
    """What was shown before."""

    def __init__(self, window: Window, by: User):
        self.window, self.by = window, by

    def __call__(
        self,
        stage: str,
        period: date,
        content: dict[str, Any],
        part: str = STATISTICS,
        **facts: Any,
    ) -> None:
        done = Run.Status.DONE
        run = Run.objects.create(window=self.window, asked_by=self.by, status=done)
        release = Release.objects.create(run=run, by=self.by, **facts)
        ReleasedPart.objects.create(
            release=release, part=part, stage=stage, period=period, content=content
        )


@pytest.fixture
def released(window: Window, erin: User) -> Released:
    return Released(window, erin)


def national(received: int) -> dict[str, Any]:
    return {"exact": ["received"], "figures": {"national": {"": {"received": [received, None]}}}}


@pytest.mark.parametrize(
    ("before", "now", "learnt"),
    [
        (1234, 1234, None),
        (1234, 1235, "1 more"),
        (1234, 1236, "2 more"),
        (1234, 1238, "4 more"),
        (1234, 1239, None),
        (1234, 1231, "3 fewer"),
        (1234, 1229, None),
    ],
)
def test_exact_figures_of_one_month(
    released: Released, before: int, now: int, learnt: str | None
) -> None:
    released("R", MAY, national(before))
    found = differences([(STATISTICS, "R", MAY, national(now))])
    told = (f"{before:,}", f"{now:,}", "May 2013, final", learnt)
    assert found == ([Difference("national", "", "received", *told)] if learnt else [])


def test_what_was_withdrawn_was_seen(released: Released) -> None:
    withdrawn = {"withdrawn_by": released.by, "why_withdrawn": "A mistake."}
    moment = datetime(2013, 7, 1, tzinfo=UTC)
    released("R", MAY, national(50), withdrawn_at=moment, **withdrawn)
    (found,) = differences([(STATISTICS, "R", MAY, national(52))])
    assert found.shown_before == "May 2013, final (withdrawn)"


def test_another_month_tells_nothing(released: Released) -> None:
    released("R", APRIL, national(50))
    assert differences([(STATISTICS, "R", MAY, national(52))]) == []


@pytest.mark.parametrize("provisional", range(45, 60, 5))
@pytest.mark.parametrize("final", range(45, 60))
def test_a_rounded_provisional_figure_never_tells(
    released: Released, provisional: int, final: int
) -> None:
    """Any final figure may be the same, or differ by five or more."""
    released("P", MAY, statistics(exact=False, received=[provisional, None]))
    assert differences([(STATISTICS, "R", MAY, national(final))]) == []


def test_rounded_figures_tell_where_rates_are_narrow(released: Released) -> None:
    """20 percent of 98 to 102 are 20, or up to 20.9; 23 percent are 23, and shown as 25."""
    before = statistics(exact=False, finished=[100, None], improved=[20, "20"])
    now = statistics(exact=False, finished=[100, None], improved=[25, "23"])
    released("P", MAY, before)
    found = differences([(STATISTICS, "R", MAY, now)])
    assert {(one.of, one.figure, one.learnt) for one in found} == {
        ("", "improved", "3 more"),
        ("RZ1", "improved", "3 more"),
    }


def test_a_star_tells_nothing(released: Released) -> None:
    released("R", MAY, national(50))
    now = {"exact": [], "figures": {"national": {"": {"received": [None, None]}}}}
    assert differences([(STATISTICS, "R", MAY, now)]) == []


def caseness(**shown: int | None) -> dict[str, Any]:
    told = {name: [number, None] for name, number in shown.items()}
    return {"exact": [], "figures": {"provider": {"RZ1": told}}}


def test_other_parts_are_left_out_than_before(released: Released) -> None:
    """Before it was all but everything, now what is small: beside each other they tell."""
    released("P", MAY, caseness(finished=60, caseness=60, not_caseness=None))
    now = caseness(finished=60, caseness=None, not_caseness=None)
    assert differences([(STATISTICS, "R", MAY, now)]) == [
        Difference(
            *("provider", "RZ1", "not_caseness", "At caseness when treatment began 60", "*"),
            *("May 2013, provisional", "at most 4, if nothing has changed since"),
        )
    ]
    released("P", APRIL, caseness(finished=60, caseness=55, not_caseness=None))
    assert differences([(STATISTICS, "R", APRIL, now)]) == []


# -- a quarter and its months -----------------------------------------------------------------


def test_who_is_in_the_quarter_but_in_none_of_its_months(released: Released) -> None:
    for month in (APRIL, MAY):
        released("R", month, national(100))
    june, quarter = (STATISTICS, "R", JUNE, national(100)), (STATISTICS, "Q", JUNE, national(303))
    assert differences([june, quarter]) == [
        Difference(
            *("national", "", "received", "100 + 100 + 100", "303"),
            *("the months of the quarter", "3 more"),
        )
    ]
    assert differences([june, (STATISTICS, "Q", JUNE, national(305))]) == []
    assert differences([june, (STATISTICS, "Q", JUNE, national(300))]) == []


def test_a_month_that_comes_after_its_quarter(released: Released) -> None:
    for month in (APRIL, MAY, JUNE):
        released("R", month, national(100))
    released("Q", JUNE, national(303))
    found = differences([(STATISTICS, "R", MAY, national(105))])
    assert [(one.shown_before, one.learnt) for one in found] == [
        ("the months of the quarter", "2 fewer")
    ]


def test_a_month_that_is_left_out_is_what_the_others_lack(released: Released) -> None:
    star = {"exact": [], "figures": {"national": {"": {"received": [None, None]}}}}
    released("R", APRIL, national(40))
    released("R", MAY, star)
    june = (STATISTICS, "R", JUNE, national(60))
    (found,) = differences([june, (STATISTICS, "Q", JUNE, national(103))])
    assert found.learnt == "3 to 3 in May 2013, which is left out"
    assert differences([june, (STATISTICS, "Q", JUNE, national(105))]) == []


def test_two_months_that_are_left_out_are_both_what_the_third_lacks(released: Released) -> None:
    star = {"exact": [], "figures": {"national": {"": {"received": [None, None]}}}}
    released("R", APRIL, star)
    released("R", MAY, star)
    june = (STATISTICS, "R", JUNE, national(60))
    found = differences([june, (STATISTICS, "Q", JUNE, national(63))])
    assert [one.learnt for one in found] == [
        "0 to 3 in April 2013, which is left out",
        "0 to 3 in May 2013, which is left out",
    ]
    assert differences([june, (STATISTICS, "Q", JUNE, national(65))]) == []


def test_of_another_month_at_least_its_parts_are_known(released: Released) -> None:
    def month(**told: int | None) -> dict[str, Any]:
        shown = {name: [number, None] for name, number in told.items()}
        return {"exact": [*told], "figures": {"national": {"": shown}}}

    released("R", APRIL, month(received=None))
    released("R", MAY, month(received=None, received_self=20, received_gp=18))
    june = (STATISTICS, "R", JUNE, month(received=60))
    found = differences([june, (STATISTICS, "Q", JUNE, month(received=100))])
    assert [one.learnt for one in found] == ["0 to 2 in April 2013, which is left out"]


def test_what_is_open_in_a_quarter_is_no_sum_of_months(released: Released) -> None:
    def month(number: int | None) -> dict[str, Any]:
        return {"exact": ["open"], "figures": {"national": {"": {"open": [number, None]}}}}

    released("R", APRIL, month(None))
    released("R", MAY, month(None))
    assert differences([(STATISTICS, stage, JUNE, month(60)) for stage in ("R", "Q")]) == []


def test_a_quarter_of_which_a_month_was_never_shown(released: Released) -> None:
    released("R", MAY, national(100))
    june = (STATISTICS, "R", JUNE, national(100))
    assert differences([june, (STATISTICS, "Q", JUNE, national(201))]) == []


def test_a_quarter_is_beside_the_quarter_before_it_was_processed_again(released: Released) -> None:
    released("Q", JUNE, national(300))
    (found,) = differences([(STATISTICS, "Q", JUNE, national(302))])
    assert (found.shown_before, found.learnt) == (
        "Quarter 1 2013/14 (April to June 2013)",
        "2 more",
    )


# -- data quality -----------------------------------------------------------------------------


def quality(whole: int, valid: int, rate: str) -> dict[str, Any]:
    row = [whole, [valid, None], rate, None]
    return {"items": [["gender", ["valid", "missing"], {"RZ1": row}, row, []]]}


def test_data_quality(released: Released) -> None:
    released("R", MAY, quality(1000, 901, "90.1"), part=QUALITY)
    found = differences([(QUALITY, "R", MAY, quality(1000, 903, "90.3"))])
    assert {(one.of, one.figure, one.learnt) for one in found} == {("", "gender: valid", "2 more")}
    # What is provisional is rounded.
    assert differences([(QUALITY, "P", MAY, quality(1000, 905, "91"))]) == []
