"""A provider's own extract before the deadline: made of what stands, for it alone, and gone once
something else stands or the window is processed."""

from datetime import date

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent, Mail, User
from extracts import building, downloading, previewing, processing, publishing
from extracts.holding import takings
from extracts.models import Extract, Run
from extracts.numbers import Wanted
from submissions import calendar
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, clock
from submissions.periods import month_before
from submissions.withdrawing import withdraw
from tests.extracts.reading import close_and_process, column, content, manifest, tables
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import send_and_check


@pytest.fixture
def primary(alice: User, window: Window, rows: Rows) -> Submission:
    return send_and_check(alice, window, rows)


def previewed(submission: Submission) -> Extract:
    """The extract once the worker has heard of the submission."""
    previewing.after_a_step(submission.id)
    return Extract.objects.get(run__of=submission, purged_at=None)


def listed(user: User) -> str:
    return visit(user).get("/downloads/").content.decode()


def test_it_holds_what_would_be_carried_forward(
    alice: User, erin: User, window: Window, primary: Submission, refresh: Rows
) -> None:
    again = send_and_check(alice, window, refresh, Kind.REFRESH)
    early = {
        stage: tables(content(previewed(one))) for stage, one in (("P", primary), ("R", again))
    }
    run = close_and_process(window, erin)
    for stage, found in early.items():
        made = tables(content(run.extracts.get(recipient__code="RZ1", stage=stage)))
        for table in made:
            for row in (*found[table], *made[table]):
                row.pop("END_PROCESSING_DATE", None)
                row.pop("COMPLETION_TIME", None)
        assert found == made


def test_it_says_in_its_name_that_it_is_not_final(primary: Submission, period: date) -> None:
    extract = previewed(primary)
    assert extract.file_name == f"IAPT_RZ1_{period:%Y-%m}_P_pre.zip"
    assert manifest(content(extract))["when"] == "pre"


def test_its_own_provider_alone_sees_and_takes_it(
    primary: Submission, alice: User, bob: User, charlie: User, dora: User, erin: User
) -> None:
    extract = previewed(primary)
    for user in (alice, bob):
        assert extract.file_name in listed(user)
        assert visit(user).get(f"/downloads/{extract.id}/").status_code == 200
    for user in (charlie, dora):
        assert extract.file_name not in listed(user)
    for user in (charlie, dora, erin):
        assert visit(user).get(f"/downloads/{extract.id}/").status_code == 404


def test_a_download_is_written_down_and_told_to_who_asks(primary: Submission, alice: User) -> None:
    extract = previewed(primary)
    visit(alice).get(f"/downloads/{extract.id}/")
    event = AuditEvent.objects.get(what="extract downloaded")
    assert (event.by, event.facts["file"]) == (alice, extract.file_name)
    today = event.at.date()
    assert [one.file for one in takings(primary.provider, today, today)] == [extract.file_name]


def test_it_is_locked_where_it_lies(primary: Submission) -> None:
    with default_storage.open(previewed(primary).stored_as, "rb") as file:
        assert not file.read().startswith(b"PK")


def test_ringing_twice_makes_one(primary: Submission) -> None:
    first = previewed(primary)
    assert previewed(primary) == first
    assert Run.previews.count() == 1


def test_another_file_takes_its_place_and_withdrawing_gives_it_back(
    alice: User, window: Window, rows: Rows, primary: Submission
) -> None:
    first = previewed(primary)
    better = send_and_check(alice, window, rows)
    assert first.file_name not in listed(alice)
    second = previewed(better)
    assert not default_storage.exists(first.stored_as)
    withdraw(submission=better, by=alice)
    assert visit(alice).get(f"/downloads/{second.id}/").status_code == 404
    previewing.after_a_step(better.id)
    third = Extract.objects.get(run__of=primary, purged_at=None)
    assert visit(alice).get(f"/downloads/{third.id}/").status_code == 200
    assert not default_storage.exists(second.stored_as)


@pytest.mark.parametrize("is_rung", [True, False])
def test_it_is_made_again_when_the_month_before_changes(
    alice: User, window: Window, primary: Submission, refresh: Rows, is_rung: bool
) -> None:
    first = previewed(primary)
    before = send_and_check(alice, window, refresh, Kind.REFRESH)
    if is_rung:
        previewing.after_a_step(before.id)
    else:
        previewing.sweep()
        previewing.make(primary)
    second = Extract.objects.get(run__of=primary, purged_at=None)
    assert second != first
    assert not default_storage.exists(first.stored_as)
    assert second.run.frozen.filter(submission=before, stage="R").exists()
    previewing.sweep()
    previewing.after_a_step(before.id)
    assert Extract.objects.get(run__of=primary, purged_at=None) == second, "once is enough"


