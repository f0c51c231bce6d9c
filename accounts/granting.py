"""The helpdesk's side of a certificate: granted, suspended, restored, revoked; who is invited."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit, links, outbox, sessions
from accounts.certificates import (
    APPROVED,
    DECLINED,
    GRANTED,
    NEXT,
    REVOKED,
    STATUS_WORDS,
    SUSPENDED,
    move,
    tell_applicant,
)
from accounts.clock import now, this_day
from accounts.mailboxes import is_of_staff
from accounts.models import (
    CertificateStatus,
    DataUserCertificate,
    Link,
    Membership,
    Organisation,
    User,
)
from accounts.refusals import NotNow, Refusal

# How long a certificate is good for, and on which days before its end people are reminded.
GOOD_FOR = timedelta(days=365)
REMINDERS = (30, 7, 1)
GOOD_AGAIN = "The people named on it may act for the organisation as before. Sign in again."


@transaction.atomic
def grant(*, certificate: DataUserCertificate, expires: date, by: User) -> None:
    """Grant an approved certificate up to the day `expires`: the people named are invited; who acts
    for the organisation already goes on without an invitation.

    Raises Refusal when it is not approved, when the day is over or too far, when one of the people
    is HSCIC staff, or when `by` also confirmed the guardian who approved it: no one member of staff
    alone gives anybody access.
    """
    _refuse_unless_day(expires)
    people = list(certificate.memberships.filter(ended_at=None))
    users = {
        user.email: user for user in User.objects.filter(email__in=[one.email for one in people])
    }
    for one in people:
        if is_of_staff(one.email):
            raise Refusal(f"{one.name} is HSCIC staff and cannot be a data user as well.")
    _step(certificate, GRANTED, by=by, expires=expires)
    approval = certificate.changes.filter(after=APPROVED).select_related("guardian").last()
    if approval and approval.guardian and approval.guardian.confirmed_by_id == by.id:
        raise Refusal(
            f"You confirmed {approval.guardian} as guardian, who approved this. Somebody else of "
            "the helpdesk has to grant it."
        )
    here_already = set(User.objects.members_of(certificate.organisation))
    for one in people:
        user = users.get(one.email)
        if user in here_already:
            Membership.objects.filter(id=one.id).update(user=user, since=now())
        else:
            send_invitation(one)
    tell_applicant(certificate)
    if certificate.renews:
        _end_renewed(certificate.renews, certificate, by)


def _end_renewed(old: DataUserCertificate, renewal: DataUserCertificate, by: User) -> None:
    """A renewal takes the place of the certificate before: whoever is not named any more is out at
    once, and is told; the others go on."""
    old.refresh_from_db()
    if old.status not in {GRANTED, SUSPENDED}:
        return
    acted = _members(old)
    why = f"Renewed by {renewal.reference}."
    _step(old, REVOKED, by=by, why=why)
    staying = set(User.objects.members_of(old.organisation))
    for user in set(acted) - staying:
        sessions.end_all(user)
        outbox.write([user], *_left_out(old, f"{old.reference} was renewed without your name."))


def _left_out(certificate: DataUserCertificate, why: str) -> tuple[str, str]:
    """Subject and body for somebody who acts for an organisation no more."""
    organisation = certificate.organisation
    return (
        f"You are not named for {organisation.code} any more",
        (
            f"You may not act for {organisation} on the IAPT submission portal any more.\n\n"
            f"The reason: {why}\n\n"
            "If that is wrong, ask whoever leads your service, or the helpdesk: "
            f"{settings.HELPDESK_EMAIL}, {settings.HELPDESK_PHONE}.\n"
        ),
    )


def _refuse_unless_day(expires: date) -> None:
    today = this_day()
    if not today < expires <= today + 2 * GOOD_FOR:
        raise Refusal("A certificate ends after today and within two years.")


def _step(
    certificate: DataUserCertificate,
    after: CertificateStatus,
    *,
    by: User,
    why: str = "",
    **changes: Any,
) -> None:
    """A step of the helpdesk. Raises Refusal, naming who was first, where it is not allowed."""
    try:
        move(certificate, after, by=by, why=why, **changes)
    except NotNow as error:
        certificate.refresh_from_db()
        last = certificate.changes.last()
        who = (last.by or last.guardian or "the applicant") if last else "nobody"
        words = STATUS_WORDS[CertificateStatus(certificate.status)].lower()
        raise Refusal(f"This is not possible: it is {words} (last step by {who}).") from error


def send_invitation(membership: Membership) -> None:
    """A letter with a link for one person, inside the deed's transaction."""
    organisation = membership.certificate.organisation
    link = links.make(
        Link.Purpose.INVITATION,
        address=membership.email,
        name=membership.name,
        membership=membership,
    )
    deed = "send the monthly return and receive extracts"
    if organisation.role == Organisation.Role.COMMISSIONER:
        deed = "receive extracts of the services that it commissions"
    outbox.write_to(
        [membership.email],
        f"Invitation to act for {organisation.code} on the IAPT submission portal",
        f"{membership.name}, you are named on the data user certificate of {organisation}: you may "
        f"{deed}.\n\nAccept the invitation here. The link is yours alone, works once and for "
        f"{links.WORDS[Link.Purpose.INVITATION]}:\n{link}\n\n"
        "Never pass it on. If you did not expect this letter, tell the helpdesk: "
        f"{settings.HELPDESK_EMAIL}, {settings.HELPDESK_PHONE}.\n",
    )


