"""`./portal manage rebuild RUN RECIPIENT STAGE`: makes an extract again from what its run froze."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import audit
from extracts.building import rebuild
from extracts.models import Extract
from extracts.numbers import Wanted


class Command(BaseCommand):
    """Says whether the rebuilt extract equals the one that was made, byte for byte."""

    help = "Make an extract again and compare it with the one that was made"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument("recipient")
        parser.add_argument("stage", choices=["P", "R"])
        parser.add_argument("--into", type=Path, help="a folder to write the extract to")

    def handle(self, *args: Any, **options: Any) -> None:
        extracts = Extract.objects.of_code(options["recipient"])
        made = extracts.filter(run=options["run"], stage=options["stage"]).first()
        if made is None:
            raise CommandError("There is no such extract.")
        with transaction.atomic():
            built = rebuild(Wanted(made.run, made.stage, made.period, made.recipient))
        if options["into"]:
            # Whoever commands this machine takes it: that too is written down, and before.
            audit.record(
                "extract rebuilt",
                by=None,
                organisation=made.recipient,
                extract=made.id,
                file=made.file_name,
            )
            (options["into"] / made.file_name).write_bytes(built.content)
        if made.purged_at:
            self.stdout.write(
                f"{made.file_name}: its local identifiers were purged on "
                f"{made.purged_at:%-d %B %Y}. It is made again with LPTID and SERVICEID blank, and "
                "so cannot equal the first."
            )
            return
        if built.sha256 != made.sha256:
            raise CommandError(f"{made.file_name} differs from the one that was made.")
        self.stdout.write(f"{made.file_name} is equal, byte for byte: {built.sha256}")
