"""The pages of a release: the checklist, what is public, what staff alone see, when it comes."""

import json
import re
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts import second_person
from accounts.models import User
from extracts import publication_calendar, publishing, releasing
from extracts.models import Publication, Release, Run
from submissions.models import Window
from submissions.models.calendar import clock
from submissions.proposing import statistics_due
from tests.extracts.reading import process
from tests.pages import confirmed, visit

WHY = "A file was of another month"
EVERYTHING = dict.fromkeys(("waiting", "day", "coverage", "changes", "differencing", "sizes"), "on")


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


@pytest.fixture
def released(published: Run, window: Window, frank: User) -> Release:
    return releasing.release(window=window, by=frank)


def page(address: str, user: User | None = None, status: int = 200) -> str:
    answer = visit(user).get(address)
    assert answer.status_code == status, address
    return " ".join(answer.content.decode().split())


# -- the checklist ----------------------------------------------------------------------------


def test_before_it_is_processed_there_is_no_checklist(window: Window, erin: User) -> None:
    said = page(f"/windows/{window.id}/release/", erin)
    assert "not processed yet" in said
    assert "Ask to release" not in said


def test_before_it_is_published_something_blocks(run: Run, window: Window, erin: User) -> None:
    said = page(f"/windows/{window.id}/release/", erin)
    assert "Nothing can be released while something blocks." in said
    assert "Ask to release" not in said
    answer = confirmed(erin).post(f"/windows/{window.id}/release/ask/", EVERYTHING, follow=True)
    assert "not published yet. They come first." in answer.content.decode()


def test_what_is_ticked_and_written_stays_in_the_form(
    released: Release, window: Window, erin: User
) -> None:
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    address = f"/windows/{window.id}/release/ask/"
    said = confirmed(erin).post(address, {"why": WHY}).content.decode()
    assert "Tick that you have looked at: Coverage" in said
    assert f"{WHY}</textarea>" in said
    answer = confirmed(erin).post(address, {"coverage": "on"})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Tick that you have looked at: Coverage" not in said
    assert "Enter: what changed since the release before, and why" in said
    assert re.search(r'name="coverage"[^>]*checked', said)
    assert not second_person.waiting().exists()


def test_what_no_form_sends_is_answered_all_the_same(
    published: Run, window: Window, erin: User
) -> None:
    client = confirmed(erin)
    for why in ("\0", "x" * 501):
        answer = client.post(f"/windows/{window.id}/release/ask/", {**EVERYTHING, "why": why})
        assert answer.status_code == 422
    assert not second_person.waiting().exists()


