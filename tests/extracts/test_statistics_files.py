"""The statistics to take away: tidy, inert, explained, and as they were released."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from accounts.models import User
from extracts.models import Release
from extracts.statistics_files import COLUMNS
from tests.extracts.released import FIRST, JULY, JUNE, LATER, drawn, release, two_months
from tests.pages import visit

Line = dict[str, str]


@pytest.fixture
def released(erin: User) -> list[Release]:
    return two_months(erin)


def taken(address: str) -> bytes:
    answer = Client().get(f"/statistics/{address}")
    assert answer.status_code == 200, address
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def lines(address: str) -> list[Line]:
    return list(csv.DictReader(io.StringIO(taken(address).decode(), newline="")))


def told(of: list[Line], **where: str) -> list[tuple[str, str]]:
    """Statistic and value of the lines that are like that."""
    return [
        (one["statistic"], one["value"])
        for one in of
        if all(one[name] == value for name, value in where.items())
    ]


def workbook(address: str) -> Workbook:
    return load_workbook(io.BytesIO(taken(address)))


def test_one_figure_a_line(released: list[Release]) -> None:
    found = lines("2013-07.csv")
    assert list(found[0]) == list(COLUMNS)
    assert {(one["period"], one["stage"]) for one in found} == {("2013-07", "provisional")}
    assert {one["release"] for one in found} == {str(released[1].id)}
    of_rz1 = [one for one in found if (one["breakdown"], one["category"]) == ("provider", "RZ1")]
    assert told(of_rz1, figure="received") == [("count", "650")]
    assert told(of_rz1, figure="caseness") == [("count", "70"), ("percent", "88")]
    assert told(of_rz1, figure="recovered") == [("count", "*"), ("percent", "*")]
    assert told(found, breakdown="national", figure="recovered") == [
        ("count", "*"),
        ("percent", "*"),
        ("percent at least", "75"),
    ]


def test_the_file_of_a_month_has_both_stages(released: list[Release]) -> None:
    found = lines("2013-06.csv")
    assert [one["value"] for one in found if one["figure"] == "received"].count("1000") == 4
    assert {(one["stage"], one["release"]) for one in found} == {
        ("provisional", str(released[0].id)),
        ("final", str(released[1].id)),
    }
    quarter = lines("quarter/2013-06.csv")
    assert {one["stage"] for one in quarter} == {"quarterly"}
    assert {one["former"] for one in quarter if one["figure"] == "received"} == {"KPI3a"}
    assert {one["former"] for one in found} == {""}


def test_what_is_not_known_and_what_stands_together_has_a_name(released: list[Release]) -> None:
    found = lines("2013-07.csv")
    assert told(found, breakdown="age", category="not known", figure="received") == [
        ("count", "15")
    ]
    assert told(found, breakdown="provider", category="RZ8+RZ9", figure="received") == [
        ("count", "10")
    ]
    assert {one["category"] for one in found if one["breakdown"] == "national"} == {""}


def test_a_figure_that_is_no_longer_declared_stays_in_the_file(released: list[Release]) -> None:
    assert told(lines("2013-07.csv"), breakdown="national", figure="gone") == [("count", "7")]
    assert "gone" not in Client().get("/statistics/2013-07/").content.decode()


def test_no_code_becomes_a_formula(released: list[Release]) -> None:
    assert {
        one["category"] for one in lines("2013-07.csv") if one["breakdown"] == "commissioner"
    } == {"'=1+1"}
    sheet = workbook("2013-07.xlsx")["Commissioner"]
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=1+1", "s")


def test_the_workbook_has_a_sheet_for_each_breakdown(released: list[Release]) -> None:
    book = workbook("2013-07.xlsx")
    assert book.sheetnames == [
        *("Notes", "Definitions", "Nation", "Provider", "Commissioner", "Age"),
    ]
    sheet = book["Provider"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:H{sheet.max_row}"
    rows = {(row[2], row[7]): row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["RZ1", "caseness"][3:7] == ("At caseness when treatment began", 70, 88, None)
    assert rows["RZ1", "recovered"][4:7] == ("*", "*", None)
    assert rows["RZ1", "received"][4:7] == (650, None, None)
    assert {cell.data_type for cell in sheet["A"][1:]} == {"s"}
    assert book["Nation"]["G5"].value == 75
    notes = " ".join(str(row[0]) for row in book["Notes"].values)
    assert "* stands where a figure is left out" in notes
    assert "Disclosure control: Rules of this service" in notes
    assert "Open Government Licence" in notes
    (recovered,) = [row for row in book["Definitions"].values if row[6] == "recovered"]
    assert recovered[3] == "At caseness when treatment began"


def test_the_package_describes_the_columns(released: list[Release]) -> None:
    package: dict[str, Any] = json.loads(taken("2013-06.json"))
    (resource,) = package["resources"]
    assert [one["name"] for one in resource["schema"]["fields"]] == list(COLUMNS)
    # Beside the file of that name it can be read as it is.
    answer = Client().get("/statistics/2013-06.csv")
    assert resource["path"] in answer["Content-Disposition"]
    assert [(one["stage"], one["release"]) for one in package["releases"]] == [
        ("provisional", released[0].id),
        ("final", released[1].id),
    ]
    assert "has no rate" in package["null"]
    package_of_quarter = json.loads(taken("quarter/2013-06.json"))
    answer = Client().get("/statistics/quarter/2013-06.csv")
    assert package_of_quarter["resources"][0]["path"] in answer["Content-Disposition"]
    (quarter,) = package_of_quarter["releases"]
    assert quarter["title"] == "Quarter 1 2013/14 (April to June 2013)"
    recovered = next(one for one in package["figures"] if one["name"] == "recovered")
    assert recovered["rate_of"] == "caseness"
    assert "ten providers" in " ".join(package["disclosure"]["policies"])


def test_files_say_what_was_released_and_nothing_else(released: list[Release]) -> None:
    """Every number of the files is one of the drawing; what has a star there has one here."""
    content = drawn(LATER)["figures"]
    for one in lines("2013-07.csv"):
        if one["category"] in {"RZ8+RZ9", "not known", "'=1+1"}:
            continue
        number, rate, *band = content[one["breakdown"]][one["category"]][one["figure"]]
        kept = {"count": number, "percent": rate, "percent at least": next(iter(band), None)}
        assert one["value"] == str(kept[one["statistic"]] or "*"), one


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_release_stays_as_it_was(released: list[Release], erin: User, form: str) -> None:
    """Also once another took its place, and once it is withdrawn."""
    before = taken(f"releases/{released[0].id}/statistics.{form}")
    assert taken(f"2013-06.{form}") != before
    withdraw(released[0], erin)
    release(erin, JUNE, P=drawn(FIRST.replace("1000", "2000")))
    address = f"releases/{released[0].id}/statistics.{form}"
    named = Client().get(f"/statistics/{address}")["Content-Disposition"]
    assert named == f'attachment; filename="statistics_release_{released[0].id}_withdrawn.{form}"'
    if form == "json":
        (told,) = json.loads(taken(address))["releases"]
        assert told["withdrawn"]["why"] == "a file was wrong"
        assert told["withdrawn"]["at"]
        (told,) = json.loads(before)["releases"]
        assert told["withdrawn"] is None
    else:
        assert taken(address) == before


def withdraw(release: Release, by: User) -> None:
    Release.objects.filter(id=release.id).update(
        withdrawn_at=timezone.now(), withdrawn_by=by, why_withdrawn="a file was wrong"
    )


def test_what_is_withdrawn_stands_no_more(released: list[Release], erin: User) -> None:
    withdraw(released[1], erin)
    assert {one["stage"] for one in lines("2013-06.csv")} == {"provisional"}
    for gone in ("2013-07/", "2013-07.csv", "quarter/2013-06/", "quarter/2013-06.csv"):
        answer = Client().get(f"/statistics/{gone}")
        assert answer.status_code == 410
        assert "a file was wrong" in answer.content.decode()
    provisional = Client().get("/statistics/2013-06/").content.decode()
    assert "Statistics: June 2013, final</strong> was withdrawn on" in provisional
    assert "a file was wrong" in Client().get("/statistics/").content.decode()
    again = release(erin, JULY, R=drawn(FIRST.replace("1000", "2000")), P=drawn(LATER))
    finals = [one for one in lines("2013-06.csv") if one["stage"] == "final"]
    assert {one["release"] for one in finals} == {str(again.id)}


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_what_must_not_be_seen_is_shown_to_staff_alone(
    released: list[Release], alice: User, erin: User, form: str
) -> None:
    withdraw(released[1], erin)
    Release.objects.filter(id=released[1].id).update(
        hidden_at=timezone.now(), hidden_by=erin, why_hidden="a name"
    )
    address = f"/statistics/releases/{released[1].id}/statistics.{form}"
    assert visit(erin).get(address).status_code == 200
    assert visit(alice).get(address).status_code == 404
    assert Client().get(address).status_code == 404
