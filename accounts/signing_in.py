"""What follows when allauth and Django tell of signing in and out."""

from typing import Any

from allauth.account.signals import authentication_step_completed, password_reset
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts import guessing, sessions
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


def password_chosen_by_letter(request: HttpRequest, user: User, **kwargs: Any) -> None:
    guessing.forget(request, user)


def listen() -> None:
    """Once, at the start of a process."""
    for signal, hear in (
        (authentication_step_completed, step_taken),
        (authenticator_added, second_factor_set_up),
        (password_reset, password_chosen_by_letter),
        (user_logged_in, signed_in),
    ):
        signal.connect(hear, dispatch_uid=f"signing in {hear.__name__}")
