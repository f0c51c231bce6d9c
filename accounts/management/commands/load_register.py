"""`./portal manage load_register KIND FILE`: a list of organisations as ODS publishes it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import register
from accounts.models import RegisterKind
from accounts.refusals import Refusal


class Command(BaseCommand):
    """For a first set-up; afterwards staff load lists on their page."""

    help = "Load a list of organisations as ODS publishes it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = ", ".join(f"{kind.value} ({kind.label})" for kind in RegisterKind)
        parser.add_argument("kind", choices=RegisterKind.values, help=kinds)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, kind: str, file: Path, **options: Any) -> None:
        try:
            loaded = register.load(kind=RegisterKind(kind), content=file.read_bytes(), by=None)
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal
        self.stdout.write(loaded.words)
