"""What everybody sees of the data quality report, of releases that are drawn; and what a provider
sees of its own beside it."""

import csv
import io
import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from extracts import publishing
from extracts.models import Release, ReleasedPart, Run
from submissions.models import QualityCount, Window
from tests.extracts.released import (
    FIRST,
    JULY,
    JUNE,
    LATER,
    drawn,
    of_quality,
    release,
    with_quality,
)
from tests.pages import cells, visit, words
from validation import quality

# Of the newest month the first item is all stars, and the second is told as a band.
JUNE_FINAL = """
                   postcode   gender    phq9
    national       1000 *     1000 97%  1500 90%
    provider RZ1    400 *      400 98%   700 92%
    provider RZ2    600 95+    600 96%   800 88%
"""
JULY_PROVISIONAL = """
                       postcode   gender    phq9      gad7
    national           1200 *     1200 95+  1700 89%  1700 88%
    provider RZ1        600 *      600 *     900 91%   900 90%
    provider RZ3        580 95+    580 95+   790 87%   790 86%
    provider together    20 *       20 *      10 *      10 *
"""


@pytest.fixture
def released(erin: User) -> list[Release]:
    """June final, July provisional; RZ2 did not send July."""
    first, later = drawn(FIRST), drawn(LATER, {"provider": ["RZ8", "RZ9"]})
    later |= {
        "coverage": {"2013-07": ["RZ1", "RZ3", "RZ8", "RZ9"]},
        "expected": {"2013-07": ["RZ1", "RZ2", "RZ3", "RZ8", "RZ9"]},
    }
    before = release(erin, JUNE, P=first)
    now = release(erin, JULY, R=first, P=later)
    with_quality(before, P=of_quality(JUNE_FINAL))
    with_quality(now, R=of_quality(JUNE_FINAL), P=of_quality(JULY_PROVISIONAL, ("RZ8", "RZ9")))
    return [before, now]


def page(address: str, user: User | None = None) -> str:
    answer = visit(user).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# -- the item over the months ---------------------------------------------------------------------


def test_it_opens_on_an_item_that_is_shown_in_the_newest_month(released: list[Release]) -> None:
    shown = page("/quality/")
    assert '<option value="phq9" selected>' in shown
    assert cells(shown, "July") == ["provisional", "89%"]
    assert cells(shown, "June") == ["final", "90%"]
    assert shown.index(">July 2013</a></th>") < shown.index(">June 2013</a></th>")


def test_where_no_rate_is_shown_it_opens_on_a_band_or_on_the_first_item(erin: User) -> None:
    content = of_quality("""
                   postcode   gender
    national       1000 *     1000 95+
    provider RZ1   1000 *     1000 95+
    """)
    with_quality(release(erin, JULY, P=drawn(LATER)), P=content)
    assert cells(page("/quality/"), "July") == ["provisional", "95% or more"]
    starred = of_quality("""
                   postcode   gender
    national       1000 *     1000 *
    provider RZ1   1000 *     1000 *
    """)
    ReleasedPart.objects.filter(part=ReleasedPart.QUALITY).update(content=starred)
    assert '<option value="postcode" selected>' in page("/quality/")


def test_a_provisional_month_is_hollow(released: list[Release]) -> None:
    (drawing,) = re.findall(
        r"<svg class=\"portal-drawing__picture.*?</svg>", page("/quality/"), re.DOTALL
    )
    assert drawing.count('class="portal-trend__hollow') == 1
    assert drawing.count('class="portal-trend__point') == 1


def test_a_provider_over_the_months_beside_the_nation(released: list[Release]) -> None:
    shown = page("/quality/?item=phq9&provider=RZ1")
    assert cells(shown, "July") == ["provisional", "91%", "89%"]
    assert cells(shown, "June") == ["final", "92%", "90%"]
    assert '<a href="/statistics/provider/RZ1/">Statistics of RZ1</a>' in shown
    # It did not send July; another stands there together with others.
    assert cells(page("/quality/?item=phq9&provider=RZ2"), "July") == ["provisional", "", "89%"]
    assert cells(page("/quality/?item=phq9&provider=RZ8"), "July") == ["provisional", "*", "89%"]


def test_an_item_that_was_not_counted_is_blank(released: list[Release]) -> None:
    """And its month leads to no page that is not there."""
    shown = page("/quality/?item=gad7")
    assert cells(shown, "June") == ["final", ""]
    assert 'href="/quality/2013-06/gad7/"' not in shown
    assert 'href="/quality/2013-07/gad7/"' in shown


@pytest.mark.parametrize("code", ["RZ7", "together", "surname"])
def test_nobody_is_followed_who_stands_in_no_release(released: list[Release], code: str) -> None:
    assert Client().get(f"/quality/?provider={code}").status_code == 404


