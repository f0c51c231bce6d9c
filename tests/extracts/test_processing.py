"""Processing: when it may begin, what it freezes, and how it goes on after a death."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import AuditEvent, Mail, Organisation, User
from accounts.refusals import Refusal
from extracts import building, processing, publishing
from extracts.building import Built
from extracts.models import Extract, Run
from iapt_portal.demonstration import let_in
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import State, clock
from tests.extracts.reading import close_and_process, content, process
from tests.submissions.rows import Rows
from tests.submissions.sending import checked, send, send_and_check


def test_open_window_is_refused(erin: User, window: Window) -> None:
    with pytest.raises(Refusal, match="Only a closed window"):
        processing.ask(window=window, by=erin)
    assert not Run.objects.exists()


def test_asking_twice_is_refused(erin: User, window: Window) -> None:
    calendar.close(window=window, by=erin)
    processing.ask(window=window, by=erin)
    with pytest.raises(Refusal, match="being processed already"):
        processing.ask(window=window, by=erin)
    assert AuditEvent.objects.filter(what="processing asked", by=erin).count() == 1


def test_published_window_is_refused(run: Run, erin: User, window: Window) -> None:
    publishing.publish(window=window, by=erin)
    with pytest.raises(Refusal, match="This window is published"):
        processing.ask(window=window, by=erin)
    assert Run.objects.count() == 1


def test_waits_for_what_is_in_hand(alice: User, erin: User, window: Window, rows: Rows) -> None:
    submission = send(alice, window, rows)
    run = close_and_process(window, erin)
    assert run.status == Run.Status.ASKED
    assert list(processing.in_hand(window)) == [submission]
    checked(submission)
    processing.process(run.id)
    run.refresh_from_db()
    assert run.status == Run.Status.DONE
    assert run.frozen.get(stage="P").submission == submission


def test_does_not_wait_for_what_failed(alice: User, erin: User, window: Window, rows: Rows) -> None:
    failed = send(alice, window, rows)
    Submission.objects.filter(id=failed.id).update(status=Status.FAILED)
    assert close_and_process(window, erin).status == Run.Status.DONE


def test_window_in_which_nobody_sent(erin: User, window: Window) -> None:
    run = close_and_process(window, erin)
    assert (run.status, run.extracts_total) == (Run.Status.DONE, 0)


def test_rejected_and_withdrawn_files_are_not_frozen(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    stands = send_and_check(alice, window, rows)
    send_and_check(alice, window, b"PK\3\4 not a zip")
    run = close_and_process(window, erin)
    assert [frozen.submission for frozen in run.frozen.all()] == [stands]


def test_done_is_audited(run: Run) -> None:
    event = AuditEvent.objects.get(what="processing done")
    assert event.facts == {"run": run.id, "extracts": 7}


def test_commissioner_with_an_account_gets_a_file(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    greta = User.objects.create_user("greta@portal.example")
    let_in(greta, Organisation.objects.get(code="92A"))
    send_and_check(alice, window, rows)
    run = close_and_process(window, erin)
    assert run.without_account == ["99Z"]
    assert run.extracts.filter(recipient__code="92A").count() == 1


def asked(alice: User, erin: User, window: Window, rows: Rows) -> Run:
    send_and_check(alice, window, rows)
    calendar.close(window=window, by=erin)
    return processing.ask(window=window, by=erin)


def contents(run: Run) -> dict[str, bytes]:
    return {extract.file_name: content(extract) for extract in run.extracts.all()}


def test_goes_on_after_a_death_between_two_extracts(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    run = asked(alice, erin, window, rows)
    first = processing.claim(run.id)
    wanted = processing.wanted_of(first)[0]
    building.prepare(first, "P", [wanted.recipient])
    (built,) = building.build([wanted])
    assert processing._keep(wanted, built, {})
    made = contents(run)
    assert len(made) == 1
    # The worker dies here, and what it derived with it; nobody takes its run before the lease is
    # over.
    with connection.cursor() as cursor:
        cursor.execute("DISCARD TEMP")
    assert processing.claim(run.id) is None
    Run.objects.update(lease_until=clock() - timedelta(seconds=1))
    processing.process(run.id)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Run.Status.DONE, 2)
    assert len(contents(run)) == 3
    assert contents(run).items() >= made.items()
    for extract in run.extracts.all():
        call_command("rebuild", run.id, extract.code, extract.stage, stdout=StringIO())
    assert run.stamp == first.stamp


def test_late_worker_is_fenced_off(alice: User, erin: User, window: Window, rows: Rows) -> None:
    run = asked(alice, erin, window, rows)
    late = processing.claim(run.id)
    Run.objects.update(lease_until=clock() - timedelta(seconds=1))
    processing.process(run.id)
    made = contents(run)
    for wanted in processing.wanted_of(late):
        assert not processing._keep(wanted, Built(b"", {}), {})
    processing.finish(late)
    processing.stumble(late)
    run.refresh_from_db()
    assert (run.status, contents(run)) == (Run.Status.DONE, made)
    assert AuditEvent.objects.filter(what="processing done").count() == 1


def test_our_fault_is_tried_again_and_then_told(
    alice: User, erin: User, window: Window, rows: Rows, settings, tmp_path
) -> None:
    run = asked(alice, erin, window, rows)
    (tmp_path / "full").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "full"  # nothing can be stored there
    for attempt in (1, 2):
        processing.process(run.id)
        run.refresh_from_db()
        assert (run.status, run.attempt) == (Run.Status.RUNNING, attempt)
    processing.process(run.id)
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert not Extract.objects.exists()
    letters = Mail.objects.filter(subject__startswith="Processing of")
    assert {letter.to.first_name for letter in letters} == {"Erin", "Frank"}
    settings.MEDIA_ROOT = tmp_path / "files"
    assert process(window, erin).status == Run.Status.DONE


def test_sweeper_gives_up_a_run_that_died_in_its_last_attempt(
    alice: User, erin: User, window: Window, rows: Rows, settings
) -> None:
    run = asked(alice, erin, window, rows)
    for _ in range(settings.ATTEMPTS):
        assert processing.claim(run.id)
        Run.objects.update(lease_until=clock() - timedelta(seconds=1))
    processing.sweep()
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED


def test_processed_again_a_new_run_rests_on_what_stands(
    alice: User, erin: User, window: Window, rows: Rows
) -> None:
    first = asked(alice, erin, window, rows)
    processing.process(first.id)
    until = window.closes
    calendar.reopen(window=window, until=until, by=erin)
    rows["Person"].pop()
    better = send_and_check(alice, window, rows)
    second = close_and_process(window, erin)
    assert second.frozen.get(stage="P").submission == better
    assert first.frozen.get(stage="P").submission != better
    assert Window.objects.with_clock().get(id=window.id).state == State.CLOSED
