"""Who took what of an organisation's data: its own extracts, those of others that hold rows of it,
and what its findings showed. Where a page and a command ask it, they ask it here."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import AuditEvent, Organisation, User
from accounts.models.audit import on_days
from extracts.models import Download, Extract, Frozen
from submissions.models import CommissionerCount


def extracts_holding(organisation: Organisation) -> QuerySet[Extract]:
    """Its own, those of the commissioners whom a submission of it names that the run used, and the
    national one of such a run."""
    named = CommissionerCount.objects.filter(
        submission=OuterRef("submission"),
        commissioner=OuterRef(OuterRef("recipient__code")),
        referrals__gt=0,
    )
    used = Frozen.objects.filter(
        run=OuterRef("run"), stage=OuterRef("stage"), submission__provider=organisation
    )
    of_commissioners = Q(recipient__role=Organisation.Role.COMMISSIONER) & Exists(
        used.filter(Exists(named))
    )
    national = Q(recipient=None) & Exists(used)
    return Extract.objects.filter(Q(recipient=organisation) | of_commissioners | national)


def downloads_holding(
    organisation: Organisation, first_day: date | None = None, last_day: date | None = None
) -> QuerySet[Download]:
    """Every download of such an extract on these days in London, the newest first."""
    taken = Download.objects.filter(
        on_days(first_day, last_day), extract__in=extracts_holding(organisation)
    )
    return taken.select_related("by", "extract__recipient", "extract__run").order_by("-at", "-id")


class Taking(NamedTuple):
    """Somebody took, or was shown, something of an organisation."""

    at: datetime
    what: str
    person: str
    email: str
    organisation: str
    file: str
    sha256: str


def takings(organisation: Organisation, first_day: date, last_day: date) -> list[Taking]:
    """Everything by which anybody could have taken something of the organisation, in the order of
    time: downloads, extracts rebuilt on the portal's machine, findings shown, reports."""
    found = [
        _taking(one.at, "extract downloaded", one.by, one.extract)
        for one in downloads_holding(organisation, first_day, last_day)
    ]
    found += _rebuilt(organisation, first_day, last_day)
    seen = AuditEvent.objects.about(organisation).filter(
        on_days(first_day, last_day),
        what__in=["findings seen", "referral traced", "report downloaded"],
    )
    for event in seen.select_related("by"):
        of_findings = "all findings, as CSV," if "as_file" in event.facts else "findings"
        kind = event.facts.get("report", of_findings)
        file = event.facts.get("file") or f"{kind} of submission {event.facts['submission']}"
        found.append(Taking(event.at, event.what, *_person(event.by), organisation.code, file, ""))
    return sorted(found)


def _rebuilt(organisation: Organisation, first_day: date, last_day: date) -> Iterator[Taking]:
    holding = extracts_holding(organisation).select_related("recipient", "run")
    days = on_days(first_day, last_day)
    for event in AuditEvent.objects.filter(days, what="extract rebuilt"):
        if extract := holding.filter(id=event.facts["extract"]).first():
            yield _taking(event.at, event.what, None, extract)


def _taking(at: datetime, what: str, by: User | None, extract: Extract) -> Taking:
    return Taking(at, what, *_person(by), extract.code, extract.file_name, extract.sha256)


def _person(user: User | None) -> tuple[str, str]:
    """Name and address; whoever commands the portal's machine is not signed in."""
    return (str(user), user.email) if user else ("on the portal's machine", "")
