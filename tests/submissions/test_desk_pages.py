"""The tracker, a provider's page, reminders and letters, as staff see and press them."""

import uuid

import pytest

from accounts.models import AuditEvent, Mail, User
from accounts.refusals import Refusal
from submissions import calendar, letters, reminding
from submissions.lifecycle import Status
from submissions.models import Window
from submissions.models.calendar import Kind
from submissions.periods import month_before
from tests.pages import visit
from tests.submissions.places import providers, put

pytestmark = pytest.mark.django_db


def page(user: User, address: str) -> str:
    answer = visit(user).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_tracker_shows_every_provider_in_words(window: Window, erin: User) -> None:
    accepted = put(window, "RZ1", Status.ACCEPTED)
    rejected = [put(window, "RZ2", Status.REJECTED) for _ in range(3)]
    late = put(window, "RZ1", Status.FAILED, Kind.REFRESH)
    shown = page(erin, "/desk/tracker/")
    for words in ("Accepted</strong></a> first time", "Rejected</strong></a> 3 times", "Failed"):
        assert words in shown
    for submission in (accepted, rejected[-1], late):
        assert f'href="/submissions/{submission.id}/"' in shown
    assert "3 of 3 providers" in shown
    assert "not due yet" in shown


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", {"RZ1", "RZ2", "RZ3"}),
        ("q=birch", {"RZ2"}),
        ("q=rz3", {"RZ3"}),
        ("state=sent", {"RZ1"}),
        ("state=rejected", {"RZ2"}),
        ("state=in+trouble&kind=P", {"RZ2"}),
        ("state=not+sent", {"RZ3"}),
        ("state=sent&kind=R", {"RZ3"}),
        ("state=failed", set()),
        ("q=nobody+at+all", set()),
        # What the page could not have sent shows everything.
        ("state=x&kind=y&months=999", {"RZ1", "RZ2", "RZ3"}),
        ("months=12", {"RZ1", "RZ2", "RZ3"}),
    ],
)
def test_tracker_is_narrowed(window: Window, erin: User, asked: str, codes: set[str]) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    put(window, "RZ2", Status.REJECTED)
    put(window, "RZ3", Status.CHECKING, Kind.REFRESH)
    # The list of whom a reminder reaches names them too.
    table = page(erin, f"/desk/tracker/?{asked}").partition("<table")[2]
    assert {code for code in ("RZ1", "RZ2", "RZ3") if f"/desk/tracker/{code}/" in table} == codes


