"""Audits what allauth and Django tell of signing in and out."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa.signals import authenticator_added

        from accounts import audit
        from accounts.doors import remember_second_factor

        def signed_in(user: Any, **kwargs: Any) -> None:
            audit.record("signed in", by=user)

        def signed_out(user: Any, **kwargs: Any) -> None:
            if user is not None:
                audit.record("signed out", by=user)

        def failed(**kwargs: Any) -> None:
            audit.record("sign-in failed", by=None)

        def second_factor_given(request: Any, user: Any, method: str, **kwargs: Any) -> None:
            if method == "mfa":
                remember_second_factor(request, user)

        def second_factor_set_up(request: Any, user: Any, **kwargs: Any) -> None:
            remember_second_factor(request, user)

        for signal, receiver in (
            (authentication_step_completed, second_factor_given),
            (authenticator_added, second_factor_set_up),
            (user_logged_in, signed_in),
            (user_logged_out, signed_out),
            (user_login_failed, failed),
        ):
            signal.connect(receiver, weak=False, dispatch_uid=f"audit {receiver.__name__}")
