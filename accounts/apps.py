"""The app of who may do what."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"

    def ready(self) -> None:
        # The models are there from now on.
        from accounts import account_events, signing_in

        account_events.listen()
        signing_in.listen()
