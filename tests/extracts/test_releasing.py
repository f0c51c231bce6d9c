"""Releasing: by two, all or none, once; withdrawn for a reason, and kept as it was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import second_person
from accounts.clock import london
from accounts.models import AskedDeed, AuditEvent, Mail, User
from accounts.refusals import Refusal
from extracts import data_quality, publishing, releases, releasing
from extracts.models import FigureCount, Release, ReleasedPart, Run
from extracts.releasing import Incomplete
from submissions.models import QualityCount, Submission, Window
from submissions.periods import ends_quarter
from submissions.withdrawing import withdraw_later
from tests.extracts.reading import process

WHY = "RZ2 had sent another's file"
# The announced day is still to come; three providers are expected, and two have sent.
LOOKED_AT = ["day", "coverage"]


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


@pytest.fixture
def released(published: Run, window: Window, erin: User, frank: User) -> Release:
    return releasing.release(window=window, by=frank, asked_by=erin)


def kept(release: Release) -> dict[tuple[str, str], bytes]:
    return {(one.part, one.stage): releases.as_kept(one) for one in release.parts.all()}


# -- two persons ------------------------------------------------------------------------------


def test_one_asks_and_another_confirms(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    asked = releasing.ask(window=window, by=erin, ticked=[*LOOKED_AT, "what is not there"])
    assert not Release.objects.exists()
    with pytest.raises(Refusal, match="asked for this yourself"):
        second_person.confirm(asked=asked, by=erin)
    second_person.confirm(asked=asked, by=frank)
    made = Release.objects.get()
    assert (made.run, made.asked_by, made.by) == (published, erin, frank)
    assert made.checklist["ticked"] == LOOKED_AT
    assert [one["name"] for one in made.checklist["said"]] == [
        *("waiting", "day", "coverage", "changes", "differencing", "sizes")
    ]
    event = AuditEvent.objects.get(what="statistics released")
    assert (event.by, event.facts["asked_by"], event.facts["release"]) == (frank, erin.id, made.id)
    assert event.facts["ticked"] == "day, coverage"
    assert event.facts["checklist"].startswith("waiting well, day look, coverage look")


def test_what_says_look_has_to_be_ticked(published: Run, window: Window, erin: User) -> None:
    with pytest.raises(Incomplete, match=r"Tick that you have looked at: Coverage\."):
        releasing.ask(window=window, by=erin, ticked=["day"])
    assert not AskedDeed.objects.exists()


def test_nobody_confirms_what_the_first_has_not_seen(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    """Between asking and confirming the numbers have changed."""
    asked = releasing.ask(window=window, by=erin, ticked=LOOKED_AT)
    FigureCount.objects.filter(by="provider", of="RZ2").delete()
    with pytest.raises(Refusal, match="says something else by now"):
        second_person.confirm(asked=asked, by=frank)
    assert not Release.objects.exists()
    assert not AuditEvent.objects.filter(what="statistics released").exists()


def test_a_day_less_to_the_announced_one_is_no_other_checklist(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    asked = releasing.ask(window=window, by=erin, ticked=LOOKED_AT)
    assert "early" in str(asked.facts["said"])
    letter = Mail.objects.get(to=frank, subject__startswith="Waits for a second person")
    assert letter.subject == f"Waits for a second person: release (window {window.id})"
    Window.objects.filter(id=window.id).update(
        data_available=window.data_available - timedelta(days=1)
    )
    second_person.confirm(asked=asked, by=frank)
    assert Release.objects.exists()


def test_processed_again_after_somebody_asked(
    published: Run, window: Window, erin: User, frank: User
) -> None:
    asked = releasing.ask(window=window, by=erin, ticked=LOOKED_AT)
    again = process(window, erin, why=WHY)
    publishing.publish(window=window, by=erin)
    assert again.is_published
    with pytest.raises(Refusal, match="processed again after that"):
        second_person.confirm(asked=asked, by=frank)
    assert not Release.objects.exists()


# -- refusals ---------------------------------------------------------------------------------


def test_extracts_come_first(run: Run, window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match="not published yet"):
        releasing.release(window=window, by=erin)


def test_what_is_processed_again_is_published_first(
    released: Release, window: Window, erin: User
) -> None:
    process(window, erin, why=WHY)
    with pytest.raises(Refusal, match="not published yet"):
        releasing.release(window=window, by=erin, why=WHY)


def test_twice_is_refused(released: Release, window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match="released already"):
        releasing.release(window=window, by=erin)
    assert Release.objects.count() == 1


def test_what_blocks_stands_in_the_way(published: Run, window: Window, erin: User) -> None:
    """A file that was used stands no more."""
    withdraw_later(submission=Submission.objects.get(provider__code="RZ2"), by=erin, why=WHY)
    with pytest.raises(Refusal, match="Process the window again"):
        releasing.ask(window=window, by=erin, ticked=LOOKED_AT)
    with pytest.raises(Refusal, match="Process the window again"):
        releasing.release(window=window, by=erin)


def test_a_run_that_counted_nothing_is_processed_again(
    published: Run, window: Window, erin: User
) -> None:
    FigureCount.objects.all().delete()
    with pytest.raises(Refusal, match=r"nothing was counted \(Statistics\)"):
        releasing.release(window=window, by=erin)


# -- all or none ------------------------------------------------------------------------------


def parts_of(window: Window) -> set[tuple[str, str, date]]:
    """Everything there is to release of a window; the quarter with the final month that ends it."""
    primary, refresh = window.primary_period, window.refresh_period
    found = {(part, stage) for part in ("quality", "statistics") for stage in ("P", "R")}
    months = {(part, stage, primary if stage == "P" else refresh) for part, stage in found}
    quarter = ("statistics", ReleasedPart.QUARTER, refresh)
    return months | ({quarter} if ends_quarter(refresh) else set())


def test_everything_at_once(released: Release, window: Window) -> None:
    told = {(one.part, one.stage, one.period) for one in released.parts.all()}
    assert told == parts_of(window)


def test_a_quarter_comes_with_the_final_month_that_ends_it(
    published: Run, window: Window, frank: User
) -> None:
    FigureCount.objects.filter(stage=ReleasedPart.QUARTER).delete()
    monthly = FigureCount.objects.get(run=published, stage="R", by="national")
    FigureCount.objects.create(
        run=published,
        stage=ReleasedPart.QUARTER,
        by="national",
        of="",
        figures=monthly.figures,
        contributors=monthly.contributors,
    )
    releasing.release(window=window, by=frank)
    part = ReleasedPart.objects.get(stage=ReleasedPart.QUARTER)
    assert (part.part, part.period) == ("statistics", window.refresh_period)


FAILS = """
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
CREATE TRIGGER fails BEFORE INSERT ON extracts_releasedpart FOR EACH ROW
WHEN (NEW.part = 'statistics' AND NEW.stage = 'R') EXECUTE FUNCTION fails()"""


def test_nothing_of_it_when_something_fails_in_the_middle(
    published: Run, window: Window, frank: User
) -> None:
    """One of the parts cannot be kept; then it can."""
    letters = Mail.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(FAILS)
    with pytest.raises(DatabaseError, match="disk full"):
        releasing.release(window=window, by=frank)
    assert not Release.objects.exists()
    assert not ReleasedPart.objects.exists()
    assert not AuditEvent.objects.filter(what="statistics released").exists()
    assert Mail.objects.count() == letters
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION fails CASCADE")
    releasing.release(window=window, by=frank)
    assert ReleasedPart.objects.count() == len(parts_of(window))


@pytest.mark.django_db(transaction=True)
def test_two_press_at_once(published: Run, window: Window, erin: User, frank: User) -> None:
    """One releases; the other reads that it is released."""
    start = Barrier(2)

    def press(user: User) -> str:
        try:
            start.wait()
            releasing.release(window=window, by=user)
        except Refusal as refusal:
            return refusal.words
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(press, [erin, frank]))
    assert answers == ["The statistics of this window are released already.", "done"]
    assert Release.objects.count() == 1
    assert ReleasedPart.objects.count() == len(parts_of(window))
    assert Mail.objects.filter(subject__startswith="Statistics released", to=erin).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once(published: Run, window: Window, erin: User, frank: User) -> None:
    asked = releasing.ask(window=window, by=erin, ticked=LOOKED_AT)
    start = Barrier(2)

    def press(_: int) -> str:
        try:
            start.wait()
            second_person.confirm(asked=asked, by=frank)
        except Refusal as refusal:
            return refusal.words
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        first, second = sorted(threads.map(press, range(2)))
    assert first.startswith("This is done already by Frank Foster")
    assert second == "done"
    assert Release.objects.count() == 1


# -- letters ----------------------------------------------------------------------------------


def test_one_letter_to_everybody_of_pages_that_are_there_for_them(
    released: Release, window: Window
) -> None:
    letters = {one.to.first_name: one for one in Mail.objects.filter(subject__contains="released")}
    assert sorted(letters) == ["Alice", "Bob", "Charlie", "Dora", "Erin", "Frank", "Grace"]
    for name, letter in letters.items():
        assert f"/statistics/releases/{released.id}/" in letter.body
        assert ("/quality/mine/" in letter.body) == (name in {"Alice", "Bob", "Charlie", "Grace"})
        assert (f"/windows/{window.id}/" in letter.body) == (name in {"Erin", "Frank"})
        is_of_one = name in {"Alice", "Bob", "Charlie", "Grace", "Dora"}
        assert ("/statistics/mine/" in letter.body) == is_of_one
    said, month = letters["Dora"].body, window.primary_period
    address = f"http://localhost:8000/statistics/{month:%Y-%m}/"
    assert f"Statistics: {month:%B %Y}, provisional\n{address}" in said


# -- withdrawing ------------------------------------------------------------------------------


def test_two_withdraw_for_a_reason(
    released: Release, window: Window, erin: User, frank: User
) -> None:
    asked = releasing.ask_to_withdraw(release=released, by=frank, why=WHY, hidden=False)
    assert Release.objects.standing().get() == released
    second_person.confirm(asked=asked, by=erin)
    released.refresh_from_db()
    assert released.withdrawn_at is not None
    assert (released.withdrawn_by, released.why_withdrawn) == (erin, WHY)
    assert not releases.released(ReleasedPart.STATISTICS)
    assert not releases.released(ReleasedPart.QUALITY)
    assert [one.id for one in releases.withdrawn()] == [released.id]
    event = AuditEvent.objects.get(what="statistics withdrawn")
    assert event.by == erin
    assert event.facts == {
        "release": released.id,
        "hidden": False,
        "asked_by": frank.id,
        "why": WHY,
    }
    letters = Mail.objects.filter(subject__startswith="Statistics withdrawn")
    assert letters.count() == 7
    assert all(WHY in letter.body for letter in letters)
    month = window.primary_period
    for letter in letters:
        when = london(released.withdrawn_at)
        assert f"HSCIC withdrew release {released.id}, of {window}, on {when}." in letter.body
        assert "Do not use its figures any more." in letter.body
        stood = f"Statistics: {month:%B %Y}, provisional\nhttp://localhost:8000/statistics/"
        assert f"{stood}{month:%Y-%m}/" in letter.body.partition("Nothing has taken its place")[2]
        assert not any(one.email in letter.body for one in (erin, frank))
        assert not any(str(one) in letter.body for one in (erin, frank))
    assert not any("/mine/" in letter.body for letter in letters)


def test_a_reason_is_needed(released: Release, frank: User) -> None:
    with pytest.raises(Refusal, match="Say why"):
        releasing.ask_to_withdraw(release=released, by=frank, why="", hidden=False)


def test_withdrawn_twice_only_to_hide_it(released: Release, erin: User, frank: User) -> None:
    """What was said of it first stays."""
    releasing.withdraw(release=released, by=frank, why=WHY, hidden=False)
    with pytest.raises(Refusal, match="withdrawn already"):
        releasing.withdraw(release=released, by=erin, why="once more", hidden=False)
    releasing.withdraw(release=released, by=erin, why="it shows too much", hidden=True)
    released.refresh_from_db()
    assert (released.withdrawn_by, released.why_withdrawn) == (frank, WHY)
    assert (released.hidden_by, released.why_hidden) == (erin, "it shows too much")
    assert released.was_hidden_later
    with pytest.raises(Refusal, match="nobody but staff"):
        releasing.withdraw(release=released, by=erin, why="once more", hidden=True)


def test_what_shows_the_same_is_hidden_with_it(
    released: Release, window: Window, erin: User, frank: User
) -> None:
    """Withdrawn as wrong, released again of the same run, and then it must not be seen."""
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    again = releasing.release(window=window, by=frank, why="It was right after all")
    asked = releasing.ask_to_withdraw(release=again, by=frank, why="too much", hidden=True)
    assert f"hidden with it, as they show the same: release {released.id})" in asked.words
    second_person.confirm(asked=asked, by=erin)
    hidden = Release.objects.filter(why_hidden="too much", hidden_by=erin).order_by("id")
    assert [(one.why_withdrawn, one.was_hidden_later) for one in hidden] == [
        (WHY, True),
        ("too much", False),
    ]
    event = AuditEvent.objects.filter(what="statistics withdrawn").latest("id")
    assert event.facts["hidden_with"] == f"release {released.id}"
    letter = Mail.objects.filter(to=erin, subject__startswith="Statistics withdrawn").latest("id")
    assert f"because it shows the same: release {released.id}." in letter.body
    assert "Delete every copy that you have" in letter.body
    assert "Do not use its figures" not in letter.body


def test_of_another_run_what_is_the_same_in_every_stage_is_hidden_with_it(
    released: Release, window: Window, erin: User
) -> None:
    """One counts the same again; another one only in part."""
    process(window, erin, why=WHY)
    publishing.publish(window=window, by=erin)
    second = releasing.release(window=window, by=erin, why=WHY)
    withdraw_later(submission=Submission.objects.get(provider__code="RZ2"), by=erin, why=WHY)
    process(window, erin, why=WHY)
    publishing.publish(window=window, by=erin)
    third = releasing.release(window=window, by=erin, why=WHY)
    alike = releases.alike(released)
    assert alike.whole == [second]
    ((one, titles),) = alike.in_part
    assert one == third
    assert f"Data quality report: {window.refresh_period:%B %Y}, final" in titles
    assert f"Data quality report: {window.primary_period:%B %Y}, provisional" not in titles
    releasing.withdraw(release=released, by=erin, why="too much", hidden=True)
    assert {*Release.objects.exclude(hidden_at=None)} == {released, second}
    assert Release.objects.standing().get() == third


def test_the_database_keeps_who_when_and_why_together(released: Release, erin: User) -> None:
    halves = (
        ("withdrawn_by", erin),
        ("why_withdrawn", WHY),
        ("hidden_by", erin),
        ("why_hidden", WHY),
    )
    for half in [*halves, ("hidden_at", timezone.now())]:
        with pytest.raises(Exception, match="_by_somebody_for_a_reason"), transaction.atomic():
            Release.objects.filter(id=released.id).update(**dict([half]))


# -- again ------------------------------------------------------------------------------------


def test_released_again_after_it_was_withdrawn(
    released: Release, window: Window, erin: User, frank: User
) -> None:
    """Of the same run: it needs a reason, and the first stays as it was."""
    before = kept(released)
    releasing.withdraw(release=released, by=erin, why=WHY, hidden=False)
    with pytest.raises(Refusal, match="Say what changed"):
        releasing.release(window=window, by=frank)
    again = releasing.release(window=window, by=frank, why="It was right after all")
    assert kept(released) == before
    (stage,) = releases.released(ReleasedPart.QUALITY)[window.primary_period]
    assert stage.release == again
    first, second = releases.listed().order_by("id")
    assert (first.state, first.later, first.why_withdrawn) == ("withdrawn", again.id, WHY)
    assert (second.state, second.later) == ("released", None)
    letter = Mail.objects.get(to=erin, subject=f"Statistics released again: {window}")
    assert "What changed, and why: It was right after all" in letter.body


def test_a_later_run_takes_its_place_and_it_stays_byte_for_byte(
    released: Release, window: Window, erin: User, frank: User
) -> None:
    before = kept(released)
    withdraw_later(submission=Submission.objects.get(provider__code="RZ2"), by=erin, why=WHY)
    process(window, erin, why=WHY)
    publishing.publish(window=window, by=erin)
    again = releasing.release(window=window, by=frank, why=WHY)
    released.refresh_from_db()
    assert released.why_withdrawn == f"Release {again.id} took its place. {WHY}"
    assert not released.hidden
    assert Release.objects.standing().get() == again
    assert kept(released) == before
    assert kept(again)["quality", "P"] != before["quality", "P"]
    event = AuditEvent.objects.filter(what="statistics released").latest("id")
    assert event.facts["replaces"] == released.id
    # What is wrong with the first may still be hidden: the letter says which one stands.
    releasing.withdraw(release=released, by=erin, why="It shows too much", hidden=True)
    letter = Mail.objects.filter(to=erin, subject__startswith="Statistics withdrawn").latest("id")
    assert f"Use release {again.id} instead, which took its place:" in letter.body
    assert "Nothing has taken its place yet" not in letter.body
    assert Release.objects.standing().get() == again
    # What is wrong with the later one does not bring the earlier one back.
    releasing.withdraw(release=again, by=erin, why="wrong too", hidden=False)
    assert not releases.released(ReleasedPart.QUALITY)


def test_what_was_released_is_read_and_not_counted_anew(released: Release, window: Window) -> None:
    before = kept(released)
    FigureCount.objects.all().delete()
    QualityCount.objects.update(valid=990, missing=990)
    assert kept(released) == before
    (stage,) = releases.released(ReleasedPart.QUALITY)[window.primary_period]
    assert data_quality.figures(stage.content)["gender"].table.rows["RZ1"].whole == 10
