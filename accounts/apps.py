"""Hears what allauth and Django tell of signing in and out."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"

    def ready(self) -> None:
        # It needs the models, which are there only now.
        from accounts.signing_in import RECEIVERS

        for signal, receiver in RECEIVERS:
            signal.connect(receiver, weak=False, dispatch_uid=f"accounts {receiver.__name__}")