def test_tracker_asks_as_often_however_many_providers(
    window: Window, erin: User, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    client = visit(erin)
    with django_assert_max_num_queries(25) as few:
        client.get("/desk/tracker/?months=12")
    for provider in providers(30):
        for period in (window.primary_period, month_before(window.primary_period)):
            put(window, provider.code, Status.ACCEPTED, period=period, rows=(10, 9))
    with django_assert_num_queries(len(few)):
        assert "33 of 33 providers" in client.get("/desk/tracker/?months=12").content.decode()


def test_page_of_a_provider(window: Window, alice: User, erin: User) -> None:
    rejected, accepted = (
        put(window, "RZ1", status, by=alice, rows=(10, 1))
        for status in (Status.REJECTED, Status.ACCEPTED)
    )
    reminding.nudge(window=window, by=erin)
    shown = page(erin, "/desk/tracker/RZ1/")
    assert "alice@portal.example" in shown
    assert "bob@portal.example" in shown
    assert rejected.reference in shown
    assert accepted.reference in shown
    assert "10% of rows rejected" in shown
    assert "It was never reminded" in shown
    assert "Remind" not in shown.replace("Reminders", "")
    other = page(erin, "/desk/tracker/RZ2/")
    assert "by hand, Erin Ellis" in other
    assert "Remind 1 person of RZ2" in other
    assert visit(erin).get("/desk/tracker/91A/").status_code == 404


def test_who_is_reminded_is_said_before_it_goes(window: Window, erin: User) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    place = f"/windows/{window.id}/"
    for shown in (page(erin, place), page(erin, "/desk/tracker/")):
        assert "Remind those who have not sent (2)" in shown
        assert "Charlie Carter" in shown
        assert "Alice Archer" not in shown
    staff = visit(erin)
    sent = staff.post(f"{place}remind/", follow=True).content.decode()
    assert "are reminded" in sent
    again = staff.post(f"{place}remind/", {"provider": "RZ2"}, follow=True).content.decode()
    assert "once a day is enough" in again
    assert staff.post(f"{place}remind/", {"provider": "ZZZ"}).status_code == 404


def test_window_page_says_what_would_stand(window: Window, erin: User) -> None:
    for code, status in (("RZ1", Status.ACCEPTED), ("RZ2", Status.CHECKING)):
        put(window, code, status)
    shown = page(erin, f"/windows/{window.id}/")
    assert "1 of 3 standing, 1 being checked, 2 without a file that stands" in shown
    assert "Whose Primary is missing (2)" in shown


def test_days_of_an_upcoming_window_are_changed(window: Window, erin: User) -> None:
    upcoming = Window.objects.upcoming().get()
    place = f"/windows/{upcoming.id}/"
    assert f"{place}edit/" in page(erin, place)
    days = calendar.days_of(upcoming)._asdict()
    staff = visit(erin)
    assert f'value="{upcoming.opens}"' in staff.get(f"{place}edit/").content.decode()
    early = days | {"opens": window.data_available.replace(day=window.data_available.day)}
    early["closes"] = window.closes
    answer = staff.post(f"{place}edit/", early)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert staff.post(f"{place}edit/", days | {"opens": "x"}).status_code == 422
    late = days | {"data_available": f"{days['data_available'].replace(year=2099)}"}
    kept = staff.post(f"{place}edit/", late, follow=True).content.decode()
    assert "has the days that you gave it" in kept
    assert "Data available" in kept
    assert Window.objects.get(id=upcoming.id).data_available.year == 2099
    refused = staff.post(f"/windows/{window.id}/edit/", days | {"primary_period": "2013-03-01"})
    assert "published days stay" in refused.content.decode()


# -- letters ----------------------------------------------------------------------------------

READERS = {
    "everybody": {"Alice", "Bob", "Charlie", "Dora", "Erin", "Frank", "Grace"},
    "providers": {"Alice", "Bob", "Charlie", "Grace"},
    "commissioners": {"Dora"},
    "not sent": {"Charlie", "Grace"},
    "staff": {"Erin", "Frank"},
}


@pytest.mark.parametrize("audience", letters.AUDIENCES)
def test_a_letter_is_looked_at_and_then_sent(window: Window, erin: User, audience: str) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    User.objects.create_user("gone@portal.example", is_active=False)
    staff = visit(erin)
    written = {
        "once": str(uuid.uuid4()),
        "audience": audience,
        "subject": "On Friday",
        "text": "We are away <b>on Friday</b>.",
    }
    people = len(READERS[audience])
    preview = staff.post("/desk/letters/", written).content.decode()
    assert f"To {people} p" in preview
    assert "&lt;b&gt;" in preview
    assert "<b>on Friday" not in preview
    assert not Mail.objects.exists()
    assert "Look at it before it goes" in (
        staff.post("/desk/letters/", written | {"change": "1"}).content.decode()
    )
    staff.post("/desk/letters/", written | {"send": "1"})
    assert {mail.to.first_name for mail in Mail.objects.all()} == READERS[audience]
    event = AuditEvent.objects.get(what="letter sent")
    assert (event.by, event.facts) == (
        erin,
        {"audience": audience, "letters": people, "subject": "On Friday"},
    )
    twice = staff.post("/desk/letters/", written | {"send": "1"}, follow=True).content.decode()
    assert "was sent already" in twice
    assert Mail.objects.count() == people


@pytest.mark.parametrize(
    "odd", [{"audience": "patients"}, {"subject": " "}, {"text": ""}, {"once": "x"}]
)
def test_a_letter_that_cannot_be(window: Window, erin: User, odd: dict[str, str]) -> None:
    written = {"once": str(uuid.uuid4()), "audience": "staff", "subject": "s", "text": "t"}
    answer = visit(erin).post("/desk/letters/", written | {"send": "1"} | odd)
    assert answer.status_code == 422
    assert not Mail.objects.exists()


def test_a_subject_is_one_line(window: Window, erin: User) -> None:
    letters.send(audience="staff", subject="s\r\nBcc: x", text="t", once=uuid.uuid4(), by=erin)
    assert {mail.subject for mail in Mail.objects.all()} == {"s Bcc: x"}


def test_a_letter_to_nobody_is_refused(window: Window, erin: User) -> None:
    for code in ("RZ1", "RZ2", "RZ3"):
        put(window, code, Status.ACCEPTED)
    with pytest.raises(Refusal, match="nobody to write to"):
        letters.send(audience="not sent", subject="s", text="t", once=uuid.uuid4(), by=erin)
