"""What is derived of a pathway, drawn: appointments on a time line, expected values below them."""

from datetime import date
from typing import Any

import pytest

from accounts.models import User
from extracts.specification.derivations import derivations
from submissions.models import Window
from tests.extracts.drawn_pathways import ALL, LATER
from tests.extracts.pathways import Records, derived, differences, drawn, read


@pytest.fixture
def june(everybody: dict[str, User]) -> Records:
    """June 2013 is the primary period, May the one before."""
    return Records(Window.objects.get(primary_period=date(2013, 6, 1)), everybody["Erin"])


@pytest.mark.parametrize("topic", ALL)
def test_what_is_drawn_is_what_is_derived(june: Records, topic: str) -> None:
    pathways = drawn(ALL[topic])
    for pathway in pathways:
        june.add(pathway)
    wrong = differences(derived(june.run()), pathways)
    assert wrong == [], "\n".join(wrong)


def test_older_month(june: Records) -> None:
    pathways = drawn(LATER)
    for pathway in pathways:
        june.add(pathway)
    wrong = differences(derived(june.run(), "R"), pathways)
    assert wrong == [], "\n".join(wrong)


def test_quarter_flag_stays_where_the_next_month_is_of_another_quarter(
    everybody: dict[str, User],
) -> None:
    july = Records(Window.objects.get(primary_period=date(2013, 7, 1)), everybody["Erin"])
    pathways = drawn("S1  F411  2013-06-03 to now\n = IC_USE_QTR_REFERRAL_FLAG Y")
    july.add(pathways[0])
    assert differences(derived(july.run(), "R"), pathways) == []


def test_nobody_is_inactive_while_nothing_newer_is_held(june: Records) -> None:
    pathways = drawn("S1  F411  2013-05-03 to now  sent 2013-05\n = IC_INACTIVE_TIMESTAMP -")
    june.add(pathways[0])
    assert differences(derived(june.run(), "R"), pathways) == []


def test_newest_month_is_that_of_anybody(june: Records) -> None:
    """RZ1 has sent nothing of June, but RZ2 has."""
    pathways = drawn(
        "S1  F411  2013-05-03 to now  sent 2013-05\n = IC_INACTIVE_TIMESTAMP 2013-06-01T00:00:00\n"
    )
    june.add(pathways[0])
    june.add(drawn("S2  F411  2013-06-03 to now")[0], "RZ2")
    assert differences(derived(june.run(), "R"), pathways) == []


def test_other_providers_rows_count_for_nothing(june: Records) -> None:
    """The same person, and a service request of the same name, at another provider."""
    (ours,) = drawn("""
        S1  F411  2013-06-03 to now
            2013-06-17   seen 02 07   PHQ9_Score 9
            = IC_COUNT_APPOINTMENTS 1  IC_FIRST_PHQ9 9
        """)
    (theirs,) = drawn("""
        S1  F411  2013-04-03 to now
            2013-04-17   seen 02 07   PHQ9_Score 27
            = IC_COUNT_APPOINTMENTS 1  IC_FIRST_PHQ9 27
        """)
    june.add(ours)
    june.add(theirs, "RZ2")
    found = derived(june.run())
    assert differences(found, [ours]) + differences(found, [theirs], "RZ2") == []


def test_rank_goes_on_over_months(june: Records) -> None:
    (pathway,) = drawn("""
        S1  F411  2013-04-03 to now
            2013-04-17         seen 02 07
            2013-04-18         seen 02 07
            2013-06-10         seen 02 07
            2013-06-10 14:00   seen 02 08
            2013-06-11         seen 01
            2013-06-12         missed 02 07
            2013-06-13         seen 06 07
            2013-06-14         late 03 07
        """)
    june.add(pathway)
    derived(june.run())
    ranks: list[Any] = read("""
        SELECT appointment, appointmenttime, treatment_rank FROM d_appointment ORDER BY place""")
    assert [(row["appointment"].day, row["treatment_rank"]) for row in ranks] == [
        *((10, 3), (10, 4), (11, None), (12, None), (13, None), (14, 5))
    ]
    assert ranks[0]["appointmenttime"] == "14:00:00"


def test_every_derived_column_is_drawn() -> None:
    """With a value at least once, unless it can have none in this version."""
    pathways = [pathway for text in [*ALL.values(), LATER] for pathway in drawn(text)]
    with_value = {
        name for pathway in pathways for name, value in pathway.expected.items() if value != "-"
    }
    assert {one.name for one in derivations() if one.is_column} == with_value
