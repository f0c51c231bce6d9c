"""What staff do with accounts: closing and opening, staff and not, a lost second factor."""

import secrets

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import audit, links, outbox, sessions
from accounts.models import Link, Membership, User
from accounts.refusals import Refusal
from accounts.second_person import needs_second_person

# With fewer nobody could be a second person.
FEWEST_STAFF = 2
GRANT_STAFF, REOPEN, RECOVER = "grant staff", "open account again", "remove second factor"


@transaction.atomic
def close_account(*, user: User, by: User, why: str) -> None:
    """Close an account: its sessions end at once, its history stays. Raises Refusal when it is
    closed already, is one's own, or when too few staff would be left."""
    user, staff = _locked(user, by)
    if not user.is_active:
        raise Refusal(f"The account of {user} is closed already.")
    if user.id == by.id:
        raise Refusal("Nobody closes their own account: ask somebody else.")
    if user.is_staff:
        _refuse_when_too_few_are_left(staff)
    User.objects.filter(id=user.id).update(is_active=False, is_staff=False)
    sessions.end_all(user)
    audit.record("account closed", by=by, user=user.id, why=why, was_staff=user.is_staff)
    outbox.write(
        [user],
        "Your account is closed",
        f"The helpdesk closed your account on the IAPT submission portal.\n\nThe reason: {why}\n\n"
        "Nothing that you sent is lost. If this is wrong, call the helpdesk: "
        f"{settings.HELPDESK_PHONE}.\n",
    )


@transaction.atomic
def end_staff(*, user: User, by: User, why: str) -> None:
    """Somebody is staff no more. Raises Refusal when they are not, or too few would be left."""
    user, staff = _locked(user, by)
    if not user.is_staff:
        raise Refusal(f"{user} is not staff.")
    _refuse_when_too_few_are_left(staff)
    User.objects.filter(id=user.id).update(is_staff=False)
    sessions.end_all(user)
    audit.record("staff ended", by=by, user=user.id, why=why)
    words = f"{by} ended {user}'s role as HSCIC staff: {why}\n"
    outbox.write([*User.objects.staff(), user], f"{user} is not HSCIC staff any more", words)


def _refuse_when_too_few_are_left(staff: list[User]) -> None:
    if len(staff) - 1 < FEWEST_STAFF:
        raise Refusal(
            f"Fewer than {FEWEST_STAFF} staff would be left, and nobody could be a second person. "
            "Grant the role to somebody else first."
        )


@transaction.atomic
def make_staff_account(*, email: str) -> str:
    """An account of staff made on the portal's machine, the first one above all; returns its
    password. Raises Refusal when the address has an account."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refusal(f"{email} has an account.")
    password = secrets.token_urlsafe(16)
    user = User.objects.create_user(email.lower(), password, is_staff=True)
    audit.record("staff account made", by=None, user=user.id)
    words = f"{user} is HSCIC staff from now on, by a command on the portal's machine.\n"
    outbox.write(User.objects.staff().exclude(id=user.id), f"{user} is HSCIC staff now", words)
    return password


@needs_second_person(GRANT_STAFF)
def grant_staff(*, by: User, asked_by: User, email: str, name: str) -> None:
    """Invite somebody to be HSCIC staff. Raises Refusal for somebody who is, or is a data user."""
    refuse_as_staff(email)
    link = links.make(Link.Purpose.STAFF, address=email, name=name)
    audit.record("staff invited", by=by, asked_by=asked_by.id)
    outbox.write_to(
        [email],
        "Invitation to be HSCIC staff on the IAPT submission portal",
        f"{name}, {asked_by} and {by} invite you to work on the IAPT submission portal.\n\n"
        "Accept the invitation here. The link is yours alone, works once and for "
        f"{links.WORDS[Link.Purpose.STAFF]}:\n{link}\n\nNever pass it on.\n",
    )


def refuse_as_staff(email: str) -> None:
    """Raises Refusal when the address cannot become staff."""
    user = User.objects.filter(email__iexact=email).first()
    if user and user.is_staff:
        raise Refusal(f"{user} is HSCIC staff already.")
    if user and not user.is_active:
        raise Refusal(f"The account of {user} is closed. Open it again first.")
    if user and Membership.objects.accepted().filter(user=user).exists():
        raise Refusal(f"{user} is a data user, and cannot be HSCIC staff as well.")


@needs_second_person(REOPEN)
def reopen_account(*, by: User, asked_by: User, user: int) -> None:
    """Open a closed account again, without the role of staff. Raises Refusal when it is open."""
    if not User.objects.filter(id=user, is_active=False).update(is_active=True):
        raise Refusal("This account is open already.")
    audit.record("account opened again", by=by, asked_by=asked_by.id, user=user)


@needs_second_person(RECOVER)
def remove_second_factor(*, by: User, asked_by: User, user: int) -> None:
    """Somebody lost app, passkey and recovery codes: they set up anew at the next sign-in. Raises
    Refusal when there is nothing to remove, or it is one of the two themselves."""
    if user in {by.id, asked_by.id}:
        raise Refusal("Nobody removes their own second factor this way.")
    theirs = Authenticator.objects.filter(user=user)
    if not theirs.exists():
        raise Refusal("There is no second factor to remove.")
    theirs.delete()
    found = User.objects.get(id=user)
    sessions.end_all(found)
    audit.record("second factor removed by staff", by=by, asked_by=asked_by.id, user=user)
    outbox.write(
        [found],
        "Your second step was removed",
        f"{asked_by} and {by} of the helpdesk removed the second step of your account, as you "
        "asked. At your next sign-in you set it up again.\n\n"
        "If you did not ask for it, somebody may be after your account. Call the helpdesk at once: "
        f"{settings.HELPDESK_PHONE}.\n",
    )


def _locked(user: User, by: User) -> tuple[User, list[User]]:
    """The account and all staff, under the locks of their rows, taken in one order: of two who end
    each other's role the second is staff no more. Raises Refusal when `by` is not."""
    rows = User.objects.filter(Q(id=user.id) | Q(is_staff=True, is_active=True))
    locked = {one.id: one for one in rows.order_by("id").select_for_update()}
    staff = [one for one in locked.values() if one.is_staff and one.is_active]
    if by.id not in {one.id for one in staff}:
        raise Refusal("You are not HSCIC staff any more.")
    return locked[user.id], staff
