"""What holds after every fault, whatever it was."""

import tempfile
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import connection

from accounts import sealing, verifying
from accounts.models import AuditEvent
from submissions import finding_lists, leftovers, raw_files
from submissions.lifecycle import Status
from submissions.models import FindingCount, Submission, TableCount
from submissions.models.records import RECORDS
from tests.conftest import wait_until


def wait_until_all_is_answered(seconds: float = 60) -> None:
    """(2) Nothing is stuck: everything received is answered, without anybody's help."""
    wait_until(lambda: not Submission.objects.in_hand().exists(), seconds, "every file is answered")


def assert_all_is_well(seconds: float = 60) -> None:
    """Everything that must hold, asked of the database and the disk."""
    wait_until_all_is_answered(seconds)
    for submission in Submission.objects.select_related("sent_by", "provider"):
        assert_file_is_as_received(submission)
        assert_records_are_those_reported(submission)
        assert_findings_are_those_counted(submission)
        assert_steps_are_recorded(submission)
    assert_one_stands()
    assert_nothing_is_left_behind()
    assert_audit_chain_holds()


def assert_file_is_as_received(submission: Submission) -> None:
    """(1) The stored file has the SHA-256 on the receipt; opening it raises otherwise. That of
    another provider is erased."""
    if is_erased(submission):
        return
    with tempfile.TemporaryDirectory() as folder:
        assert raw_files.open_raw(submission, Path(folder)).stat().st_size == submission.size


def records(submission: Submission) -> dict[str, int]:
    """How many records of each table are loaded for a submission."""
    return {
        table: model.objects.filter(submission_id=submission.id).count()
        for table, model in RECORDS.items()
    }


def local_keys(submission: Submission) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM identifying.local_key WHERE submission_id = %s", [submission.id]
        )
        return cursor.fetchone()[0]


def assert_records_are_those_reported(submission: Submission) -> None:
    """(3) Rows loaded are the rows reported as standing, or none; reported once."""
    counts = TableCount.objects.filter(submission=submission)
    reported = {one.table: one.standing for one in counts}
    assert len(reported) == counts.count(), "counts are there once"
    loaded = records(submission)
    if submission.status in {Status.ACCEPTED, Status.WITHDRAWN}:
        assert loaded == {table: reported[table] for table in loaded}
        assert local_keys(submission) == loaded["Person"] + loaded["Referral"]
    else:
        assert not any(loaded.values())
        assert local_keys(submission) == 0
    if submission.status == Status.FAILED:
        assert not reported
    found = FindingCount.objects.filter(submission=submission)
    places = found.values_list("rule", "table", "column", "words")
    assert len(set(places)) == len(places), "findings are there once"


def assert_findings_are_those_counted(submission: Submission) -> None:
    """The list of findings that a submission names is that of its own verdict."""
    counted = list(submission.finding_counts.order_by("id").values_list("rule", "count"))
    found = finding_lists.open_list(submission)
    listed = [(one.rule, one.count) for one in found.findings] if found else []
    assert is_erased(submission) or listed == counted


def assert_steps_are_recorded(submission: Submission) -> None:
    """Each step of the life stands once, and in the audit too."""
    steps = list(submission.changes.values_list("after", flat=True))
    assert steps[-1] == submission.status
    assert steps.count(Status.RECEIVED) == 1
    events = AuditEvent.objects.filter(
        what__startswith="submission ", facts__submission=submission.reference
    )
    told = events.order_by("id").values_list("what", flat=True)
    assert list(told) == [f"submission {step.lower()}" for step in steps]


def assert_one_stands() -> None:
    """(4) At most one standing submission for each provider, period and kind."""
    stand = Counter(
        (one.provider_id, one.period, one.kind) for one in Submission.objects.all() if one.stands
    )
    assert set(stand.values()) <= {1}


def assert_nothing_is_left_behind() -> None:
    """(5) The sweeper leaves nothing that nobody works on, and the store holds no file without
    its receipt."""
    leftovers.remove_older(settings.RECEIVING_DIR, 0)
    leftovers.remove_opened()
    for folder in (settings.RECEIVING_DIR, settings.DATA_DIR / "checking"):
        assert not folder.exists() or not list(folder.iterdir())
    assert stored_files() == {Path(name).name for name in stored_names()}


def stored_names() -> list[str]:
    return [one.stored_as for one in Submission.objects.all() if not is_erased(one)]


def is_erased(submission: Submission) -> bool:
    return not submission.stored_as


def stored_files() -> set[str]:
    """The raw files that came since the test began."""
    return all_files() - EARLIER_FILES


def all_files() -> set[str]:
    raw = settings.MEDIA_ROOT / "raw"
    return {path.name for path in raw.iterdir()} if raw.is_dir() else set()


EARLIER_FILES: set[str] = set()


def assert_audit_chain_holds() -> None:
    """(6) Whatever happened, the chain of the audit verifies."""
    sealing.seal()
    assert list(verifying.faults()) == []


def arriving() -> int:
    """How many files are on their way into the store."""
    folder = settings.RECEIVING_DIR
    return len(list(folder.iterdir())) if folder.is_dir() else 0
