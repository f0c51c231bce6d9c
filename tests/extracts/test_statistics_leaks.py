"""Of a month that was really sent and counted, and in which nearly every count is small: none of
those is in any page, drawing or file."""

import csv
import io
import re

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from extracts import publishing, releasing
from extracts.figures import figures
from extracts.headlines import called
from extracts.models import FigureCount, Run
from submissions.models import Window
from tests.pages import words

SMALL = 5
BREAKDOWNS = ("provider", "commissioner", "age", "gender", "ethnicity")
# A place: breakdown, part, figure.
Place = tuple[str, str, str]


@pytest.fixture
def released(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    releasing.release(window=window, by=erin)
    return run


@pytest.fixture
def small(released: Run) -> set[Place]:
    """Where a count of the provisional month is under five."""
    found = {
        (one.by, one.of, name)
        for one in FigureCount.objects.filter(run=released, stage="P")
        for name, number in one.figures.items()
        if number < SMALL
    }
    assert len(found) > 300
    return found


def get(address: str) -> bytes:
    answer = Client().get(f"/statistics/{address}")
    assert answer.status_code == 200, address
    return answer.content


def slug(run: Run) -> str:
    return f"{run.window.primary_period:%Y-%m}"


def test_in_the_csv_they_are_stars(released: Run, small: set[Place]) -> None:
    lines = list(csv.DictReader(io.StringIO(get(f"{slug(released)}.csv").decode(), newline="")))
    shown = {
        (
            one["breakdown"],
            "" if one["category"] == "not known" else one["category"],
            one["figure"],
        ): one["value"]
        for one in lines
        if one["statistic"] == "count"
    }
    assert {shown[place] for place in small if place in shown} == {"*"}
    assert len(small & set(shown)) > 300
    for one in lines:
        if one["statistic"] == "count" and one["value"] != "*":
            assert int(one["value"]) >= SMALL
            assert int(one["value"]) % 5 == 0


def test_in_the_workbook_they_are_stars(released: Run, small: set[Place]) -> None:
    book = load_workbook(io.BytesIO(get(f"{slug(released)}.xlsx")))
    numbers = [
        row[4]
        for sheet in book.worksheets[2:]
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    assert numbers.count("*") > 300
    assert {one for one in numbers if one != "*"} <= set(range(5, 1000, 5))
    # And nothing is behind a cell.
    assert not any(cell.comment for sheet in book.worksheets for row in sheet.rows for cell in row)


def test_in_the_pages_they_are_stars_without_a_drawing(released: Run, small: set[Place]) -> None:
    month = slug(released)
    groups = dict.fromkeys(one.group.replace(" ", "+") for one in figures())
    addresses = [
        *("", f"{month}/", "provider/RZ1/", "provider/RZ2/?figure=recovered", "commissioner/91A/"),
        *(f"{month}/{by}/?group={group}" for by in BREAKDOWNS for group in groups),
        *(f"figure/{one.name}/?by={by}" for one in figures() for by in ("provider", "ethnicity")),
    ]
    stars = 0
    for address in addresses:
        page = get(address).decode()
        for cell in re.findall(r"<td[^>]*numeric[^>]*>(.*?)</td>", page, re.DOTALL):
            number, _, _ = words(cell).partition(" ")
            stars += number == "*"
            if number.isdecimal():
                assert int(number) >= SMALL, address
                assert int(number) % 5 == 0, address
        for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL):
            if "<svg" in row:
                # What is drawn is the last number or rate that is told.
                told = [
                    words(one) for one in re.findall(r"<td[^>]*numeric.*?</td>", row, re.DOTALL)
                ]
                assert told[-1], address
                assert not told[-1].startswith("*"), address
    assert stars > 1000


def test_titles_and_drawings_tell_no_number(released: Run) -> None:
    for one in figures():
        page = get(f"figure/{one.name}/").decode()
        title = re.search(r"<title>(.*?)</title>", page)[1]
        assert words(title) == f"{called(one)}: statistics – IAPT submission portal".replace(
            "'", "&#x27;"
        )
        assert " title=" not in page.split("<main")[1]
        assert "<desc" not in page
