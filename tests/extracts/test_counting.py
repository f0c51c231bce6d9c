"""In which figures a pathway counts, drawn; and what figures are counted by."""

from datetime import date

import pytest
from django.db import transaction

from accounts.models import User
from extracts import counting, deriving
from extracts.figures import figures
from extracts.linking import QUARTER
from extracts.models import FigureCount, Run
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.periods import month_before, quarter_start
from tests.extracts.drawn_figures import JUNE, QUARTER_TO_JUNE
from tests.extracts.pathways import Pathway, Records, drawn
from tests.extracts.reading import close_and_process
from tests.extracts.test_linking import as_window_of, going_on
from tests.submissions.rows import month
from tests.submissions.sending import send_and_check

MONTH = Kind.REFRESH


@pytest.fixture
def june(everybody: dict[str, User]) -> Records:
    """June 2013 is the final month, the last of its quarter."""
    return Records(Window.objects.get(primary_period=date(2013, 7, 1)), everybody["Erin"])


def counted(run: Run, stage: str) -> dict[str, dict[str, dict[str, int]]]:
    """By breakdown and category the figures that are not 0."""
    if stage == QUARTER:
        counting.count_quarter(run)
    else:
        with transaction.atomic():
            deriving.derive(run, stage)
            counting.count(run, stage)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in FigureCount.objects.filter(run=run, stage=stage):
        told = {name: number for name, number in one.figures.items() if number}
        found.setdefault(one.by, {})[one.of] = told
    return found


def sent(records: Records, text: str) -> dict[str, Pathway]:
    """Drawn pathways, each for a commissioner of its own, by which its figures are told apart. Of
    those of one name the last one drawn says what is expected."""
    by_code: dict[str, Pathway] = {}
    names: dict[str, str] = {}
    for pathway in drawn(text):
        code = names.setdefault(pathway.name, f"C{len(names):03}")
        pathway.also["orgcodecomm"] = code
        records.add(pathway)
        by_code[code] = pathway
    return by_code


@pytest.mark.parametrize(("stage", "text"), [(MONTH, JUNE), (QUARTER, QUARTER_TO_JUNE)])
def test_a_pathway_counts_where_it_is_drawn(june: Records, stage: str, text: str) -> None:
    pathways = sent(june, text)
    found = counted(june.run(), stage)["commissioner"]
    wrong = [
        f"{pathway.name}: {sorted(pathway.figures ^ set(found.get(code, {})))}"
        for code, pathway in pathways.items()
        if pathway.figures != set(found.get(code, {}))
    ]
    assert wrong == []
    assert {number for told in found.values() for number in told.values()} == {1}


def test_every_figure_is_drawn_with_one_that_counts_and_one_that_does_not() -> None:
    pathways = drawn(JUNE)
    for figure in figures():
        of_it = [figure.name in pathway.figures for pathway in pathways]
        assert any(of_it), figure.name
        # Not only one that has nothing to do with it: one that counts in the whole.
        whole = [p for p in pathways if not figure.whole or figure.whole in p.figures]
        assert any(figure.name not in pathway.figures for pathway in whole), figure.name
    assert {name for p in pathways for name in p.figures} == {one.name for one in figures()}


def test_an_open_month_is_counted_as_a_final_one(june: Records) -> None:
    """The provisional stage, of July: one that was received in it."""
    for pathway in drawn("S1  F32  2013-07-02 to now\n : sourcereferral B1"):
        june.add(pathway)
    expected = ("received", "received_self", "open", "waiting", "waiting_over_28", "waiting_29_56")
    assert counted(june.run(), Kind.PRIMARY)["national"][""] == dict.fromkeys(expected, 1)


PEOPLE = """
A  F32  2013-06-01 to now
    : age_end 15  gender 1  ic_ethnicity A
B  F32  2013-06-01 to now
    : age_end 16  gender 2  ic_ethnicity S
C  F32  2013-06-01 to now
    : age_end 17  gender 2  ic_ethnicity Z
D  F32  2013-06-01 to now
    : age_end 18  gender 9  ic_ethnicity 99
E  F32  2013-06-01 to now
    : age_end 35  ic_ethnicity -1
F  F32  2013-06-01 to now
    : age_end 36  gender 1  ic_ethnicity -3
G  F32  2013-06-01 to now
    : age_end 64  gender 1  ic_ethnicity A
H  F32  2013-06-01 to now
    : age_end 65  gender 1  ic_ethnicity A
I  F32  2013-06-01 to now
    : gender 1  ic_ethnicity A
"""


