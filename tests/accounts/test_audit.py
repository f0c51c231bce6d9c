"""The audit: appended to, sealed in a chain, and telling where it was touched."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import audit
from accounts.models import AuditEvent, AuditSeal, Organisation, User

WHAT = "window closed"


@pytest.fixture
def events(everybody: dict[str, User]) -> list[AuditEvent]:
    """Five sealed events; what else was audited before is sealed too."""
    made = [audit.record(WHAT, by=everybody["Erin"], place=place) for place in range(5)]
    audit.seal()
    return made


def test_event_says_who_what_when_and_whose(alice: User) -> None:
    organisation = Organisation.objects.get(code="RZ1")
    audit.record("extract downloaded", by=alice, organisation=organisation, extract=7)
    event = AuditEvent.objects.last()
    assert (event.by, event.what, event.organisation) == (
        alice,
        "extract downloaded",
        organisation,
    )
    assert event.facts == {"extract": 7}
    assert AuditEvent.objects.about(organisation).get() == event


def test_unknown_event_is_refused(alice: User) -> None:
    with pytest.raises(KeyError):
        audit.record("something else", by=alice)


def test_seal_once(events: list[AuditEvent]) -> None:
    assert audit.seal() == 0
    assert AuditSeal.objects.filter(event__in=events).count() == 5
    assert audit.first_broken() is None


def test_later_events_go_on_with_the_chain(events: list[AuditEvent], erin: User) -> None:
    audit.record(WHAT, by=erin)
    assert audit.seal() == 1
    assert audit.first_broken() is None


def test_no_two_digests_are_alike(events: list[AuditEvent]) -> None:
    digests = list(AuditSeal.objects.values_list("digest", flat=True))
    assert len(digests) == len(set(digests))


CHANGES: dict[str, Callable[[AuditEvent], object]] = {
    "fact": lambda event: change(event, facts={"place": 99}),
    "person": lambda event: change(event, by=User.objects.get(email="frank@portal.example")),
    "nobody": lambda event: change(event, by=None),
    "deed": lambda event: change(event, what="window opened"),
    "moment": lambda event: change(event, at=event.at.replace(year=2001)),
    "organisation": lambda event: change(event, organisation=Organisation.objects.first()),
    "seal": lambda event: AuditSeal.objects.filter(event=event).update(digest="0" * 64),
}


def change(event: AuditEvent, **fields: object) -> None:
    AuditEvent.objects.filter(id=event.id).update(**fields)


@pytest.mark.parametrize("changed", CHANGES)
def test_chain_names_the_event_that_was_touched(events: list[AuditEvent], changed: str) -> None:
    event = AuditEvent.objects.get(id=events[2].id)
    CHANGES[changed](event)
    assert audit.first_broken() == event


def test_chain_names_what_followed_one_that_was_taken_out(events: list[AuditEvent]) -> None:
    AuditSeal.objects.filter(event=events[2]).delete()
    AuditEvent.objects.filter(id=events[2].id).delete()
    assert audit.first_broken() == events[3]


def test_chain_follows_the_seals_when_a_lower_number_commits_later(erin: User) -> None:
    first, second = (audit.record(WHAT, by=erin, place=place) for place in (1, 2))
    AuditEvent.objects.exclude(id=second.id).delete()
    audit.seal()
    AuditEvent.objects.create(id=first.id, what=WHAT, by=erin)
    assert audit.seal() == 1
    assert audit.first_broken() is None


@pytest.mark.django_db(transaction=True)
def test_only_one_seals_at_a_time(erin: User) -> None:
    audit.record(WHAT, by=erin)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [audit.SEALER_LOCK])
        assert audit.seal() == 0
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [audit.SEALER_LOCK])
    finally:
        other.close()
    assert audit.seal() > 0


def test_command_says_that_all_is_well(events: list[AuditEvent]) -> None:
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert f"{AuditSeal.objects.count()} events" in said.getvalue()


def test_command_names_the_event_that_was_touched(events: list[AuditEvent]) -> None:
    change(events[1], facts={})
    with pytest.raises(CommandError, match=f"Event {events[1].id} "):
        call_command("verify_audit", stdout=StringIO())
