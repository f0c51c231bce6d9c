"""The demonstration: invented organisations and people, the published calendar, one window open."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction

from accounts import granting, register
from accounts.clock import now, this_day
from accounts.models import (
    AuditEvent,
    CaldicottGuardian,
    CertificateStatus,
    DataUserCertificate,
    Membership,
    Organisation,
    RegisterKind,
    RegisterLoad,
    User,
)
from submissions import calendar
from submissions.models import Window
from submissions.periods import month_after, month_before
from submissions.proposing import BEFORE_THE_NEXT, between, first_monday

PASSWORD = "demonstration-only"  # noqa: S105 (invented people on this machine)
ORGANISATIONS = [
    ("RZ1", "Alder Valley Talking Therapies", Organisation.Role.PROVIDER),
    ("RZ2", "Birch Moor Wellbeing Service", Organisation.Role.PROVIDER),
    ("RZ3", "Cedar Bay Psychological Services", Organisation.Role.PROVIDER),
    ("91A", "Alder Valley Commissioning Group", Organisation.Role.COMMISSIONER),
    ("92A", "Birch Moor Commissioning Group", Organisation.Role.COMMISSIONER),
]
PEOPLE: list[tuple[str, str, list[str], bool]] = [
    ("Alice", "Archer", ["RZ1"], False),
    ("Bob", "Barker", ["RZ1"], False),
    ("Charlie", "Carter", ["RZ2"], False),
    ("Dora", "Draper", ["91A"], False),
    ("Erin", "Ellis", [], True),
    ("Frank", "Foster", [], True),
    ("Grace", "Green", ["RZ3"], False),
]
# Each organisation's guardian: a name, and a mailbox that is nobody's account.
GUARDIANS = {
    "RZ1": "Dr Hannah Hart",
    "RZ2": "Dr Ian Irwin",
    "RZ3": "Dr Judith Jay",
    "91A": "Dr Karim Khan",
    "92A": "Dr Laura Lane",
}
SINCE = date(2012, 4, 1)
INVENTED_REGISTER = Path(__file__).parent / "invented_register"
# It sends the pilot version of the data set.
PILOT_SITE = "RZ3"


@transaction.atomic
def seed() -> list[User]:
    """Make what is missing; what is there stays as it is. Returns the people."""
    for code, name, role in ORGANISATIONS:
        facts = {"name": name, "role": role, "pilot_site": code == PILOT_SITE}
        organisation, is_new = Organisation.objects.get_or_create(code=code, defaults=facts)
        if is_new:
            _guardian(organisation)
    calendar.load_published()
    load_register()
    open_a_window()
    return [_person(*person) for person in PEOPLE]


def _person(first: str, last: str, codes: list[str], staff: bool) -> User:
    email = f"{first.lower()}@portal.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email, PASSWORD, first_name=first, last_name=last, is_staff=staff
        )
        for organisation in Organisation.objects.filter(code__in=codes):
            let_in(user, organisation)
    if staff and not totp_secret(user):
        TOTP.activate(user, generate_totp_secret())
    return user


def load_register() -> None:
    """The invented lists, where none is loaded; as if they, and the calendar, had been since the
    collection began: by them the demonstration's past is judged."""
    if RegisterLoad.objects.exists():
        return
    for kind in RegisterKind:
        content = (INVENTED_REGISTER / f"{kind}.csv").read_bytes()
        register.load(kind=kind, content=content, by=None)
    began = calendar.start_of(SINCE)
    RegisterLoad.objects.update(at=began)
    AuditEvent.objects.filter(what__in=["calendar loaded", "register loaded"]).update(at=began)


def _guardian(organisation: Organisation) -> None:
    """The organisation's guardian, on the register since the collection began."""
    name = GUARDIANS[organisation.code]
    CaldicottGuardian.objects.create(
        organisation=organisation,
        name=name,
        email=f"{name.split()[-1].lower()}@guardians.example",
        starts=SINCE,
        confirmed_at=now(),
        note="Invented for the demonstration",
    )


def let_in(user: User, organisation: Organisation) -> Membership:
    """Names the user on the organisation's certificate, as if the invitation had been accepted."""
    certificate, _ = DataUserCertificate.objects.get_or_create(
        organisation=organisation,
        status=CertificateStatus.GRANTED,
        defaults={
            "applicant_name": str(user),
            "applicant_email": user.email,
            "purpose": "To take part in the monthly return",
            "expires": this_day() + granting.GOOD_FOR,
        },
    )
    return Membership.objects.create(
        certificate=certificate,
        name=str(user),
        email=user.email,
        user=user,
        since=now(),
    )


def totp_secret(user: User) -> str | None:
    """The secret of the user's authenticator app, where there is one."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return decrypt(found.data["secret"]) if found else None


def open_a_window() -> None:
    """One window open today, for the Primary of last month, and the one after it."""
    today = this_day()
    if Window.objects.open().exists():
        return
    period = month_before(today.replace(day=1))
    for window in (window_around(period, today), window_after(period, today)):
        if not Window.objects.filter(primary_period=window.primary_period).exists():
            window.save()


def window_around(period: date, today: date) -> Window:
    """Opened on a Monday at least a week ago, closing on a Friday at least a week ahead."""
    monday = today - timedelta(days=7 + today.weekday())
    return calendar.window_from_days(between(period, monday, _friday(today)))


def _friday(today: date) -> date:
    """At least a week ahead."""
    return today + timedelta(days=11 - today.weekday() + (7 if today.weekday() > 4 else 0))


def window_after(period: date, today: date) -> Window:
    """It closes ten days before the opening that the calendar's rules propose after it."""
    following, monday = month_after(period), _friday(today) + BEFORE_THE_NEXT
    next_opening = first_monday(month_after(month_after(following)))
    friday = max(next_opening - BEFORE_THE_NEXT, monday + timedelta(days=4))
    return calendar.window_from_days(between(following, monday, friday))


def description(people: list[User]) -> dict[str, Any]:
    """What `.local/demo.json` holds."""
    return {
        "address": settings.SITE_ADDRESS,
        "mail": str(Path(settings.MAIL_DIR).resolve()) if settings.MAIL_DIR else "",
        "accounts": [
            {
                "email": user.email,
                "password": PASSWORD,
                "totp_secret": totp_secret(user),
                "role": _role(user),
                "organisations": list(user.organisations.values_list("code", flat=True)),
            }
            for user in people
        ],
    }


def _role(user: User) -> str:
    return "staff" if user.is_staff else "provider" if user.providers.exists() else "commissioner"