def test_asked_on_the_page_and_confirmed_there(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    address = f"/windows/{window.id}/release/"
    hers, his = confirmed(erin), confirmed(frank)
    asked = hers.post(f"{address}ask/", EVERYTHING, follow=True).content.decode()
    assert "Another member of staff has to confirm it" in asked
    again = his.post(f"{address}ask/", EVERYTHING, follow=True).content.decode()
    assert "Erin Ellis has asked for this already" in again
    waiting = second_person.waiting().get()
    assert f'action="/desk/second-person/{waiting.id}/confirm/"' in again
    overview = page("/desk/second-person/", frank)
    assert f'<a href="{address}">Look at it, and confirm it there' in overview
    assert f'action="/desk/second-person/{waiting.id}/confirm/"' not in overview
    his.post(f"/desk/second-person/{waiting.id}/confirm/")
    assert Release.objects.get().asked_by == erin
    late = hers.post(f"{address}ask/", EVERYTHING, follow=True).content.decode()
    assert "released already" in late
    assert "released since" in late


def test_the_second_person_reads_that_the_checklist_has_changed(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    releasing.ask(window=window, by=erin, ticked=EVERYTHING)
    address = f"/windows/{window.id}/release/"
    said = page(address, frank)
    assert "something else by now" not in said
    assert "/confirm/" in said
    published.figure_counts.filter(by="provider", of="RZ2").delete()
    said = page(address, frank)
    assert "The checklist says something else by now" in said
    assert "/confirm/" not in said
    assert "/decline/" in said


def test_the_second_person_knows_that_everybody_reads_the_reason(
    released: Release, erin: User, frank: User
) -> None:
    releasing.ask_to_withdraw(release=released, by=erin, why=WHY, hidden=False)
    said = page(f"/statistics/releases/{released.id}/", frank)
    assert "Everybody will read the reason." in said
    assert "/confirm/" in said


def test_what_was_said_when_it_was_processed_again_is_a_beginning(
    released: Release, window: Window, erin: User
) -> None:
    process(window, erin, why=WHY)
    publishing.publish(window=window, by=erin)
    assert f"{WHY}</textarea>" in page(f"/windows/{window.id}/release/", erin)


# -- the window and the desk ------------------------------------------------------------------


def test_the_window_says_what_comes_next(published: Run, window: Window, erin: User) -> None:
    address = f"/windows/{window.id}/"
    assert f"They are to be released on {window.statistics_due:%A %-d %B %Y}" in page(address, erin)
    made = releasing.release(window=window, by=erin)
    said = page(address, erin)
    assert f'<a href="/statistics/releases/{made.id}/">Release {made.id}</a>' in said
    assert "checklist of what is released" not in said
    releasing.withdraw(release=made, by=erin, why=WHY, hidden=False)
    said = page(address, erin)
    assert WHY in said
    assert "They can be released again" in said
    again = releasing.release(window=window, by=erin, why="right after all")
    said = page(address, erin)
    for one in (made, again):
        assert f'<a href="/statistics/releases/{one.id}/">Release {one.id}</a>' in said


def test_the_desk_lists_what_was_never_released(published: Run, window: Window, erin: User) -> None:
    assert f"due on {window.statistics_due:%A %-d %B %Y}" in page("/desk/", erin)
    Window.objects.filter(id=window.id).update(
        opens=date(2020, 1, 1),
        closes=date(2020, 1, 2),
        processing_week=date(2020, 1, 6),
        data_available=date(2020, 1, 13),
    )
    assert "was due on Thursday 16 January 2020" in page("/desk/", erin)
    made = releasing.release(window=window, by=erin)
    assert "no statistics wait to be released" in page("/desk/", erin).lower()
    releasing.withdraw(release=made, by=erin, why=WHY, hidden=False)
    assert f"{window}</a> (withdrawn): to be released again" in page("/desk/", erin)
    releasing.release(window=window, by=erin, why="right after all")
    assert "no statistics wait to be released" in page("/desk/", erin).lower()


def test_what_is_published_anew_is_to_be_released_again(
    released: Release, window: Window, erin: User
) -> None:
    process(window, erin, why=WHY)
    assert "Statistics to be released" not in page("/desk/", erin)
    publishing.publish(window=window, by=erin)
    assert "published anew, to be released again" in page("/desk/", erin)
    releasing.release(window=window, by=erin, why=WHY)
    assert "Statistics to be released" not in page("/desk/", erin)


# -- a release --------------------------------------------------------------------------------


def files(release: Release) -> list[str]:
    at = f"/statistics/releases/{release.id}/"
    return [f"{at}quality-provisional.json", f"{at}statistics-final.json", f"{at}data_quality.xlsx"]


def test_a_release_as_everybody_sees_it(released: Release, window: Window) -> None:
    said = page(f"/statistics/releases/{released.id}/")
    assert f"Statistics: {window.primary_period:%B %Y}, provisional" in said
    for words in ("Frank", "Checklist", "Withdraw", "RZ3"):
        assert words not in said
    for file in files(released):
        assert Client().get(file).status_code == 200
    told = json.loads(Client().get(files(released)[0]).content)
    part = released.parts.get(part="quality", stage="P")
    assert told["content"] == part.content
    assert (told["release"], told["period"]) == (released.id, f"{part.period:%Y-%m}")


def test_what_staff_see_of_it_besides(released: Release, erin: User) -> None:
    said = page(f"/statistics/releases/{released.id}/", erin)
    assert "confirmed by Frank Foster" in said
    assert "Missing: RZ3" in said
    Release.objects.update(checklist=released.checklist | {"ticked": ["coverage", "sizes"]})
    said = page(f"/statistics/releases/{released.id}/", erin)
    assert "Ticked as looked at: Coverage, How much is shown." in said
    assert "Ask to withdraw it" in said


@pytest.mark.parametrize("person", ["nobody", "alice", "dora"])
def test_withdrawn_it_stays_readable_until_it_is_hidden(
    released: Release, erin: User, request: pytest.FixtureRequest, person: str
) -> None:
    client = visit(None if person == "nobody" else request.getfixturevalue(person))
    before = {file: client.get(file).content for file in files(released)}
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    said = client.get(f"/statistics/releases/{released.id}/").content.decode()
    assert "This release was withdrawn" in said
    assert WHY in said
    for file in files(released):
        answer = client.get(file)
        assert answer.content == before[file]
        assert re.search(r'_withdrawn\.(xlsx|json)"$', answer["Content-Disposition"])
    releasing.withdraw(release=released, by=erin, why="It shows too much", hidden=True)
    said = client.get(f"/statistics/releases/{released.id}/").content.decode()
    assert "It shows too much" in said
    assert "they are not shown any more" in said
    for file in files(released):
        assert file not in said
        assert client.get(file).status_code == 404
        assert visit(erin).get(file).content == before[file]
    assert "It shows too much" in client.get("/statistics/releases/").content.decode()


def test_of_what_is_hidden_with_it_no_file_is_left(
    released: Release, window: Window, erin: User, alice: User
) -> None:
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    again = releasing.release(window=window, by=erin, why="It was right after all")
    said = page(f"/statistics/releases/{again.id}/", erin)
    assert "these are hidden with it, because they show the same" in said
    assert f'<a href="/statistics/releases/{released.id}/">release {released.id}</a>' in said
    releasing.withdraw(release=again, by=erin, why="It shows too much", hidden=True)
    for file in [*files(released), *files(again)]:
        for person, status in ((None, 404), (alice, 404), (erin, 200)):
            assert visit(person).get(file).status_code == status


def test_a_month_that_is_withdrawn_says_so_where_it_stood(
    released: Release, window: Window, erin: User
) -> None:
    month, final = f"{window.primary_period:%Y-%m}", f"{window.refresh_period:%Y-%m}"
    pages = [f"/statistics/{month}/", f"/statistics/{month}/provider/", f"/statistics/{month}.csv"]
    pages += [f"/quality/{month}.csv", f"/quality/{month}/gender/", f"/statistics/{final}/"]
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    for one in pages:
        said = page(one, status=410)
        assert f'<a href="/statistics/releases/{released.id}/">' in said
        assert WHY in said
    page("/statistics/1999-01/", status=404)
    page("/quality/1999-01.csv", status=404)
    page("/quality/no-month.csv", status=404)
    releasing.release(window=window, by=erin, why="right after all")
    assert WHY not in page(f"/statistics/{month}/")


@pytest.mark.parametrize(
    "file", ["quality-quarterly.json", "nothing-final.json", "quality-P.json", "secret.csv"]
)
def test_what_a_release_does_not_hold(released: Release, file: str) -> None:
    page(f"/statistics/releases/{released.id}/{file}", status=404)


def test_the_list_says_what_became_of_each(released: Release, window: Window, erin: User) -> None:
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    again = releasing.release(window=window, by=erin, why="It was right after all")
    said = page("/statistics/releases/")
    assert "Released again: It was right after all" in said
    assert f">Release {again.id}</a> took its place." in said
    assert said.index(f">Release {again.id}</a>") < said.index(f">Release {released.id}</a>")


# -- when it comes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("available", "due"),
    [
        # Monday to Thursday; Tuesday after a bank holiday to Friday; Christmas gives way.
        (date(2013, 6, 3), date(2013, 6, 6)),
        (date(2013, 5, 28), date(2013, 5, 31)),
        (date(2026, 12, 22), date(2026, 12, 29)),
    ],
)
def test_statistics_come_three_days_after_the_extracts(available: date, due: date) -> None:
    assert statistics_due(available) == due


def told(entries: Iterable[publication_calendar.Entry]) -> list[tuple[str, str]]:
    return [(one.what, one.state) for one in entries]


def test_what_comes_and_what_has_come(run: Run, window: Window, erin: User, frank: User) -> None:
    extracts, statistics = publication_calendar.EXTRACTS, publication_calendar.STATISTICS
    coming, past = publication_calendar.entries()
    assert told(coming)[:2] == [(extracts, "upcoming"), (statistics, "upcoming")]
    assert past == []
    publishing.publish(window=window, by=erin)
    coming, past = publication_calendar.entries()
    assert told(past) == [(extracts, "published")]
    assert coming[0].what == statistics
    made = releasing.release(window=window, by=frank)
    coming, past = publication_calendar.entries()
    assert sorted(told(past)) == [(statistics, "released"), (extracts, "published")]
    assert {one.day for one in past} == {timezone.localdate()}
    said = page("/statistics/calendar/")
    assert f">Release {made.id}</a>" in said
    today = timezone.localdate()
    announced = f"announced for {window.statistics_due:%a %-d %b %Y}"
    assert f"{today:%a %-d %b %Y}<br>{announced}" in said
    assert f"{window.primary_period:%B %Y}, provisional" in said
    releasing.withdraw(release=made, by=erin, why=WHY, hidden=False)
    _, past = publication_calendar.entries()
    assert (statistics, "withdrawn") in told(past)


def test_what_is_late(published: Run, window: Window) -> None:
    Publication.objects.all().delete()
    long_ago = timezone.localdate() - timedelta(days=400)
    Window.objects.filter(id=window.id).update(
        opens=long_ago,
        closes=long_ago + timedelta(days=1),
        processing_week=long_ago + timedelta(days=4),
        data_available=long_ago + timedelta(days=11),
        published_at=None,
    )
    coming, _ = publication_calendar.entries()
    assert told(coming)[:2] == [
        (publication_calendar.EXTRACTS, "late"),
        (publication_calendar.STATISTICS, "late"),
    ]


def test_a_quarter_is_announced_with_the_month_that_ends_it(window: Window) -> None:
    Window.objects.exclude(id=window.id).delete()
    Window.objects.update(
        primary_period=date(2030, 7, 1), refresh_period=date(2030, 6, 1), closes_at=clock()
    )
    coming, _ = publication_calendar.entries()
    assert [one.of[-1] for one in coming] == [
        "June 2030, final",
        "Quarter 1 2030/31 (April to June 2030)",
    ]


def test_calendar_programs_are_told_too(window: Window) -> None:
    assert events()[f"IAPT statistics announced for today: {window}"] == window.statistics_due
    assert events()[f"IAPT data available: {window}"] == window.data_available
    Window.objects.filter(id=window.id).update(published_at=clock())
    assert events()[f"IAPT data available: {window}"] == timezone.localdate()


def events() -> dict[str, date]:
    """By its words the first day of each event of the feed."""
    feed = Calendar.from_ical(Client().get("/windows/calendar.ics").content)
    return {str(one["SUMMARY"]): one["DTSTART"].dt for one in feed.walk("VEVENT")}
