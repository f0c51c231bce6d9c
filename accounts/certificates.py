"""The life of a data user certificate: one table of steps, and the only place that writes a status.

Applied for by anybody, approved by the organisation's guardian, granted by the helpdesk. Whether it
lets anybody act today is asked of the database: `DataUserCertificate.objects.standing()`.
"""

from typing import Any

from django.conf import settings
from django.db import connection

from accounts import audit, links, outbox
from accounts.models import (
    CaldicottGuardian,
    CertificateChange,
    CertificateStatus,
    DataUserCertificate,
    Link,
    Organisation,
    User,
)
from accounts.refusals import NotNow

APPLIED, APPROVED, GRANTED = (
    CertificateStatus.APPLIED,
    CertificateStatus.APPROVED,
    CertificateStatus.GRANTED,
)
SUSPENDED, REVOKED, DECLINED = (
    CertificateStatus.SUSPENDED,
    CertificateStatus.REVOKED,
    CertificateStatus.DECLINED,
)
STEPS: dict[CertificateStatus, set[CertificateStatus]] = {
    APPLIED: {APPROVED, DECLINED},  # by the guardian; staff may decline too
    APPROVED: {GRANTED, DECLINED},  # by the helpdesk
    GRANTED: {SUSPENDED, REVOKED},
    SUSPENDED: {GRANTED, REVOKED},
    REVOKED: set(),
    DECLINED: set(),
}
# How long the helpdesk takes, as pages and letters say it.
HELPDESK_TAKES = "up to two working days"
# What happens next, and who does it.
NEXT = {
    APPLIED: "The Caldicott Guardian of the organisation decides. They have a letter with a link.",
    APPROVED: f"The helpdesk looks at it and grants it. That takes {HELPDESK_TAKES}.",
    GRANTED: "The people named on it may act for the organisation once they have accepted their "
    f"invitations, which are good for {links.WORDS[Link.Purpose.INVITATION]}.",
    SUSPENDED: "Nobody may act under it until the helpdesk restores it. Nothing is deleted.",
    REVOKED: "It is at its end. Apply for another one if somebody still needs access.",
    DECLINED: "It is at its end. Apply again when the reason is out of the way.",
}

# What a status is called once it was taken.
STATUS_WORDS = {
    APPLIED: "Applied for",
    APPROVED: "Approved by the guardian",
    GRANTED: "Granted by the helpdesk",
    SUSPENDED: "Suspended",
    REVOKED: "Revoked",
    DECLINED: "Declined",
}


def move(
    certificate: DataUserCertificate,
    after: CertificateStatus,
    *,
    by: User | None,
    guardian: CaldicottGuardian | None = None,
    why: str = "",
    **changes: Any,
) -> None:
    """Take one step, in the deed's transaction: the row is claimed by the status that the caller
    saw; a CertificateChange and an audit event go with it. Raises NotNow when the life does not
    allow the step or somebody else was first."""
    before = CertificateStatus(certificate.status)
    assert connection.in_atomic_block, "a step is taken inside a deed's transaction"
    mine = DataUserCertificate.objects.filter(id=certificate.id, status=before)
    if after not in STEPS[before] or not mine.update(status=after, **changes):
        raise NotNow(f"{certificate.reference}: no step from {before} to {after}")
    certificate.refresh_from_db()
    write_down(certificate, before, after, by=by, guardian=guardian, why=why)


def write_down(
    certificate: DataUserCertificate,
    before: str,
    after: CertificateStatus,
    *,
    by: User | None,
    guardian: CaldicottGuardian | None = None,
    why: str = "",
) -> None:
    CertificateChange.objects.create(
        certificate=certificate, before=before, after=after, by=by, guardian=guardian, why=why
    )
    audit.record(
        f"certificate {after.lower()}",
        by=by,
        organisation=certificate.organisation,
        certificate=certificate.reference,
        **({"guardian": guardian.id} if guardian else {}),
    )


def progress_address(certificate: DataUserCertificate) -> str:
    """The page on which whoever applied sees how far it is."""
    return f"{settings.SITE_ADDRESS}/access/certificate/{certificate.key}/"


def tell_applicant(certificate: DataUserCertificate, why: str = "") -> None:
    """A letter to whoever applied: how far it is, and what happens next."""
    status = CertificateStatus(certificate.status)
    outbox.write_to(
        [certificate.applicant_email],
        f"{certificate.reference}: {STATUS_WORDS[status].lower()}",
        f"The data user certificate for {certificate.organisation}: {STATUS_WORDS[status].lower()}."
        f"\n\n{f'The reason given: {why}' + chr(10) * 2 if why else ''}{NEXT[status]}\n\n"
        f"{progress_address(certificate)}\n",
    )


def hindrance(certificate: DataUserCertificate) -> str:
    """Why nobody may act under a granted certificate today and who must act, in words; blank while
    it stands. `certificate` was read `with_today()`."""
    organisation = certificate.organisation
    if certificate.status == SUSPENDED:
        last = certificate.changes.last()
        why = last.why.rstrip(" .") if last else "no reason was given"
        return f"The certificate is suspended: {why}. Call the helpdesk, {settings.HELPDESK_PHONE}."
    if certificate.status != GRANTED:
        return f"The certificate is {STATUS_WORDS[CertificateStatus(certificate.status)].lower()}."
    if certificate.has_expired:
        return (
            f"The certificate expired on {certificate.expires:%-d %B %Y}. Apply for its renewal; "
            "the guardian approves it and the helpdesk grants it."
        )
    if not organisation.guardians.on_register().exists():
        return (
            f"{organisation.name} has no Caldicott Guardian on the register. Its new guardian must "
            "register under “How to get access”; the helpdesk confirms it, which takes "
            f"{HELPDESK_TAKES}. Helpdesk: {settings.HELPDESK_PHONE}."
        )
    return ""


def hindered(user: User) -> list[tuple[Organisation, str]]:
    """The organisations that the user is named for and may not act for today, each with why not and
    who must act, by its newest certificate that names the user."""
    listed = DataUserCertificate.objects.with_today().select_related("organisation")
    found = []
    for organisation in user.member_organisations.exclude(id__in=user.organisations):
        theirs = listed.filter(
            organisation=organisation, memberships__user=user, memberships__ended_at=None
        )
        if certificate := theirs.first():
            found.append((organisation, hindrance(certificate)))
    return found
