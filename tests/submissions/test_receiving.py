"""Receiving: a whole file becomes a receipt, or is refused and nothing kept."""

import hashlib
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings

from accounts.models import AuditEvent, Mail, Organisation, User
from accounts.refusals import Refusal
from iapt_portal.demonstration import let_in
from submissions import calendar, raw_files
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, clock
from submissions.receiving import receive, safe_name
from tests.submissions.rows import Rows
from tests.submissions.sending import arrived, content, send


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_receipt_row(alice: User, window: Window, rows: Rows) -> None:
    data = content(rows)
    submission = send(alice, window, data)
    assert submission.status == Status.RECEIVED
    assert submission.provider.code == "RZ1"
    assert (submission.sent_by, submission.window) == (alice, window)
    assert (submission.kind, submission.period) == (Kind.PRIMARY, window.primary_period)
    assert (submission.size, submission.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    now = Window.objects.with_clock().first().now
    assert now - timedelta(minutes=1) < submission.received_at <= now


def test_refresh_is_of_the_period_before(alice: User, window: Window, rows: Rows) -> None:
    assert send(alice, window, rows, Kind.REFRESH).period == window.refresh_period


def test_receipt_numbers_rise(alice: User, charlie: User, window: Window, rows: Rows) -> None:
    numbers = [send(user, window, rows).id for user in (alice, charlie, alice)]
    assert numbers == sorted(set(numbers))


def test_stored_file_opens_with_the_workers_key_alone(
    alice: User, window: Window, rows: Rows, tmp_path: Path
) -> None:
    data = content(rows)
    submission = send(alice, window, data)
    stored = (settings.MEDIA_ROOT / submission.stored_as).read_bytes()
    assert stored.startswith(b"age-encryption.org/v1")
    assert data[:64] not in stored
    assert raw_files.open_raw(submission, tmp_path).read_bytes() == data
    assert files(settings.RECEIVING_DIR) == []


@pytest.mark.parametrize(
    "changed", [{"is_active": False}, {"sessions_ended": 1}], ids=["closed", "sessions ended"]
)
def test_account_that_changed_while_the_file_came_in(
    alice: User, window: Window, rows: Rows, changed: dict[str, int]
) -> None:
    User.objects.filter(id=alice.id).update(**changed)
    with pytest.raises(Refusal, match="may not send for"):
        send(alice, window, rows)
    assert not Submission.objects.exists()
    assert files(settings.MEDIA_ROOT) == []


def test_letter_to_every_user_of_the_organisation(
    alice: User, bob: User, window: Window, rows: Rows
) -> None:
    gone = User.objects.create_user("gone@portal.example", is_active=False)
    let_in(gone, Organisation.objects.get(code="RZ1"))
    submission = send(alice, window, rows)
    letters = Mail.objects.filter(subject__startswith=f"Receipt {submission.reference}")
    assert {letter.to for letter in letters} == {alice, bob}
    body = letters[0].body
    for fact in (submission.sha256, "Alder Valley", "Primary", "Alice Archer", "GMT"):
        assert fact in body
    assert "sent.zip" not in body, "a file name may name a patient"


def test_receipt_is_audited(alice: User, window: Window, rows: Rows) -> None:
    submission = send(alice, window, rows)
    event = AuditEvent.objects.get(what="submission received")
    assert (event.by, event.organisation.code) == (alice, "RZ1")
    assert event.facts["submission"] == submission.reference


def nothing_is_kept() -> None:
    assert not Submission.objects.exists()
    assert not Mail.objects.filter(subject__contains="eceipt").exists()
    assert not AuditEvent.objects.filter(what="submission received").exists()
    assert files(settings.DATA_DIR) == []


def test_closed_window_is_refused_with_the_next_opening(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    upcoming = Window.objects.upcoming().get()
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal) as refusal:
        send(alice, window, rows)
    assert "closed on" in refusal.value.words
    assert f"next window opens on {upcoming.opens_at:%-d %B %Y} at 00:00" in refusal.value.words
    nothing_is_kept()


def test_window_yet_to_open_is_refused(alice: User, window: Window, rows: Rows) -> None:
    with pytest.raises(Refusal, match="Nothing was kept"):
        send(alice, Window.objects.upcoming().get(), rows)
    nothing_is_kept()


def test_moment_of_receipt_counts_and_not_that_of_choosing(
    alice: User, window: Window, rows: Rows
) -> None:
    """The window closes while the file is on its way: `window` was read when it was open."""
    file = arrived(content(rows))
    Window.objects.filter(id=window.id).update(closes_at=clock())
    provider = alice.providers.get()
    with pytest.raises(Refusal, match="closed on"):
        receive(
            by=alice,
            provider=provider,
            window=window,
            kind=Kind.PRIMARY,
            once=uuid.uuid4(),
            file=file,
        )
    assert not Submission.objects.exists()
    assert files(settings.MEDIA_ROOT) == []


def test_quota_of_the_day(alice: User, bob: User, window: Window, rows: Rows, settings: Settings):
    settings.DAILY_SUBMISSIONS_PER_PROVIDER = 2
    for user in (alice, bob):
        send(user, window, rows)
    with pytest.raises(Refusal, match=r"has sent 2 files today.*send again from"):
        send(alice, window, rows)
    Submission.objects.update(received_at=clock() - timedelta(days=1))
    assert send(alice, window, rows).status == Status.RECEIVED


def form(alice: User, window: Window, rows: Rows) -> Callable[[User], Submission]:
    """Sends one and the same form, as often as it is asked."""
    once, data, provider = uuid.uuid4(), content(rows), alice.providers.get()

    def send_form(user: User) -> Submission:
        return receive(
            by=user,
            provider=provider,
            window=window,
            kind=Kind.PRIMARY,
            once=once,
            file=arrived(data),
        )

    return send_form


def test_same_form_again_gives_the_same_receipt(alice: User, window: Window, rows: Rows) -> None:
    send_form = form(alice, window, rows)
    first, second = send_form(alice), send_form(alice)
    assert first == second
    assert Submission.objects.count() == 1
    assert len(files(settings.DATA_DIR)) == 1


def test_somebody_elses_form_is_refused(alice: User, bob: User, window: Window, rows: Rows) -> None:
    send_form = form(alice, window, rows)
    send_form(alice)
    with pytest.raises(Refusal, match="used up"):
        send_form(bob)
    assert Submission.objects.count() == 1


def at_once(*deeds: Callable[[], Submission]) -> list[Submission]:
    """Each in a thread and with a connection of its own."""

    def do(deed: Callable[[], Submission]) -> Submission:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_submission(alice: User, window: Window, rows: Rows) -> None:
    send_form = form(alice, window, rows)
    receipts = at_once(*[lambda: send_form(alice)] * 4)
    assert len({receipt.id for receipt in receipts}) == 1
    assert Submission.objects.count() == 1
    assert len(files(settings.DATA_DIR)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once(alice: User, bob: User, window: Window, rows: Rows) -> None:
    receipts = at_once(*[lambda user=user: send(user, window, rows) for user in (alice, bob)])
    assert {receipt.sent_by for receipt in receipts} == {alice, bob}
    assert Submission.objects.count() == 2
    assert len(files(settings.MEDIA_ROOT)) == 2


def test_a_file_name_tells_nobodys_number(alice: User, window: Window, rows: Rows) -> None:
    file = arrived(content(rows), "Jane 9990000018 AB1 2CD.zip")
    submission = receive(
        by=alice,
        provider=alice.providers.get(),
        window=window,
        kind=Kind.PRIMARY,
        once=uuid.uuid4(),
        file=file,
    )
    assert submission.file_name == "Jane … ….zip"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("April.mdb", "April.mdb"),
        ("C:\\Users\\alice\\April.mdb", "April.mdb"),
        ("../../etc/April.mdb", "April.mdb"),
        ("Ap\x00r\u202eil\n.mdb", "April.mdb"),
        ("x" * 300 + ".zip", "x" * 96 + ".zip"),
        ("\x07", "file"),
    ],
)
def test_file_name_is_cleaned(sent: str, shown: str) -> None:
    assert safe_name(sent) == shown
