"""The app of extracts."""

from django.apps import AppConfig


class ExtractsConfig(AppConfig):
    """Processing, extracts, publishing."""

    name = "extracts"
