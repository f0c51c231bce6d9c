"""Organisations that take part, found by their code."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Organisation, User


def organisation(code: str) -> Organisation:
    """The organisation of that ODS code. Raises ValidationError, in words for a form, when there is
    none."""
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise ValidationError(
            "No provider or commissioner with this code is known. Look at the code again, or call "
            "the helpdesk"
        )
    return found


@transaction.atomic
def mark_pilot_site(*, organisation: Organisation, pilot: bool, by: User) -> None:
    """A pilot site of payment by results sends the pilot version of the data set."""
    if (
        Organisation.objects.filter(id=organisation.id)
        .exclude(pilot_site=pilot)
        .update(pilot_site=pilot)
    ):
        audit.record("pilot site changed", by=by, organisation=organisation, pilot=pilot)
