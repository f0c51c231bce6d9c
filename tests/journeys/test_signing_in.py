"""Signing in: password, second factor, and what is said when it does not work."""

import re

from iapt_portal.demonstration import totp_secret
from tests.journeys.people import code_of_now


def test_a_wrong_password(people):
    """When Alice mistypes her password, the page says so without saying which part was wrong, and
    with the right one she comes to what is her position."""
    alice = people.person("Alice")
    alice.types_password("not this one")
    alice.sees("There is a problem", "email address and/or password")
    assert alice.page.title().startswith("Error: ")
    alice.page.get_by_label("Password", exact=True).fill("demonstration-only")
    alice.presses("Sign in")
    alice.sees("What is my position")
    alice.page.get_by_role("button", name="Sign out").click()
    alice.sees("Sign in")
    alice.goes_to("/submissions/")
    assert "/account/sign-in/" in alice.page.url


def test_somebody_guessing_is_stopped(people):
    """When somebody tries one password after the other, the portal stops listening in words."""
    guesser = people.person("Alice")
    for guess in range(6):
        guesser.types_password(f"guess number {guess}")
    guesser.sees("Too many failed attempts. Wait 15 minutes")
    guesser.types_password()
    guesser.sees("Too many failed attempts. Wait 15 minutes")


def test_staff_need_a_second_factor(people):
    """Given Erin's password alone, no page of the staff opens; a wrong code is refused, the right
    one opens the desk, and nobody uses it a second time."""
    erin = people.person("Erin")
    erin.types_password()
    assert "/account/second-factor/" in erin.page.url
    erin.goes_to("/desk/")
    assert "/account/second-factor/" in erin.page.url
    secret = totp_secret(erin.user)
    code = code_of_now(secret)
    erin.page.get_by_label("Code").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    erin.presses("Sign in")
    erin.sees("There is a problem")
    used = code_of_now(secret)
    erin.page.get_by_label("Code").fill(used)
    erin.presses("Sign in")
    erin.sees("Desk")

    thief = people.person("Erin")
    thief.types_password()
    thief.page.get_by_label("Code").fill(used)
    thief.presses("Sign in")
    thief.sees("There is a problem")


def test_staff_without_an_app_set_one_up_first(people):
    """Given staff who have no authenticator app yet, after the password they may do nothing but set
    one up; then the desk opens."""
    erin = people.person("Erin")
    erin.user.authenticator_set.all().delete()
    erin.types_password()
    erin.goes_to("/desk/")
    erin.confirms()
    erin.sees("Set up an authenticator app")
    erin.main.get_by_text("I cannot scan it").click()
    secret = erin.page.locator("#authenticator_secret").inner_text()
    erin.page.get_by_label("Code").fill(code_of_now(secret))
    erin.presses("Turn on")
    erin.goes_to("/desk/")
    erin.sees("Desk", "What needs a hand")


def test_a_forgotten_password(people, letters):
    """When Alice has forgotten her password, she gets a letter with an address at which she
    chooses a new one; the old one does not open any more."""
    alice = people.person("Alice")
    alice.goes_to("/account/password/reset/")
    alice.page.get_by_label(re.compile("mail", re.IGNORECASE)).fill(alice.user.email)
    alice.main.get_by_role("button").first.click()
    alice.page.wait_for_url(re.compile("/sent/"))
    letter = letters("Alice", "/account/password/reset/key/").replace("=\n", "").replace("=3D", "=")
    address = re.search(r"/account/password/reset/key/\S+", letter)
    assert address
    alice.goes_to(address[0])
    for field in alice.page.locator("input[type=password]").all():
        field.fill("eleven green bottles")
    alice.main.get_by_role("button", name=re.compile("password", re.IGNORECASE)).last.click()
    alice.page.wait_for_url(re.compile("/reset/done/"))
    alice.types_password()
    alice.sees("There is a problem")
    alice.types_password("eleven green bottles")
    alice.sees("What is my position")
