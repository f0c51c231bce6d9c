"""`./portal manage staff EMAIL`: makes a staff account, the first one above all."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import User


class Command(BaseCommand):
    """The password is shown once; the second factor is set up at the first sign-in."""

    help = "Make an HSCIC staff account"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        if User.objects.filter(email=email.lower()).exists():
            raise CommandError(f"{email} has an account.")
        password = secrets.token_urlsafe(16)
        User.objects.create_user(email, password, is_staff=True)
        self.stdout.write(f"Account {email} made. Password, shown once: {password}")
