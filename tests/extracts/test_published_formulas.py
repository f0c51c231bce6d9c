"""The formulas of outcomes against what was published of England from 2012-13 to 2016-17: each rate
is reckoned from the published counts as the table of figures says, and parts are parts."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from extracts.disclosure import percent
from extracts.figures import figures, partitions

PUBLISHED = Path(__file__).parent / "data" / "england_by_group.csv"
FIGURES = {figure.name: figure for figure in figures()}
# What a figure is called there.
THERE = {
    "received": "referrals_received",
    "finished": "finished_course_treatment",
    "not_caseness": "not_at_caseness",
    "recovered": "recovery",
    "improved": "improvement",
    "recovered_reliably": "reliable_recovery",
    "no_change": "no_reliable_change",
    "deteriorated": "deterioration",
}
Row = dict[str, str]


def published() -> list[Row]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(row: Row) -> dict[str, int]:
    """The published counts under our names. At caseness is what is left of those who finished:
    from 2014-15 on those published as at caseness are fewer, and rates are not of them."""
    found = {
        name: int(row[f"{there}/count"]) for name, there in THERE.items() if row[f"{there}/count"]
    }
    assert partitions()["finished", "caseness"] == ("caseness", "not_caseness")
    return found | {"caseness": found["finished"] - found["not_caseness"]}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        *(("recovered", 187), ("recovered_reliably", 187)),
        *(("improved", 187), ("no_change", 187), ("deteriorated", 187)),
    ],
)
def test_every_published_rate_is_reproduced_to_one_decimal(name: str, rows: int) -> None:
    told = [row for row in published() if row[f"{THERE[name]}/percentage"]]
    assert len(told) == rows
    for row in told:
        found = counts(row)
        rate = percent(found[name], found[FIGURES[name].of], 1)
        assert rate == Decimal(row[f"{THERE[name]}/percentage"]), row


def test_those_published_as_at_caseness_are_another_whole() -> None:
    """The same question of another denominator: it can fail."""
    told = [row for row in published() if row["recovery/percentage"]]
    alike = [
        row
        for row in told
        if percent(int(row["recovery/count"]), int(row["at_caseness/count"]), 1)
        == Decimal(row["recovery/percentage"])
    ]
    assert len(alike) < len(told) / 2


def test_parts_are_no_more_than_their_wholes() -> None:
    for row in published():
        found = counts(row)
        for figure in figures():
            for whole in (figure.whole, *figure.also_in):
                if figure.name in found and whole in found:
                    assert found[figure.name] <= found[whole], (row, figure.name, whole)
        # They make those with paired scores, which were not published.
        changes = partitions()["paired", "change"]
        assert sum(found[name] for name in changes) <= found["finished"]


def test_in_the_first_years_everybody_is_at_caseness_or_not() -> None:
    early = [row for row in published() if row["period"] in ("2012-13", "2013-14")]
    assert len(early) == 2
    for row in early:
        assert int(row["at_caseness/count"]) == counts(row)["caseness"]
