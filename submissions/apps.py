"""The app of submissions."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Calendar, receiving, checking, loading."""

    name = "submissions"

    def ready(self) -> None:
        # Enters the deeds that need a second person.
        from submissions import calendar  # noqa: F401
