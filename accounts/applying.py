"""Applying for a data user certificate, and the guardian's decision."""

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, links, outbox
from accounts.certificates import (
    APPLIED,
    APPROVED,
    DECLINED,
    HELPDESK_TAKES,
    NEXT,
    move,
    progress_address,
    tell_applicant,
    write_down,
)
from accounts.mailboxes import mailbox
from accounts.models import (
    CaldicottGuardian,
    DataUserCertificate,
    Link,
    Membership,
    Organisation,
    User,
)
from accounts.refusals import NotNow, Refusal
from accounts.taking_part import kept

# Applications of one organisation that may wait at a time: its guardian gets a letter for each.
MOST_WAITING = 3
MOST_NAMED = 6


class Named(NamedTuple):
    """A person to be named on a certificate. `supplier`: their employer where it is another."""

    name: str
    email: str
    supplier: str = ""


@transaction.atomic
def apply(
    *,
    organisation: Organisation,
    applicant: Named,
    purpose: str,
    named: Sequence[Named],
    by: User | None,
    renews: DataUserCertificate | None = None,
) -> DataUserCertificate:
    """Apply for a certificate; its guardians get a letter with a link to decide.

    Raises Refusal when nobody can approve it (no guardian is on the register, or only one who is
    named on it), or when enough applications of the organisation wait already.
    """
    organisation = kept(organisation)
    if _waiting(organisation, by).count() >= MOST_WAITING:
        raise Refusal(
            f"{MOST_WAITING} applications of {organisation.name} wait already. Once they are "
            "decided you can apply again."
        )
    certificate = DataUserCertificate.objects.create(
        organisation=organisation,
        renews=renews,
        applicant_name=applicant.name,
        applicant_email=applicant.email.lower(),
        purpose=purpose,
    )
    Membership.objects.bulk_create(
        Membership(
            certificate=certificate,
            name=one.name,
            email=one.email.lower(),
            supplier=one.supplier,
        )
        for one in named
    )
    write_down(certificate, "", APPLIED, by=by)
    ask_guardians(certificate=certificate)
    outbox.write_to(
        [certificate.applicant_email],
        f"Your application {certificate.reference} for {organisation.code}",
        f"You applied for a data user certificate for {organisation}.\n\n{NEXT[APPLIED]}\n\n"
        f"How far it is, at any time:\n{progress_address(certificate)}\n",
    )
    return certificate


def _waiting(organisation: Organisation, by: User | None) -> QuerySet[DataUserCertificate]:
    """The applications that count against a further one: of users for users, of strangers for
    strangers, so that these hold up nobody's renewal."""
    first = {"changes__before": "", "changes__after": APPLIED, "changes__by": None}
    of_strangers = organisation.certificates.waiting().filter(**first)
    if by is None:
        return of_strangers
    return organisation.certificates.waiting().exclude(id__in=of_strangers)


def approvers(certificate: DataUserCertificate) -> list[CaldicottGuardian]:
    """The guardians who may decide: on the register today, and not named on it themselves."""
    named = {mailbox(one.email) for one in certificate.memberships.all()}
    there = certificate.organisation.guardians.on_register()
    return [guardian for guardian in there if mailbox(guardian.email) not in named]


@transaction.atomic
def ask_guardians(*, certificate: DataUserCertificate) -> None:
    """Send each guardian who may decide a new link; links sent before stop working.

    Raises Refusal when there is none, or when the guardian has decided.
    """
    organisation = certificate.organisation
    if certificate.status != APPLIED:
        raise Refusal("The guardian has decided already.")
    deciding = approvers(certificate)
    if not deciding:
        if organisation.guardians.on_register().exists():
            raise Refusal(
                "A guardian cannot approve a certificate that names themselves. Name somebody "
                "else, or let a second guardian be registered first."
            )
        if organisation.guardians.waiting().exists():
            raise Refusal(
                f"The guardian of {organisation.name} is registered and waits for the helpdesk's "
                f"confirmation, which takes {HELPDESK_TAKES}. Apply once they have the letter that "
                "says so."
            )
        raise Refusal(
            f"{organisation.name} has no Caldicott Guardian on the register. The guardian "
            f"registers first, at {settings.SITE_ADDRESS}/access/guardian/, and you apply then."
        )
    for guardian in deciding:
        link = links.make(
            Link.Purpose.APPROVAL,
            address=guardian.email,
            name=guardian.name,
            certificate=certificate,
            guardian=guardian,
        )
        outbox.write_to([guardian.email], *_approval_letter(certificate, link))


@transaction.atomic
def ask_again(*, certificate: DataUserCertificate, by: User) -> None:
    """Staff send the guardians a new link. Raises Refusal as `ask_guardians` does."""
    ask_guardians(certificate=certificate)
    audit.record(
        "guardian asked again",
        by=by,
        organisation=certificate.organisation,
        certificate=certificate.reference,
    )


def _approval_letter(certificate: DataUserCertificate, link: str) -> tuple[str, str]:
    organisation = certificate.organisation
    people = "\n".join(
        f"- {one.name}{f', {one.supplier}' if one.supplier else ''}"
        for one in certificate.memberships.all()
    )
    body = (
        f"{certificate.applicant_name} applies for a data user certificate for {organisation}. It "
        f"would let these people act for the organisation on the IAPT submission portal:\n\n"
        f"{people}\n\nWhy: {certificate.purpose}\n\n"
        "As Caldicott Guardian you decide. Look at it and approve or decline it here. The link is "
        f"yours alone, works once and for {links.WORDS[Link.Purpose.APPROVAL]}:\n{link}\n\n"
        f"If something looks wrong, call the helpdesk: {settings.HELPDESK_PHONE}.\n"
    )
    return f"Your decision is needed: certificate {certificate.reference}", body


@transaction.atomic
def decide(*, link: Link, approve: bool, why: str = "") -> None:
    """The guardian behind the link approves or declines. Raises Refusal when the link works no
    more, the guardian is not on the register any more, or it was decided otherwise meanwhile."""
    certificate, guardian = link.certificate, link.guardian
    assert certificate is not None
    assert guardian is not None
    links.use(link)
    if guardian not in approvers(certificate):
        raise Refusal(
            "You are not on the register for this organisation any more, or are named on this "
            "certificate yourself. Call the helpdesk if that is wrong."
        )
    try:
        if certificate.status != APPLIED:
            raise NotNow(certificate.reference)
        move(certificate, APPROVED if approve else DECLINED, by=None, guardian=guardian, why=why)
    except NotNow as error:
        raise Refusal("It was decided already. Nothing was changed.") from error
    if approve:
        outbox.write(
            outbox.staff(),
            f"Certificate {certificate.reference} waits to be granted",
            f"{guardian} approved the certificate for {certificate.organisation}.\n\n"
            f"{settings.SITE_ADDRESS}/desk/certificates/{certificate.id}/\n",
        )
    tell_applicant(certificate, why)
