"""`./portal manage verify_audit`: says whether the audit is as it was sealed."""

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import sealing, verifying
from accounts.models import AuditEvent, AuditSeal

# Where one row is broken the rest may be too: more than these help nobody.
MOST = 20


class Command(BaseCommand):
    """Seals nothing and changes nothing; fails, naming the rows, where the audit was touched."""

    help = "Verify the chain over the audit, and its heads outside the database"

    def handle(self, *args: Any, **options: Any) -> None:
        if found := list(islice(verifying.faults(), MOST + 1)):
            more = ["and more"] if len(found) > MOST else []
            raise CommandError("\n".join([*found[:MOST], *more]))
        waiting = AuditEvent.objects.filter(seal=None).count()
        self.stdout.write(
            f"{AuditSeal.objects.count()} events are as they were sealed and as the heads outside "
            f"the database say ({len(sealing.heads())}); {waiting} wait for a seal."
        )
