"""`./portal manage load_calendar`: the published windows of 2013 and 2013/14, where missing."""

from typing import Any

from django.core.management.base import BaseCommand

from submissions import calendar


class Command(BaseCommand):
    """Loading again changes nothing."""

    help = "Load the published calendar"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{calendar.load_published()} windows came new.")
