"""The staff's page of the audit: who did what, by whatever is asked."""

from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from django.utils import timezone

from accounts import audit, audit_views
from accounts.models import AuditEvent, Organisation, User
from iapt_portal.home import DESK_PAGES
from tests.pages import visit

PAGE = "/desk/audit/"


@pytest.fixture
def told(everybody: dict[str, User]) -> None:
    """Three deeds of two people for two organisations."""
    AuditEvent.objects.all().delete()
    rz1, rz2 = (Organisation.objects.get(code=code) for code in ("RZ1", "RZ2"))
    audit.record("findings seen", by=everybody["Alice"], organisation=rz1, submission="0000001")
    audit.record("findings seen", by=everybody["Charlie"], organisation=rz2, submission="0000002")
    audit.record("signed out", by=everybody["Alice"])


def shown(answer: HttpResponse) -> list[str]:
    """What each row is about: the number of its submission, or its deed."""
    return [event.facts.get("submission", event.what) for event, _ in answer.context["rows"]]


def asked(user: User, **words: str) -> list[str]:
    return shown(visit(user).get(PAGE, words))


def test_everything_the_newest_first(told: None, erin: User) -> None:
    # Erin's coming in is the newest.
    assert asked(erin) == ["signed in", "signed out", "0000002", "0000001"]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ({"organisation": "RZ1"}, ["0000001"]),
        ({"who": "alice@portal.example"}, ["signed out", "0000001"]),
        ({"who": " ALICE@portal.example "}, ["signed out", "0000001"]),
        ({"what": "findings seen"}, ["0000002", "0000001"]),
        ({"what": "findings seen", "who": "charlie@portal.example"}, ["0000002"]),
        ({"organisation": "RZ1", "who": "charlie@portal.example"}, []),
        ({"last_day": "2026-01-01"}, []),
    ],
)
def test_by_whatever_is_asked(
    told: None, erin: User, words: dict[str, str], rows: list[str]
) -> None:
    assert asked(erin, **words) == rows


def test_days_are_londons_and_the_last_one_counts(told: None, erin: User) -> None:
    """An hour before midnight in summer is the next day in Greenwich's."""
    event = AuditEvent.objects.get(facts__submission="0000001")
    AuditEvent.objects.filter(id=event.id).update(at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC))
    later = AuditEvent.objects.get(facts__submission="0000002")
    AuditEvent.objects.filter(id=later.id).update(at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
    assert asked(erin, first_day="2026-06-30", last_day="2026-06-30") == ["0000001"]
    assert asked(erin, first_day="2026-07-01", last_day="2026-07-01") == ["0000002"]


@pytest.mark.parametrize(
    "words",
    [
        {"who": "nobody@portal.example"},
        {"organisation": "ZZ9"},
        {"what": "something else"},
        {"first_day": "2026-02-30"},
        {"first_day": "0001-01-01"},
        {"last_day": "9999-12-31"},
        {"before": "x"},
        {"before": "9" * 30},
        {"who": "\x00"},
    ],
)
def test_what_there_is_not_is_said(told: None, erin: User, words: dict[str, str]) -> None:
    answer = visit(erin).get(PAGE, words)
    assert answer.status_code == 200
    assert b"There is a problem" in answer.content
    assert shown(answer) == []


def test_page_goes_on_where_the_one_before_ended(
    told: None, erin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "ON_A_PAGE", 2)
    client = visit(erin)
    first = client.get(PAGE, {"last_day": str(timezone.localdate())})
    assert shown(first) == ["signed in", "signed out"]
    second = client.get(f"{PAGE}?{first.context['older']}")
    assert shown(second) == ["0000002", "0000001"]
    assert second.context["older"] == ""
    assert b"The newest events" in second.content


def test_events_of_one_moment_are_each_shown_once(
    told: None, erin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "ON_A_PAGE", 1)
    client = visit(erin)
    AuditEvent.objects.update(at=timezone.now())
    seen, address = [], ""
    while not seen or address:
        page = client.get(f"{PAGE}?{address}")
        seen += shown(page)
        address = page.context["older"]
    assert seen == ["signed in", "signed out", "0000002", "0000001"]


def test_an_attacked_account_is_named(told: None, erin: User, alice: User) -> None:
    audit.record("sign-in failed", by=None, account=alice.id, address="198.51.100.7")
    page = visit(erin).get(PAGE, {"what": "sign-in failed"}).content.decode()
    assert "account alice@portal.example, address 198.51.100.7" in page
    assert "nobody signed in" in page


def test_staff_alone_come_here(told: None, everybody: dict[str, User]) -> None:
    for name, user in everybody.items():
        there = visit(user).get(PAGE).status_code
        assert there == (200 if user.is_staff else 404), name
    assert "audit_events" in dict(DESK_PAGES).values()


def test_every_event_can_be_asked_for() -> None:
    offered = {what for what, _ in audit_views.AuditFilter().fields["what"].choices}
    assert offered - {""} == set(audit.EVENTS)
