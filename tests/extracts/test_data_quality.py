"""The data quality report: what was frozen, published, and nothing that tells of one person."""

import csv
import io
import re

import pytest
from django.test import Client

from accounts.models import Organisation, User
from extracts import data_quality, publishing, releases, releasing
from extracts.models import ReleasedPart, Run
from submissions.models import QualityCount, Window
from tests.pages import visit
from validation.quality import CATEGORIES

SMALL = re.compile(r"<td[^>]*>\s*[0-4]\s*</td>")


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


def release(run: Run) -> None:
    releasing.release(window=run.window, by=User.objects.get(first_name="Frank"))


@pytest.fixture
def of_period(published: Run) -> str:
    return f"/quality/{published.window.primary_period:%Y-%m}"


def page(address: str, user: User | None = None) -> str:
    answer = visit(user).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def grown(run: Run) -> None:
    """As if the files had been larger."""
    for count in QualityCount.objects.filter(submission__provider__code="RZ1"):
        for category, more in zip(CATEGORIES, (400, 0, 0, 30, 20), strict=True):
            setattr(count, category, getattr(count, category) + more)
        count.save()


def test_nothing_is_public_before_it_is_released(published: Run, alice: User) -> None:
    """A provider has its own exact figures before."""
    period = f"/quality/{published.window.primary_period:%Y-%m}"
    assert "Nothing is released" in page("/quality/")
    for address in (f"{period}/", f"{period}.csv", f"{period}/gender/"):
        assert Client().get(address).status_code == 404
    assert "Every item" in page("/quality/mine/", alice)


def test_a_provider_has_no_figures_of_its_own_before_they_are_published(
    run: Run, alice: User
) -> None:
    assert "Nothing of RZ1 has been published" in page("/quality/mine/", alice)


def test_both_stages_are_counted_as_they_were_frozen(published: Run) -> None:
    found = data_quality.published()
    window = published.window
    assert list(found) == [window.primary_period, window.refresh_period]
    (provisional,), (final,) = found.values()
    assert (provisional.words, final.words) == ("provisional", "final")
    assert {
        code: sum(counts)
        for code, counts in data_quality.counted(published, provisional.stage)["gender"].items()
    } == {
        "RZ1": 9,
        "RZ2": 5,
    }
    assert set(data_quality.counted(published, final.stage)["gender"]) == {"RZ1"}


def test_pages_show_no_small_number(published: Run, of_period: str) -> None:
    grown(published)
    release(published)
    assert not SMALL.search(page("/quality/"))
    for address in (f"{of_period}/", f"{of_period}/gender/", f"{of_period}/disability/"):
        shown = page(address)
        assert not SMALL.search(shown), address
        assert re.search(r"<td[^>]*>\*</td>", shown), address
    assert "RZ1" in page(f"{of_period}/")


def test_the_file_says_what_the_page_says(published: Run, of_period: str) -> None:
    grown(published)
    release(published)
    text = page(f"{of_period}.csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["stage"] for row in rows} == {"provisional"}
    assert {row["level"] for row in rows} == {"national", "provider"}
    for row in rows:
        if row["statistic"] == "count" and row["value"] != "*":
            assert int(row["value"]) >= 5
            assert int(row["value"]) % 5 == 0
    (whole,) = [
        row["value"]
        for row in rows
        if (row["organisation"], row["item"], row["category"]) == ("RZ1", "gender", "all")
    ]
    assert f">{whole}</td>" in page(f"{of_period}/gender/")


def test_figures_stay_as_they_were_released(published: Run, of_period: str) -> None:
    release(published)
    before = page(f"{of_period}.csv")
    grown(published)
    assert page(f"{of_period}.csv") == before


def test_what_to_improve_first(published: Run) -> None:
    """Default, invalid and missing values count; other ones are as good as valid."""
    of_rz1 = QualityCount.objects.filter(submission__provider__code="RZ1")
    of_rz1.filter(item="gender").update(other=9)
    of_rz1.filter(item="religion").update(default=1)
    of_rz1.filter(item="ethnicity").update(default=1, invalid=1, missing=2)
    stage = data_quality.published()[published.window.primary_period][0]
    of = data_quality.own(stage, Organisation.objects.get(code="RZ1", role="provider"))
    first = data_quality.to_improve_first(of)
    assert [(one.item.name, one.to_improve) for one in first] == [("ethnicity", 4), ("religion", 1)]


@pytest.mark.parametrize(
    "address", ["/quality/?item=surname", "/quality/2013-99/", "/quality/x.csv"]
)
def test_what_is_not_there(published: Run, address: str) -> None:
    release(published)
    assert Client().get(address).status_code == 404


def test_rules_are_there_for_everybody(db: None) -> None:
    shown = page("/quality/rules/")
    assert 'id="phq9"' in shown
    assert "portal" in shown


def test_what_is_kept_is_what_is_shown(published: Run) -> None:
    """Of what is read back nothing is lost: stars, rates with their decimals, who stands
    together."""
    grown(published)
    shown = data_quality.content(published, "P")
    release(published)
    (kept,) = releases.released(ReleasedPart.QUALITY)[published.window.primary_period]
    assert kept.content == shown
    gender = data_quality.figures(kept.content)["gender"]
    assert gender.table.rows["RZ1"].whole == 460
    assert gender.categories[0] == "valid"
    assert list(gender.table.rows) == sorted(gender.table.rows)


@pytest.mark.parametrize(("sent", "is_told"), [(0, True), (1, False), (4, False), (5, True)])
def test_an_item_that_was_not_counted_of_all(published: Run, sent: int, is_told: bool) -> None:
    """What RZ2 sent was checked before there was the item: beside another item of all patients it
    would be known how many that are."""
    grown(published)
    of_rz2 = QualityCount.objects.filter(submission__provider__code="RZ2")
    of_rz2.filter(item="gender").delete()
    of_rz2.update(valid=sent, other=0, default=0, invalid=0, missing=0)
    shown = data_quality.figures(data_quality.content(published, "P"))
    assert ("gender" in shown) == is_told
    assert "postcode" in shown
