"""What follows when allauth and Django tell of signing in and out."""

from typing import Any

from allauth.account.signals import authentication_step_completed, password_reset
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts import audit, guessing, sessions
from accounts.doors import gave_second_factor, remember_second_factor
from accounts.models import User


def step_taken(request: HttpRequest, user: User, method: str, **kwargs: Any) -> None:
    if not request.user.is_authenticated:
        # Each step of signing in gives the session another key: whoever knew the old one is out.
        request.session.cycle_key()
    if method == "mfa":
        remember_second_factor(request, user)


def second_factor_set_up(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if not gave_second_factor(request):
        request.session.cycle_key()
    remember_second_factor(request, user)


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.begin(request.session)
    audit.record("signed in", by=user)


def signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record("signed out", by=user)


def failed(**kwargs: Any) -> None:
    audit.record("sign-in failed", by=None)


def password_chosen_by_letter(request: HttpRequest, user: User, **kwargs: Any) -> None:
    guessing.forget(request, user)


RECEIVERS = (
    (authentication_step_completed, step_taken),
    (authenticator_added, second_factor_set_up),
    (password_reset, password_chosen_by_letter),
    (user_logged_in, signed_in),
    (user_logged_out, signed_out),
    (user_login_failed, failed),
)
