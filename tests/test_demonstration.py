"""The demonstration has a past: months that were sent, processed and published."""

import csv
import io
import zipfile
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts import register, sealing, verifying
from accounts.models import AuditEvent, Mail, RegisterEntry, User
from extracts import downloading
from extracts.models import Download, Extract, Publication, Release, Run
from iapt_portal import demonstration, demonstration_months
from submissions.models import StatusChange, Submission, Window
from submissions.models.calendar import State
from submissions.periods import month_after
from submissions.proposing import propose
from validation import dataset
from validation.sample.mix import PRACTICES


@pytest.fixture
def past(everybody: dict[str, User], settings: Settings, tmp_path: Path) -> list[Window]:
    """The windows of the past, the oldest first."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.RECEIVING_DIR = tmp_path / "receiving"
    demonstration_months.make(everybody)
    return list(Window.objects.with_clock().filter(runs__isnull=False))


def rows(extract: Extract, table: str, by: User) -> list[dict[str, str]]:
    archive = zipfile.ZipFile(io.BytesIO(downloading.download(extract=extract, by=by)))
    return list(csv.DictReader(io.TextIOWrapper(archive.open(f"{table}.csv"), encoding="utf-8")))


@pytest.mark.long
def test_every_page_has_something_to_show(everybody, past):
    """
    the months before the open one:   1  2  3  4  5  6
    RZ1 sent twice, Bob a Refresh     x  xR xR xR xR xR
    RZ2 missed the fourth             x  x  xR .  xR xR
    RZ3, pilot site                   x  xR x  xR x  xR
    """
    open_one = Window.objects.open().get()
    assert len(past) == demonstration_months.MONTHS
    assert {window.state for window in past} == {State.PUBLISHED}
    assert past[-1].primary_period == open_one.refresh_period
    sent = {
        code: [
            "".join(
                Submission.objects.filter(window=window, provider__code=code)
                .order_by("kind", "id")
                .values_list("kind", flat=True)
            )
            for window in past
        ]
        for code in ("RZ1", "RZ2", "RZ3")
    }
    assert sent == {
        "RZ1": ["PP", "PPR", "PPR", "PPR", "PPR", "PPR"],
        "RZ2": ["P", "P", "PR", "", "PR", "PR"],
        "RZ3": ["P", "PR", "P", "PR", "P", "PR"],
    }
    # Alice's first try has rows to mend, and nobody waits for a letter of last spring.
    tries = Submission.objects.with_rows().filter(sent_by=everybody["Alice"])
    assert any(one.rows_rejected for one in tries)
    assert not Mail.objects.filter(sent_at=None).exists()
    assert Extract.objects.seen_by(everybody["Dora"]).count() == 11
    assert Download.objects.filter(by=everybody["Dora"]).count() == 11

    _every_deed_is_of_its_time(past)
    _the_pilot_site_has_its_columns_in_the_extract(everybody["Grace"])
    before = AuditEvent.objects.count()
    demonstration_months.make(everybody)
    assert AuditEvent.objects.count() == before, "made once"


def _every_deed_is_of_its_time(past: list[Window]) -> None:
    for window in past:
        for submission in window.submissions.all():
            assert window.opens_at < submission.received_at < window.closes_at
            assert submission.finished_at is not None
            assert submission.finished_at - submission.received_at < timedelta(minutes=5)
            steps = StatusChange.objects.filter(submission=submission)
            assert all(abs(s.at - submission.received_at) < timedelta(minutes=5) for s in steps)
        run = Run.objects.get(window=window)
        assert run.stamp is not None
        assert window.published_at is not None
        assert run.asked_at.date() == run.stamp.date() == window.processing_week
        published = Publication.objects.get(run=run)
        assert window.published_at.date() == published.at.date() == window.data_available
        released = Release.objects.get(run=run)
        assert released.at.date() == window.statistics_due
        assert released.by != released.asked_by
    moments = [event.at for event in AuditEvent.objects.order_by("id")]
    assert moments == sorted(moments)
    sealing.seal()
    assert list(verifying.faults()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - pg_catalog.clock_timestamp()")
        assert abs(cursor.fetchone()[0]) < timedelta(seconds=5), "the clock is true again"


def _the_pilot_site_has_its_columns_in_the_extract(grace: User) -> None:
    extract = Extract.objects.seen_by(grace).filter(stage="P").first()
    assert extract is not None
    assert any(row["CARECLUSTER"] for row in rows(extract, "Referral", grace))
    assert any(row["ASSESSPEQ1"] for row in rows(extract, "Appointment", grace))


def test_on_whatever_day_it_begins_its_windows_stay_apart():
    day = date(2026, 1, 1)
    while day < date(2028, 3, 1):
        period = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
        first = demonstration.window_around(period, day)
        after = demonstration.window_after(period, day)
        windows = [*demonstration_months.windows_before(first), first, after]
        for earlier, later in pairwise(windows):
            assert earlier.closes_at < later.opens_at
            assert earlier.primary_period == later.refresh_period
            assert earlier.data_available < day or earlier is first
        following = propose(month_after(after.primary_period))
        assert after.closes < following.opens, "a further year can be proposed"
        day += timedelta(days=1)


def test_nothing_is_invented_where_it_is_no_demonstration(db: None, settings: Settings) -> None:
    settings.DEMO = False
    said = StringIO()
    call_command("demonstration", stdout=said)
    assert "nothing was made" in said.getvalue()
    assert not User.objects.exists()
    assert not Window.objects.exists()


def test_the_invented_register_knows_whom_the_demonstration_and_the_samples_name(everybody):
    """The lists name the organisations that take part, and the practices of the samples."""
    for code, name, role in demonstration.ORGANISATIONS:
        entry = register.find(code, on=date(2013, 4, 1))
        assert entry is not None
        assert (entry.name, entry.role, entry.is_open) == (name.upper(), role, True)
    defaults = {code.code for code in dataset.widest().tables["Person"].columns["GMPC"].codes}
    for window in Window.objects.filter(primary_period__gte=date(2013, 4, 1)):
        known = register.known(window.primary_period)
        assert known is not None
        assert known.codes >= set(PRACTICES) - defaults
    moments = AuditEvent.objects.filter(what="register loaded").values_list("at", flat=True)
    assert {moment.year for moment in moments} == {2012}, "before the past of the demonstration"


def test_a_commissioner_of_the_invented_register_closes_and_another_opens(everybody):
    closed, opened = (RegisterEntry.objects.get(code=code) for code in ("93A", "94A"))
    assert closed.closes is not None
    assert opened.opens - closed.closes == timedelta(days=1)
