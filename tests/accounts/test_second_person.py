"""The second person: one asks, another confirms, and only then it is done."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import second_person
from accounts.models import AskedDeed, AuditEvent, Mail, User
from accounts.refusals import Refusal
from iapt_portal.demonstration import PASSWORD
from tests.pages import visit

WORDS = "Ring the bell three times"


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, str]]:
    """A deed of no consequence: what was done, by whom, asked for by whom."""
    done: list[tuple[int, str, str]] = []

    def ring(*, by: User, asked_by: User, times: int) -> None:
        if times > 9:
            raise Refusal("The bell is tired.")
        done.append((times, by.first_name, asked_by.first_name))

    monkeypatch.setitem(second_person.DEEDS, "ring", ring)
    return done


def ask(by: User, times: int = 3) -> AskedDeed:
    return second_person.ask(what="ring", subject="the bell", words=WORDS, by=by, times=times)


def test_done_once_another_confirms(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin)
    assert rung == []
    second_person.confirm(asked=asked, by=frank)
    assert rung == [(3, "Frank", "Erin")]
    told = AuditEvent.objects.filter(what__startswith="second person").order_by("id")
    assert [(event.by, event.what) for event in told] == [
        (erin, "second person asked"),
        (frank, "second person confirmed"),
    ]


def test_the_others_are_told(erin: User, frank: User) -> None:
    ask(erin)
    letter = Mail.objects.get()
    assert letter.to == frank
    assert WORDS in letter.body


def test_nobody_confirms_their_own(erin: User, rung: list) -> None:
    with pytest.raises(Refusal, match="somebody else"):
        second_person.confirm(asked=ask(erin), by=erin)
    assert rung == []


def test_nor_does_the_database_let_them(erin: User) -> None:
    asked = ask(erin)
    with pytest.raises(IntegrityError), transaction.atomic():
        AskedDeed.objects.filter(id=asked.id).update(
            decided_by=erin, decided_at=timezone.now(), outcome="done"
        )


def test_confirmed_twice(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin)
    second_person.confirm(asked=asked, by=frank)
    with pytest.raises(Refusal, match="done already by Frank Foster"):
        second_person.confirm(asked=asked, by=frank)
    assert len(rung) == 1


def test_asked_for_twice(erin: User, frank: User) -> None:
    ask(erin)
    with pytest.raises(Refusal, match="Erin Ellis has asked"):
        ask(frank)


def test_refused_deed_is_not_done_and_stays_open(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin, times=10)
    with pytest.raises(Refusal, match="tired"):
        second_person.confirm(asked=asked, by=frank)
    assert rung == []
    assert second_person.waiting().get() == asked


def test_declined(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin)
    second_person.decline(asked=asked, by=frank)
    with pytest.raises(Refusal, match="declined already"):
        second_person.confirm(asked=asked, by=frank)
    assert rung == []
    assert Mail.objects.filter(to=erin, subject__startswith="Declined").exists()


def test_taken_back(erin: User, frank: User) -> None:
    second_person.decline(asked=ask(erin), by=erin)
    assert AskedDeed.objects.get().outcome == AskedDeed.Outcome.TAKEN_BACK
    ask(frank)


def test_dropped_when_nobody_confirms(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin)
    AskedDeed.objects.update(asked_at=timezone.now() - second_person.GOOD_FOR - timedelta(hours=1))
    assert not second_person.waiting().exists()
    with pytest.raises(Refusal, match="taken back already"):
        second_person.confirm(asked=asked, by=frank)
    ask(erin)


def test_who_asked_has_left(erin: User, frank: User, rung: list) -> None:
    asked = ask(erin)
    User.objects.filter(id=erin.id).update(is_staff=False)
    with pytest.raises(Refusal, match="not staff any more"):
        second_person.confirm(asked=asked, by=frank)
    assert rung == []


def test_on_the_page_one_confirms_who_one_is_and_the_deed_goes_on(
    erin: User, frank: User, rung: list
) -> None:
    asked = ask(erin)
    client = visit(frank)
    assert WORDS in client.get("/desk/second-person/").content.decode()
    sent_away = client.post(f"/desk/second-person/{asked.id}/confirm/")
    assert sent_away["Location"].startswith("/account/confirm/")
    assert rung == []
    client.post(sent_away["Location"], {"password": PASSWORD})
    assert rung == [(3, "Frank", "Erin")]
    # For the next five minutes nobody asks again.
    second_person.confirm(asked=ask(erin), by=frank)
    assert len(rung) == 2


def test_whose_own_request_it_is_sees_no_button(erin: User) -> None:
    ask(erin)
    page = visit(erin).get("/desk/second-person/").content.decode()
    assert "Take back" in page
    assert "confirm/" not in page


def test_what_nobody_confirmed_in_time_is_dropped_once_and_audited(erin: User) -> None:
    asked = ask(erin)
    AskedDeed.objects.update(asked_at=timezone.now() - timedelta(days=3))
    assert list(second_person.waiting()) == []
    assert list(second_person.waiting()) == []
    event = AuditEvent.objects.get(what="second person lapsed")
    assert (event.by, event.facts) == (None, {"deed": "ring", "asked": asked.id})
