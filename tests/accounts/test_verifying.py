"""Audit rows changed behind its back are named: by the tables' owner, with every constraint off."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import audit, sealing, verifying
from accounts.models import AuditEvent, AuditSeal, User

WHAT = "window closed"
EVENT, SEAL = "accounts_auditevent", "accounts_auditseal"


@pytest.fixture
def events(everybody: dict[str, User]) -> list[AuditEvent]:
    """Eight events, sealed four by four: so the file has two heads."""
    made = []
    for start in (0, 4):
        made += [audit.record(WHAT, by=everybody["Erin"], place=start + n) for n in range(4)]
        sealing.seal()
    assert len(sealing.heads()) == 2
    return list(AuditEvent.objects.filter(id__in=[event.id for event in made]).order_by("id"))


def behind_its_back(*statements: str) -> None:
    """As the owner, while no trigger and no constraint looks."""
    with connection.cursor() as cursor:
        # What was written before is in order.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def seal_of(event: AuditEvent) -> int:
    return AuditSeal.objects.get(event_id=event.id).id


def put_in(number: int, at: str) -> str:
    return f"INSERT INTO {EVENT} (id, at, what, facts) VALUES ({number}, {at}, '{WHAT}', '{{}}')"


def named() -> list[str]:
    """The command's words, fault by fault."""
    with pytest.raises(CommandError) as told:
        call_command("verify_audit", stdout=StringIO())
    return str(told.value).splitlines()


def test_all_is_well(events: list[AuditEvent]) -> None:
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert f"{AuditSeal.objects.count()} events" in said.getvalue()
    assert "heads outside the database say (2); 0 wait" in said.getvalue()


