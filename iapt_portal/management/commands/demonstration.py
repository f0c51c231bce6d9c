"""`./portal manage demonstration`: makes the demonstration, as often as one likes."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import sealing
from iapt_portal import demonstration, demonstration_months


class Command(BaseCommand):
    """Seeds organisations, people, windows and past months, and says how to sign in; where this is
    no demonstration it makes nothing."""

    help = "Make the demonstration's organisations, people, windows and past months"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="where to write the accounts, else printed")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if not settings.DEMO:
            self.stdout.write("This is no demonstration (DEMO): nothing was made.")
            return
        people = demonstration.seed()
        demonstration_months.make({user.first_name: user for user in people})
        # Events of long ago that are not sealed yet would look as if they had been put in.
        sealing.seal()
        text = json.dumps(demonstration.description(people), indent=2)
        if file is None:
            self.stdout.write(text)
        else:
            file.write_text(f"{text}\n", encoding="utf-8")
            file.chmod(0o600)