# -- a month --------------------------------------------------------------------------------------


def test_a_month_says_whose_data_it_rests_on(released: list[Release]) -> None:
    for address in ("/quality/2013-07/", "/quality/2013-07/phq9/"):
        shown = words(page(address))
        assert "4 of 5 providers that were expected are in these figures" in shown
        assert "Missing from July 2013, provisional: RZ2" in shown


def test_a_release_that_did_not_say_whose_data_it_rests_on_is_shown(erin: User) -> None:
    only = release(erin, JULY)
    with_quality(only, P=of_quality(JULY_PROVISIONAL, ("RZ8", "RZ9")))
    shown = page("/quality/2013-07/")
    assert "expected" not in words(shown)
    assert cells(shown, "PHQ-9")[-1] == "89%"
    assert "/statistics/2013-07/" not in shown


def test_providers_stand_with_their_names_and_lead_on(released: list[Release]) -> None:
    shown = page("/quality/2013-07/")
    link = '<a href="/quality/?provider=RZ1#over-the-months">RZ1</a>'
    assert f"{link}<span" in shown
    assert "RZ1 Alder Valley Talking Therapies" in words(shown)
    of_item = page("/quality/2013-07/phq9/")
    assert '<a href="/quality/?item=phq9&amp;provider=RZ1#over-the-months">RZ1</a>' in of_item
    assert cells(of_item, "RZ8 and RZ9")[-1] == "*"
    assert 'href="/quality/?item=phq9#over-the-months"' in of_item


def test_every_table_has_a_caption_of_its_own_with_the_stage(released: list[Release]) -> None:
    ReleasedPart.objects.filter(part=ReleasedPart.QUALITY, stage="R").update(
        period=date(2013, 7, 1)
    )
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", page("/quality/2013-07/"))
    assert len(captions) == len(set(captions)) == 6
    assert {one.split(",")[0] for one in captions} == {"Provisional", "Final"}


def test_the_tables_by_provider_are_as_narrow_as_a_sheet_of_paper() -> None:
    """Each item stands in one of them."""
    kinds = [one.tells_of for one in quality.items()]
    assert set(kinds) == {"patients", "referrals", "appointments"}
    assert max(kinds.count(one) for one in kinds) <= 12


def test_a_band_is_told_in_percent(released: list[Release]) -> None:
    assert cells(page("/quality/2013-07/"), "Gender")[-1] == "95% or more"


def test_a_month_and_its_statistics_lead_to_each_other(released: list[Release]) -> None:
    assert 'href="/statistics/2013-07/"' in page("/quality/2013-07/")
    assert 'href="/quality/2013-07/"' in page("/statistics/2013-07/")
    assert 'href="/quality/?provider=RZ1#over-the-months"' in page("/statistics/provider/RZ1/")
    ReleasedPart.objects.filter(part=ReleasedPart.QUALITY).delete()
    assert "/quality/2013-07/" not in page("/statistics/2013-07/")
    assert "/quality/?provider" not in page("/statistics/provider/RZ1/")


def test_the_menu_leads_to_it(db: None) -> None:
    assert re.search(r'nhsuk-header__navigation-link" href="/quality/"', page("/help/"))


def test_a_month_that_was_withdrawn_says_so(released: list[Release], erin: User) -> None:
    Release.objects.filter(id=released[1].id).update(
        withdrawn_at=released[1].at, withdrawn_by=erin, why_withdrawn="Of another month"
    )
    for gone in ("/quality/2013-07/", "/quality/2013-07/phq9/", "/quality/2013-07.xlsx"):
        answer = Client().get(gone)
        assert answer.status_code == 410, gone
        assert "Of another month" in answer.content.decode()
        assert "% valid" not in answer.content.decode()
    assert "Of another month" in page("/quality/")
    # June stands provisionally, and tells what became of the rest.
    shown = words(page("/quality/2013-06/"))
    assert "Data quality report: June 2013, final was withdrawn on" in shown
    assert "Provisional, national" in shown


# -- its files ------------------------------------------------------------------------------------


