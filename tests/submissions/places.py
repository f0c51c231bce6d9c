"""Submissions in any state, without a file: for pages and figures that count them."""

import uuid
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from iapt_portal.demonstration import let_in
from submissions.lifecycle import Status
from submissions.models import Submission, TableCount, Window
from submissions.models.calendar import Kind


def put(
    window: Window,
    code: str,
    status: Status,
    kind: Kind = Kind.PRIMARY,
    by: User | None = None,
    period: date | None = None,
    rows: tuple[int, int] = (0, 0),
    minutes_ago: int = 0,
) -> Submission:
    """A submission of the provider in that state; `rows` are received and rejected."""
    now = timezone.now()
    submission = Submission.objects.create(
        provider=Organisation.objects.get(code=code),
        window=window,
        period=period or window.period(kind),
        kind=kind,
        sent_by=by or User.objects.staff()[0],
        received_at=now - timedelta(minutes=minutes_ago),
        once=uuid.uuid4(),
        file_name="month.zip",
        size=1,
        sha256="0" * 64,
        status=status,
        lease_until=now + timedelta(minutes=1) if status == Status.CHECKING else None,
    )
    if rows[0]:
        TableCount.objects.create(
            submission=submission, table="Person", received=rows[0], standing=rows[0] - rows[1]
        )
    return submission


def providers(count: int) -> list[Organisation]:
    """So many further providers, each with a user who may act for it."""
    made = []
    for number in range(count):
        provider = Organisation.objects.create(
            code=f"X{number:02}", name=f"Service {number}", role=Organisation.Role.PROVIDER
        )
        user = User.objects.create_user(f"x{number}@portal.example", first_name=f"User{number}")
        let_in(user, provider)
        made.append(provider)
    return made
