"""How long one stays signed in, and what is left afterwards."""

import re
from importlib import import_module

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from playwright.sync_api import expect

from accounts import sessions
from tests.journeys.people import People, Person


def session_of(person: Person) -> SessionBase:
    cookie = next(c for c in person.page.context.cookies() if c["name"] == "session")
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found: SessionBase = store(cookie["value"])
    return found


def was_away(person: Person, minutes: float) -> None:
    """As if the last request were that long ago, for the portal and for the browser's clock."""
    session = session_of(person)
    session[sessions.SEEN] -= minutes * 60
    session.save()


def test_warned_before_the_end_and_stays(people: People) -> None:
    """When Alice does nothing for 28 minutes the page says that she will be signed out; she stays
    by a button. After half an hour she is signed out, and the sign-in page says why."""
    alice = people.person("Alice")
    alice.page.clock.install()
    alice.signs_in()
    warning = alice.page.locator("[data-session]")
    expect(warning).to_be_hidden()
    was_away(alice, 28.5)
    alice.page.clock.fast_forward("28:30")
    expect(warning).to_contain_text("You will be signed out in a minute")
    assert Axe().run(alice.page).response["violations"] == []
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    assert sessions.left(session_of(alice))[0] > 29 * 60

    was_away(alice, 31)
    alice.page.clock.fast_forward("31:00")
    alice.page.wait_for_url(re.compile("/account/sign-in/"))
    alice.sees("nothing was done for 30 minutes")
    alice.page.get_by_label("Email address").fill(alice.user.email)


def test_another_tab_keeps_one_in(people: People) -> None:
    """The page asks before it warns: Alice works in another tab."""
    alice = people.person("Alice")
    alice.page.clock.install()
    alice.signs_in()
    alice.page.clock.fast_forward("29:00")
    expect(alice.page.locator("[data-session]")).to_be_hidden()


def test_ends_without_javascript_too(people: People) -> None:
    alice = people.signed_in("Alice", java_script_enabled=False)
    was_away(alice, 31)
    alice.goes_to("/submissions/")
    alice.sees("Sign in", "nothing was done for 30 minutes")
    assert "next=/submissions/" in alice.page.url


def test_going_back_after_signing_out_shows_nothing(people: People) -> None:
    """When Alice has signed out at a shared computer, the browser's back button shows none of it."""
    alice = people.signed_in("Alice")
    alice.goes_to("/submissions/")
    alice.goes_to("/")
    alice.sees("Alder Valley")
    alice.page.get_by_role("button", name="Sign out").click()
    alice.sees("Sign in")
    for _ in range(3):
        alice.page.go_back()
        alice.sees("Sign in")
        assert "Alder Valley" not in alice.page.content()
        assert "Alice" not in alice.page.content()