def taken(address: str) -> bytes:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def test_the_workbook_says_what_the_csv_says(released: list[Release]) -> None:
    lines = list(csv.DictReader(io.StringIO(taken("/quality/2013-07.csv").decode(), newline="")))
    book = load_workbook(io.BytesIO(taken("/quality/2013-07.xlsx")))
    assert book.sheetnames == ["Notes", "Rules", "National", "Provider"]
    named = {"Records": ("all", "count"), "Valid": ("valid", "count")}
    named |= {"Missing": ("missing", "count"), "Percent valid": ("valid", "percent")}
    named |= {"Percent valid at least": ("valid", "percent at least")}
    found = []
    for level in ("National", "Provider"):
        head, *rows = book[level].values
        for row in rows:
            told = dict(zip(head, row, strict=True))
            who = (level.lower(), told["Organisation"] or "", told["Name"])
            found += [
                (*who, *place, str(told[name]))
                for name, place in named.items()
                if told[name] is not None
            ]
    keys = ("level", "organisation", "item", "category", "statistic", "value")
    assert sorted(found) == sorted(tuple(one[key] for key in keys) for one in lines)
    assert ("provider", "RZ8+RZ9", "phq9", "valid", "percent", "*") in found


def test_the_same_release_makes_the_same_workbook(released: list[Release]) -> None:
    assert taken("/quality/2013-06.xlsx") == taken("/quality/2013-06.xlsx")


def test_what_the_columns_mean(released: list[Release]) -> None:
    package = json.loads(taken("/quality/2013-07.json"))
    (resource,) = package["resources"]
    head = taken("/quality/2013-07.csv").decode().splitlines()[0]
    assert ",".join(one["name"] for one in resource["schema"]["fields"]) == head
    assert all(one["description"] for one in resource["schema"]["fields"])
    (made,) = package["releases"]
    assert (made["release"], made["stage"]) == (released[1].id, "provisional")
    assert made["providers"]["2013-07"]["sent"] == ["RZ1", "RZ3", "RZ8", "RZ9"]
    assert [one["name"] for one in package["items"]] == [one.name for one in quality.items()]


def test_there_is_no_other_form(released: list[Release]) -> None:
    assert Client().get("/quality/2013-07.pdf").status_code == 404
    assert Client().get("/quality/2013-08.csv").status_code == 404


# -- one's own ------------------------------------------------------------------------------------


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    """Of RZ1's newest month 1,000 of 1,409 genders are valid."""
    publishing.publish(window=window, by=erin)
    of_month(run, "P").filter(item="gender").update(valid=1000, missing=409)
    return run


def of_month(run: Run, stage: str) -> Any:
    frozen = run.frozen.filter(stage=stage).values("submission")
    return QualityCount.objects.filter(submission__in=frozen, submission__provider__code="RZ1")


def test_a_provider_sees_its_own_exact_figures_alone(
    published: Run, alice: User, dora: User, erin: User
) -> None:
    assert cells(page("/quality/mine/", alice), "Gender")[-2:] == ["71.0%", "not released yet"]
    assert "71.0" in page("/quality/provider/RZ1/", erin)
    assert visit(alice).get("/quality/provider/RZ2/").status_code == 404
    assert visit(alice).get("/quality/mine/?provider=RZ2").status_code == 404
    assert visit(dora).get("/quality/mine/").status_code == 404
    assert "71.0" not in page("/quality/?item=gender")


def test_what_to_improve_first_says_how_much_and_what_to_do(
    published: Run, alice: User, erin: User
) -> None:
    content = of_quality("""
                   gender     phq9
    national       2000 95+   2000 88%
    provider RZ1   1400 *     1400 *
    """)
    with_quality(_of(published, erin), P=content)
    shown = page("/quality/mine/", alice)
    gender = next(one for one in quality.items() if one.name == "gender")
    assert (
        "Gender : 409 of 1,409 values are missing, invalid or not known. 71.0% are valid "
        f"(nationally 95% or more). {gender.advice}"
    ) in words(shown)
    assert '<a href="/quality/rules/#gender">Gender</a>' in shown
    assert gender.advice in page("/quality/rules/")


def _of(run: Run, by: User) -> Release:
    return Release.objects.create(run=run, by=by)


def test_every_item_says_what_to_do() -> None:
    for one in quality.items():
        assert re.fullmatch(r"[A-Z].{40,}\.", one.advice), one.name
    advice = [one.advice.replace("GAD-7", "PHQ-9") for one in quality.items()]
    assert len(set(advice)) == len(advice) - 1


def test_an_older_month_in_full(published: Run, alice: User) -> None:
    older = f"{published.window.refresh_period:%Y-%m}"
    of_month(published, "R").filter(item="gender").update(valid=30, missing=10)
    shown = page(f"/quality/mine/?month={older}", alice)
    assert cells(shown, "Gender")[:2] == ["40", "30"]
    assert f'<option value="{older}" selected>' in shown
    assert f"Every item of {published.window.refresh_period:%B %Y}, final" in words(shown)
    assert f'href="?provider=RZ1&amp;month={older}&amp;item=' in page("/quality/mine/", alice)
    for month in ("1999-01", "x"):
        assert visit(alice).get(f"/quality/mine/?month={month}").status_code == 404
