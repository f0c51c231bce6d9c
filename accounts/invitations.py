"""Accepting an invitation: somebody named on a certificate, or to become staff, has an account."""

from django.db import transaction

from accounts import audit, links, outbox, sessions
from accounts.certificates import GRANTED
from accounts.clock import now
from accounts.models import DataUserCertificate, Link, Membership, User
from accounts.refusals import Refusal


def account_of(link: Link) -> User | None:
    """The account of the invited address, where there is one."""
    return User.objects.filter(email__iexact=link.address).first()


@transaction.atomic
def accept(*, link: Link, by: User | None, name: str = "", password: str = "") -> User:
    """The invited person accepts: with the account of that address (`by`), or by a new one with
    `name` and `password`. Returns the user.

    Raises Refusal when the link works no more, when `by` is somebody else, when the account is
    closed, or when what the invitation rests on was taken back meanwhile.
    """
    if by:
        # One invitation after the other: as a data user and as staff they exclude each other.
        by = User.objects.select_for_update().get(id=by.id)
    _refuse_unless_theirs(link, by)
    links.use(link)
    user = by or _new_account(link, name, password)
    if link.purpose == Link.Purpose.STAFF:
        _become_staff(user)
    else:
        assert link.membership is not None
        _become_member(user, link.membership)
    return user


def _refuse_unless_theirs(link: Link, by: User | None) -> None:
    account = account_of(link)
    if account and not account.is_active:
        raise Refusal("The account of this address is closed. Call the helpdesk.")
    if account != by:
        raise Refusal("This invitation is for somebody else. Sign in with the invited address.")


def _new_account(link: Link, name: str, password: str) -> User:
    first, _, last = name.strip().rpartition(" ")
    user = User.objects.create_user(
        link.address, password, first_name=first or last, last_name=last if first else ""
    )
    audit.record("account opened", by=user)
    return user


def _become_member(user: User, membership: Membership) -> None:
    if user.is_staff:
        raise Refusal("HSCIC staff cannot be data users as well. Call the helpdesk.")
    # Locked, so that a revocation at this moment comes before or after.
    rows = DataUserCertificate.objects.select_for_update(of=("self",))
    certificate = rows.select_related("organisation").get(id=membership.certificate_id)
    mine = Membership.objects.filter(id=membership.id, user=None, ended_at=None)
    if certificate.status != GRANTED or not mine.update(user=user, since=now()):
        raise Refusal("This invitation was taken back. Call the helpdesk if that is wrong.")
    audit.record(
        "invitation accepted",
        by=user,
        organisation=certificate.organisation,
        certificate=certificate.reference,
        membership=membership.id,
    )


def _become_staff(user: User) -> None:
    if Membership.objects.accepted().filter(user=user).exists():
        raise Refusal("A data user cannot be HSCIC staff as well.")
    User.objects.filter(id=user.id).update(is_staff=True)
    user.refresh_from_db()
    sessions.end_all(user)
    audit.record("staff granted", by=user, user=user.id)
    outbox.write(
        User.objects.staff().exclude(id=user.id),
        f"{user} is HSCIC staff now",
        f"{user} accepted the invitation and is HSCIC staff from now on.\n",
    )
