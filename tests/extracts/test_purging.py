"""Purging: what tells a provider who its patients are goes six months after the final extracts."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import AuditEvent, Organisation, User
from extracts import publishing, purging
from extracts.models import Extract, PurgedPeriod
from submissions import explaining, taking_away
from submissions.models import Explanation, FindingPlace, Report, Submission, Window
from submissions.models.calendar import Kind
from submissions.models.records import LocalKey, PersonRecord
from tests.extracts.reading import close_and_process
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import send_and_check

Sent = dict[str, Submission]


@pytest.fixture
def sent(alice: User, charlie: User, erin: User, window: Window, rows: Rows, refresh: Rows) -> Sent:
    """Alice's Refresh (with a gender that is none), Charlie's, one that is no zip, and Alice's
    Primary of the month after; all of it published."""
    refresh["Person"][0]["Gender"] = "7"
    found = {
        "refresh": send_and_check(alice, window, refresh, Kind.REFRESH),
        "charlie": send_and_check(charlie, window, month(window.refresh_period, "RZ2"), "R"),
        "no zip": send_and_check(charlie, window, b"PK\3\4 not a zip", Kind.REFRESH),
        "primary": send_and_check(alice, window, rows),
    }
    publishing.publish(window=close_and_process(window, erin).window, by=erin)
    return found


@pytest.fixture
def as_worker(sent: Sent) -> Iterator[None]:
    """With the rights that the worker has in the database, and no other."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE iapt_worker")
        yield
        cursor.execute("RESET ROLE")


def published_ago(window: Window, months: int, days: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE submissions_window SET published_at = clock_timestamp()
               - make_interval(months => %s, days => %s) WHERE id = %s""",
            [months, days, window.id],
        )


def keys(submission: Submission) -> int:
    return LocalKey.objects.filter(submission_id=submission.id).count()


def details(submission: Submission) -> set[bool]:
    """Whether the places of its findings still show something."""
    found = FindingPlace.objects.filter(finding__submission=submission)
    return {bool(place.detail) for place in found}


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "files").rglob("*"))


def test_its_time_is_six_months_from_the_final_extracts(sent: Sent, window: Window) -> None:
    assert purging.due() == []
    published_ago(window, 5, days=27)
    assert purging.due() == []
    published_ago(window, 6, days=1)
    assert purging.due() == [window.refresh_period], "of the month whose extracts were final"


def test_what_names_patients_goes_together(
    sent: Sent, window: Window, own_folder: Path, as_worker: None
) -> None:
    files = stored(own_folder)
    records = PersonRecord.objects.count()
    assert keys(sent["refresh"])
    assert details(sent["refresh"]) == {True}
    assert all(sent[name].findings_as for name in ("refresh", "charlie", "no zip"))
    published_ago(window, 7)
    purging.purge_due()

    for name in ("refresh", "charlie", "no zip"):
        submission = Submission.objects.get(id=sent[name].id)
        assert (submission.stored_as, submission.erase_raw) == ("", False)
        assert submission.findings_as == ""
        assert submission.sha256, "the receipt stays"
        assert not keys(submission)
    assert details(sent["refresh"]) == {False}
    assert sent["refresh"].finding_counts.exists(), "how many there were stays"
    own = Extract.objects.filter(
        period=window.refresh_period, recipient__role=Organisation.Role.PROVIDER
    )
    assert own.count() == 2
    assert all(one.purged_at and not one.stored_as for one in own)
    assert stored(own_folder) == files - 3 - 3 - 2

    # What names nobody stays, and so does the month after.
    assert PersonRecord.objects.count() == records
    assert keys(sent["primary"])
    assert Submission.objects.get(id=sent["primary"].id).stored_as
    others = Extract.objects.exclude(id__in=own)
    assert others.exists()
    assert not any(one.purged_at or not one.stored_as for one in others)
    event = AuditEvent.objects.get(what="period purged")
    assert event.facts == {
        "period": window.refresh_period.isoformat(),
        "files": 3,
        "extracts": 2,
    }


def test_an_annotated_copy_of_that_hour_goes_with_the_rest(
    alice: User, sent: Sent, window: Window, own_folder: Path
) -> None:
    copies = [
        taking_away.ask_for_copy(submission=sent[name], by=alice) for name in ("refresh", "primary")
    ]
    published_ago(window, 7)
    purging.purge_due()
    assert list(Report.objects.all()) == [copies[1]]


def test_what_was_said_of_a_warning_goes_with_its_last_period(
    sent: Sent, alice: User, window: Window, own_folder: Path
) -> None:
    place = FindingPlace.objects.get(finding__submission=sent["refresh"], finding__rule="P21")
    explaining.explain(place=place, by=alice, words="PAT000 said so")
    published_ago(window, 7)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE iapt_worker")
        purging.purge_due()
        cursor.execute("RESET ROLE")
    assert not Explanation.objects.exists()


def test_a_second_time_does_nothing(sent: Sent, window: Window, own_folder: Path) -> None:
    published_ago(window, 7)
    purging.purge_due()
    left = stored(own_folder)
    purging.purge_due()
    assert stored(own_folder) == left
    assert PurgedPeriod.objects.count() == AuditEvent.objects.filter(what="period purged").count()


def test_files_go_when_the_worker_died_before_it_came_to_them(
    sent: Sent, window: Window, own_folder: Path
) -> None:
    files = stored(own_folder)
    purging.purge(window.refresh_period)
    assert stored(own_folder) == files
    purging.purge_due()
    assert stored(own_folder) == files - 8


def test_what_is_being_checked_is_waited_for(sent: Sent, window: Window) -> None:
    published_ago(window, 7)
    Submission.objects.filter(id=sent["no zip"].id).update(status="RECEIVED")
    assert purging.due() == []


def test_what_its_users_see(sent: Sent, window: Window, alice: User, dora: User) -> None:
    extract = Extract.objects.seen_by(alice).get(period=window.refresh_period)
    browser = visit(alice)
    page = f"/submissions/{sent['refresh'].id}/findings/?records=shown"
    assert b"PAT000" in browser.get(page).content
    published_ago(window, 7)
    purging.purge_due()

    listed = browser.get("/downloads/").content.decode()
    assert "no longer kept since" in listed
    assert f"/downloads/{extract.id}/" not in listed
    assert browser.get(f"/downloads/{extract.id}/").status_code == 404
    shown = browser.get(page)
    assert shown.status_code == 200
    assert b"PAT000" not in shown.content
    assert b"Show which records" not in shown.content
    assert b"not kept any more" in shown.content
    assert "no longer kept" not in visit(dora).get("/downloads/").content.decode()


def test_a_rebuild_says_that_it_cannot_be_the_same(sent: Sent, window: Window) -> None:
    extract = Extract.objects.get(recipient__code="RZ1", period=window.refresh_period)
    published_ago(window, 7)
    purging.purge_due()
    said = StringIO()
    call_command("rebuild", str(extract.run_id), "RZ1", "R", stdout=said)
    assert "LPTID and SERVICEID blank" in said.getvalue()
