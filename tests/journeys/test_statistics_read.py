"""The statistics as people read them: without JavaScript, by ear, on paper."""

import re

import pytest

from accounts.models import User
from tests.extracts.released import two_months
from tests.journeys.people import People

# What is wider than its frame, on a sheet of paper that does not scroll.
CUT_OFF = """[...document.querySelectorAll("main table, main svg")].filter(
    (one) => one.getBoundingClientRect().right > window.innerWidth).length"""


@pytest.fixture
def released(everybody: dict[str, User]) -> None:
    two_months(everybody["Erin"])


def test_from_how_we_are_doing_to_a_provider(people: People, released: None) -> None:
    """Given a visitor whose browser runs no scripts, every step is a link or a form."""
    visitor = people.person("Visitor", java_script_enabled=False)
    visitor.goes_to("/help/")
    visitor.follows("Statistics")
    visitor.sees("How are we doing", "These figures are provisional", "1,250")
    visitor.follows("Recovery rate")
    visitor.sees("Over the months, all services together", "is left out last")
    visitor.page.get_by_label("Month", exact=True).select_option("June 2013")
    visitor.presses("Show")
    visitor.sees("By provider, June 2013")
    visitor.follows("RZ1")
    visitor.sees("Alder Valley Talking Therapies (RZ1)")
    visitor.page.get_by_label("Figure", exact=True).select_option("Recovered")
    visitor.presses("Show this figure")
    visitor.sees("Recovered, month by month")
    visitor.main.get_by_role("link", name="Definition").first.click()
    assert visitor.page.url.endswith("/statistics/definitions/recovered/")


def test_a_month_is_taken_away(people: People, released: None) -> None:
    visitor = people.person("Visitor", java_script_enabled=False)
    visitor.goes_to("/statistics/2013-07/")
    assert visitor.downloads("CSV, one figure a line").startswith(b"period,stage,release,")
    visitor.goes_to("/statistics/2013-07/")
    assert visitor.downloads("Excel").startswith(b"PK")


def test_by_ear(people: People, released: None) -> None:
    """Given somebody who listens, each drawing says what it is of and where its figures stand,
    and each table what it holds; a bar says nothing that its row does not say."""
    visitor = people.person("Visitor")
    visitor.goes_to("/statistics/figure/recovered/")
    heard = visitor.main.aria_snapshot()
    drawings = re.findall(r'- \'?img "([^"]*)', heard)
    assert len(drawings) == 2
    for one in drawings:
        assert one.startswith("Recovered, ")
        assert one.endswith("by month. The figures stand in the table below.")
    assert re.findall(r'- \'?table "([^"]*)', heard) == [
        "Recovered, month by month",
        "Recovered, July 2013, provisional: the highest rate first, what is left out last",
    ]
    visitor.goes_to("/statistics/")
    heard = visitor.main.aria_snapshot()
    assert len(re.findall(r'- img "[^"]* from June 2013 to July 2013', heard)) == 3
    assert 'heading "How are we doing" [level=1]' in heard


@pytest.mark.parametrize(
    "address", ["", "2013-07/", "2013-07/provider/", "figure/recovered/", "provider/RZ1/"]
)
def test_on_paper_nothing_is_cut_off(people: People, released: None, address: str) -> None:
    """Given the width of a sheet, drawings and tables are as wide as it at most."""
    visitor = people.person("Visitor", viewport={"width": 717, "height": 1000})
    visitor.page.emulate_media(media="print")
    visitor.goes_to(f"/statistics/{address}")
    assert visitor.page.evaluate(CUT_OFF) == 0
    assert not visitor.page.locator(".nhsuk-header__navigation").is_visible()
