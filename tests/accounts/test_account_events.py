"""What happens to accounts is audited: signing in, failing to, passwords, second factors."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import AuditEvent, Mail, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.test_signing_in import code, sign_in
from tests.pages import visit

CHOSEN = "correct horse battery"
HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


AfterCommit = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks: AfterCommit) -> AfterCommit:
    """allauth tells of second factors once they are committed."""
    return django_capture_on_commit_callbacks


def told(what: str) -> list[tuple[User | None, dict[str, Any]]]:
    return [(event.by, event.facts) for event in AuditEvent.objects.filter(what=what)]


def staff_in(user: User) -> Client:
    client = sign_in(user)
    client.post("/account/second-factor/", {"code": code(user)})
    return client


def test_signing_in_and_where_from(alice: User) -> None:
    sign_in(alice)
    assert told("signed in") == [(alice, {"address": HERE})]


def test_where_from_is_said_by_the_proxy_and_not_by_the_visitor(
    alice: User, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    Client().post(
        "/account/sign-in/",
        {"login": alice.email, "password": PASSWORD},
        headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"},
    )
    assert told("signed in") == [(alice, {"address": "198.51.100.7"})]


def test_an_attack_on_an_account_shows_and_nothing_of_what_was_typed(alice: User) -> None:
    sign_in(alice, "Tr0ub4dor&3")
    assert told("sign-in failed") == [(None, {"account": alice.id, "address": HERE})]
    Client().post("/account/sign-in/", {"login": "typo@portal.example", "password": "Tr0ub4dor&3"})
    assert told("sign-in failed")[1] == (None, {"address": HERE})
    everything = str(list(AuditEvent.objects.values_list("facts", flat=True)))
    assert "Tr0ub4dor" not in everything
    assert "@" not in everything


def test_a_wrong_code(erin: User) -> None:
    client = sign_in(erin)
    wrong = f"{(int(code(erin)) + 1) % 1_000_000:06}"
    client.post("/account/second-factor/", {"code": wrong})
    assert told("second factor failed") == [(None, {"account": erin.id, "address": HERE})]


def test_a_changed_password(alice: User) -> None:
    sign_in(alice).post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": CHOSEN, "password2": CHOSEN},
    )
    assert told("password changed") == [(alice, {})]


def test_a_new_password_by_a_letters_link(alice: User) -> None:
    Client().post("/account/password/reset/", {"email": alice.email})
    address = re.search(r"/account/password/reset/key/\S+", Mail.objects.get(to=alice).body)
    assert address
    client = Client()
    form = client.get(address[0], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": CHOSEN, "password2": CHOSEN})
    assert told("password reset") == [(alice, {})]


def test_a_second_factor_set_up_and_removed(alice: User, after_commit: AfterCommit) -> None:
    client = sign_in(alice)
    client.post("/account/confirm/", {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    given = format_hotp_value(hotp_value(secret, counter))
    with after_commit(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": given})
    assert told("second factor set up") == [(alice, {"kind": "totp"})]
    assert told("recovery codes made") == [(alice, {})]
    # Committed after the answer here, so that the session's new key did not reach the browser.
    client = visit(alice)
    client.post("/account/confirm/", {"password": PASSWORD})
    with after_commit(execute=True):
        client.post(reverse("mfa_deactivate_totp"))
    assert [facts["kind"] for _, facts in told("second factor removed")] == [
        "totp",
        "recovery_codes",
    ]
    assert not Authenticator.objects.filter(user=alice).exists()


def test_recovery_codes_made_and_used(erin: User, after_commit: AfterCommit) -> None:
    client = staff_in(erin)
    client.post("/account/confirm/", {"password": PASSWORD})
    with after_commit(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert told("recovery codes made") == [(erin, {})]
    codes = Authenticator.objects.get(user=erin, type="recovery_codes").wrap().get_unused_codes()
    client = sign_in(erin)
    client.post("/account/second-factor/", {"code": codes[0]})
    assert client.get("/").status_code == 200
    assert told("recovery code used") == [(erin, {})]
