"""The audit: what a deed records."""

import pytest

from accounts import audit
from accounts.models import AuditEvent, Organisation, User


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
