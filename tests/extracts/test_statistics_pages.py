"""The public pages of the statistics, of releases that are drawn."""

import re
from datetime import date
from itertools import pairwise

import pytest
from django.test import Client

from accounts.models import User
from extracts import headlines
from extracts.figures import figures
from extracts.models import FigureCount, Release, Run
from submissions.models.calendar import clock
from tests.extracts.released import FIRST, JULY, JUNE, LATER, drawn, release, two_months
from tests.pages import LEFT_OUT, OWN, cells, visit, words


@pytest.fixture
def released(erin: User) -> list[Release]:
    return two_months(erin)


def page(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return OWN.sub(b"", answer.content).decode()


# -- how are we doing -----------------------------------------------------------------------------


def test_nothing_is_there_before_anything_is_released(erin: User) -> None:
    assert "Nothing has been published yet" in page("/statistics/")
    assert "Nothing has been published yet" in page("/statistics/figure/received/")
    for address in ("2013-06/", "2013-06.csv", "provider/RZ1/", "quarter/2013-06/"):
        assert Client().get(f"/statistics/{address}").status_code == 404, address


def test_the_newest_month_answers_how_we_are_doing(released: list[Release]) -> None:
    shown = words(page("/statistics/"))
    assert "July 2013, all services together. These figures are provisional" in shown
    assert "Referrals received 1,250" in shown
    assert "250 (25%) more than June 2013" in shown
    assert "Recovery rate 75% or more of those who finished treatment and were" in shown
    assert cells(page("/statistics/"), "July") == ["provisional", "1,250", "200", "75% or more"]
    assert cells(page("/statistics/"), "June") == ["final", "1,000", "200", "45.0%"]


def test_a_drawing_has_a_gap_where_a_figure_is_left_out(released: list[Release]) -> None:
    """Of the two months the recovery rate is shown in the first one alone."""
    drawings = re.findall(r"<svg.*?</svg>", page("/statistics/"), re.DOTALL)
    titled = {re.search(r"<title[^>]*>(.*?) from", one)[1]: one for one in drawings}
    points = {title: len(re.findall("<rect", one)) for title, one in titled.items()}
    assert points == {
        "Referrals received": 2,
        "Finished a course of treatment": 2,
        "Recovery rate": 1,
    }
    assert "portal-trend__hollow" in titled["Referrals received"]
    assert "portal-trend__hollow" not in titled["Recovery rate"]


def test_a_card_shows_the_newest_month_in_which_its_figure_is_shown(erin: User) -> None:
    """
    June 2013   1000 referrals, 45.0% recovered
    May 2014     800 referrals, 40% recovered, of RZ1 alone
    June 2014   1200 referrals, the recovery rate left out
    """
    both, june = ["RZ1", "RZ2"], date(2014, 6, 1)
    for period, window, told, sent in [
        (date(2013, 6, 1), date(2013, 7, 1), "1000       81 45.0%", both),
        (date(2014, 5, 1), date(2013, 8, 1), " 800       70 40%", ["RZ1"]),
        (june, date(2013, 9, 1), "1200       *  *", both),
    ]:
        coverage = {"coverage": {f"{period:%Y-%m}": sent}}
        of_it = drawn(f"           received   recovered\nnational   {told}") | coverage
        release(erin, window, R=of_it).parts.update(period=period)
    shown = words(page("/statistics/"))
    assert "400 (50%) more than May 2014 (not the same providers)" in shown
    assert "200 (20%) more than June 2013" in shown
    assert "200 (20%) more than June 2013 (not" not in shown
    assert "Recovery rate 40%" in shown
    assert "May 2014 : left out of June 2014" in shown
    # The quarter that ends with June is newer than May.
    quarter = drawn("           received   recovered\nnational   3000       300 46%")
    release(erin, date(2013, 10, 1), Q=quarter).parts.update(period=june)
    shown = words(page("/statistics/"))
    assert "Recovery rate 46%" in shown
    assert "Quarter 1 2014/15 (April to June 2014) : left out of June 2014" in shown


def test_what_is_protected_and_what_is_not_is_said_openly(db: None) -> None:
    assert "it may be known exactly" in page("/quality/rules/")
    assert "portal</code>" not in page("/quality/rules/")


def test_a_card_and_its_page_are_called_alike(released: list[Release]) -> None:
    assert '<h1 class="nhsuk-heading-l">Recovery rate</h1>' in page("/statistics/figure/recovered/")
    assert "Recovered: People at caseness" in words(page("/statistics/figure/recovered/"))
    assert "Caseness: a score" in words(page("/statistics/figure/recovered/"))


def test_where_everything_is_left_out_nothing_is_drawn(erin: User) -> None:
    content = drawn("""
               received   recovered
    national   3000       *  *
    """)
    release(erin, JUNE, P=content)
    shown = page("/statistics/figure/recovered/")
    assert "nothing of it can be shown" in shown
    assert "portal-drawing__picture" not in shown
    assert "Nothing can be shown for these months" in page("/statistics/")


@pytest.mark.parametrize(
    ("now", "before", "is_rate", "said"),
    [
        (120, 100, False, "20 (20%) more than"),
        (1000, 2500, False, "1,500 (60%) fewer than"),
        (5, 0, False, "5 more than"),
        (100, 100, False, "the same as"),
        (None, 100, False, ""),
        (100, None, False, ""),
        (
            headlines.Decimal("46.0"),
            headlines.Decimal("44.5"),
            True,
            "1.5 percentage points more than",
        ),
        (headlines.Decimal(44), headlines.Decimal(45), True, "1 percentage point less than"),
        (headlines.Decimal(30), headlines.Decimal(10), True, "20 percentage points more than"),
    ],
)
def test_change_in_words(now, before, is_rate: bool, said: str) -> None:
    assert headlines.change(now, before, is_rate) == said


def test_every_headline_is_a_figure() -> None:
    assert [one.figure.name for one in headlines.headlines()] == [
        "received",
        "entered",
        "finished",
        "recovered",
        "finished_within_42",
        "finished_within_126",
    ]
    assert all(one.figure.of for one in headlines.headlines() if one.is_rate)


# -- months, quarters, breakdowns -----------------------------------------------------------------


def test_a_month_shows_its_stages_beside_each_other(released: list[Release]) -> None:
    shown = page("/statistics/2013-06/")
    assert cells(shown, "Recovered")[:4] == ["81", "45.0%", "81", "45.0%"]
    assert "Provisional: published" in words(shown)
    assert "Final: published" in words(shown)
    assert '/statistics/definitions/recovered/"' in shown
    shown = page("/statistics/2013-07/")
    assert cells(shown, "Recovered")[:2] == ["*", "75% or more"]
    assert cells(shown, "Referrals received")[:2] == ["1,250", ""]


def test_the_former_indicators_stand_beside_the_quarter(released: list[Release]) -> None:
    shown = page("/statistics/quarter/2013-06/")
    assert "April to June 2013" in shown
    assert cells(shown, "KPI3a") == ["Referrals received", "1,000"]
    assert cells(shown, "KPI6a") == ["Recovered", "81"]
    assert re.findall(r">(KPI\w+)</th>", shown) == ["KPI3a", "KPI5", "KPI6a"]
    assert "KPI" not in page("/statistics/2013-06/")
    assert Client().get("/statistics/quarter/2013-07/").status_code == 404


def test_a_month_by_provider(released: list[Release]) -> None:
    shown = page("/statistics/2013-07/provider/?group=Outcomes+of+finished+courses")
    assert cells(shown, "National") == ["* *", "* 75% or more"]
    assert cells(shown, "RZ1") == ["70 88%", "* *"]
    assert cells(shown, "RZ8 and RZ9") == ["* *", "* *"]
    assert "RZ8 and RZ9 stand in one row" in words(shown)
    assert "Referrals by provider" in words(page("/statistics/2013-07/provider/"))
    assert "final" in page("/statistics/2013-06/provider/")
    assert "June 2013, provisional" in page("/statistics/2013-06/provider/?stage=P")


def test_ages_stand_in_their_order_and_what_is_not_known_last(released: list[Release]) -> None:
    heads = re.findall(
        r'<th[^>]*scope="row">(.*?)</th>', page("/statistics/2013-07/age/"), re.DOTALL
    )
    assert [words(one) for one in heads] == [
        "National",
        "18 to 35",
        "36 to 64",
        "65 and over",
        "Not known",
    ]


@pytest.mark.parametrize(
    "address",
    [
        *("2013-99/", "2013-00/", "2012-01/", "2013-07/ethnicity/", "2013-07/nothing/"),
        *("2013-07/provider/?group=nothing", "2013-07/provider/?stage=R"),
        *("2013-07/national/", "2013-07.pdf", "2012-01.csv", "quarter/2013-07.csv"),
        *("figure/nothing/", "figure/received/?period=2012-01", "figure/received/?by=nothing"),
        *("provider/RZ7/", "provider/together/", "provider/RZ1/?figure=nothing"),
        *("commissioner/RZ1/", "releases/999999/statistics.csv", "releases/1/statistics.pdf"),
    ],
)
def test_what_is_not_there(released: list[Release], address: str) -> None:
    assert Client().get(f"/statistics/{address}").status_code == 404


# -- whose data they are --------------------------------------------------------------------------


def test_who_is_missing_is_said_up_front(erin: User) -> None:
    """RZ2 was expected in July and sent nothing; an old release did not say who was expected."""
    sent, expected = {"2013-07": ["RZ1", "RZ3"]}, {"2013-07": ["RZ1", "RZ2", "RZ3"]}
    june = drawn(FIRST) | {"coverage": {"2013-06": ["RZ1"]}}
    july = drawn(LATER) | {"coverage": sent, "expected": expected}
    release(erin, JUNE, P=june)
    release(erin, JULY, R=june, P=july)
    said = "July 2013, provisional: 2 of 3 providers that were expected are in these figures"
    for address in ("", "2013-07/", "2013-07/provider/"):
        shown = words(page(f"/statistics/{address}"))
        assert said in shown, address
        assert "Missing from July 2013, provisional: RZ2" in shown, address
        assert shown.index(said) < shown.index("Referrals received"), address
    shown = words(page("/statistics/2013-06/"))
    assert "June 2013, provisional: 1 provider sent: RZ1" in shown
    assert "June 2013, final: 1 provider sent: RZ1" in shown
    assert "Not comparable" not in shown


def test_months_of_a_quarter_that_are_alike_are_told_once(erin: User) -> None:
    months = ("2013-04", "2013-05", "2013-06")
    told = {"coverage": {month: ["RZ1"] for month in months}}
    told["expected"] = {month: ["RZ1", "RZ2"] for month in months}
    first = release(erin, JULY, Q=drawn(FIRST) | told)
    shown = words(page("/statistics/quarter/2013-06/"))
    every = "Each month of Quarter 1 2013/14 (April to June 2013)"
    assert f"{every}: 1 of 2 providers that were expected is in these figures" in shown
    assert f"Missing from {every}: RZ2" in shown
    assert "May 2013" not in shown
    told["coverage"] = told["coverage"] | {"2013-05": ["RZ1", "RZ2"]}
    first.parts.update(content=drawn(FIRST) | told)
    shown = words(page("/statistics/quarter/2013-06/"))
    assert "May 2013, quarterly: 2 of 2 providers" in shown
    assert every not in shown


# -- comparing ------------------------------------------------------------------------------------


def test_an_organisation_over_time_beside_the_nation(released: list[Release]) -> None:
    shown = page("/statistics/provider/RZ1/?figure=recovered")
    assert "Alder Valley Talking Therapies (RZ1)" in words(shown)
    assert cells(shown, "July 2013") == ["provisional", "*", "*", "*", "75% or more"]
    assert cells(shown, "June 2013") == ["final", "30", "43%", "81", "45.0%"]
    assert cells(shown, "Finished a course") == ["80", "40%", "200", "40%"]
    # Its own number and rate, and the national rate, each of June alone.
    numbers, rates = re.findall(r"<svg.*?</svg>", shown, re.DOTALL)
    assert len(re.findall("<rect", numbers)) == 1
    assert (len(re.findall("<rect", rates)), len(re.findall("<circle", rates))) == (1, 1)


def test_those_that_stand_together_are_said_to(released: list[Release]) -> None:
    shown = words(page("/statistics/provider/RZ9/"))
    assert "July 2013: RZ8 and RZ9 stand together in one row" in shown
    assert "10" not in re.sub(r"2013", "", shown)


def test_organisations_are_ranked_by_what_is_shown(released: list[Release]) -> None:
    """By the rate; those whose rate is left out come last, by their codes, without a bar."""
    shown = page("/statistics/figure/recovered/?by=provider")
    table = shown[shown.index("ranked-caption") :]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    heads = [words(re.search(r"<th.*?</th>", row, re.DOTALL)[0]).split()[0] for row in rows]
    assert heads == ["National", "RZ3", "RZ1", "RZ2", "RZ8"]
    assert ["<svg" in row for row in rows] == [False, True, False, False, False]
    june = page("/statistics/figure/recovered/?by=provider&period=2013-06")
    assert re.findall(r'portal-bar__part" width="(\d+)"', june) == ["54", "55", "52"]
    assert june.count("portal-bar__mark") == 2


def test_a_code_that_is_no_part_of_an_address_has_no_page(released: list[Release]) -> None:
    shown = page("/statistics/2013-07/commissioner/")
    assert cells(shown, "=1+1")[0] == "10"
    assert "/statistics/commissioner/" not in shown
    page("/statistics/figure/received/?by=commissioner")


# -- nothing small, nothing exact -----------------------------------------------------------------

ADDRESSES = [
    *("", "2013-06/", "2013-07/", "quarter/2013-06/"),
    *(f"2013-07/{by}/" for by in ("provider", "commissioner", "age")),
    *(f"figure/{one.name}/" for one in figures()),
    *("provider/RZ1/?figure=recovered", "provider/RZ2/", "provider/RZ9/", "commissioner/91A/"),
    *(
        f"{of}.{form}"
        for of in ("2013-06", "2013-07", "quarter/2013-06")
        for form in ("csv", "json")
    ),
]


def test_pages_know_of_nothing_exact(released: list[Release], erin: User) -> None:
    """Whatever was counted of the same windows, every page and file is the same."""
    before = {one: page(f"/statistics/{one}") for one in ADDRESSES}
    for run in Run.objects.all():
        for by, of in (("national", ""), ("provider", "RZ1"), ("provider", "RZ2")):
            FigureCount.objects.create(
                run=run,
                stage="P",
                by=by,
                of=of,
                figures={one.name: 3 for one in figures()},
                contributors={},
            )
    assert {one: page(f"/statistics/{one}") for one in ADDRESSES} == before


def test_no_cell_and_no_drawing_holds_a_small_number(released: list[Release]) -> None:
    for address in ADDRESSES:
        shown = page(f"/statistics/{address}")
        told = re.findall(r"<td[^>]*numeric[^>]*>\s*([^<]*?)\s*<", shown)
        assert not {one for one in told if one in {"0", "1", "2", "3", "4"}}, address
        for one in re.findall(r"<svg.*?</svg>", shown, re.DOTALL):
            assert not re.search(r"<title[^>]*>[^<]*\b[0-4]\b", one), address
            assert "<desc" not in one, address


# -- for the ear ----------------------------------------------------------------------------------


def test_every_drawing_is_named_and_every_table_has_a_caption(released: list[Release]) -> None:
    for address in ADDRESSES:
        if address.endswith(("csv", "json")):
            continue
        shown = page(f"/statistics/{address}")
        for svg in re.findall(r"<svg.*?</svg>", shown, re.DOTALL):
            opening = svg[: svg.index(">")]
            if "aria-hidden" in opening:
                continue
            assert 'role="img"' in opening, address
            named = re.search('aria-labelledby="([^"]*)"', opening)[1]
            assert f'<title id="{named}">' in svg, address
            assert shown.count(f'id="{named}"') == 1, address
        assert shown.count("<table") == shown.count("<caption"), address
        levels = [int(one) for one in re.findall(r"<h([1-4])[ >]", shown)]
        assert levels.count(1) == 1, address
        assert max(below - above for above, below in pairwise(levels)) <= 1, address


def test_no_page_needs_a_script(released: list[Release]) -> None:
    """What folds is a `details`, what chooses is a form that is got."""
    for address in ("", "2013-07/provider/", "figure/recovered/", "provider/RZ1/"):
        main = page(f"/statistics/{address}").split("<main")[1].split("</main")[0]
        assert "<script" not in main
        assert not re.search(r"\son\w+=|\shx-|\sstyle=", main)
        assert set(re.findall(r'<form method="(\w+)"', main)) <= {"get"}


# -- over the quarters ----------------------------------------------------------------------------


@pytest.fixture
def three_quarters(erin: User) -> None:
    """
    June 2013        1000 referrals, RZ1 400
    September 2013   1200 referrals, RZ1 left out
    March 2014       1100 referrals, RZ1 450
    """
    for period, window, nation, own in [
        (date(2013, 6, 1), date(2013, 7, 1), "1000", "400"),
        (date(2013, 9, 1), date(2013, 8, 1), "1200", "*  "),
        (date(2014, 3, 1), date(2013, 9, 1), "1100", "450"),
    ]:
        text = f"               received\nnational       {nation}\nprovider RZ1   {own}"
        release(erin, window, Q=drawn(text)).parts.update(period=period)


def test_a_quarter_leads_to_its_figures_over_the_quarters(three_quarters: None) -> None:
    assert 'href="/statistics/figure/received/?over=quarters"' in page(
        "/statistics/quarter/2013-06/"
    )
    shown = page("/statistics/figure/received/?over=quarters")
    assert "Referrals received, quarter by quarter" in words(shown)
    assert cells(shown, "Quarter 4 2013/14 (January") == ["quarterly", "1,100"]
    assert cells(shown, "Quarter 1 2013/14 (April") == ["quarterly", "1,000"]
    assert ">Q2 2013/14</text>" in shown
    assert "By provider, Quarter 4 2013/14 (January to March 2014)" in words(shown)


def test_an_organisation_over_the_quarters_beside_the_nation(three_quarters: None) -> None:
    shown = page("/statistics/provider/RZ1/?over=quarters")
    assert cells(shown, "Quarter 4 2013/14 (January") == ["quarterly", "450", "1,100"]
    assert cells(shown, "Quarter 2 2013/14 (July") == ["quarterly", "*", "1,200"]
    drawing = re.search(r"<svg.*?</svg>", shown, re.DOTALL)
    assert drawing
    assert len(re.findall("<rect", drawing[0])) == 2
    assert Client().get("/statistics/provider/RZ9/?over=quarters").status_code == 404
    assert Client().get("/statistics/provider/RZ1/?over=years").status_code == 404


def test_months_and_quarters_lead_to_each_other(released: list[Release]) -> None:
    """Of an organisation that stands in both."""
    for address in ("figure/received/", "provider/RZ1/"):
        assert "?over=quarters&amp;figure=" in page(f"/statistics/{address}")
        assert "?over=months&amp;figure=" in page(f"/statistics/{address}?over=quarters")
    assert "?over=quarters" not in page("/statistics/provider/RZ3/")


# -- ways on, and what is left out ----------------------------------------------------------------


def test_a_star_is_said_to_those_who_do_not_see_it(released: list[Release]) -> None:
    for address in (
        *("2013-07/", "2013-07/provider/?group=Outcomes+of+finished+courses"),
        *("figure/recovered/", "provider/RZ1/?figure=recovered"),
    ):
        shown = page(f"/statistics/{address}")
        stars = re.findall(r">\s*\*\s*<", shown)
        assert stars, address
        assert shown.count(f"*{LEFT_OUT}") == len(stars), address


def test_a_table_in_which_everything_is_left_out_is_one_sentence(erin: User) -> None:
    content = drawn("""
                       received   recovered
        national           3000   90  45%
        ethnicity A          *    *   *
        ethnicity B          *    *   *
        age 18 to 35       2000   *   *
    """)
    release(erin, JUNE, P=content)
    sentence = "every number of this table is left out to protect people"
    left_out = page("/statistics/2013-06/ethnicity/?group=Referrals")
    assert sentence in left_out
    assert "<table" not in left_out
    assert sentence not in page("/statistics/2013-06/age/?group=Referrals")


def test_a_definition_leads_to_its_figures_once_there_are_some(erin: User) -> None:
    address = 'href="/statistics/figure/received/"'
    assert address not in page("/statistics/definitions/received/")
    two_months(erin)
    assert address in page("/statistics/definitions/received/")


def test_the_page_of_ones_own_organisation_leads_to_its_exact_figures(
    released: list[Release], alice: User, dora: User, erin: User
) -> None:
    places = ("provider/RZ1/", "commissioner/91A/")
    for user, ways in [
        (alice, ["/statistics/mine/?provider=RZ1", None]),
        (dora, [None, "/statistics/mine/?commissioner=91A"]),
        (erin, ["/statistics/exact/provider/RZ1/", "/statistics/exact/commissioner/91A/"]),
    ]:
        for place, way in zip(places, ways, strict=True):
            shown = visit(user).get(f"/statistics/{place}").content.decode()
            assert (f'href="{way}"' in shown) if way else ("exact figures</a>" not in shown)
    assert "exact figures</a>" not in page("/statistics/provider/RZ1/")


def test_a_month_that_was_released_again_says_why(released: list[Release]) -> None:
    Release.objects.filter(id=released[-1].id).update(why="Late files were added.")
    said = "Released again: Late files were added."
    for address in ("2013-07/", ""):
        assert said in words(page(f"/statistics/{address}"))
    told = Client().get("/statistics/2013-07.json").json()["releases"]
    assert [(one["stage"], one["released_again"]) for one in told] == [
        ("provisional", "Late files were added.")
    ]


def test_figures_that_were_withdrawn_are_not_promised_for_later(
    erin: User, released: list[Release]
) -> None:
    """July is provisional; once its final figures were withdrawn, they do not come as usual."""
    assert "come a month later" in page("/statistics/2013-07/")
    final = release(erin, date(2013, 8, 1), R=drawn(FIRST))
    Release.objects.filter(id=final.id).update(
        withdrawn_at=clock(), withdrawn_by=erin, why_withdrawn="Wrong."
    )
    for address in ("2013-07/", ""):
        shown = page(f"/statistics/{address}")
        assert "Wrong." in shown
        assert "a month later" not in shown
