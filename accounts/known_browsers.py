"""Browsers in which an account has been signed in before: whoever attacks it comes from others.

The cookie names accounts by a keyed hash of their number and password hash: nobody can make one,
and it is worth nothing once the password has changed. It signs nobody in.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "accounts.known_browsers"
KEPT_SECONDS = 365 * 24 * 60 * 60
# Colleagues may share a browser.
MOST_ACCOUNTS = 5


def is_known(request: HttpRequest, user: User) -> bool:
    mark = _mark(user)
    return any(constant_time_compare(mark, each) for each in _marks(request))


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """From now on this browser is known for the account."""
    marks = [_mark(user), *_marks(request)][:MOST_ACCOUNTS]
    response.set_signed_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        ".".join(marks),
        salt=SALT,
        max_age=KEPT_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _mark(user: User) -> str:
    return salted_hmac(SALT, f"{user.pk} {user.password}", algorithm="sha256").hexdigest()


def _marks(request: HttpRequest) -> list[str]:
    name = settings.KNOWN_BROWSER_COOKIE_NAME
    said = request.get_signed_cookie(name, default="", salt=SALT, max_age=KEPT_SECONDS)
    return said.split(".") if said else []
