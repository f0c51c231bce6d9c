"""`./portal manage staff EMAIL`: makes a staff account, the first one above all."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import people
from accounts.mailboxes import PLAIN
from accounts.refusals import Refusal


class Command(BaseCommand):
    """The password is shown once; the second factor is set up at the first sign-in."""

    help = "Make an HSCIC staff account"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            PLAIN(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        try:
            password = people.make_staff_account(email=email)
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal
        self.stdout.write(f"Account {email} made. Password, shown once: {password}")
