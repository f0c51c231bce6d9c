"""What a provider sees of its extract while there is still time to send a better file."""

from playwright.sync_api import expect

from tests.conftest import wait_until
from tests.journeys.people import PATIENCE_SECONDS, Person
from tests.journeys.test_closing import counts, takes


def has_figures(person: Person) -> None:
    def there() -> bool:
        person.page.reload()
        return "Main figures of" in person.text

    wait_until(there, PATIENCE_SECONDS, "figures")


def test_from_the_verdict_to_the_extract_that_is_not_final(people, make, window):
    """Given Alice's accepted file, when she asks what it would come to, then she reads the month's
    figures and takes the extract; when a better file is accepted, that one's take their place, and
    nobody but RZ1 ever sees any of it."""
    alice, rows = people.signed_in("Alice"), make.rows()
    first = alice.sends("Primary", make.mdb("first.mdb", rows))
    alice.waits_for_the_result(first)
    alice.follows("If this were final")
    has_figures(alice)
    alice.sees("Nothing here is final", "Referrals received", "Recovered")
    name = f"IAPT_RZ1_{window.primary_period:%Y-%m}_P_pre.zip"
    assert counts(takes(alice, name)) == counts(rows)

    fewer = make.rows()
    fewer["Appointment"].pop()
    second = alice.sends("Primary", make.mdb("second.mdb", fewer))
    alice.waits_for_the_result(second)
    alice.goes_to(f"/submissions/{first.id}/if-final/")
    alice.sees("does not stand any more")
    alice.goes_to("/")
    alice.follows("The month's figures, if this were final")
    has_figures(alice)
    assert alice.page.url.endswith(f"/submissions/{second.id}/if-final/")
    assert counts(takes(alice, name)) == counts(fewer)

    for other in ("Charlie", "Dora"):
        person = people.signed_in(other)
        person.goes_to("/downloads/")
        expect(person.main).not_to_contain_text("_pre.zip")
        assert person.goes_to(f"/submissions/{second.id}/if-final/") == 404
