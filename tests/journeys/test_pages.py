"""Every page, for everybody who may come to it: accessible, quiet, and at home on a phone."""

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, get_resolver, reverse
from playwright.sync_api import Page

from accounts import permissions
from accounts.models import User
from extracts import numbers, periods, processing, publishing, releasing
from extracts.models import Run
from iapt_portal import guidance
from submissions import calendar, explaining, withdrawing
from submissions.models import FindingPlace, Submission, Window
from tests.conftest import wait_until
from tests.journeys.files import mixed
from tests.journeys.people import PATIENCE_SECONDS, Person

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
# Not pages: words for a machine, and a file.
NO_PAGES = {
    *("health", "windows_feed", "account_session", "mfa_download_recovery_codes"),
    "statistics_mine_csv",
}


def addresses_without_arguments() -> dict[str, str]:
    """Every address of the portal that needs no argument, by its name."""
    found = {}
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for name in names - NO_PAGES:
        try:
            found[name] = reverse(name)
        except NoReverseMatch:
            continue
    return dict(sorted(found.items()))


@dataclass
class Looker:
    """Looks at pages and keeps what is wrong with them, and their pictures where one wants them."""

    shots: Path | None
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def look(self, person: Person, name: str) -> None:
        """The page that is shown now: by axe, and at the width of a desk and of a phone."""
        page, where = person.page, f"{person.name} at {name}"
        for violation in Axe().run(page).response["violations"]:
            places = [node["html"][:120] for node in violation["nodes"][:3]]
            self.faults.append(f"{where}: {violation['id']} {places}")
        self._picture(page, f"{name}-{person.name}-1280.png")
        page.set_viewport_size(NARROW)
        try:
            # The header folds its menu a moment after the window has become narrow. Asked from
            # here: a page that asks itself again would need the `eval` that our policy refuses.
            wait_until(lambda: page.evaluate(FITS), 5, "fits")
        except AssertionError:
            self.faults.append(f"{where}: too wide for a phone")
        self._picture(page, f"{name}-{person.name}-390.png")
        page.set_viewport_size(WIDE)

    def _picture(self, page: Page, name: str) -> None:
        if self.shots:
            page.screenshot(path=self.shots / name, full_page=True)

    def go_and_look(self, person: Person, name: str, address: str) -> None:
        status = person.goes_to(address)
        assert status == 200, f"{person.name} at {address}: {status}"
        self.look(person, name)

    def look_at_all(self, person: Person, user: User | AnonymousUser) -> None:
        """Every page without arguments that `user` may ask for and is not sent away from. What is
        the same for everybody who is signed in is looked at once."""
        for name, address in addresses_without_arguments().items():
            same_for_all = permissions.TABLE[name].who in {
                *permissions.PUBLIC,
                permissions.signed_in,
            }
            if not permissions.may(user, name) or (name in self.seen and same_for_all):
                continue
            status = person.goes_to(address)
            assert status in {200, 404}, f"{person.name} at {address}: {status}"
            if status == 200 and person.page.url == f"{person.portal.address}{address}":
                self.look(person, name)
                if user.is_authenticated and name != "home":
                    self.seen.add(name)


def what_was_found(looker: Looker, alice: Person, accepted: Submission) -> None:
    """The pages on which she works through the findings of a file, and explains a warning."""
    warning = FindingPlace.objects.filter(finding__severity="WARN").exclude(record_key=b"").first()
    of_rule = f"/submissions/{accepted.id}/warnings/{warning.finding.rule}/"
    explain = f"/submissions/{accepted.id}/explain/{warning.id}/"
    looker.go_and_look(alice, "submission_warnings", f"{of_rule}?records=shown")
    looker.go_and_look(alice, "submission_explain", explain)
    explaining.explain(place=warning, by=alice.user, words="True: the patient said so")
    looker.go_and_look(alice, "submission_explained", f"{explain}?records=shown")
    findings = f"/submissions/{accepted.id}/findings/"
    looker.go_and_look(alice, "submission_findings", findings)
    looker.go_and_look(alice, "submission_findings_shown", f"{findings}?rule=P16&records=shown")
    looker.go_and_look(alice, "submission_findings_record", f"{findings}?by=record&records=shown")
    looker.go_and_look(
        alice, "submission_finding", f"{findings}?by=record&table=Person&row=6&records=shown"
    )


def before_the_deadline(looker: Looker, alice: Person, accepted: Submission) -> None:
    """What she sees of the month while there is still time."""
    made = Run.previews.filter(of=accepted, status=Run.Status.DONE)
    wait_until(made.exists, PATIENCE_SECONDS, "previewed")
    looker.go_and_look(alice, "submission_if_final", f"/submissions/{accepted.id}/if-final/")
    looker.go_and_look(alice, "downloads_not_final", "/downloads/")


