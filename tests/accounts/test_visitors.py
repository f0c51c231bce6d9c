"""From where the portal may be reached."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts import visitors
from accounts.models import User
from iapt_portal import env
from tests.pages import visit

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.5"


@pytest.fixture
def networks(settings: Settings) -> Settings:
    settings.ALLOWED_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")]
    return settings


def ask(visitor: str, address: str = "/help/", **more: Any) -> HttpResponse:
    answer: Any = Client(REMOTE_ADDR=visitor, **more).get(address)
    return answer


@pytest.mark.usefixtures("db", "networks")
def test_visitors_from_elsewhere_are_turned_away() -> None:
    for visitor in (INSIDE, "2001:db8::7", "::ffff:10.1.2.3"):
        assert ask(visitor).status_code == 200, visitor
    for visitor in (OUTSIDE, "10.2.0.1", "2001:db9::1", "::ffff:203.0.113.5", ""):
        assert ask(visitor).status_code == 403, visitor


@pytest.mark.usefixtures("networks")
def test_nothing_private_and_nothing_asked(alice: User) -> None:
    client = visit(alice)
    client.defaults["REMOTE_ADDR"] = OUTSIDE
    answers = [
        client.get("/"),
        client.get("/nowhere/"),
        client.get("/account/sign-in/"),
        client.post("/account/sign-in/", {"login": alice.email, "password": "guess"}),
        client.post("/send/", {}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    words = answers[0].content.decode()
    assert "cannot be reached from here" in words
    for private in ("Alice", "Alder Valley", "csrfmiddlewaretoken", "<script"):
        assert private not in words
    assert "default-src 'none'" in answers[0]["Content-Security-Policy"]
    assert not answers[0].cookies


@pytest.mark.usefixtures("db", "networks")
def test_health_answers_everywhere_and_nothing_beside_it() -> None:
    assert ask(OUTSIDE, "/health").content == b"ok"
    for address in ("/health/", "/health/../help/", "/health;/", "//health", "/HEALTH"):
        assert ask(OUTSIDE, address).status_code == 403, address


@pytest.mark.usefixtures("db")
def test_x_forwarded_for_counts_as_far_as_the_proxy_is_trusted(networks: Settings) -> None:
    forged = {"HTTP_X_FORWARDED_FOR": INSIDE}
    assert ask(OUTSIDE, **forged).status_code == 403, "no proxy is trusted"
    networks.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert ask("172.17.0.1", **forged).status_code == 200, "the proxy says so"
    forged = {"HTTP_X_FORWARDED_FOR": f"{INSIDE}, {OUTSIDE}"}
    assert ask("172.17.0.1", **forged).status_code == 403, "the visitor said so"
    for nonsense in ("nonsense", " ", ",", f"{INSIDE},", f"{INSIDE}, nonsense"):
        answer = ask("172.17.0.1", HTTP_X_FORWARDED_FOR=nonsense)
        assert answer.status_code == 403, nonsense
    for other in ("HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CLIENT_IP", "HTTP_CF_CONNECTING_IP"):
        assert ask(OUTSIDE, **{other: INSIDE}).status_code == 403, other


@pytest.mark.usefixtures("db")
def test_blank_means_everywhere(settings: Settings) -> None:
    assert settings.ALLOWED_NETWORKS == []
    assert ask(OUTSIDE).status_code == 200


def test_same_address_as_counts_sign_ins() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="::ffff:192.0.2.1")
    assert visitors.address(request) == ip_address("192.0.2.1")


@pytest.mark.parametrize("value", ["10.1.0.0/33", "10.1.2.3/16", "office", "10.1.0.0/16;::/0"])
def test_wrong_value_stops_the_start_and_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", value)
    with pytest.raises(ImproperlyConfigured, match=r"ALLOWED_NETWORKS.*Set it to networks"):
        env.networks("ALLOWED_NETWORKS")


def test_value_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", " ", ","):
        monkeypatch.setenv("ALLOWED_NETWORKS", value)
        assert env.networks("ALLOWED_NETWORKS") == []
    monkeypatch.setenv("ALLOWED_NETWORKS", "10.1.0.0/16, 192.0.2.1 ,2001:db8::/32")
    assert [str(network) for network in env.networks("ALLOWED_NETWORKS")] == [
        "10.1.0.0/16",
        "192.0.2.1/32",
        "2001:db8::/32",
    ]
