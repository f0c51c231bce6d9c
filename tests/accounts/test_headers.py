"""What the answers tell browsers, and the settings of a real portal."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts import permissions
from accounts.models import Mail, User
from tests.conftest import on_test_database
from tests.pages import visit

ROOT = Path(__file__).resolve().parent.parent.parent
RESET_LINK = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "set-a-1"})


@pytest.mark.parametrize("address", ["/", "/account/sign-in/", "/nowhere/", "/health"])
def test_every_answer(db: None, address: str) -> None:
    headers = Client().get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    # Without a referrer of its own a form could not be sent over https.
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    said = dict(part.split("=") for part in headers["Permissions-Policy"].split(", "))
    allowed = {feature for feature, who in said.items() if who != "()"}
    assert allowed == {"publickey-credentials-get", "publickey-credentials-create"}
    assert {said[feature] for feature in allowed} == {"(self)"}
    policy = headers["Content-Security-Policy"]
    for directive in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert "report" not in policy


def test_pages_of_somebody_signed_in_are_kept_by_no_browser(alice: User) -> None:
    client = visit(alice)
    for address in ("/", "/help/", "/windows/", "/submissions/", "/nowhere/", "/dictionary/"):
        assert client.get(address)["Cache-Control"] == "no-store", address


def test_pages_whose_address_is_a_secret_are_kept_by_no_browser(db: None) -> None:
    assert permissions.TABLE["account_reset_password_from_key"].who is permissions.link_holder
    assert Client().get(RESET_LINK)["Cache-Control"] == "no-store"
    holders = {
        name for name, row in permissions.TABLE.items() if row.who is permissions.link_holder
    }
    assert all(permissions.is_somebodys(name) for name in holders)
    # What is for everybody may be kept.
    assert "no-store" not in Client().get("/help/").get("Cache-Control", "")


def test_unknown_host(db: None) -> None:
    for host in ("evil.example", "localhost.evil.example", "evil.example:80", "local host"):
        assert Client().get("/account/sign-in/", headers={"host": host}).status_code == 400, host


@pytest.mark.usefixtures("nothing_counted")
def test_letters_name_the_sites_own_address(alice: User) -> None:
    for headers in (
        {"host": "127.0.0.1"},
        {"x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example"},
    ):
        Client().post("/account/password/reset/", {"email": alice.email}, headers=headers)
        Mail.objects.update(written_at=F("written_at") - timedelta(minutes=6))
    letters = list(Mail.objects.filter(to=alice))
    assert len(letters) == 3
    for letter in letters:
        assert re.findall(r"https?://[^/\s]+", letter.body) == ["http://localhost:8000"]


# -- a real portal ----------------------------------------------------------------------------

SIGN_IN_ONCE = """
import json
from django.db import transaction
from django.test import Client
from accounts.models import User
with transaction.atomic():
    User.objects.create_user("grace@real.example", "correct horse battery")
    client = Client(headers={"host": "portal.example", "x-forwarded-proto": "https"})
    page = client.get("/account/sign-in/")
    words = {"login": "grace@real.example", "password": "correct horse battery"}
    answer = client.post("/account/sign-in/", words)
    plain = Client(headers={"host": "portal.example"}).get("/account/sign-in/")
    print(json.dumps({
        "cookies": {n: m.OutputString() for r in (page, answer) for n, m in r.cookies.items()},
        "headers": dict(page.headers), "plain": [plain.status_code, plain.headers["Location"]],
    }))
    transaction.set_rollback(True)
"""


def production(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """manage.py as a process of its own, with the variables of a real portal."""
    variables = {
        **{name: value for name, value in os.environ.items() if name not in {"TEST", "DEMO"}},
        "PORTAL_PROCESS": "owner",
        "DATABASE_URL": on_test_database(os.environ["DATABASE_URL"]),
        "SITE_ADDRESS": "https://portal.example",
        "ALLOWED_HOSTS": "portal.example",
        "BEHIND_TLS_PROXY": "1",
        "SECRET_KEY": "k7" * 20 + "-of-a-real-portal-0123456789",
        **more,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        check=False,
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
    )


def test_djangos_own_check_of_a_real_portal(db: None) -> None:
    done = production("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_wrong_networks_stop_the_start(db: None) -> None:
    done = production("check", ALLOWED_NETWORKS="10.1.2.3/16")
    assert done.returncode != 0
    assert "ALLOWED_NETWORKS" in done.stderr
    assert "Set it to networks by commas" in done.stderr


def test_cookies_over_https(db: None) -> None:
    # TEST: style sheets and scripts are not collected here.
    done = production("shell", "--verbosity", "0", "--command", SIGN_IN_ONCE, TEST="1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    cookies = told["cookies"]
    assert set(cookies) == {"__Host-session", "__Host-csrf", "__Host-known-browser"}
    for cookie in cookies.values():
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert "expires" not in cookies["__Host-session"], "it goes with the browser"
    assert "upgrade-insecure-requests" in told["headers"]["Content-Security-Policy"]
    assert told["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")
    assert told["plain"] == [301, "https://portal.example/account/sign-in/"]