def test_by_age_gender_and_ethnicity(june: Records) -> None:
    for pathway in drawn(PEOPLE):
        june.add(pathway, "RZ2" if pathway.name == "A" else "RZ1")
    run = june.run()
    found = counted(run, MONTH)

    def received(by: str) -> dict[str, int]:
        return {of: told["received"] for of, told in found[by].items()}

    ages = {"Under 16": 1, "16 to 17": 2, "18 to 35": 2, "36 to 64": 2, "65 and over": 1, "": 1}
    assert received("age") == ages
    assert received("gender") == {"Male": 5, "Female": 2, "Indeterminate": 1, "": 1}
    assert received("ethnicity") == {
        **{"White: British": 4, "Any other ethnic group": 1, "Not stated": 1, "": 3}
    }
    assert received("provider") == {"RZ1": 8, "RZ2": 1}
    assert received("national") == {"": 9}
    contributors = {
        (one.by, one.of): one.contributors["received"] for one in FigureCount.objects.all()
    }
    assert contributors["national", ""] == 2
    assert contributors["gender", "Male"] == 2
    assert contributors["gender", "Female"] == 1
    assert contributors["provider", "RZ2"] == 1


def test_counting_again_takes_the_place_of_what_was_counted(june: Records) -> None:
    for pathway in drawn(PEOPLE):
        june.add(pathway)
    run = june.run()
    assert counted(run, MONTH) == counted(run, MONTH)
    assert counted(run, QUARTER) == counted(run, QUARTER)


def test_a_quarter_is_counted_with_its_last_month_alone(everybody: dict[str, User]) -> None:
    records = Records(Window.objects.get(primary_period=date(2013, 6, 1)), everybody["Erin"])
    for pathway in drawn(PEOPLE):
        records.add(pathway)
    assert counted(records.run(), QUARTER) == {}


def test_other_months_of_the_quarter_only_as_they_were_frozen(june: Records) -> None:
    """A run knows of a quarter what it froze, whatever came later."""
    for pathway in drawn(QUARTER_TO_JUNE):
        june.add(pathway)
    run = june.run()
    before = counted(run, QUARTER)
    for pathway in drawn("NEW  F32  2013-04-03 to 2013-04-20"):
        june.add(pathway, "RZ2")
    assert counted(run, QUARTER) == before
    FigureCount.objects.all().delete()
    assert counted(run, QUARTER) == before


def test_of_its_last_month_a_quarter_has_the_same(june: Records) -> None:
    """So that they are shown alike (`extracts.statistics`)."""
    for pathway in drawn(JUNE + QUARTER_TO_JUNE):
        june.add(pathway)
    run = june.run()
    names = {one.name for one in figures() if one.is_of_last_month}
    assert {"open", "waiting", "waiting_over_28"} < names

    def those(stage: str) -> dict[tuple[str, str, str], int]:
        return {
            (by, of, name): number
            for by, rows in counted(run, stage).items()
            for of, told in rows.items()
            for name, number in told.items()
            if name in names
        }

    assert those(QUARTER) == those(MONTH) != {}


def test_processing_the_last_month_of_a_quarter(
    alice: User, charlie: User, erin: User, window: Window
) -> None:
    """As it goes: RZ1 sends the first month and the last one, with one person more; RZ2 the second
    alone. The quarter is counted with the final figures of its last month."""
    after = quarter_start(window.primary_period)
    third = month_before(after)
    second, first = month_before(third), month_before(month_before(third))
    with as_window_of(window, first) as earlier:
        send_and_check(alice, earlier, going_on(first, first, persons=3))
    with as_window_of(window, second) as earlier:
        send_and_check(charlie, earlier, month(second, "RZ2", persons=5))
    with as_window_of(window, after) as now:
        send_and_check(alice, now, going_on(third, first, persons=4), Kind.REFRESH)
        run = close_and_process(now, erin)
        assert run.status == Run.Status.DONE
        told = counting.coverage(run, QUARTER)
        assert list(told) == [f"{one:%Y-%m}" for one in (first, second, third)]
        assert list(told.values()) == [["RZ1"], ["RZ2"], ["RZ1"]]
        expected = counting.expected(run, QUARTER)
        assert expected == {one: ["RZ1", "RZ2", "RZ3"] for one in told}
        assert counting.coverage(run, MONTH) == {f"{third:%Y-%m}": ["RZ1"]}
    (national,) = FigureCount.objects.filter(run=run, stage=QUARTER, by="national")
    assert (national.figures["received"], national.contributors["received"]) == (9, 2)
    assert (national.figures["open"], national.contributors["open"]) == (4, 1)
    assert national.figures["second"] == 9
    assert FigureCount.objects.get(run=run, stage=MONTH, by="national").figures["received"] == 0
