"""Organisations that take part, found by their code."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit, register
from accounts.clock import this_day
from accounts.models import Organisation, User


def organisation(code: str) -> Organisation:
    """The organisation of an ODS code: one that takes part or has asked to, else a new one (not
    stored yet) by the register. Raises ValidationError, in words for a form, when there is none."""
    entry = register.find(code, this_day())
    if entry and not entry.is_open:
        raise ValidationError(f"{entry} is not open. Look at the code again, or call the helpdesk")
    if found := Organisation.objects.filter(code=code).first():
        return found
    if entry is None or entry.role is None:
        raise ValidationError(
            "No provider or commissioner has this code. Look at the code again, or call the "
            "helpdesk"
        )
    return Organisation(code=entry.code, name=entry.name, role=entry.role)


def kept(organisation: Organisation) -> Organisation:
    """The organisation as it is stored, inside the deed's transaction and under its row's lock, so
    that what is asked for it comes one after the other."""
    Organisation.objects.bulk_create([organisation], ignore_conflicts=True)
    return Organisation.objects.select_for_update(no_key=True).get(code=organisation.code)


@transaction.atomic
def mark_pilot_site(*, organisation: Organisation, pilot: bool, by: User) -> None:
    """A pilot site of payment by results sends the pilot version of the data set."""
    if (
        Organisation.objects.filter(id=organisation.id)
        .exclude(pilot_site=pilot)
        .update(pilot_site=pilot)
    ):
        audit.record("pilot site changed", by=by, organisation=organisation, pilot=pilot)
