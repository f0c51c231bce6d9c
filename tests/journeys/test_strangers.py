"""What belongs to another organisation is not there."""

import re

from tests.journeys.people import Person

NOWHERE = 999_999_999


def what_is_there(person: Person, address: str) -> tuple[int, str, str]:
    """Status, title and words of an address, without what differs at every request."""
    status = person.goes_to(address)
    source = re.sub(r'(nonce|value|hx-get)="[^"]*"', "", person.page.content())
    return status, person.page.title(), source


def test_strangers_find_nothing(people, make):
    """Given a file that Alice sent, when Charlie of another provider or Dora the commissioner ask
    for its addresses, then they get the very page of what does not exist; whoever is not signed in
    is asked to."""
    alice = people.signed_in("Alice")
    sent = alice.sends("Primary", make.zip("month.zip", make.rows()))
    for name in ("Charlie", "Dora"):
        stranger = people.signed_in(name)
        for address in ("/submissions/{}/", "/submissions/{}/status/"):
            theirs = what_is_there(stranger, address.format(sent.id))
            assert theirs == what_is_there(stranger, address.format(NOWHERE))
            assert theirs[0] == 404
        stranger.goes_to("/")
        assert sent.reference not in stranger.text
    visitor = people.person("Nobody")
    visitor.goes_to(f"/submissions/{sent.id}/")
    assert "/account/sign-in/" in visitor.page.url


def test_staff_pages_are_not_there_for_others(people, window):
    """When Alice asks for the desk, the mails or a window's steps, there are none."""
    alice = people.signed_in("Alice")
    for address in ("/desk/", "/desk/mails/", f"/windows/{window.id}/"):
        assert what_is_there(alice, address) == what_is_there(alice, "/nowhere/")
