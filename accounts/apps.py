"""Audits what allauth and Django tell of signing in and out."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import audit

        def signed_in(user: Any, **kwargs: Any) -> None:
            audit.record("signed in", by=user)

        def signed_out(user: Any, **kwargs: Any) -> None:
            if user is not None:
                audit.record("signed out", by=user)

        def failed(**kwargs: Any) -> None:
            audit.record("sign-in failed", by=None)

        for signal, receiver in (
            (user_logged_in, signed_in),
            (user_logged_out, signed_out),
            (user_login_failed, failed),
        ):
            signal.connect(receiver, weak=False, dispatch_uid=f"audit {receiver.__name__}")
