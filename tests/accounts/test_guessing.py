"""Guessing is stopped, and stops nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.guessing import LIMITS
from accounts.models import Mail, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.signing import (
    CODE,
    CONFIRM,
    SIGN_IN,
    code,
    give_password,
    is_in,
    sign_in,
    wrong_code,
)

pytestmark = pytest.mark.usefixtures("nothing_counted")

KNOWN = "known-browser"
HER_OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.1"


def visitor(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def browser_of(user: User) -> Client:
    """In which the user has been signed in before."""
    client = sign_in(user, client=visitor(HER_OFFICE))
    if user.is_staff:
        client.post(CODE, {"code": code(user)})
    assert is_in(client)
    client.post("/account/sign-out/")
    return client


def says(answer: HttpResponse, limit: str) -> bool:
    return LIMITS[limit].words in answer.content.decode().replace("&#x27;", "'")


def attack(user: User, addresses: range, each: int) -> None:
    for number in addresses:
        guesser = visitor(f"203.0.113.{number}")
        for _ in range(each):
            give_password(guesser, user, "guess")


def test_a_guesser_on_the_same_network_holds_up_no_known_browser(alice: User, bob: User) -> None:
    hers = browser_of(alice)
    guesser = visitor(HER_OFFICE)
    for number in range(12):
        answer = guesser.post(
            SIGN_IN, {"login": f"nobody{number}@portal.example", "password": "guess"}
        )
    assert says(answer, "address")
    assert says(give_password(visitor(HER_OFFICE), bob), "address")
    assert is_in(sign_in(alice, client=hers))


def test_guesser_is_stopped_and_the_user_is_not(alice: User) -> None:
    hers = browser_of(alice)
    guesser = visitor(ELSEWHERE)
    for _ in range(50):
        give_password(guesser, alice, "guess")
    assert not is_in(sign_in(alice, client=guesser)), "the right password no longer helps"
    assert is_in(sign_in(alice, client=hers))
    assert is_in(sign_in(alice, client=visitor("192.0.2.8"))), "nor is a new browser of hers"


def test_wait_and_what_is_said(alice: User) -> None:
    guesser = visitor(ELSEWHERE)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(5):
            assert not says(give_password(guesser, alice, "guess"), "account-from-address")
        assert says(give_password(guesser, alice), "account-from-address")
        clock.shift(timedelta(minutes=16))
        assert is_in(sign_in(alice, client=guesser))


def test_right_password_is_not_counted(alice: User) -> None:
    for _ in range(12):
        assert is_in(sign_in(alice, client=visitor(HER_OFFICE)))


def test_one_address_guessing_at_many_accounts(everybody: dict[str, User]) -> None:
    guesser = visitor(ELSEWHERE)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for number in range(10):
            guesser.post(SIGN_IN, {"login": f"user{number}@portal.example", "password": "guess"})
        assert says(give_password(guesser, everybody["Bob"]), "address")
        assert is_in(sign_in(everybody["Bob"], client=visitor(HER_OFFICE)))
        clock.shift(timedelta(seconds=61))
        assert is_in(sign_in(everybody["Bob"], client=guesser))


def test_guesser_with_many_addresses(alice: User, bob: User) -> None:
    hers, his = browser_of(alice), browser_of(bob)
    attack(alice, range(1, 26), each=4)
    stranger = visitor("203.0.113.200")
    assert says(give_password(stranger, alice), "account-password")
    assert not is_in(stranger)
    # A browser that is known for somebody else is no better than any other.
    assert not is_in(sign_in(alice, client=his))
    assert is_in(sign_in(alice, client=hers))


def test_known_browser_can_be_neither_made_nor_kept(alice: User) -> None:
    hers = browser_of(alice)
    cookie = hers.cookies[KNOWN].value
    alice.set_password("another password of hers")
    alice.save()
    attack(alice, range(1, 26), each=4)
    for said in (cookie, cookie[:-1], cookie.replace(cookie[:4], "0000"), "", "x:y:z"):
        guesser = visitor("203.0.113.201")
        guesser.cookies[KNOWN] = said
        assert not is_in(sign_in(alice, "another password of hers", guesser)), said


def test_new_password_by_letter_opens_again(alice: User) -> None:
    attack(alice, range(1, 26), each=4)
    hers = visitor(HER_OFFICE)
    assert not is_in(sign_in(alice, client=hers))
    hers.post("/account/password/reset/", {"email": alice.email})
    body = Mail.objects.get(to=alice).body
    address = next(word for word in body.split() if "/password/reset/key/" in word)
    form = hers.get("/" + address.split("/", 3)[3], follow=True)
    chosen = "correct horse battery"
    hers.post(form.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert is_in(sign_in(alice, chosen, hers))


def test_browser_stays_known_when_the_password_is_changed(alice: User) -> None:
    hers = sign_in(alice, client=visitor(HER_OFFICE))
    chosen = "correct horse battery"
    words = {"oldpassword": PASSWORD, "password1": chosen, "password2": chosen}
    hers.post("/account/password/change/", words)
    hers.post("/account/sign-out/")
    alice.refresh_from_db()
    attack(alice, range(1, 26), each=4)
    assert is_in(sign_in(alice, chosen, hers))


def test_cookie_of_a_known_browser(alice: User) -> None:
    cookie = browser_of(alice).cookies[KNOWN]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert alice.email not in cookie.value
    assert KNOWN not in sign_in(alice, "wrong").cookies


def test_browser_is_not_known_by_the_password_alone(erin: User) -> None:
    assert KNOWN not in sign_in(erin).cookies
    assert KNOWN in browser_of(erin).cookies


def test_nobody_is_counted_like_somebody(alice: User) -> None:
    """The words tell nobody who has an account."""
    limits = []
    for address, login in ((ELSEWHERE, alice.email), (HER_OFFICE, "nobody@portal.example")):
        answers = [
            visitor(address).post(SIGN_IN, {"login": login, "password": "guess"}) for _ in range(6)
        ]
        limits.append([says(answer, "account-from-address") for answer in answers])
    assert limits[0] == limits[1] == [False] * 5 + [True]


def test_x_forwarded_for_of_the_visitors_own_making(alice: User, settings: Settings) -> None:
    for proxies, said in ((0, "{}"), (1, "{}, 198.51.100.1"), (1, "{}, 10.0.0.1, 198.51.100.1")):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        cache.clear()
        guesser = visitor(ELSEWHERE)
        answers = [
            guesser.post(
                SIGN_IN,
                {"login": alice.email, "password": "guess"},
                headers={"x-forwarded-for": said.format(f"192.0.2.{number}")},
            )
            for number in range(6)
        ]
        assert says(answers[-1], "account-from-address"), said
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    proxied = Client(REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="192.0.2.99")
    assert is_in(sign_in(alice, client=proxied))


# -- somebody signed in -----------------------------------------------------------------------


def test_signed_in_session_is_not_affected(alice: User) -> None:
    hers = sign_in(alice, client=visitor(HER_OFFICE))
    attack(alice, range(1, 26), each=4)
    assert is_in(hers)
    answer = hers.post(f"{CONFIRM}?next=/account/password/change/", {"password": PASSWORD})
    assert answer.status_code == 302, "she may still say who she is"


def test_guessing_in_a_session_that_was_left_open(alice: User) -> None:
    hers = sign_in(alice)
    for _ in range(5):
        hers.post(CONFIRM, {"password": "guess"})
    assert says(hers.post(CONFIRM, {"password": PASSWORD}), "session")
    assert is_in(sign_in(alice)), "others of hers are not affected"


# -- codes ------------------------------------------------------------------------------------


def test_codes_are_counted_and_lock_nobody_out(erin: User) -> None:
    """Somebody has Erin's password, and guesses at her code."""
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hers = browser_of(erin)
        clock.shift(timedelta(seconds=60))
        for number in range(1, 12):
            guesser = sign_in(erin, client=visitor(f"203.0.113.{number}"))
            for _ in range(5):
                guesser.post(CODE, {"code": wrong_code(erin)})
            assert not is_in(guesser)
        answer = guesser.post(CODE, {"code": code(erin)})
        assert says(answer, "account-from-address")
        assert not is_in(guesser)
        stranger = sign_in(erin, client=visitor("203.0.113.99"))
        assert says(stranger.post(CODE, {"code": code(erin)}), "account-code")
        sign_in(erin, client=hers)
        hers.post(CODE, {"code": code(erin)})
        assert is_in(hers)


def test_codes_of_somebody_signed_in(erin: User) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hers = sign_in(erin, client=visitor(HER_OFFICE))
        hers.post(CODE, {"code": code(erin)})
        clock.shift(timedelta(seconds=60))
        guesser = sign_in(erin, client=visitor(ELSEWHERE))
        for _ in range(6):
            guesser.post(CODE, {"code": wrong_code(erin)})
        confirm = "/account/second-factor/confirm/?next=/account/second-factor/recovery/new/"
        for _ in range(4):
            assert hers.post(confirm, {"code": wrong_code(erin)}).status_code == 200
        assert hers.post(confirm, {"code": code(erin)}).status_code == 302