def test_pages_while_the_window_is_open(people, make, window, portal, shots):
    """Given an open window and files in every state, nobody's page has a barrier, a complaint of
    the browser, or a width that a phone cannot show."""
    looker = Looker(shots)
    alice = people.signed_in("Alice")
    for name, address in {"home_nothing_sent": "/", "submissions_none": "/submissions/"}.items():
        looker.go_and_look(alice, name, address)
    alice.is_refused("Primary", make.bytes("photo.mdb", b"\x89PNG\r\n\x1a\n" + bytes(99)))
    looker.look(alice, "send_refused")
    accepted = alice.sends("Primary", make.mdb("month.mdb", mixed(make.rows())))
    alice.waits_for_the_result(accepted)
    looker.look(alice, "submission_accepted")
    before_the_deadline(looker, alice, accepted)
    what_was_found(looker, alice, accepted)
    broken = make.changed("month.zip", lambda members: members.pop("Referral.csv"))
    alice.waits_for_the_result(alice.sends("Primary", broken))
    looker.look(alice, "submission_rejected")
    rejected = alice.page.url.removeprefix(portal.address)
    looker.go_and_look(alice, "submission_findings_rejected", f"{rejected}findings/")
    few = make.rows()
    del few["Appointment"][4:]
    smaller = make.zip("smaller.zip", few)
    alice.waits_for_the_result(alice.sends("Primary", smaller))
    looker.look(alice, "submission_smaller")
    portal.stop("worker")
    refresh = make.rows(period=window.refresh_period)
    alice.sends("Refresh", make.zip("refresh.zip", refresh))
    looker.look(alice, "submission_waiting")

    visitor, dora, erin = (
        people.person("Visitor"),
        people.signed_in("Dora"),
        people.signed_in("Erin"),
    )
    looker.go_and_look(erin, "window_open", f"/windows/{window.id}/")
    upcoming = type(window).objects.upcoming().first()
    looker.go_and_look(erin, "window_upcoming", f"/windows/{upcoming.id}/")
    looker.go_and_look(erin, "window_edit", f"/windows/{upcoming.id}/edit/")
    looker.go_and_look(erin, "tracker_provider", "/desk/tracker/RZ1/")
    looker.go_and_look(erin, "submission", f"/submissions/{accepted.id}/")
    looker.go_and_look(erin, "submission_findings", f"/submissions/{accepted.id}/findings/")
    assert visitor.goes_to("/nowhere/") == 404
    looker.look(visitor, "404")
    looker.look_at_all(visitor, AnonymousUser())
    for page in guidance.PAGES:
        looker.go_and_look(visitor, f"guidance_{page.name}", f"/guidance/{page.name}/")
    looker.go_and_look(visitor, "dictionary_column", "/dictionary/Person/Gender/")
    looker.go_and_look(visitor, "rule", "/rules/A12/")
    longest = "IC_COUNT_BEHAVIOURAL_ACTIVATION_SESSIONS_INYEAR"
    looker.go_and_look(visitor, "extract_column", f"/specification/Referral/{longest}/")
    looker.go_and_look(visitor, "definition", "/statistics/definitions/entered_within_42/")
    looker.go_and_look(visitor, "windows_year", "/windows/year/2013/")
    for person in (alice, dora, erin):
        person.goes_to("/account/confirm/")
        person.confirms()
        looker.look_at_all(person, person.user)
    assert looker.faults == [], "\n".join(looker.faults)


def test_pages_of_reports(people, make, window, shots):
    """The same of what is taken away, and of a file that is only checked."""
    looker = Looker(shots)
    alice = people.signed_in("Alice")
    accepted = alice.sends("Primary", make.zip("month.zip", mixed(make.rows())))
    alice.waits_for_the_result(accepted)
    looker.go_and_look(alice, "submission_annotated_ask", f"/submissions/{accepted.id}/annotated/")
    alice.has_a_copy_made(accepted)
    looker.look(alice, "submission_annotated")
    alice.checks(make.zip("april.zip", mixed(make.rows())))
    alice.sees("Would be accepted")
    looker.look(alice, "check_result")
    looker.go_and_look(alice, "check_with_results", "/check/")
    assert looker.faults == [], "\n".join(looker.faults)


def processed(window: Window, erin: Person, why: str = "") -> Run:
    """By the worker, as often as it is asked for."""
    run = processing.ask(window=window, by=erin.user, why=why)

    def done() -> bool:
        return Run.objects.get(id=run.id).status == Run.Status.DONE

    wait_until(done, PATIENCE_SECONDS, "processed")
    return run


