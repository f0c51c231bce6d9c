"""The append-only record of deeds, and the chain that shows whether it was touched.

A deed records its event in its own transaction. The chain is written afterwards by a periodic
sealer over committed events: a chain inside each deed would put all deeds in one queue.
"""

import hashlib
import json
from typing import Any

from django.db import connection, transaction

from accounts.models import AuditEvent, AuditSeal, Organisation, User

# Everything that is ever recorded, and what it means to a reader.
EVENTS = {
    "signed in": "a user signed in",
    "sign-in failed": "somebody failed to sign in",
    "signed out": "a user signed out",
    "second person asked": "a member of staff asked for a deed that needs a second person",
    "second person confirmed": "another member of staff confirmed it, and it was done",
    "second person declined": "another member of staff declined it",
    "second person not needed": "whoever asked for a deed took it back",
    "window kept": "staff put a window into the calendar",
    "window edited": "staff changed the days of an upcoming window",
    "window opened": "staff opened a window before its time",
    "window extended": "staff moved the closing of an open window to a later day",
    "window shortened": "staff moved the closing of an open window to an earlier day",
    "window closed": "staff closed a window",
    "window reopened": "a closed window was opened again",
    "provider reminded": "the users of a provider were reminded that its Primary is missing",
    "provider nudged": "staff reminded the users of a provider by hand",
    "letter sent": "staff wrote to users",
    "notice put up": "staff put up a notice on every page",
    "notice taken down": "staff took a notice down",
    "submission received": "a submission was received",
    "submission checking": "a worker began to check a submission",
    "submission accepted": "a submission was accepted and its records loaded",
    "submission rejected": "a submission was rejected",
    "submission failed": "a submission could not be checked through our fault",
    "submission withdrawn": "an accepted submission was withdrawn",
    "another provider's file": "a file named a provider that its sender may not send for",
    "findings seen": "identifiable details of findings were shown",
    "processing asked": "staff asked for a window to be processed",
    "processing done": "the extracts of a window were made",
    "processing failed": "processing stopped through our fault",
    "extracts published": "the extracts of a window were published",
    "extract downloaded": "an extract was downloaded",
    "period purged": "what named a period's patients to their providers was removed",
}

# Any number will do, as long as only the sealer uses it.
SEALER_LOCK = 7_204_011


def record(
    what: str, *, by: User | None, organisation: Organisation | None = None, **facts: Any
) -> AuditEvent:
    """Append one event to the audit, inside the deed's own transaction.

    Raises KeyError for an event that is not in `EVENTS`.
    """
    EVENTS[what]
    return AuditEvent.objects.create(what=what, by=by, organisation=organisation, facts=facts)


def canonical(event: AuditEvent) -> bytes:
    """The event as the text that is sealed."""
    parts = [event.id, event.at.isoformat(), event.by_id, event.what, event.organisation_id]
    return json.dumps([*parts, event.facts], sort_keys=True, separators=(",", ":")).encode()


def link(before: str, event: AuditEvent) -> str:
    """The digest that seals `event` after the digest `before`."""
    return hashlib.sha256(before.encode() + canonical(event)).hexdigest()


@transaction.atomic
def seal() -> int:
    """Seal the committed events that are not sealed yet; returns how many.

    Only one sealer works at a time; another comes away with nothing. An event whose number is
    lower but which was committed later is simply sealed later: the chain follows the seals.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    newest = AuditSeal.objects.order_by("-id").first()
    digest = newest.digest if newest else ""
    events = list(AuditEvent.objects.filter(seal=None).order_by("id")[:10_000])
    seals = []
    for event in events:
        digest = link(digest, event)
        seals.append(AuditSeal(event=event, digest=digest))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def first_broken() -> AuditEvent | None:
    """The first sealed event that no longer agrees with its seal, or None."""
    digest = ""
    for sealed in AuditSeal.objects.order_by("id").select_related("event").iterator():
        digest = link(digest, sealed.event)
        if digest != sealed.digest:
            return sealed.event
    return None
