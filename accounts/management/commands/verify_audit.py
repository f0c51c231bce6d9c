"""`./portal manage verify_audit`: says whether the audit is as it was sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.models import AuditEvent, AuditSeal


class Command(BaseCommand):
    """Seals nothing and changes nothing; fails, naming it, at the first event that was touched."""

    help = "Verify the chain over the audit"

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := audit.first_broken():
            raise CommandError(
                f"Event {broken.id} of {broken.at:%Y-%m-%d %H:%M:%S %Z} ({broken.what}) does not "
                "agree with its seal: it, its seal or an event before it was changed or removed."
            )
        waiting = AuditEvent.objects.filter(seal=None).count()
        self.stdout.write(
            f"{AuditSeal.objects.count()} events are as they were sealed; {waiting} wait for it."
        )