CHANGES: dict[str, str] = {
    "fact": "facts = '{\"place\": 99}'",
    "person": "by_id = (SELECT id FROM accounts_user WHERE email = 'frank@portal.example')",
    "nobody": "by_id = NULL",
    "deed": "what = 'window opened'",
    "organisation": "organisation_id = (SELECT min(id) FROM accounts_organisation)",
    "moment": "at = at + interval '1 second'",
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_changed_event(events: list[AuditEvent], changed: str) -> None:
    event = events[2]
    behind_its_back(f"UPDATE {EVENT} SET {CHANGES[changed]} WHERE id = {event.id}")
    (said,) = named()
    assert said.startswith(f"Event {event.id} ")
    assert f"does not agree with its seal {seal_of(event)}" in said


def test_a_deleted_event(events: list[AuditEvent]) -> None:
    event = events[2]
    behind_its_back(f"DELETE FROM {EVENT} WHERE id = {event.id}")
    assert named() == [f"Event {event.id} was removed: its seal {seal_of(event)} is still there."]


def test_a_deleted_event_with_its_seal(events: list[AuditEvent]) -> None:
    event = events[2]
    before, after = seal_of(events[1]), seal_of(events[3])
    behind_its_back(
        f"DELETE FROM {SEAL} WHERE event_id = {event.id}",
        f"DELETE FROM {EVENT} WHERE id = {event.id}",
    )
    (said,) = named()
    assert f"what was sealed between {before} and {after} was removed" in said


def test_a_changed_seal(events: list[AuditEvent]) -> None:
    behind_its_back(f"UPDATE {SEAL} SET digest = '{'0' * 64}' WHERE event_id = {events[2].id}")
    assert f"Event {events[2].id} " in named()[0]


@pytest.mark.parametrize("right", [True, False], ids=["a right digest", "a wrong digest"])
def test_an_event_put_in_with_a_seal_of_its_own(events: list[AuditEvent], right: bool) -> None:
    """The rows behind make room: their numbers go up by one."""
    behind, number = seal_of(events[3]), events[3].id + 1000
    behind_its_back(
        f"UPDATE {SEAL} SET id = id + 100000 WHERE id >= {behind}",
        f"UPDATE {SEAL} SET id = id - 99999 WHERE id > 100000",
        put_in(number, "clock_timestamp()"),
    )
    before = AuditSeal.objects.get(event_id=events[2].id)
    digest = sealing.link(before.digest, AuditEvent.objects.get(id=number)) if right else "0" * 64
    behind_its_back(
        f"INSERT INTO {SEAL} (id, event_id, digest) VALUES ({behind}, {number}, '{digest}')"
    )
    assert f"Event {number} was put into the chain with seal {behind}." in named()


def test_two_events_that_changed_places(events: list[AuditEvent]) -> None:
    one, other = events[1], events[2]
    behind_its_back(
        f"UPDATE {EVENT} SET id = 900000 WHERE id = {one.id}",
        f"UPDATE {EVENT} SET id = {one.id} WHERE id = {other.id}",
        f"UPDATE {EVENT} SET id = {other.id} WHERE id = 900000",
    )
    said = named()
    assert [words.split(" of ")[0] for words in said] == [f"Event {one.id}", f"Event {other.id}"]


def rewrite(first: AuditEvent) -> None:
    """Whoever knows how the chain is made makes it again from an event on."""
    digest = AuditSeal.objects.filter(event_id__lt=first.id).latest("id").digest
    for event in AuditEvent.objects.filter(id__gte=first.id).order_by("id"):
        digest = sealing.link(digest, event)
        behind_its_back(f"UPDATE {SEAL} SET digest = '{digest}' WHERE event_id = {event.id}")


def test_a_chain_that_was_made_again(events: list[AuditEvent]) -> None:
    behind_its_back(f"UPDATE {EVENT} SET what = 'window opened' WHERE id = {events[5].id}")
    rewrite(events[5])
    (said,) = named()
    assert said.startswith(f"The seals from {seal_of(events[3]) + 1} on were rewritten or removed")


def test_a_chain_that_was_made_again_from_its_beginning(events: list[AuditEvent]) -> None:
    behind_its_back(f"UPDATE {EVENT} SET facts = '{{}}' WHERE id = {events[1].id}")
    rewrite(events[1])
    (said,) = named()
    assert said.startswith("The seals from 1 on were rewritten or removed")


def test_an_end_that_was_cut_off(events: list[AuditEvent]) -> None:
    agreed = seal_of(events[3])
    behind_its_back(
        f"DELETE FROM {SEAL} WHERE event_id >= {events[6].id}",
        f"DELETE FROM {EVENT} WHERE id >= {events[6].id}",
    )
    (said,) = named()
    assert said.startswith(f"The seals from {agreed + 1} on were rewritten or removed")


def test_an_end_that_was_cut_off_and_went_on(events: list[AuditEvent], erin: User) -> None:
    agreed = seal_of(events[3])
    behind_its_back(
        f"DELETE FROM {SEAL} WHERE event_id >= {events[6].id}",
        f"DELETE FROM {EVENT} WHERE id >= {events[6].id}",
    )
    for _ in range(3):
        audit.record(WHAT, by=erin)
        sealing.seal()
    assert any(words.startswith(f"The seals from {agreed + 1} on were") for words in named())


def test_all_of_it_removed(events: list[AuditEvent]) -> None:
    behind_its_back(f"DELETE FROM {SEAL}", f"DELETE FROM {EVENT}")
    (said,) = named()
    assert said.startswith("The seals from 1 on were rewritten or removed")


def test_an_event_with_an_old_number_that_was_never_sealed(events: list[AuditEvent]) -> None:
    behind_its_back(
        f"DELETE FROM {EVENT} WHERE id = 1",
        put_in(1, "clock_timestamp() - interval '11 minutes'"),
    )
    (said,) = named()
    assert said.startswith("Event 1 of ")
    assert "is not sealed after 10 minutes" in said


def test_an_event_is_given_time_to_be_sealed(events: list[AuditEvent], erin: User) -> None:
    audit.record(WHAT, by=erin)
    assert list(verifying.faults()) == []


def test_an_event_dated_back_that_was_sealed_like_any_other(events: list[AuditEvent]) -> None:
    number = events[-1].id + 1
    behind_its_back(put_in(number, "clock_timestamp() - interval '2 days'"))
    sealing.seal()
    (said,) = named()
    assert said.startswith(f"Event {number} of ")
    assert "it was put in or dated back" in said


def test_an_event_with_an_old_number_that_was_sealed_like_any_other(
    events: list[AuditEvent],
) -> None:
    """The events before it are a day old by then."""
    AuditSeal.objects.all().delete()
    settings.AUDIT_HEADS.unlink()
    AuditEvent.objects.filter(id__lt=events[0].id).delete()
    behind_its_back(f"UPDATE {EVENT} SET at = at - interval '1 day'")
    sealing.seal()
    number = events[0].id - 1
    behind_its_back(put_in(number, "clock_timestamp()"))
    sealing.seal()
    (said,) = named()
    assert said.startswith(f"Event {number} of ")
    assert "has a lower number than" in said


def test_without_the_file_nobody_can_tell(events: list[AuditEvent]) -> None:
    settings.AUDIT_HEADS.unlink()
    (said,) = named()
    assert said.startswith("There is no file of heads")


def test_a_file_that_ends_before_the_chain_does(events: list[AuditEvent]) -> None:
    AuditSeal.objects.all().delete()
    settings.AUDIT_HEADS.unlink()
    behind_its_back(f"UPDATE {EVENT} SET at = at - interval '1 hour'")
    sealing.seal()
    begun = settings.AUDIT_HEADS.read_text()
    audit.record(WHAT, by=None)
    behind_its_back(
        f"UPDATE {EVENT} SET at = at - interval '30 minutes' WHERE id > {events[-1].id}"
    )
    sealing.seal()
    assert list(verifying.faults()) == []
    settings.AUDIT_HEADS.write_text(begun)
    (said,) = named()
    assert said.startswith("The file of heads ends at seal ")


def test_before_the_first_sealing_there_is_no_file(erin: User) -> None:
    # Those of the demonstration's past, which seals itself.
    AuditEvent.objects.all().delete()
    audit.record(WHAT, by=erin)
    assert list(verifying.faults()) == []


def test_not_all_of_too_many_is_said(events: list[AuditEvent]) -> None:
    for _ in range(30):
        audit.record(WHAT, by=None)
    sealing.seal()
    behind_its_back(f"UPDATE {EVENT} SET facts = '{{\"a\": 1}}'")
    assert len(named()) == 21
