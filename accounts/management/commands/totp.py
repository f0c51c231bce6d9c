"""`./portal manage totp EMAIL`: a code of the second factor, in the demonstration only."""

import time
from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Stands in for the authenticator app that nobody sets up for invented people."""

    help = "Print a code of the demonstration's second factor"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Codes are printed in the demonstration only.")
        found = Authenticator.objects.filter(
            user__email=email.lower(), type=Authenticator.Type.TOTP
        ).first()
        if found is None:
            raise CommandError(f"{email} has no second factor.")
        secret = decrypt(found.data["secret"])
        counter = next(iter(yield_hotp_counters_from_time()))
        left = 30 - int(time.time()) % 30
        self.stdout.write(f"{format_hotp_value(hotp_value(secret, counter))} (for {left} seconds)")
