"""`./portal manage print_docs`: writes the documents that are printed from the code."""

from typing import Any

from django.core.management.base import BaseCommand

from iapt_portal import printed


class Command(BaseCommand):
    """What it writes is compared with the code by the tests."""

    help = "Write the documents in docs/ that are printed from the code"

    def handle(self, *args: Any, **options: Any) -> None:
        for path in printed.write():
            self.stdout.write(str(path.relative_to(printed.ROOT)))
