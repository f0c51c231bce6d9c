"""`./portal manage demonstration`: makes the demonstration, as often as one likes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from iapt_portal import demonstration, demonstration_months


class Command(BaseCommand):
    """Seeds organisations, people, windows and past months, and writes down how to sign in."""

    help = "Make the demonstration's organisations, people, windows and past months"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--file", type=Path, required=True, help="where to write the accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        people = demonstration.seed()
        demonstration_months.make({user.first_name: user for user in people})
        demonstration.write_description(options["file"], options["port"], people)
