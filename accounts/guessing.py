"""How often somebody may guess a password or a code, without locking out whose it is.

Wrong tries are counted for each account from each address, and for each address. For the account
as a whole they are counted over a day, against guessers who have many addresses; browsers in which
the account has been signed in before are counted apart, so that no stranger can use their tries
up. Whoever is signed in is counted by the session alone. An account that does not exist is counted
like any other, so that nobody learns whether it does.
"""

from typing import NamedTuple

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import known_browsers
from accounts.models import User


class Limit(NamedTuple):
    """How often in how long, of what (as allauth writes it), and what is said beyond that."""

    rate: str
    words: str


PASSWORD, CODE = "password", "code"
WAIT = "Too many failed attempts. Wait 15 minutes, then try again."
LIMITS = {
    "address": Limit(
        "10/m/ip", "Too many failed attempts from your network. Wait a minute, then try again."
    ),
    "account-from-address": Limit("5/15m/key", WAIT),
    "session": Limit("5/15m/key", WAIT),
    "account-password": Limit(
        "100/d/key",
        "Too many failed attempts to sign in to this account today. Sign in from a browser in "
        "which you have signed in before, or choose a new password by “I have forgotten my "
        "password”, or contact the helpdesk.",
    ),
    "account-code": Limit(
        "30/d/key",
        "Too many wrong codes for this account today. Sign in from a browser in which you have "
        "signed in before, or contact the helpdesk.",
    ),
}
APP = "accounts.guessing"


def count(request: HttpRequest, *, secret: str, account: str) -> RateLimitUsage:
    """Count a try to give the `secret` of an account, named by its e-mail address. Whoever then
    gives the right one takes it back (`rollback`).

    Raises ValidationError, in words for users, when there were too many before.
    """
    if request.user.is_authenticated:
        return _use(request, "session", f"{secret} {request.session.session_key}")
    user = User.objects.filter(email=account.lower()).first()
    browser = "known" if user and known_browsers.is_known(request, user) else "strange"
    whose = f"{secret} {browser} {account.lower()}"
    # Whoever shares the network with a guesser is not held up in a browser of their own.
    of_address = [] if browser == "known" else _use(request, "address").usage
    return RateLimitUsage(
        [
            *of_address,
            *_use(request, "account-from-address", _from_here(request, whose)).usage,
            *_use(request, f"account-{secret}", whose).usage,
        ]
    )


def forget(request: HttpRequest, user: User) -> None:
    """Whoever has just chosen a new password through their mailbox begins anew."""
    whose = f"{PASSWORD} strange {user.email}"
    for limit, key in (
        ("account-from-address", _from_here(request, whose)),
        (f"account-{PASSWORD}", whose),
    ):
        ratelimit.clear(request, app=APP, action=limit, config=_rate(limit), key=key)


def _from_here(request: HttpRequest, whose: str) -> str:
    return f"{whose} {ratelimit.get_ip(request)}"


def _rate(limit: str) -> dict[str, str]:
    return {limit: LIMITS[limit].rate}


def _use(request: HttpRequest, limit: str, key: str | None = None) -> RateLimitUsage:
    used = ratelimit.consume(
        request, app=APP, action=limit, config=_rate(limit), key=key, limit_get=True
    )
    if used is None:
        raise ValidationError(LIMITS[limit].words)
    return used
