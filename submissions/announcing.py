"""What the users of providers are told when staff move a window: no deadline moves unheard."""

from datetime import datetime

from django.conf import settings

from accounts import outbox
from accounts.clock import last_moment, london
from accounts.models import Organisation, User
from submissions.models import Window


def opened(window: Window) -> None:
    """It opened before its time; `window` as it is now."""
    _tell(
        f"Open now: {window}",
        f"The submission window for {window} is open now, before its time.\n\n"
        f"It closes {last_moment(window.closes_at)}.\n",
    )


def moved(window: Window, before: datetime) -> None:
    """The closing of an open window was moved from `before`; `window` as it is now."""
    longer = window.closes_at > before
    _tell(
        f"{'More time' if longer else 'Less time'} to send: {window}",
        f"The submission window for {window} closes {'later' if longer else 'EARLIER'} than "
        f"announced.\n\n"
        f"It was to close {last_moment(before)}.\nIt now closes {last_moment(window.closes_at)}.\n",
    )


def closed(window: Window, before: datetime) -> None:
    """Staff closed it before its time."""
    _tell(
        f"Closed early: {window}",
        f"Staff have closed the submission window for {window} before its time.\n\n"
        f"It was to close {last_moment(before)}.\nIt closed on {london(window.closes_at)}.\n\n"
        "What has a receipt arrived in time. Whoever still has something to send asks the "
        f"helpdesk: {settings.HELPDESK_EMAIL}.\n",
    )


def reopened(window: Window, before: datetime) -> None:
    """It had closed at `before` and is open again."""
    _tell(
        f"Open again: {window}",
        f"The submission window for {window} is open again.\n\n"
        f"It had closed {last_moment(before)}.\nIt now closes {last_moment(window.closes_at)}.\n\n"
        "What stands stays as it is unless you send a better file.\n",
    )


def _tell(subject: str, words: str) -> None:
    providers = User.objects.acting_as(Organisation.Role.PROVIDER)
    outbox.write(providers, subject, f"{words}\n{settings.SITE_ADDRESS}/windows/\n")
