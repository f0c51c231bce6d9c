"""Passkeys as the second factor, in a real browser with an authenticator of its own."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, expect

from tests.journeys.people import People, Person

# A computer that opens its passkeys by fingerprint; whoever sits there always agrees.
COMPUTER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SECOND_STEP = re.compile("/account/second-factor/$")


class Computer:
    """The authenticator of a person's browser (Chromium's own, virtual)."""

    def __init__(self, person: Person) -> None:
        self.session: CDPSession = person.page.context.new_cdp_session(person.page)
        self.session.send("WebAuthn.enable")
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": COMPUTER})
        self.which = {"authenticatorId": made["authenticatorId"]}

    def passkeys(self) -> list[dict[str, object]]:
        found = self.session.send("WebAuthn.getCredentials", self.which)["credentials"]
        return list(found)

    def loses_its_passkeys(self) -> None:
        self.session.send("WebAuthn.clearCredentials", self.which)


def signs_out(person: Person) -> None:
    person.page.get_by_role("button", name="Sign out").click()
    person.sees("Sign in")


def arrives_at(person: Person, address: str) -> None:
    person.page.wait_for_url(f"{person.portal.address}{address}")


def has_no_barrier(person: Person) -> None:
    assert Axe().run(person.page).response["violations"] == []


@pytest.fixture
def erin(people: People) -> Person:
    """Staff without a second factor: she has to set one up first."""
    erin = people.person("Erin")
    erin.user.authenticator_set.all().delete()
    erin.types_password()
    return erin


def test_passkey_from_beginning_to_end(erin: Person) -> None:
    """Erin sets up a passkey instead of an app, gets recovery codes, signs in with it, says with it
    once more who she is; a recovery code opens once, when the computer has lost its passkey."""
    computer = Computer(erin)
    erin.goes_to("/desk/")
    erin.confirms()
    erin.sees("Set up an authenticator app")
    erin.follows("set up a passkey")
    erin.sees("Set up a passkey")
    has_no_barrier(erin)
    erin.page.get_by_label("Name of the passkey").fill("My computer")
    erin.presses("Set up the passkey")
    erin.sees("Your recovery codes", "The passkey is set up")
    codes = erin.main.locator(".portal-codes li").all_inner_texts()
    assert len(codes) == 10
    assert len(computer.passkeys()) == 1
    erin.goes_to("/desk/")
    erin.sees("Desk", "What needs a hand")
    signs_out(erin)

    erin.types_password()
    assert SECOND_STEP.search(erin.page.url)
    erin.goes_to("/desk/")
    assert SECOND_STEP.search(erin.page.url), "the password alone opens nothing"
    has_no_barrier(erin)
    erin.presses("Use a passkey")
    arrives_at(erin, "/")
    erin.sees("Desk")

    erin.goes_to("/account/second-factor/recovery/new/")
    erin.sees("Confirm that it is you")
    erin.follows("Use a passkey")
    has_no_barrier(erin)
    erin.presses("Use a passkey")
    erin.sees("Make new recovery codes?")
    signs_out(erin)

    computer.loses_its_passkeys()
    erin.types_password()
    erin.presses("Use a passkey")
    erin.sees("The passkey was not used")
    erin.page.get_by_label("Code").fill(codes[0])
    erin.presses("Sign in")
    arrives_at(erin, "/")
    erin.sees("Desk")
    signs_out(erin)
    erin.types_password()
    erin.page.get_by_label("Code").fill(codes[0])
    erin.presses("Sign in")
    erin.sees("There is a problem")
    erin.goes_to("/desk/")
    assert SECOND_STEP.search(erin.page.url)


def test_passkey_beside_an_app(people: People) -> None:
    """Erin, who has an app, adds a passkey, renames it, signs in with it and removes it."""
    erin = people.signed_in("Erin")
    computer = Computer(erin)
    erin.goes_to("/account/second-factor/overview/")
    erin.presses("Set up a passkey")
    erin.confirms()
    erin.presses("Set up the passkey")
    # Staff of the demonstration had no recovery codes yet.
    erin.sees("Your recovery codes")
    erin.goes_to("/account/second-factor/overview/")
    erin.follows("Your passkeys (1)")
    erin.sees("Passkey 1")
    erin.follows("Rename")
    erin.page.get_by_label("Name of the passkey").fill("Office")
    erin.presses("Save the name")
    erin.sees("Office")
    signs_out(erin)
    erin.types_password()
    erin.sees("Use a passkey", "Or enter a code")
    erin.presses("Use a passkey")
    arrives_at(erin, "/")
    erin.goes_to("/account/second-factor/passkeys/")
    erin.follows("remove")
    erin.sees("Confirm that it is you")
    erin.confirms()
    erin.sees("Remove a passkey?", "Office")
    erin.presses("Remove it")
    erin.sees("You have none")
    assert len(computer.passkeys()) == 1, "the computer's own copy opens nothing any more"
    signs_out(erin)
    erin.types_password()
    expect(erin.main.get_by_role("button", name="Use a passkey")).to_have_count(0)
    expect(erin.page.get_by_label("Code")).to_be_visible()