@transaction.atomic
def invite_again(*, membership: Membership, by: User | None) -> None:
    """A new invitation; the one before stops working. Raises Refusal when it is accepted, or the
    certificate is not granted."""
    if membership.user_id or membership.ended_at:
        raise Refusal("This invitation is settled already.")
    if membership.certificate.status != GRANTED:
        raise Refusal("The certificate is not granted, so nobody can be invited.")
    send_invitation(membership)
    audit.record(
        "invitation sent again",
        by=by,
        organisation=membership.certificate.organisation,
        certificate=membership.certificate.reference,
        membership=membership.id,
    )


@transaction.atomic
def decline(*, certificate: DataUserCertificate, by: User, why: str) -> None:
    """The helpdesk declines an application, before or after the guardian approved it."""
    _step(certificate, DECLINED, by=by, why=why)
    tell_applicant(certificate, why)


@transaction.atomic
def suspend(*, certificate: DataUserCertificate, by: User, why: str) -> None:
    """Nobody acts under it until it is restored; the sessions of its people end at once."""
    _step(certificate, SUSPENDED, by=by, why=why)
    _end_sessions(certificate)
    _tell_people(certificate, why)


@transaction.atomic
def restore(*, certificate: DataUserCertificate, by: User, why: str) -> None:
    """A suspended certificate is good again, up to its day."""
    _step(certificate, GRANTED, by=by, why=why)
    _tell_people(certificate, why, "good again", GOOD_AGAIN)


@transaction.atomic
def revoke(*, certificate: DataUserCertificate, by: User, why: str) -> None:
    """It is at its end for good; the sessions of its people end at once."""
    _step(certificate, REVOKED, by=by, why=why)
    _end_sessions(certificate)
    _tell_people(certificate, why)


@transaction.atomic
def end_membership(*, membership: Membership, by: User, why: str) -> None:
    """One person acts under the certificate no more, as a leaver; the others go on. Raises Refusal
    when it has ended already."""
    mine = Membership.objects.filter(id=membership.id, ended_at=None)
    if not mine.update(ended_at=now()):
        raise Refusal(f"{membership.name} is not on this certificate any more.")
    audit.record(
        "membership ended",
        by=by,
        organisation=membership.certificate.organisation,
        certificate=membership.certificate.reference,
        membership=membership.id,
        why=why,
    )
    certificate = membership.certificate
    if membership.user:
        sessions.end_all(membership.user)
        outbox.write([membership.user], *_left_out(certificate, why))
    outbox.write_to(
        [one.email for one in certificate.organisation.guardians.on_register()],
        f"{membership.name} acts for {certificate.organisation.code} no more",
        f"{membership.name} was taken off certificate {certificate.reference} of "
        f"{certificate.organisation}.\n\nThe reason: {why}\n",
    )


def _members(certificate: DataUserCertificate) -> list[User]:
    people = certificate.memberships.filter(ended_at=None, user__is_active=True)
    return [one.user for one in people.select_related("user") if one.user]


def _end_sessions(certificate: DataUserCertificate) -> None:
    for user in _members(certificate):
        sessions.end_all(user)


def _tell_people(
    certificate: DataUserCertificate, why: str, words: str = "", what_next: str = ""
) -> None:
    """Whoever acts under it, whoever applied, and the guardians."""
    status = CertificateStatus(certificate.status)
    words = words or STATUS_WORDS[status].lower()
    subject = f"{certificate.reference} for {certificate.organisation.code}: {words}"
    body = (
        f"The data user certificate {certificate.reference} of {certificate.organisation}: {words}."
        f"\n\nThe reason given: {why}\n\n{what_next or NEXT[status]}\n\n"
        f"Helpdesk: {settings.HELPDESK_EMAIL}, {settings.HELPDESK_PHONE}\n"
    )
    members = _members(certificate)
    outbox.write(members, subject, body)
    others = {certificate.applicant_email}
    others |= {one.email for one in certificate.organisation.guardians.on_register()}
    outbox.write_to(sorted(others - {user.email for user in members}), subject, body)


def remind() -> int:
    """Remind of certificates that are about to expire, once for each day named in `REMINDERS`;
    returns of how many. One that is renewed, or being renewed, is nobody's worry."""
    reminded = 0
    today = this_day()
    expiring = DataUserCertificate.objects.expiring(max(REMINDERS)).select_related("organisation")
    for certificate in expiring:
        days = (certificate.expires - today).days  # type: ignore[operator]
        due = min(day for day in REMINDERS if day >= days)
        if certificate.renewed_by.exclude(status__in=[DECLINED, REVOKED]).exists():
            continue
        with transaction.atomic():
            if outbox.first_time(f"certificate {certificate.id}, {due} days"):
                _remind(certificate)
                reminded += 1
    return reminded


def _remind(certificate: DataUserCertificate) -> None:
    organisation = certificate.organisation
    subject = f"{certificate.reference} for {organisation.code} expires soon"
    body = (
        f"The data user certificate {certificate.reference} of {organisation} expires at the end "
        f"of {certificate.expires:%-d %B %Y}. After that nobody can act under it.\n\n"
        "Renew it in time: it needs the guardian's approval and the helpdesk's grant.\n"
        f"{settings.SITE_ADDRESS}/organisation/{organisation.code}/\n"
    )
    members = _members(certificate)
    outbox.write(members, subject, body)
    outbox.write_to({certificate.applicant_email} - {user.email for user in members}, subject, body)
