"""The life of a release: looked at by staff, made by two, read by everybody, withdrawn, made again."""

import re
from dataclasses import dataclass

import pytest

from accounts.models import User
from extracts import processing, publishing, releasing
from extracts.models import Release, Run
from submissions import calendar
from tests.conftest import wait_until
from tests.journeys.people import PATIENCE_SECONDS, People, Person

LOOKED_AT = "I have looked at this: "


@pytest.fixture
def published(people, make, window) -> Run:
    """Alice's month is processed and its extracts are published."""
    alice = people.signed_in("Alice")
    alice.waits_for_the_result(alice.sends("Primary", make.zip("month.zip", make.rows())))
    erin = User.objects.get(first_name="Erin")
    calendar.close(window=window, by=erin)
    run = processing.ask(window=window, by=erin)

    def done() -> bool:
        return Run.objects.get(id=run.id).status == Run.Status.DONE

    wait_until(done, PATIENCE_SECONDS, "processed")
    publishing.publish(window=window, by=erin)
    return run


def ticks_everything(person: Person) -> None:
    for tick in person.main.get_by_label(re.compile(LOOKED_AT)).all():
        tick.check()


def confirms_on_its_page(frank: Person, *sees: str) -> None:
    """From the desk to what waits, to the page that shows it, and there he confirms."""
    frank.goes_to("/desk/")
    frank.follows("Confirm or decline")
    assert not frank.main.get_by_role("button", name="Confirm").count()
    frank.follows("Look at it, and confirm it there")
    frank.sees(*sees)
    frank.presses("Confirm")


def test_from_the_checklist_to_the_public(people: People, published: Run, window, letters) -> None:
    """Given published extracts, Erin, who has no JavaScript, looks, ticks and asks; Frank sees the
    same and confirms; then everybody reads it."""
    erin = people.signed_in("Erin", java_script_enabled=False)
    month = f"{window.primary_period:%B %Y}"
    erin.goes_to("/desk/")
    erin.sees("Statistics to be released")
    erin.main.locator(f"a[href='/windows/{window.id}/release/']").click()
    missing = f"{month}, provisional: 1 of 3 expected providers. Missing: RZ2, RZ3."
    erin.sees("Nothing waits", "extracts are published", missing)
    erin.presses("Ask to release the statistics")
    erin.confirms()
    erin.sees("There is a problem", "Tick that you have looked at: Coverage")
    assert erin.page.title().startswith("Error: ")
    ticks_everything(erin)
    erin.presses("Ask to release the statistics")
    erin.sees("once another member of staff confirms it", "Another member of staff has to confirm")
    visitor = people.person("Visitor")
    visitor.goes_to("/quality/")
    visitor.sees("Nothing is released at present.")

    frank = people.signed_in("Frank")
    confirms_on_its_page(frank, missing, "Asked for by Erin Ellis")
    frank.confirms()
    frank.sees("Confirmed and done: Release the data quality report and the statistics")
    made = Release.objects.get()
    assert f"/statistics/releases/{made.id}/" in letters("Dora", "Statistics released")
    visitor.goes_to("/quality/")
    visitor.follows(month)
    visitor.sees(f"Release {made.id}")
    visitor.goes_to("/statistics/calendar/")
    visitor.follows(f"Release {made.id}")
    visitor.sees(f"Statistics: {month}, provisional")
    assert "Erin" not in visitor.text
    assert b"gender" in visitor.downloads("CSV, one figure a line of the data quality report")


@dataclass
class Story:
    """A release, the two who may undo it, and somebody who reads it."""

    erin: Person
    frank: Person
    visitor: Person
    release: Release
    part: str

    def asks_to_withdraw(self, fold: str, how: str, why: str) -> None:
        self.erin.goes_to(f"/statistics/releases/{self.release.id}/")
        self.erin.opens(fold)
        self.erin.page.get_by_label(how).check()
        self.erin.page.get_by_label("Why it is withdrawn").fill(why)
        self.erin.presses("Ask to withdraw it")

    def asks_to_release_again(self, why: str) -> None:
        window = self.release.run.window_id
        self.erin.goes_to(f"/windows/{window}/")
        self.erin.sees("They can be released again")
        self.erin.follows("checklist of what is released")
        ticks_everything(self.erin)
        self.erin.presses("Ask to release the statistics")
        self.erin.sees("Enter: what changed since the release before, and why")
        self.erin.page.get_by_label("What changed since the release before").fill(why)
        self.erin.presses("Ask to release the statistics")
        confirms_on_its_page(self.frank, why)


def test_withdrawn_released_again_and_hidden(
    people: People, published: Run, window, letters
) -> None:
    """Given a release, the two withdraw it; it stays readable until they hide it from all but
    staff. Another takes its place, and says why."""
    erin, frank = people.signed_in("Erin", java_script_enabled=False), people.signed_in("Frank")
    visitor = people.person("Visitor")
    release = releasing.release(window=window, by=frank.user)
    part = f"Statistics: {window.primary_period:%B %Y}, provisional"
    story = Story(erin, frank, visitor, release, part)
    visitor.goes_to(f"/statistics/releases/{release.id}/")
    kept = visitor.downloads(f"JSON of {part}")

    story.asks_to_withdraw("Withdraw this release", "The figures are wrong", "Of another month")
    erin.confirms()
    erin.sees("You have asked for the release to be withdrawn.", "Waits for a second person")
    confirms_on_its_page(frank, "its figures stay readable", "Of another month")
    frank.confirms()
    frank.sees("Confirmed and done: Withdraw release")
    assert "Of another month" in letters("Dora", "Statistics withdrawn")
    visitor.goes_to("/quality/")
    visitor.sees("was withdrawn on", "Of another month")
    visitor.follows(f"Release {release.id}")
    visitor.sees("This release was withdrawn", "They can be read here as they were released.")
    assert visitor.downloads(f"JSON of {part}") == kept

    story.asks_to_release_again("It was right after all")
    frank.sees("Confirmed and done: Release the data quality report and the statistics")
    visitor.goes_to(f"/quality/{window.primary_period:%Y-%m}/")
    visitor.sees("Released again: It was right after all")
    visitor.goes_to(f"/statistics/releases/{release.id}/")
    visitor.follows(f"Release {Release.objects.latest('id').id}")
    visitor.sees("Released again because", "It was right after all")

    hide = "Hide its figures from all but staff"
    story.asks_to_withdraw(hide, "The figures must not be seen", "It shows too much")
    confirms_on_its_page(frank, "nobody but staff sees it any more")
    frank.sees("Confirmed and done: Withdraw release")
    visitor.goes_to(f"/statistics/releases/{release.id}/")
    visitor.sees("It shows too much", "they are not shown any more")
    assert not visitor.main.get_by_role("link", name="provisional").count()
    hidden = f"/statistics/releases/{release.id}/statistics-provisional.json"
    assert visitor.goes_to(hidden) == 404
    erin.goes_to(f"/statistics/releases/{release.id}/")
    assert erin.downloads(f"JSON of {part}") == kept
