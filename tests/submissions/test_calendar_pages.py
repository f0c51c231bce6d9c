"""The calendar as visitors see it, its feed, and further windows kept by staff."""

from datetime import date, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.models import AuditEvent, User
from accounts.refusals import Refusal
from submissions import calendar, financial_years
from submissions.models import Window
from submissions.proposing import Days, propose, propose_year
from tests.pages import visit

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_sees_what_is_open_and_until_when(client: Client, window: Window) -> None:
    shown = page(client, "/windows/")
    assert "The window is open" in shown
    assert f"{window.primary_period:%B %Y}" in shown
    assert "It closes at the end of " in shown
    assert "For staff" not in shown


def test_published_years_row_by_row(client: Client, window: Window) -> None:
    rows = page(client, "/windows/year/2013/").count('<th class="nhsuk-table__header" scope="row">')
    assert rows == 12
    first = page(client, "/windows/year/2012/")
    assert "Mon 4 Feb 2013" in first
    assert "Easter" not in first
    assert client.get("/windows/year/1999/").status_code == 404


def test_staff_are_told_of_slips_that_stay(erin: User, window: Window) -> None:
    shown = page(visit(erin), "/windows/year/2013/")
    assert "Processing week 26 May 2013 is a Sunday" in shown
    assert "Sun 26 May 2013" in shown


def test_years_of_periods() -> None:
    assert [financial_years.of(date(2013, month, 1)) for month in (3, 4)] == [2012, 2013]
    assert financial_years.words(2013) == "2013/14"
    assert financial_years.words(1999) == "1999/00"


def test_drawing_keeps_within_its_frame(window: Window) -> None:
    drawing = financial_years.drawing(financial_years.windows(2013))
    assert drawing is not None
    assert len(drawing.lines) == 12
    for line in drawing.lines:
        assert drawing.left <= line.is_open.x < line.processing.x < line.available < drawing.width
        assert line.is_open.width > line.processing.width > 0
    assert financial_years.drawing([]) is None


def test_feed(client: Client, window: Window) -> None:
    answer = client.get("/windows/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = {str(event["uid"]): event for event in Calendar.from_ical(answer.content).events}
    assert len(events) == 5 * Window.objects.count()
    opened = events["2013-03-open@iapt-submission-portal"]
    assert (opened.start, opened.end) == (date(2013, 4, 1), date(2013, 4, 27))
    closes = events["2013-03-closes@iapt-submission-portal"]
    assert closes.end.isoformat() == "2013-04-26T23:00:00+00:00"


def test_a_further_year_is_kept(erin: User, window: Window) -> None:
    first = calendar.first_period_without_window()
    proposed = propose_year(first, 12)
    calendar.keep(proposed=proposed, by=erin)
    kept = Window.objects.filter(primary_period__gte=first)
    assert [calendar.days_of(one) for one in kept] == proposed
    assert AuditEvent.objects.filter(what="window kept", by=erin).count() == 12


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes": -40}, "must not be before opening"),
        ({"processing_week": -10}, "processing must be after closing"),
        ({"opens": -20}, "would overlap the window for"),
    ],
)
def test_a_year_that_cannot_be_is_not_kept_at_all(
    erin: User, window: Window, changes: dict[str, int], words: str
) -> None:
    before = Window.objects.count()
    proposed = propose_year(calendar.first_period_without_window(), 3)
    moved = {
        name: getattr(proposed[2], name) + timedelta(days=days) for name, days in changes.items()
    }
    with pytest.raises(Refusal, match=words):
        calendar.keep(proposed=[*proposed[:2], proposed[2]._replace(**moved)], by=erin)
    assert Window.objects.count() == before


def test_a_period_has_one_window(erin: User, window: Window) -> None:
    with pytest.raises(Refusal, match="has a window already"):
        calendar.keep(proposed=[propose(window.primary_period)], by=erin)


def form_of(proposed: list[Days]) -> dict[str, str]:
    """The page's form as a browser sends it."""
    sent = {"form-TOTAL_FORMS": str(len(proposed)), "form-INITIAL_FORMS": str(len(proposed))}
    for place, days in enumerate(proposed):
        sent |= {f"form-{place}-{name}": str(day) for name, day in days._asdict().items()}
    return sent


def test_staff_change_a_proposal_and_keep_it(erin: User, window: Window) -> None:
    staff = visit(erin)
    proposed = propose_year(calendar.first_period_without_window(), 12)
    shown = page(staff, "/windows/propose/")
    assert f'value="{proposed[0].opens}"' in shown
    assert "proposed: Mon 27 May 2013" in shown
    changed = [*proposed[:11], proposed[11]._replace(data_available=proposed[11].data_available)]
    changed[0] = changed[0]._replace(closes=changed[0].closes - timedelta(days=1))
    answer = staff.post("/windows/propose/", form_of(changed))
    assert answer.status_code == 302
    assert Window.objects.get(primary_period=changed[0].primary_period).closes == changed[0].closes


def test_what_is_wrong_with_a_proposal_is_said_beside_it(erin: User, window: Window) -> None:
    staff = visit(erin)
    proposed = propose_year(calendar.first_period_without_window(), 2)
    sent = form_of(proposed)
    answer = staff.post("/windows/propose/", sent | {"form-1-opens": "31/02/2027"})
    assert answer.status_code == 422
    assert "Enter a real date" in answer.content.decode()
    after_it = proposed[0].closes + timedelta(days=1)
    answer = staff.post("/windows/propose/", sent | {"form-0-opens": str(after_it)})
    assert answer.status_code == 422
    assert "must not be before opening" in answer.content.decode()


@pytest.mark.parametrize(
    "odd",
    [
        {"form-TOTAL_FORMS": "0"},
        {"form-INITIAL_FORMS": "0", "form-0-opens": "", "form-0-primary_period": ""},
        {"form-0-primary_period": "2027-01-15"},
        {"form-0-primary_period": "x"},
        {"form-0-closes": "9999-12-31"},
        {"form-TOTAL_FORMS": "x"},
    ],
)
def test_a_form_that_the_page_could_not_have_sent(
    erin: User, window: Window, odd: dict[str, str]
) -> None:
    before = Window.objects.count()
    sent = form_of(propose_year(calendar.first_period_without_window(), 1)) | odd
    assert visit(erin).post("/windows/propose/", sent).status_code == 422
    assert Window.objects.count() == before


def test_days_in_force_stand_before_those_published(
    client: Client, erin: User, window: Window
) -> None:
    calendar.open_until(window=window, until=window.closes + timedelta(days=2), by=erin)
    shown = page(client, "/windows/")
    assert f"{window.closes + timedelta(days=2):%a %-d %b %Y}" in shown
    assert f"published: {window.closes:%a %-d %b %Y}" in shown
