"""Whether the audit is as it was sealed, and where it is not: by its chain, by the heads of the
chain that are kept outside the database, and by the order of its events."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.clock import clock
from accounts.models import AuditEvent, AuditSeal
from accounts.sealing import Head, heads, link

# Events are sealed in a minute, and in about the order in which they were recorded.
LATE = timedelta(minutes=10)
AT_A_TIME = 2000


def faults() -> Iterator[str]:
    """In words, each fault and the row that it is in; nothing where all is well."""
    # The file first: what it names by now stands in the database.
    kept = heads()
    seen: dict[int, tuple[int, str]] = {}
    yield from _of_the_chain({head.seal for head in kept}, seen)
    yield from _of_the_heads(kept, seen)
    for event in AuditEvent.objects.filter(seal=None, at__lt=clock() - LATE).order_by("id"):
        yield (
            f"{said(event)} is not sealed after {LATE.seconds // 60} minutes: the sealer stands "
            "still, or the event was put in."
        )


def said(event: AuditEvent) -> str:
    at = timezone.localtime(event.at)
    return f"Event {event.id} of {at:%Y-%m-%d %H:%M:%S %Z} ({event.what})"


def _sealed() -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Each seal with its event, in the order of sealing."""
    last = 0
    while seals := list(AuditSeal.objects.filter(id__gt=last).order_by("id")[:AT_A_TIME]):
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        yield from ((seal, events.get(seal.event_id)) for seal in seals)
        last = seals[-1].id


def _of_the_chain(asked: set[int], seen: dict[int, tuple[int, str]]) -> Iterator[str]:
    """Each link against the seal before it as stored, so that every broken row is named. Seals
    whose numbers are asked for are noted in `seen`."""
    links: list[AuditSeal] = []
    earlier: AuditEvent | None = None
    for seal, event in _sealed():
        if seal.id in asked:
            seen[seal.id] = (seal.event_id, seal.digest)
        if event is None:
            yield f"Event {seal.event_id} was removed: its seal {seal.id} is still there."
        else:
            yield from _of_a_link(links, seal, event)
            yield from _of_the_order(earlier, event)
            earlier = event
        links = [*links[-1:], seal]


def _of_a_link(links: list[AuditSeal], seal: AuditSeal, event: AuditEvent) -> Iterator[str]:
    """`links`: the two seals before it, or as many as there are."""
    before = links[-1] if links else None
    if link(before.digest if before else "", event) == seal.digest:
        return
    if before and link(links[-2].digest if len(links) > 1 else "", event) == seal.digest:
        yield f"Event {before.event_id} was put into the chain with seal {before.id}."
    elif before and before.id + 1 < seal.id:
        yield (
            f"{said(event)} does not follow on seal {before.id}: what was sealed between "
            f"{before.id} and {seal.id} was removed, or the event was changed."
        )
    else:
        yield f"{said(event)} does not agree with its seal {seal.id}: one of the two was changed."


def _of_the_order(earlier: AuditEvent | None, event: AuditEvent) -> Iterator[str]:
    """An event that was put in keeps to no order, though it was sealed like any other."""
    if earlier is None:
        return
    if event.at < earlier.at - LATE:
        yield f"{said(event)} was sealed after {said(earlier)}: it was put in or dated back."
    elif event.id < earlier.id:
        # Lower numbers that come later are those of deeds that went on at the same time.
        older = AuditEvent.objects.filter(id__gt=event.id, at__lt=event.at - LATE).first()
        if older:
            yield f"{said(event)} has a lower number than {said(older)}: it was put in."


def _of_the_heads(kept: list[Head], seen: dict[int, tuple[int, str]]) -> Iterator[str]:
    if not kept:
        if AuditSeal.objects.exists():
            yield (
                f"There is no file of heads ({settings.AUDIT_HEADS}): nobody can tell whether the "
                "whole chain was rewritten or its end cut off."
            )
        return
    agreed = 0
    for head in kept:
        if seen.get(head.seal) != (head.event, head.digest):
            yield (
                f"The seals from {agreed + 1} on were rewritten or removed: the file of heads "
                f"says otherwise of seal {head.seal}, of event {head.event}."
            )
            return
        agreed = head.seal
    later = AuditSeal.objects.filter(id__gt=agreed, event__at__lt=clock() - LATE)
    if first := later.order_by("id").first():
        yield (
            f"The file of heads ends at seal {agreed}, and seal {first.id} is older than "
            f"{LATE.seconds // 60} minutes: its end was cut off, so that nobody can tell whether "
            "the seals from there on were rewritten."
        )