def released(looker: Looker, erin: Person, visitor: Person, run: Run) -> None:
    """From the checklist to a release that was withdrawn and another in its place."""
    window = run.window
    checklist = f"/windows/{window.id}/release/"
    looker.go_and_look(erin, "window_release", checklist)
    erin.presses("Ask to release the statistics")
    erin.confirms()
    erin.sees("Tick that you have looked at")
    looker.look(erin, "window_release_refused")
    releasing.ask(window=window, by=erin.user, ticked=["day", "coverage", "changes", "sizes"])
    looker.go_and_look(erin, "window_release_asked", checklist)
    looker.go_and_look(erin, "asked_release", "/desk/second-person/")
    first = releasing.release(window=window, by=erin.user)
    looker.go_and_look(erin, "window_released", checklist)
    looker.go_and_look(erin, "release_standing", f"/statistics/releases/{first.id}/")
    erin.opens("What the checklist said")
    erin.opens("Withdraw this release")
    looker.look(erin, "release_withdrawing")
    releasing.withdraw(release=first, by=erin.user, why="It shows too much", hidden=True)
    looker.go_and_look(visitor, "quality_withdrawn", "/quality/")
    looker.go_and_look(visitor, "release_hidden", f"/statistics/releases/{first.id}/")
    looker.go_and_look(erin, "window_release_blocked", checklist)
    processed(window, erin, "Other breakdowns are left out")
    publishing.publish(window=window, by=erin.user)
    again = releasing.release(window=window, by=erin.user, why="Other breakdowns are left out")
    looker.go_and_look(visitor, "release_again", f"/statistics/releases/{again.id}/")
    looker.go_and_look(visitor, "statistics_releases_some", "/statistics/releases/")
    looker.go_and_look(visitor, "statistics_calendar_some", "/statistics/calendar/")


def statistics(looker: Looker, visitor: Person, period: str) -> None:
    """What everybody sees of the statistics of a month that is released."""
    pages = {
        "overview": "/statistics/",
        "month": f"/statistics/{period}/",
        "month_by": f"/statistics/{period}/provider/?group=Outcomes+of+finished+courses",
        "month_by_ethnicity": f"/statistics/{period}/ethnicity/",
        "figure": "/statistics/figure/finished/",
        "provider": "/statistics/provider/RZ1/?figure=finished",
        "commissioner": "/statistics/commissioner/91A/",
    }
    for name, address in pages.items():
        looker.go_and_look(visitor, f"statistics_{name}_released", address)


def test_pages_after_the_window(people, make, window, portal, shots):
    """The same once the window is closed, processed and published."""
    looker = Looker(shots)
    alice, dora, erin = (people.signed_in(name) for name in ("Alice", "Dora", "Erin"))
    alice.waits_for_the_result(alice.sends("Primary", make.zip("month.zip", make.rows())))
    calendar.close(window=window, by=erin.user)
    looker.go_and_look(erin, "window_closed", f"/windows/{window.id}/")
    run = processed(window, erin)
    looker.go_and_look(erin, "window_processed", f"/windows/{window.id}/")
    publishing.publish(window=window, by=erin.user)
    looker.go_and_look(erin, "window_published", f"/windows/{window.id}/")
    looker.go_and_look(erin, "national_extracts_published", "/downloads/national/")
    released(looker, erin, people.person("Visitor"), run)
    looker.go_and_look(erin, "statistics_outliers", f"/windows/{window.id}/figures/?all")
    looker.go_and_look(erin, "statistics_exact", "/statistics/exact/provider/RZ1/")
    statistics(looker, people.person("Visitor"), f"{window.primary_period:%Y-%m}")
    for person in (alice, dora):
        looker.go_and_look(person, "statistics_mine_published", "/statistics/mine/?figure=finished")
    looker.go_and_look(dora, "services_published", "/services/")
    looker.go_and_look(erin, "desk_published", "/desk/")
    looker.go_and_look(erin, "mails_published", "/desk/mails/")
    for person in (alice, dora):
        looker.go_and_look(person, "home_published", "/")
        looker.go_and_look(person, "downloads_published", "/downloads/")
    looker.go_and_look(alice, "send_closed", "/send/")
    extract = run.extracts.get(recipient__code="RZ1", stage="P")
    looker.go_and_look(alice, "download_referral", f"/downloads/{extract.id}/referral/")
    first = periods.month_id(window.primary_period) * numbers.SCALE + 1
    alice.page.get_by_label("REFERRAL_ID").fill(str(first))
    alice.presses("Show how it came about")
    alice.sees("Its appointments, over all months", "IC_RECOVERY_FLAG")
    looker.look(alice, "download_referral_shown")
    looker.go_and_look(alice, "quality_mine_published", "/quality/mine/?item=phq9")
    looker.go_and_look(erin, "quality_provider", "/quality/provider/RZ1/")
    followed = "/quality/?item=gender&provider=RZ1"
    visitor, month = people.person("Visitor"), f"/quality/{window.primary_period:%Y-%m}/"
    for name, address in (
        ("quality", "/quality/"),
        ("provider", followed),
        ("month", month),
        ("item", f"{month}gender/"),
    ):
        looker.go_and_look(visitor, f"quality_{name}_published", address)

    sent = Submission.objects.get()
    withdrawing.withdraw_later(submission=sent, by=erin.user, why="the wrong month")
    run = processed(window, erin, "a file was withdrawn")
    looker.go_and_look(erin, "window_processed_again", f"/windows/{window.id}/")
    erin.sees("Numbers that differ", "a file was withdrawn")
    assert looker.faults == [], "\n".join(looker.faults)


def test_on_a_phone_the_year_is_drawn_where_today_is(people, window):
    """Given a visitor with a phone, the mark of today lies within the page and not beside it."""
    visitor = people.person("Visitor", viewport=NARROW)
    visitor.goes_to("/windows/")
    mark = visitor.page.locator("[data-today]").first.bounding_box()
    assert mark is not None
    assert 0 < mark["x"] < NARROW["width"]
