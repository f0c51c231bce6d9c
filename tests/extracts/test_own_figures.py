"""One's own exact figures: of what is published, for nobody else, beside what everybody sees."""

import pytest
from django.test import Client

from accounts.models import User
from extracts import own_figures, publishing
from extracts.models import FigureCount, Run
from submissions.models import Window
from tests.extracts.released import drawn, release
from tests.pages import cells, visit, words

NATION = """
                received   finished   caseness   recovered
    national        1000        200        180      81 45%
"""


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    """RZ1 and commissioner 91A have exact figures of their own in the provisional month."""
    publishing.publish(window=window, by=erin)
    for by, of, recovered in (("provider", "RZ1", 3), ("commissioner", "91A", 2)):
        counts = FigureCount.objects.get(run=run, stage="P", by=by, of=of)
        counts.figures |= {"finished": 9, "caseness": 7, "recovered": recovered}
        counts.save()
    return run


def page(user: User, address: str = "") -> str:
    answer = visit(user).get(f"/statistics/mine/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


def month(run: Run) -> str:
    return f"{run.window.primary_period:%B %Y}"


def test_a_provider_sees_its_own_beside_what_everybody_sees(
    published: Run, alice: User, erin: User
) -> None:
    release(erin, published.window.primary_period, P=drawn(NATION))
    shown = page(alice, "?figure=recovered")
    assert cells(shown, month(published)) == ["provisional", "3", "42.9%", "81", "45%"]
    assert cells(shown, "Recovered") == ["3", "42.9%", "81", "45%"]
    assert "Exact figures of Alder Valley Talking Therapies (RZ1), not to be passed on" in words(
        shown
    )
    assert "A number under 5" in words(shown)
    assert "/statistics/mine/" in visit(alice).get("/").content.decode()
    assert "?provider=RZ1" in visit(alice).get("/quality/mine/").content.decode()


def test_a_commissioner_sees_the_patients_it_answers_for(published: Run, dora: User) -> None:
    shown = page(dora, "?figure=recovered")
    assert cells(shown, month(published))[:3] == ["provisional", "2", "28.6%"]
    assert "IC_CCG" in words(shown)
    assert "?commissioner=91A" in visit(dora).get("/services/").content.decode()


def test_the_former_indicators_of_its_newest_quarter(published: Run, alice: User) -> None:
    published.figure_counts.filter(stage="Q").delete()
    assert "former key performance" not in page(alice)
    FigureCount.objects.create(
        run=published,
        stage="Q",
        by="provider",
        of="RZ1",
        figures={"received": 27, "finished": 3},
        contributors={},
    )
    shown = page(alice)
    assert cells(shown, "KPI3a") == ["Referrals received", "27"]
    assert cells(shown, "KPI5") == ["Finished a course of treatment", "3"]


def test_without_a_release_the_nation_is_not_there_and_nothing_leads_to_it(
    published: Run, alice: User
) -> None:
    shown = page(alice, "?figure=recovered")
    assert cells(shown, month(published))[3:] == ["not public", ""]
    assert cells(shown, "Recovered")[2:] == ["not public", ""]
    assert f"/statistics/{published.window.primary_period:%Y-%m}/" not in shown
    assert "/statistics/provider/RZ1/" not in shown


def test_a_month_in_full_is_the_one_asked_for(published: Run, alice: User) -> None:
    window = published.window
    assert f"All figures of {month(published)}, provisional" in page(alice)
    shown = page(alice, f"?month={window.refresh_period:%Y-%m}")
    assert f"All figures of {window.refresh_period:%B %Y}, final" in shown


def test_all_of_it_can_be_taken_away(published: Run, alice: User, dora: User) -> None:
    published.figure_counts.filter(stage="Q").delete()
    FigureCount.objects.create(
        run=published, stage="Q", by="provider", of="RZ1", figures={"received": 27}, contributors={}
    )
    answer = visit(alice).get("/statistics/mine/figures.csv")
    assert "exact_figures_RZ1_not_to_be_passed_on.csv" in answer["Content-Disposition"]
    lines = answer.content.decode().splitlines()
    assert lines[0] == "period,stage,figure,former,statistic,value"
    periods = published.window.primary_period, published.window.refresh_period
    provisional, quarter = (f"{one:%Y-%m}" for one in periods)
    assert f"{provisional},provisional,recovered,,count,3" in lines
    assert f"{provisional},provisional,recovered,,percent,42.9" in lines
    assert f"{quarter},quarterly,received,KPI3a,count,27" in lines
    assert visit(dora).get("/statistics/mine/figures.csv?provider=RZ1").status_code == 404


def test_nothing_is_there_before_it_is_published(run: Run, alice: User) -> None:
    assert "Nothing of RZ1 has been published yet" in words(page(alice))
    assert "<table" not in page(alice)


@pytest.mark.parametrize(
    "address",
    ["?provider=RZ2", "?commissioner=91A", "?provider=RZ9", "?figure=nothing", "?month=1999-01"],
)
def test_anothers_is_not_there(published: Run, alice: User, address: str) -> None:
    assert visit(alice).get(f"/statistics/mine/{address}").status_code == 404


def test_staff_see_any(published: Run, erin: User) -> None:
    for place, shown in (("provider/RZ1", ["3", "42.9%"]), ("commissioner/91A", ["2", "28.6%"])):
        answer = visit(erin).get(f"/statistics/exact/{place}/?figure=recovered")
        assert cells(answer.content.decode(), month(published))[1:3] == shown
    for place in ("provider/91A", "provider/RZ9", "nation/RZ1"):
        assert visit(erin).get(f"/statistics/exact/{place}/").status_code == 404


def test_who_may_look(published: Run, alice: User, charlie: User, dora: User, erin: User) -> None:
    """Nobody's figures are in anybody else's page; staff look elsewhere, strangers sign in."""
    assert "(RZ2)" in page(charlie)
    assert "42.9%" not in page(charlie, "?figure=recovered")
    assert visit(dora).get("/statistics/mine/?provider=RZ1").status_code == 404
    assert visit(dora).get("/statistics/mine/?commissioner=92A").status_code == 404
    assert visit(erin).get("/statistics/mine/").status_code == 404
    assert visit(alice).get("/statistics/exact/provider/RZ1/").status_code == 404
    assert "/account/sign-in/" in Client().get("/statistics/mine/")["Location"]


def test_of_a_month_the_final_stage_and_the_newest_run_count(published: Run, alice: User) -> None:
    mine = alice.providers.get()
    found = own_figures.stages(mine)
    window = published.window
    assert [(one.period, one.stage) for one in found if one.stage != "Q"] == [
        (window.primary_period, "P"),
        (window.refresh_period, "R"),
    ]
    assert [one.period for one in own_figures.months(found)] == [
        window.refresh_period,
        window.primary_period,
    ]
