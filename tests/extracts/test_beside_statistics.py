"""The data quality report does not tell what the statistics of the same stage leave out."""

from collections.abc import Mapping
from typing import Any

import pytest

from extracts.beside_statistics import Beside
from extracts.disclosure import ShownTable, policies
from validation import quality

PORTAL = policies()["portal"]
ITEMS = {item.name: item for item in quality.items()}
# Of ten providers each sent 400 referrals, of which 300 are open.
TEN = {f"RZ{place}": (300, 100) for place in range(10, 20)}
Told = Mapping[str, tuple[int | None, int | None]]


def beside(told: Told, **parts: int) -> Beside:
    """By provider how many are open and have ended, None where that is left out; of RZ1 parts
    too."""
    rows: dict[str, dict[str, list[Any]]] = {
        name: {"open": [open_, None], "ended": [ended, None]}
        for name, (open_, ended) in (TEN | told).items()
    }
    for name, number in parts.items():
        rows["RZ1"][name] = [number, None]
    return Beside(rows, PORTAL)


def shown(item: str, asked: Beside, **sent: int) -> ShownTable:
    """Half of all values are valid."""
    every = dict.fromkeys(TEN, 400) | sent
    table = {name: [many - many // 2, many // 2] for name, many in every.items()}
    return asked.shown_table(ITEMS[item], table)


def test_who_has_few_that_ended_does_not_stand_alone() -> None:
    """Nine open and one ended: of at most 12 sent at least 8 are open."""
    told = shown("source_of_referral", beside({"RZ1": (10, None)}), RZ1=10)
    assert "RZ1" in told.together
    assert len(told.together) == 2
    assert "RZ1" not in told.rows


def test_other_items_tell_nothing_of_it() -> None:
    told = shown("gender", beside({"RZ1": (10, None)}), RZ1=10)
    assert told.together == ()


@pytest.mark.parametrize(
    ("open_", "ended", "parts", "sent"),
    [
        # Of at most 22 at least 8 are open: 14 may have ended.
        (10, None, {}, 20),
        (None, None, {}, 10),
        (None, 5, {}, 20),
    ],
)
def test_where_enough_may_be_left_out_it_stands_alone(
    open_: int | None, ended: int | None, parts: dict[str, int], sent: int
) -> None:
    told = shown("commissioner", beside({"RZ1": (open_, ended)}, **parts), RZ1=sent)
    assert told.together == ()
    assert told.rows["RZ1"].whole == sent


def test_parts_tell_too() -> None:
    """At least 8 wait and at least 13 were treated, of at most 22."""
    asked = beside({"RZ1": (None, None)}, waiting=10, open_60=15)
    assert "RZ1" in shown("source_of_referral", asked, RZ1=20).together


def test_late_ones_are_none_of_those_received() -> None:
    asked = beside({"RZ1": (10, 10)}, received=20)
    asked.providers["RZ1"]["received_late"] = [None, None]
    assert "RZ1" in shown("source_of_referral", asked, RZ1=20).together


def test_as_many_stand_together_as_it_takes() -> None:
    """Of RZ1 and RZ2, the next larger one, at most 237 were sent; at least 234 are accounted for."""
    asked = beside({"RZ1": (None, 200), "RZ2": (20, 20)})
    told = shown("commissioner", asked, RZ1=198, RZ2=38)
    assert len(told.together) == 3
    assert {"RZ1", "RZ2"} < {*told.together}


def test_those_without_an_end_date_are_few() -> None:
    """Both left out; but 60 were sent, and 60 of them have an end date."""
    asked = beside({"RZ1": (None, None)})
    assert shown("source_of_referral", asked, RZ1=60).together == ()
    told = shown("end_reason", asked, RZ1=59)
    assert "RZ1" in told.together


def test_a_nation_that_tells_is_left_out() -> None:
    """At most 22 were sent by two, and at least 21 have ended, or are open with RZ2."""
    rows: dict[str, dict[str, list[Any]]] = {
        "RZ1": {"open": [None, None], "ended": [10, None]},
        "RZ2": {"open": [5, None], "ended": [10, None]},
    }
    table = {"RZ1": [5, 5], "RZ2": [6, 6]}
    told = Beside(rows, PORTAL).shown_table(ITEMS["commissioner"], table)
    assert told.rows == {}
    assert told.national.whole is None
