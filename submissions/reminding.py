"""Reminding those whose Primary is missing: by the calendar, and by hand."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, outbox
from accounts.clock import last_moment
from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.refusals import Refusal
from submissions import tracking
from submissions.models import Window
from submissions.models.calendar import LONDON, Kind, State
from submissions.proposing import working_days_before

# How many working days before the close the letters go, and from which hour in London.
DAYS_BEFORE = (5, 1)
FROM_HOUR = 8
# What the audit calls the two ways of reminding.
REMINDERS = ("provider reminded", "provider nudged")


def remind() -> int:
    """Write the reminders that are due for the open window; returns to how many providers. May be
    called as often as one likes: each is written once.

    A morning that was missed is made up for. A window that was moved counts by its new close.
    """
    window = Window.objects.open().first()
    days = window and due(window)
    return _remind(window, days) if window and days else 0


def due(window: Window) -> int | None:
    """Which of the reminders it is time for: so many working days before the close."""
    now = window.now.astimezone(LONDON)
    begun = [
        days
        for days in DAYS_BEFORE
        if now.date() >= working_days_before(window.closed_on, days) and now.hour >= FROM_HOUR
    ]
    return min(begun, default=None)


@transaction.atomic
def _remind(window: Window, days: int) -> int:
    of_this = f"window {window.id} until {window.closed_on}"
    lacking = lacking_of(window, tracking.of_window(window))
    users = users_of(row.provider for row in lacking)
    reminded, unheard = 0, []
    for row in lacking:
        if not users[row.provider.id]:
            unheard.append(row)
        elif outbox.first_time(f"{of_this}, {row.provider.code}, {days} days"):
            _write(window, row, users[row.provider.id])
            _record("provider reminded", window, row.provider, None, days=days)
            reminded += 1
    if unheard and outbox.first_time(f"{of_this}, nobody to remind, {days} days"):
        outbox.write(outbox.staff(), *_list_for_staff(window, unheard))
    return reminded


def lacking_of(window: Window, rows: Iterable[tracking.Row]) -> list[tracking.Row]:
    """Those of the providers that have no accepted Primary of the window."""
    return [row for row in rows if not _primary(window, row).standing]


def _primary(window: Window, row: tracking.Row) -> tracking.Position:
    return row.of(window.primary_period, Kind.PRIMARY)


def users_of(providers: Iterable[Organisation]) -> dict[int, list[User]]:
    """Who may act today for each provider, by its key; nobody for one that has nobody."""
    found: dict[int, dict[int, User]] = defaultdict(dict)
    members = Membership.objects.standing().filter(
        certificate__organisation__in=[provider.id for provider in providers],
        user__is_active=True,
    )
    for member in members.select_related("user", "certificate"):
        if member.user:
            found[member.certificate.organisation_id][member.user.id] = member.user
    return defaultdict(list, {key: list(users.values()) for key, users in found.items()})


class Nudged(NamedTuple):
    """A provider without an accepted Primary, and who would be written to."""

    row: tracking.Row
    position: tracking.Position
    users: list[User]


def of_window(window: Window, rows: Iterable[tracking.Row]) -> dict[str, Any]:
    """Whom a reminder by hand would reach, for the pages that offer it."""
    lacking = lacking_of(window, rows)
    users = users_of(row.provider for row in lacking)
    return {
        "nudged": [Nudged(row, _primary(window, row), users[row.provider.id]) for row in lacking]
    }


@transaction.atomic
def nudge(*, window: Window, by: User, provider: Organisation | None = None) -> int:
    """Remind by hand, now, the users of all providers without an accepted Primary, or of one of
    them; returns how many providers. One that was nudged today is not nudged again.

    Raises Refusal when the window is not open, or when nobody is left to be reminded.
    """
    window = Window.objects.with_clock().get(id=window.id)
    if window.state != State.OPEN:
        raise Refusal(f"This window is {window.state}: nobody can send, so nobody is reminded.")
    lacking = lacking_of(window, tracking.of_window(window))
    if provider:
        lacking = [row for row in lacking if row.provider == provider]
        if not lacking:
            raise Refusal(f"{provider} has an accepted Primary, or is not expected to send one.")
    users = users_of(row.provider for row in lacking)
    heard = [row for row in lacking if users[row.provider.id]]
    if not heard:
        raise Refusal("Nobody may act for them today, so there is nobody to write to.")
    today = window.now.astimezone(LONDON).date()
    fresh = [row for row in heard if outbox.first_time(f"nudge {row.provider.code} {today}")]
    if not fresh:
        raise Refusal("They were reminded by hand today already: once a day is enough.")
    for row in fresh:
        _write(window, row, users[row.provider.id])
        _record("provider nudged", window, row.provider, by)
    return len(fresh)


def _record(
    what: str, window: Window, provider: Organisation, by: User | None, **facts: int
) -> None:
    audit.record(
        what, by=by, organisation=provider, period=window.primary_period.isoformat(), **facts
    )


def reminders_of(provider: Organisation) -> QuerySet[AuditEvent]:
    """The reminders a provider got, the newest first."""
    told = AuditEvent.objects.about(provider).filter(what__in=REMINDERS)
    return told.select_related("by").order_by("-id")


def _write(window: Window, row: tracking.Row, users: Iterable[User]) -> None:
    outbox.write(users, *letter(window, row))


def letter(window: Window, row: tracking.Row) -> tuple[str, str]:
    """Subject and body of a reminder."""
    provider, primary = row.provider, _primary(window, row)
    said = [
        (
            f"{provider} has no accepted Primary for {window.primary_period:%B %Y} yet. "
            "The Primary is mandatory."
        )
    ]
    if primary.last:
        said.append(
            f"The last file you sent, receipt {primary.last:07d}: {primary.answer}.\n"
            f"{settings.SITE_ADDRESS}/submissions/{primary.last}/"
        )
    if not row.of(window.refresh_period, Kind.REFRESH).standing:
        said.append(
            f"The Refresh for {window.refresh_period:%B %Y} is missing too. It is recommended, "
            "not mandatory."
        )
    said += [
        f"The window closes {last_moment(window.closes_at)}, London time.",
        f"Send the file here:\n{settings.SITE_ADDRESS}/send/",
        (
            "Only those whose Primary is missing get this letter: nobody who has sent one that was "
            "accepted does."
        ),
    ]
    subject = f"Reminder: Primary for {window.primary_period:%B %Y} of {provider.code}"
    return subject, "\n\n".join(said) + "\n"


def _list_for_staff(window: Window, unheard: list[tracking.Row]) -> tuple[str, str]:
    names = "\n".join(f"- {row.provider}" for row in unheard)
    return (
        f"Nobody to remind: {window}",
        (
            "These providers have no accepted Primary, and nobody may act for them today, so that "
            f"no reminder reaches them:\n\n{names}\n\n"
            f"The window closes {last_moment(window.closes_at)}.\n"
            f"{settings.SITE_ADDRESS}/windows/{window.id}/\n"
        ),
    )
