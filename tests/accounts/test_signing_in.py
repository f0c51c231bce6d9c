"""Signing in: a second factor where one is asked for, audited, letters through the outbox."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from accounts import outbox
from accounts.models import AuditEvent, Mail, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.signing import ENROL, SIGN_IN, code, is_in, sign_in, wrong_code

pytestmark = pytest.mark.usefixtures("nothing_counted")


def events(what: str) -> list[User | None]:
    return [event.by for event in AuditEvent.objects.filter(what=what)]


def test_with_a_password(alice: User) -> None:
    assert is_in(sign_in(alice))
    assert events("signed in") == [alice]


def test_with_a_wrong_password(alice: User) -> None:
    client = sign_in(alice, "wrong")
    assert not is_in(client)
    assert events("sign-in failed") == [None]
    assert "wrong" not in str(AuditEvent.objects.values_list("facts", flat=True))


def test_inactive_user(alice: User) -> None:
    User.objects.filter(id=alice.id).update(is_active=False)
    assert not is_in(sign_in(alice))


def test_signing_out(alice: User) -> None:
    client = sign_in(alice)
    client.post("/account/sign-out/")
    assert not is_in(client)
    assert events("signed out") == [alice]


def test_nobody_signs_up() -> None:
    for place in ("/account/signup/", "/account/sign-up/", "/accounts/signup/"):
        assert Client().get(place).status_code == 404


def test_staff_need_their_code(erin: User) -> None:
    client = sign_in(erin)
    assert not is_in(client)
    assert events("signed in") == []
    client.post("/account/second-factor/", {"code": code(erin)})
    assert is_in(client)
    assert events("signed in") == [erin]


def test_wrong_code(erin: User) -> None:
    client = sign_in(erin)
    client.post("/account/second-factor/", {"code": wrong_code(erin)})
    assert not is_in(client)


def test_code_is_good_once(erin: User) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        used = code(erin)
        for signed_in in (True, False):
            client = sign_in(erin)
            client.post("/account/second-factor/", {"code": used})
            assert is_in(client) is signed_in


def test_new_staff_set_up_their_second_factor_first() -> None:
    grace = User.objects.create_user("grace@portal.example", PASSWORD, is_staff=True)
    client = sign_in(grace)
    for place in ("/", "/desk/", "/windows/", "/downloads/"):
        answer = client.get(place)
        assert (answer.status_code, answer["Location"]) == (302, ENROL), place
    assert client.get("/help/").status_code == 200
    assert client.get(ENROL, follow=True).status_code == 200


def test_in_the_demonstration_others_need_none(alice: User, dora: User) -> None:
    for user in (alice, dora):
        assert is_in(sign_in(user))


def test_outside_the_demonstration_everybody_needs_one(
    alice: User, dora: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FOR_EVERYONE = True
    for user in (alice, dora):
        assert sign_in(user).get("/")["Location"] == ENROL


def test_session_from_before_the_second_factor_ends_when_it_is_set_up() -> None:
    grace = User.objects.create_user("grace@portal.example", PASSWORD, is_staff=True)
    waiting = sign_in(grace)
    assert waiting.get("/desk/")["Location"] == ENROL
    TOTP.activate(grace, generate_totp_secret())
    assert waiting.get("/desk/")["Location"].startswith(SIGN_IN)
    assert waiting.get("/")["Location"].startswith(SIGN_IN)


def test_forgotten_password(alice: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Client().post("/account/password/reset/", {"email": alice.email})
    letter = Mail.objects.get(to=alice)
    assert mail.outbox == [], "it waits in the outbox like every letter"
    outbox.send_waiting()
    assert [sent.to for sent in mail.outbox] == [[alice.email]]
    address = re.search(r"/account/password/reset/key/\S+", letter.body)
    assert address
    client = Client()
    form = client.get(address[0], follow=True)
    chosen = "correct horse battery"
    client.post(form.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert not is_in(sign_in(alice))
    assert is_in(sign_in(alice, chosen))


def test_a_stranger_floods_no_mailbox(alice: User) -> None:
    """Within five minutes one letter is written, whose link stays good; the answer is the same."""
    answers = [
        Client(REMOTE_ADDR=f"203.0.113.{number}").post(
            "/account/password/reset/", {"email": alice.email}
        )
        for number in range(8)
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/account/password/reset/sent/")
    }
    assert Mail.objects.filter(to=alice).count() == 1
    Mail.objects.update(written_at=F("written_at") - timedelta(minutes=6))
    Client().post("/account/password/reset/", {"email": alice.email})
    assert Mail.objects.filter(to=alice).count() == 2


def test_forgotten_password_of_nobody(everybody: dict[str, User]) -> None:
    """The answer tells nobody who has an account."""
    answers = [
        Client().post("/account/password/reset/", {"email": address}, follow=True)
        for address in ("nobody@portal.example", "alice@portal.example")
    ]
    assert len({answer.request["PATH_INFO"] for answer in answers}) == 1
    assert Mail.objects.count() == 1
