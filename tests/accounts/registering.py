"""What the tests of guardians, certificates and invitations have in common."""

import re
from datetime import date, timedelta

from django.utils import timezone

from accounts import applying, granting, guardians, links
from accounts.applying import Named
from accounts.models import (
    CaldicottGuardian,
    DataUserCertificate,
    Link,
    Mail,
    Organisation,
    User,
)

PASSWORD = "eleven green bottles"
HENRY = Named("Henry Hill", "henry@dale.example")
IVY = Named("Ivy Irons", "ivy@supplier.example", "Supplies & Co")
GWEN = "gwen@guardians.example"


def new_organisation(code: str = "RZ4") -> Organisation:
    """A provider that nobody has heard of yet."""
    return Organisation.objects.create(
        code=code, name="Dale End Talking Therapies", role=Organisation.Role.PROVIDER
    )


def registered(organisation: Organisation, **facts: object) -> CaldicottGuardian:
    """Gwen put herself forward as guardian."""
    given = {"name": "Dr Gwen Grey", "email": GWEN, "starts": timezone.localdate()} | facts
    return guardians.register(organisation=organisation, by=None, **given)  # type: ignore[arg-type]


def on_register(organisation: Organisation, staff: User, **facts: object) -> CaldicottGuardian:
    """Gwen is on the register; another than `staff`, who grants what she approves, confirmed her."""
    guardian = registered(organisation, **facts)
    another = User.objects.staff().exclude(id=staff.id).earliest("id")
    guardians.confirm(guardian=guardian, by=another, note="called the switchboard")
    guardian.refresh_from_db()
    return guardian


def applied(organisation: Organisation, *named: Named) -> DataUserCertificate:
    """Henry applies for himself, or for those named."""
    return applying.apply(
        organisation=organisation,
        applicant=HENRY,
        purpose="to send the monthly return",
        named=named or [HENRY],
        by=None,
    )


def approved(organisation: Organisation, *named: Named) -> DataUserCertificate:
    """The guardian has approved it, by the link in the letter."""
    certificate = applied(organisation, *named)
    guardian = applying.approvers(certificate)[0]
    applying.decide(link=link_in(letter_to(guardian.email, "decision is needed")), approve=True)
    certificate.refresh_from_db()
    return certificate


def granted(
    organisation: Organisation, staff: User, *named: Named, expires: date | None = None
) -> DataUserCertificate:
    certificate = approved(organisation, *named)
    until = expires or timezone.localdate() + timedelta(days=365)
    granting.grant(certificate=certificate, expires=until, by=staff)
    certificate.refresh_from_db()
    return certificate


def letter_to(address: str, about: str) -> Mail:
    """The newest letter to that address whose subject names `about`."""
    found = [mail for mail in Mail.objects.order_by("-id") if mail.goes_to == address]
    return next(mail for mail in found if about.lower() in mail.subject.lower())


def secret_in(letter: Mail) -> str:
    found = re.search(r"/(?:approval|invitation)/([\w-]+)/", letter.body)
    assert found, letter.body
    return found[1]


def link_in(letter: Mail) -> Link:
    link = links.find(secret_in(letter))
    assert link is not None
    return link


def alices() -> DataUserCertificate:
    return DataUserCertificate.objects.with_today().get(organisation__code="RZ1")
