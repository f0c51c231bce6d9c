"""Neither words nor time tell who has an account."""

import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.models import Mail, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.signing import SIGN_IN
from tests.pages import OWN

pytestmark = pytest.mark.usefixtures("nothing_counted")

TRIES = 20
MOST_SECONDS = 0.05
RESET = "/account/password/reset/"


@pytest.fixture
def addresses(alice: User, bob: User, settings: Settings) -> list[str]:
    """Of an account, of one that was closed, of nobody; with the hasher of the real portal."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    for user in (alice, bob):
        user.set_password(PASSWORD)
        user.is_active = user == alice
        user.save()
    return [alice.email, bob.email, "nobody@portal.example"]


def wrong_password(address: str) -> HttpResponse:
    answer: Any = Client().post(SIGN_IN, {"login": address, "password": "a wrong password"})
    return answer


def forgotten(address: str) -> HttpResponse:
    answer: Any = Client().post(RESET, {"email": address})
    return answer


def timed(ask: Callable[[str], HttpResponse], address: str) -> tuple[float, float]:
    """Seconds by the clock on the wall, and of work."""
    cache.clear()  # what is counted stops the test itself
    wall, work = time.perf_counter(), time.thread_time()
    ask(address)
    return time.perf_counter() - wall, time.thread_time() - work


@pytest.mark.long
@pytest.mark.parametrize("ask", [wrong_password, forgotten])
def test_time_tells_nothing(addresses: list[str], ask: Callable[[str], HttpResponse]) -> None:
    for address in addresses:
        ask(address)  # templates are read once
    took: dict[str, list[tuple[float, float]]] = {address: [] for address in addresses}
    turns = Random(1)  # in turns, so that whatever else the machine does meets all three alike
    for _ in range(TRIES):
        for address in turns.sample(addresses, len(addresses)):
            took[address].append(timed(ask, address))
    # A busy machine only adds to the clock on the wall: there the quickest are compared.
    work = [median(each for _, each in seconds) for seconds in took.values()]
    wall = [min(each for each, _ in seconds) for seconds in took.values()]
    assert max(work) - min(work) < MOST_SECONDS, work
    assert max(wall) - min(wall) < MOST_SECONDS, wall


@pytest.mark.parametrize("ask", [wrong_password, forgotten])
def test_words_and_status_tell_nothing(
    addresses: list[str], ask: Callable[[str], HttpResponse]
) -> None:
    answers = {address: ask(address) for address in addresses}
    assert len({(answer.status_code, answer.get("Location")) for answer in answers.values()}) == 1
    pages = {
        OWN.sub(b"", answer.content).replace(address.encode(), b"")
        for address, answer in answers.items()
    }
    assert len(pages) == 1
    assert len({tuple(answer.cookies) for answer in answers.values()}) == 1


def test_letters_go_to_accounts_alone(addresses: list[str]) -> None:
    for address in addresses:
        forgotten(address)
    assert [mail.to.email for mail in Mail.objects.all() if mail.to] == [addresses[0]]
