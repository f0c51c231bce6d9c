"""Signing in as the tests of it do."""

from typing import Any

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from iapt_portal.demonstration import PASSWORD, totp_secret

SIGN_IN = "/account/sign-in/"
CODE = "/account/second-factor/"
ENROL = "/account/second-factor/app/"
CONFIRM = "/account/confirm/"


def give_password(client: Client, user: User, password: str = PASSWORD) -> HttpResponse:
    answer: Any = client.post(SIGN_IN, {"login": user.email, "password": password})
    return answer


def sign_in(user: User, password: str = PASSWORD, client: Client | None = None) -> Client:
    client = client or Client()
    give_password(client, user, password)
    return client


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def code(user: User) -> str:
    secret = totp_secret(user)
    assert secret
    return code_of(secret)


def wrong_code(user: User) -> str:
    return f"{(int(code(user)) + 1) % 1_000_000:06}"
