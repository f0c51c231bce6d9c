"""Audits what Django and allauth tell of signing in and of what accounts are protected with.

What was typed is never kept. A failed attempt names the account that it was aimed at, where there
is one, so that staff can see an attack; whoever tried is nobody we know.
"""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as django_auth
from django.http import HttpRequest

from accounts import audit, visitors
from accounts.models import User


def signed_in(user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    audit.record("signed in", by=user, **_from(request))


def signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record("signed out", by=user)


def sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    email = str(credentials.get("email") or "")
    aimed_at = User.objects.filter(email__iexact=email).first()
    _failed("sign-in failed", aimed_at, request)


def second_factor_failed(user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    _failed("second factor failed", user, request)


def _failed(what: str, aimed_at: User | None, request: HttpRequest | None) -> None:
    account: dict[str, Any] = {"account": aimed_at.id} if aimed_at else {}
    audit.record(what, by=None, **account, **_from(request))


def _from(request: HttpRequest | None) -> dict[str, Any]:
    address = visitors.address(request) if request else None
    return {"address": str(address)} if address else {}


def password_changed(user: User, **kwargs: Any) -> None:
    audit.record("password changed", by=user)


def password_reset(user: User, **kwargs: Any) -> None:
    audit.record("password reset", by=user)


def second_factor_set_up(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _made(user, authenticator)


def recovery_codes_made(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _made(user, authenticator)


def _made(user: User, authenticator: Authenticator) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        audit.record("recovery codes made", by=user)
    else:
        audit.record("second factor set up", by=user, kind=authenticator.type)


def second_factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record("second factor removed", by=user, kind=authenticator.type)


def second_factor_used(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """A code of the app goes with every signing in; a recovery code is worth a line."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        audit.record("recovery code used", by=user)


def listen() -> None:
    """Once, at the start of a process."""
    for signal, hear in (
        (django_auth.user_logged_in, signed_in),
        (django_auth.user_logged_out, signed_out),
        (django_auth.user_login_failed, sign_in_failed),
        (account.password_changed, password_changed),
        (account.password_reset, password_reset),
        (mfa.authenticator_added, second_factor_set_up),
        (mfa.authenticator_reset, recovery_codes_made),
        (mfa.authenticator_removed, second_factor_removed),
        (mfa.authenticator_used, second_factor_used),
        (mfa.authentication_failed, second_factor_failed),
    ):
        signal.connect(hear, dispatch_uid=f"audit {hear.__name__}")