def test_who_took_one_that_is_gone_is_still_told(
    alice: User, window: Window, rows: Rows, primary: Submission
) -> None:
    extract = previewed(primary)
    downloading.download(extract=extract, by=alice)
    previewed(send_and_check(alice, window, rows))
    today = AuditEvent.objects.latest("id").at.date()
    assert [one.file for one in takings(primary.provider, today, today)] == [extract.file_name]


def test_it_goes_when_the_window_is_processed(
    alice: User, erin: User, window: Window, primary: Submission
) -> None:
    extract = previewed(primary)
    run = close_and_process(window, erin)
    assert extract.file_name not in listed(alice)
    previewing.sweep()
    assert not default_storage.exists(extract.stored_as)
    publishing.publish(window=window, by=erin)
    assert run.extracts.get(recipient__code="RZ1").file_name in listed(alice)


def test_nothing_that_staff_do_takes_a_preview_for_a_run(
    erin: User, window: Window, primary: Submission
) -> None:
    previewed(primary)
    calendar.close(window=window, by=erin)
    assert not window.runs.exists()
    assert "Ready to publish" not in visit(erin).get(f"/windows/{window.id}/").content.decode()
    run = processing.ask(window=window, by=erin)
    assert list(window.runs.all()) == [run]


def test_a_worker_that_died_is_followed_by_another(primary: Submission) -> None:
    dead = previewing.claim(primary)
    assert dead is not None
    previewing.make(primary)
    assert not Extract.objects.exists(), "while its lease lasts nobody else begins"
    Run.previews.update(lease_until=clock())
    extract = previewed(primary)
    dead.stamp = extract.run.stamp
    (built,) = building.build([Wanted(dead, "P", primary.period, primary.provider)])
    previewing._keep(dead, primary, built, {})
    assert Extract.objects.get() == extract
    assert extract.figures


def test_the_sweeper_begins_what_no_bell_was_heard_of(primary: Submission) -> None:
    previewing.sweep()
    run = Run.previews.get(of=primary)
    before = run.rung_at
    Run.previews.update(rung_at="2026-01-01T00:00:00Z")
    previewing.sweep()
    run.refresh_from_db()
    assert run.rung_at > before
    previewing.make(primary)
    assert Extract.objects.get().run == run


def test_after_three_attempts_staff_are_told_once(primary: Submission) -> None:
    for _ in range(3):
        previewing.claim(primary)
        Run.previews.update(lease_until=clock())
    for _ in range(2):
        previewing.sweep()
    assert Run.previews.get().status == Run.Status.FAILED
    assert Mail.objects.filter(subject__contains="preview of submission").count() == 2


def test_an_open_referral_is_inactive_against_the_providers_own_newest_month(
    alice: User, charlie: User, window: Window, refresh: Rows, period: date
) -> None:
    send_and_check(charlie, window, month(period, "RZ2", persons=1))
    again = send_and_check(alice, window, refresh, Kind.REFRESH)
    blank = column(tables(content(previewed(again)))["Referral"], "IC_INACTIVE_TIMESTAMP")
    assert set(blank) == {""}, "another's newer month tells nothing of this provider's"


# -- if this were final -----------------------------------------------------------------------


def page(user: User, submission: Submission) -> str:
    answer = visit(user).get(f"/submissions/{submission.id}/if-final/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_waits_shows_and_ends(
    alice: User, erin: User, window: Window, rows: Rows, primary: Submission
) -> None:
    assert "being worked out" in page(alice, primary)
    extract = previewed(primary)
    assert extract.figures["received"] == 9
    told = page(alice, primary)
    assert "if it were your last one" in told
    assert "<strong>9</strong>" in told
    better = send_and_check(alice, window, rows)
    assert "does not stand any more" in page(alice, primary)
    previewed(better)
    close_and_process(window, erin)
    assert "has been processed since" in page(alice, better)


def test_beside_the_month_before_and_the_primary(
    alice: User, window: Window, primary: Submission, refresh: Rows, period: date
) -> None:
    again = send_and_check(alice, window, refresh, Kind.REFRESH)
    previewed(primary)
    previewed(again)
    before = month_before(period)
    assert f"{before:%B %Y}, not final" in page(alice, primary)
    told = page(alice, again)
    assert "The Primary" in told
    assert "not known" in told


def test_others_do_not_see_it(primary: Submission, charlie: User, dora: User, erin: User) -> None:
    previewed(primary)
    address = f"/submissions/{primary.id}/if-final/"
    for user in (charlie, dora, erin):
        assert visit(user).get(address).status_code == 404, user
