"""The guardian register: who answers for an organisation's patient information, from when to when.

Without a guardian on it an organisation can neither send nor receive: `Membership.standing()` asks.
So a departure needs no further deed to take effect, and a successor's confirmation undoes it.
"""

from datetime import date

from django.conf import settings
from django.db import transaction

from accounts import audit, outbox
from accounts.clock import clock
from accounts.mailboxes import is_of_staff
from accounts.models import CaldicottGuardian, Organisation, User
from accounts.refusals import Refusal
from accounts.taking_part import kept


@transaction.atomic
def register(
    *, organisation: Organisation, name: str, email: str, starts: date, by: User | None
) -> CaldicottGuardian:
    """Put a guardian forward, by themselves (`by` is None) or by staff; staff confirm it then.

    Raises Refusal when the same address is put forward or registered for the organisation already.
    """
    organisation = kept(organisation)
    same = organisation.guardians.filter(email__iexact=email, declined_at=None)
    if earlier := same.with_today().exclude(ends__lt=starts).first():
        raise Refusal(
            "This guardian is on the register already."
            if earlier.confirmed_at
            else "This guardian is registered already: the helpdesk is about to confirm it."
        )
    guardian = CaldicottGuardian.objects.create(
        organisation=organisation, name=name, email=email.lower(), starts=starts, registered_by=by
    )
    audit.record("guardian registered", by=by, organisation=organisation, guardian=guardian.id)
    outbox.write(
        outbox.staff(),
        f"A guardian of {organisation.code} waits to be confirmed",
        f"{name} is registered as Caldicott Guardian of {organisation} from {starts:%-d %B %Y}.\n\n"
        "Make sure of it with the organisation by another way than this address, then confirm it:\n"
        f"{settings.SITE_ADDRESS}/desk/organisations/{organisation.code}/\n",
    )
    return guardian


@transaction.atomic
def confirm(*, guardian: CaldicottGuardian, by: User, note: str) -> None:
    """Staff made sure (`note` says how): the guardian is on the register from the first day on.

    Raises Refusal when it is decided already, when the member of staff put it forward, or when the
    guardian is HSCIC staff.
    """
    guardian = _waiting(guardian)
    if guardian.registered_by_id == by.id:
        raise Refusal("You put this guardian forward yourself: somebody else has to confirm it.")
    if is_of_staff(guardian.email):
        raise Refusal("This is the address of HSCIC staff, who cannot be a guardian as well.")
    CaldicottGuardian.objects.filter(id=guardian.id).update(
        confirmed_at=clock(), confirmed_by=by, note=note
    )
    organisation = guardian.organisation
    audit.record("guardian confirmed", by=by, organisation=organisation, guardian=guardian.id)
    outbox.write_to(
        [guardian.email],
        f"You are on the guardian register for {organisation.code}",
        f"You are on the register as Caldicott Guardian of {organisation} from "
        f"{guardian.starts:%-d %B %Y}.\n\n"
        "Whoever is to send or receive data for your organisation is named on a data user "
        "certificate. You get a letter with a link for each one: approve it only if these people "
        "need the access for their work.\n\n"
        "Tell the helpdesk when you hand over to somebody else. From the day on which the "
        "organisation has no guardian on the register, nobody can send or receive for it.\n\n"
        f"Apply for a certificate: {settings.SITE_ADDRESS}/access/certificate/\n"
        f"Helpdesk: {settings.HELPDESK_EMAIL}, {settings.HELPDESK_PHONE}\n",
    )


@transaction.atomic
def decline(*, guardian: CaldicottGuardian, by: User, note: str) -> None:
    """Staff could not make sure of it, for the reason in `note`. Raises Refusal when it is decided
    already."""
    guardian = _waiting(guardian)
    CaldicottGuardian.objects.filter(id=guardian.id).update(
        declined_at=clock(), declined_by=by, note=note
    )
    audit.record(
        "guardian declined", by=by, organisation=guardian.organisation, guardian=guardian.id
    )


@transaction.atomic
def depart(*, guardian: CaldicottGuardian, last_day: date, by: User, note: str) -> None:
    """Enter a guardian's last day, known before or afterwards. Everybody whom it concerns is told
    what it means and who must act.

    Raises Refusal for a guardian who is not on the register, or a day before the first one.
    """
    locked = CaldicottGuardian.objects.select_for_update(of=("self",))
    guardian = locked.select_related("organisation").with_today().get(id=guardian.id)
    if guardian.status not in {"on the register", "upcoming"}:
        raise Refusal(f"{guardian} is not on the register: there is nothing to end.")
    if last_day < guardian.starts:
        raise Refusal(f"The last day cannot be before the first, {guardian.starts:%-d %B %Y}.")
    CaldicottGuardian.objects.filter(id=guardian.id).update(ends=last_day, note=note)
    organisation = guardian.organisation
    audit.record(
        "guardian departed",
        by=by,
        organisation=organisation,
        guardian=guardian.id,
        last_day=last_day.isoformat(),
    )
    subject = f"The Caldicott Guardian of {organisation.code} leaves"
    told = [*User.objects.members_of(organisation), *User.objects.staff().exclude(id=by.id)]
    outbox.write(told, subject, _words(guardian, last_day))


def _words(guardian: CaldicottGuardian, last_day: date) -> str:
    """What a departure means, and who must act."""
    organisation = guardian.organisation
    told = f"{guardian}'s last day as Caldicott Guardian of {organisation} is {last_day:%-d %B %Y}."
    if successor := next_after(organisation, last_day):
        return f"{told}\n\n{successor} is on the register afterwards: nothing changes for you.\n"
    return (
        f"{told}\n\nNo other guardian is on the register. After that day nobody can send or "
        "receive for the organisation. Nothing is deleted: everything goes on as before once a "
        "successor is on the register.\n\n"
        "Who must act: the organisation's new Caldicott Guardian registers here, and the helpdesk "
        f"confirms it:\n{settings.SITE_ADDRESS}/access/guardian/\n"
    )


def next_after(organisation: Organisation, last_day: date) -> CaldicottGuardian | None:
    """A confirmed guardian who is on the register on the day after, if there is one."""
    confirmed = organisation.guardians.filter(confirmed_at__isnull=False)
    return next((one for one in confirmed if one.covers_day_after(last_day)), None)


def _waiting(guardian: CaldicottGuardian) -> CaldicottGuardian:
    """The guardian under its row's lock, while nobody has decided. Raises Refusal otherwise."""
    # Whoever was first is read once the row is held.
    CaldicottGuardian.objects.select_for_update().get(id=guardian.id)
    whole = CaldicottGuardian.objects.select_related("organisation", "confirmed_by", "declined_by")
    guardian = whole.get(id=guardian.id)
    if guardian.confirmed_at:
        raise Refusal(f"{guardian} is confirmed already, by {guardian.confirmed_by}.")
    if guardian.declined_at:
        raise Refusal(f"{guardian} is declined already, by {guardian.declined_by}.")
    return guardian
