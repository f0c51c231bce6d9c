"""The app of submissions."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Calendar, receiving, checking, loading."""

    name = "submissions"
