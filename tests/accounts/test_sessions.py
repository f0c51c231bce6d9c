"""A session: another key at each step, an end in time, an end at once."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts import sessions
from accounts.adapter import AccountAdapter
from accounts.models import AuditEvent, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.signing import CODE, CONFIRM, ENROL, SIGN_IN, code, code_of, is_in, sign_in
from tests.pages import visit

pytestmark = pytest.mark.usefixtures("nothing_counted")

SESSION = "/account/session/"


def key_of(client: Client) -> str:
    return client.cookies["session"].value


def exists(key: str) -> bool:
    return Session.objects.filter(session_key=key).exists()


def back(client: Client, stamp: str, seconds: float) -> None:
    """As if the stamp were that much older."""
    session = client.session
    session[stamp] -= seconds
    session.save()


# -- keys -------------------------------------------------------------------------------------


def planted() -> Client:
    """A browser with a session whose key somebody else knows."""
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["session"] = session.session_key
    return client


def test_key_changes_at_sign_in(alice: User) -> None:
    client = planted()
    before = key_of(client)
    sign_in(alice, client=client)
    assert is_in(client)
    assert key_of(client) != before
    assert not exists(before)


def test_key_changes_after_the_password_and_after_the_code(erin: User) -> None:
    client = planted()
    keys = [key_of(client)]
    sign_in(erin, client=client)
    keys.append(key_of(client))
    client.post(CODE, {"code": code(erin)})
    keys.append(key_of(client))
    assert is_in(client)
    assert len(set(keys)) == 3
    assert [exists(key) for key in keys] == [False, False, True]


def test_key_changes_when_the_second_factor_is_set_up(transactional_db: None, erin: User) -> None:
    erin.authenticator_set.all().delete()
    client = sign_in(erin)
    client.post(f"{CONFIRM}?next={ENROL}", {"password": PASSWORD})
    secret = client.get(ENROL).context["form"].secret
    before = key_of(client)
    client.post(ENROL, {"code": code_of(secret)})
    assert is_in(client)
    assert key_of(client) != before
    assert not exists(before)


# -- in time ----------------------------------------------------------------------------------


def test_idle_session_ends_and_the_next_page_says_why(alice: User) -> None:
    client = sign_in(alice)
    key = key_of(client)
    back(client, sessions.SEEN, 31 * 60)
    answer = client.get("/submissions/", follow=True)
    assert answer.redirect_chain == [(f"{SIGN_IN}?next=/submissions/", 302)]
    assert sessions.AFTER_IDLE in answer.content.decode()
    assert not exists(key)
    assert AuditEvent.objects.filter(what="signed out", by=alice).exists()


def test_session_ends_after_a_working_day_however_often_it_is_saved(alice: User) -> None:
    client = sign_in(alice)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(8 * 3 - 1):
            clock.shift(timedelta(minutes=20))
            assert is_in(client)
        clock.shift(timedelta(minutes=21))
        answer = client.get("/", follow=True)
        assert sessions.AFTER_HOURS in answer.content.decode()
        assert not is_in(client)


def test_session_without_stamps_is_over(alice: User) -> None:
    client = visit(alice)
    session = client.session
    del session[sessions.BEGAN], session[sessions.SEEN]
    session.save()
    assert not is_in(client)


def test_stamp_is_written_once_a_minute(alice: User) -> None:
    client = visit(alice)
    first = client.session[sessions.SEEN]
    client.get("/")
    assert client.session[sessions.SEEN] == first
    back(client, sessions.SEEN, 61)
    client.get("/")
    assert time.time() - client.session[sessions.SEEN] < 30


def test_what_pages_ask_by_themselves_keeps_nobody_in(alice: User) -> None:
    client = visit(alice)
    for address in (SESSION, "/submissions/999/status/"):
        back(client, sessions.SEEN, 61)
        before = client.session[sessions.SEEN]
        client.get(address)
        assert client.session[sessions.SEEN] == before, address


def test_staying(alice: User) -> None:
    client = visit(alice)
    back(client, sessions.SEEN, 29 * 60)
    assert 55 <= client.get(SESSION).json()["left"] <= 60
    assert client.post(SESSION).status_code == 204
    assert client.get(SESSION).json()["left"] > 29 * 60


def test_staying_is_no_help_after_a_working_day(alice: User) -> None:
    client = visit(alice)
    back(client, sessions.BEGAN, 8 * 60 * 60 - 60)
    client.post(SESSION)
    said = client.get(SESSION).json()
    assert said["left"] <= 60
    assert said["may_stay"] is False


def test_part_of_a_page_has_the_whole_page_asked_again(alice: User) -> None:
    client = visit(alice)
    back(client, sessions.SEEN, 31 * 60)
    answer = client.get("/submissions/1/status/", headers={"hx-request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


def request_of(client: Client, user: User) -> HttpRequest:
    request = RequestFactory().post("/send/")
    request.session, request.user = client.session, user
    request.resolver_match = None
    return request


def test_upload_that_takes_longer_than_the_idle_time(alice: User) -> None:
    client = visit(alice)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        request = request_of(client, alice)

        def slow(_: HttpRequest) -> HttpResponse:
            clock.shift(timedelta(minutes=45))
            return HttpResponse("receipt")

        assert sessions.ends_in_time(slow)(request).content == b"receipt"
        assert is_in(client), "she comes to the receipt"


def test_slow_request_does_not_bring_back_what_ended_meanwhile(alice: User) -> None:
    client = visit(alice)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        request = request_of(client, alice)

        def slow(_: HttpRequest) -> HttpResponse:
            clock.shift(timedelta(minutes=2))
            client.post("/account/sign-out/")
            return HttpResponse("receipt")

        sessions.ends_in_time(slow)(request)
        assert not exists(request.session.session_key)


# -- at once ----------------------------------------------------------------------------------


def test_change_of_role_ends_all_at_once(alice: User, bob: User) -> None:
    hers, his = [visit(alice), visit(alice)], visit(bob)
    sessions.end_all(alice)
    assert not any(is_in(client) for client in hers)
    assert is_in(his)
    assert alice.sessions_ended == 1
    assert is_in(visit(alice))


def test_two_ends_at_once_are_both_counted(alice: User) -> None:
    stale = User.objects.get(id=alice.id)
    sessions.end_all(alice)
    sessions.end_all(stale)
    assert stale.sessions_ended == 2


def test_new_password_ends_the_others(alice: User) -> None:
    hers, other = sign_in(alice), sign_in(alice)
    chosen = "correct horse battery"
    words = {"oldpassword": PASSWORD, "password1": chosen, "password2": chosen}
    hers.post("/account/password/change/", words)
    assert is_in(hers)
    assert not is_in(other)


def test_leaver_is_out_at_the_next_request(alice: User) -> None:
    hers = visit(alice)
    User.objects.filter(id=alice.id).update(is_active=False)
    assert not is_in(hers)


def test_choosing_a_password_opens_no_account_that_was_closed_meanwhile(alice: User) -> None:
    User.objects.filter(id=alice.id).update(is_active=False, sessions_ended=3)
    AccountAdapter().set_password(alice, "correct horse battery")
    alice.refresh_from_db()
    assert (alice.is_active, alice.sessions_ended) == (False, 3)


def test_signing_out_leaves_nothing(alice: User) -> None:
    client = sign_in(alice)
    key = key_of(client)
    client.post("/account/sign-out/")
    assert not exists(key)
    client.cookies["session"] = key
    assert not is_in(client)


def test_nothing_private_before_the_second_factor(erin: User) -> None:
    client = sign_in(erin)
    for address in ("/", "/desk/", "/account/second-factor/overview/", SESSION):
        assert client.get(address)["Location"].startswith(SIGN_IN), address
