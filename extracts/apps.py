"""The app of extracts."""

from django.apps import AppConfig


class ExtractsConfig(AppConfig):
    """Processing, extracts, publishing."""

    name = "extracts"

    def ready(self) -> None:
        # Enters the deeds that need a second person.
        from extracts import publishing  # noqa: F401
