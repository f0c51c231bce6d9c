"""The chain over the audit: who seals, and what is written outside the database."""

import stat

import pytest
from django.conf import settings
from django.db import connection

from accounts import audit, sealing, verifying
from accounts.models import AuditEvent, AuditSeal, User

WHAT = "window closed"


@pytest.fixture
def events(everybody: dict[str, User]) -> list[AuditEvent]:
    """Five sealed events; what else was audited before is sealed too."""
    made = [audit.record(WHAT, by=everybody["Erin"], place=place) for place in range(5)]
    sealing.seal()
    return made


def lines() -> list[str]:
    return settings.AUDIT_HEADS.read_text().splitlines()


def all_is_well() -> bool:
    return list(verifying.faults()) == []


def test_seal_once(events: list[AuditEvent]) -> None:
    assert sealing.seal() == 0
    assert AuditSeal.objects.filter(event__in=events).count() == 5
    assert all_is_well()


def test_later_events_go_on_with_the_chain(events: list[AuditEvent], erin: User) -> None:
    audit.record(WHAT, by=erin)
    assert sealing.seal() == 1
    assert all_is_well()


def test_no_two_digests_are_alike(events: list[AuditEvent]) -> None:
    digests = list(AuditSeal.objects.values_list("digest", flat=True))
    assert len(digests) == len(set(digests))


def test_chain_follows_the_seals_when_a_lower_number_commits_later(erin: User) -> None:
    first, second = (audit.record(WHAT, by=erin, place=place) for place in (1, 2))
    AuditEvent.objects.exclude(id=second.id).delete()
    sealing.seal()
    AuditEvent.objects.create(id=first.id, what=WHAT, by=erin)
    assert sealing.seal() == 1
    assert all_is_well()


@pytest.mark.django_db(transaction=True)
def test_only_one_seals_at_a_time(erin: User) -> None:
    audit.record(WHAT, by=erin)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [sealing.SEALER_LOCK])
        assert sealing.seal() == 0
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [sealing.SEALER_LOCK])
    finally:
        other.close()
    assert sealing.seal() > 0


def test_head_is_written_outside_the_database(events: list[AuditEvent]) -> None:
    newest = AuditSeal.objects.latest("id")
    (line,) = lines()
    assert line.split()[:3] == [str(newest.id), str(newest.event_id), newest.digest]


def test_the_file_is_its_owners_alone(events: list[AuditEvent]) -> None:
    path = settings.AUDIT_HEADS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_line_for_each_sealing_that_sealed_something(
    events: list[AuditEvent], erin: User
) -> None:
    sealing.seal()
    assert len(lines()) == 1
    audit.record(WHAT, by=erin)
    sealing.seal()
    assert len(lines()) == 2


def test_a_sealer_that_died_before_the_file_is_caught_up(
    events: list[AuditEvent], erin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.record(WHAT, by=erin)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "keep_head", lambda: None)
        assert sealing.seal() == 1
    assert sealing.seal() == 0
    assert [head.seal for head in sealing.heads()][-1] == AuditSeal.objects.latest("id").id
    assert all_is_well()


def test_a_file_that_cannot_be_written_is_said_and_caught_up(
    events: list[AuditEvent], erin: User
) -> None:
    path = settings.AUDIT_HEADS
    settings.AUDIT_HEADS = path / "below a file"
    audit.record(WHAT, by=erin)
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        sealing.seal()
    settings.AUDIT_HEADS = path
    assert sealing.seal() == 0
    assert len(lines()) == 2


def test_a_torn_line_says_nothing_and_the_next_stands_by_itself(
    events: list[AuditEvent], erin: User
) -> None:
    with settings.AUDIT_HEADS.open("a") as file:
        file.write("999999999 12")
    audit.record(WHAT, by=erin)
    sealing.seal()
    assert len(sealing.heads()) == 2
    assert all_is_well()
