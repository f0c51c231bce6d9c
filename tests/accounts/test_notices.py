"""Notices on every page: to whom, from when until when, and who put them up."""

from datetime import timedelta

import pytest
from django.shortcuts import render
from django.test import Client
from django.utils import timezone

from accounts import notices
from accounts.models import AuditEvent, Notice, User
from accounts.refusals import Refusal
from tests.pages import visit

pytestmark = pytest.mark.django_db
WORDS = "The portal rests on Sunday <b>morning</b>."
SHOWN = "The portal rests on Sunday &lt;b&gt;morning&lt;/b&gt;."


def put_up(by: User, begins: int = -1, ends: int = 1, for_everybody: bool = True) -> Notice:
    """A notice from so many hours from now to so many."""
    now = timezone.now()
    return notices.put_up(
        text=WORDS,
        kind=Notice.Kind.WARNING,
        for_everybody=for_everybody,
        starts_at=now + timedelta(hours=begins),
        ends_at=now + timedelta(hours=ends),
        by=by,
    )


def sees(client: Client, address: str = "/help/") -> bool:
    return SHOWN in client.get(address).content.decode()


def test_stands_on_every_page_for_everybody(erin: User, alice: User) -> None:
    put_up(erin)
    for client, address in ((Client(), "/help/"), (visit(alice), "/"), (visit(erin), "/desk/")):
        assert sees(client, address)
    assert sees(Client(), "/nowhere/"), "on the page that is not there"
    event = AuditEvent.objects.get(what="notice put up")
    assert (event.by, event.facts["kind"]) == (erin, "warning")


def test_for_those_alone_who_are_signed_in(erin: User, alice: User) -> None:
    put_up(erin, for_everybody=False)
    assert not sees(Client())
    assert sees(visit(alice))


@pytest.mark.parametrize(("begins", "ends", "there"), [(-2, 1, True), (1, 2, False)])
def test_from_when(erin: User, begins: int, ends: int, there: bool) -> None:
    put_up(erin, begins, ends)
    assert sees(Client()) == there


def test_until_when(erin: User) -> None:
    put_up(erin)
    Notice.objects.update(ends_at=timezone.now())
    assert not sees(Client())


@pytest.mark.parametrize(("begins", "ends"), [(2, 1), (1, 1), (-2, -1)])
def test_one_that_nobody_would_see_is_refused(erin: User, begins: int, ends: int) -> None:
    with pytest.raises(Refusal, match="ends after it begins"):
        put_up(erin, begins, ends)
    assert not Notice.objects.exists()


def test_taken_down_once(erin: User, frank: User) -> None:
    notice = put_up(erin)
    notices.take_down(notice=notice, by=frank)
    assert not sees(Client())
    with pytest.raises(Refusal, match="Frank Foster has taken"):
        notices.take_down(notice=notice, by=erin)
    assert AuditEvent.objects.filter(what="notice taken down").count() == 1


def test_staff_write_one_and_take_it_down(erin: User) -> None:
    staff = visit(erin)
    now = timezone.localtime()
    sent = {
        "text": WORDS,
        "kind": "info",
        "for_everybody": "no",
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }
    for wrong in (
        {"text": "x" * 301},
        {"kind": "alarm"},
        {"ends_at": "soon"},
        {"for_everybody": ""},
    ):
        assert staff.post("/desk/notices/", sent | wrong).status_code == 422
    over = staff.post("/desk/notices/", sent | {"ends_at": sent["starts_at"]})
    assert "ends after it begins" in over.content.decode()
    assert not Notice.objects.exists()
    staff.post("/desk/notices/", sent)
    notice = Notice.objects.get()
    assert (notice.for_everybody, notice.put_up_by) == (False, erin)
    assert notice.starts_at == now.replace(second=0, microsecond=0)
    assert "Take it down" in staff.get("/desk/notices/").content.decode()
    staff.post(f"/desk/notices/{notice.id}/take-down/")
    assert "taken down by Erin Ellis" in staff.get("/desk/notices/").content.decode()


def test_pages_of_our_own_failing_ask_nothing(erin: User, django_assert_num_queries) -> None:
    put_up(erin)
    for template in ("500.html", "503.html"):
        with django_assert_num_queries(0):
            assert SHOWN not in render(None, template).content.decode()


def test_one_question_a_page(erin: User, django_assert_num_queries) -> None:
    put_up(erin)
    with django_assert_num_queries(1):
        list(Notice.objects.shown_to(erin))
