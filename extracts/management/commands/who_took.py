"""`./portal manage who_took RZ1 2026-05-01 2026-11-30`: who took what holding a provider's data."""

import csv
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from extracts.holding import Taking, takings

COLUMNS = ("Moment", "What", "Person", "E-mail", "Organisation", "File", "SHA-256")
# A spreadsheet takes what begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise ArgumentTypeError(f"{words} is not a day: write it as 2026-05-01") from None


def cells(taking: Taking) -> list[str]:
    moment = timezone.localtime(taking.at)
    return [f"{moment:%Y-%m-%d %H:%M:%S %Z}", *taking[1:]]


def inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class Command(BaseCommand):
    """Days are London's, the last one included. What was downloaded, what was made again on this
    machine, and whose findings were shown."""

    help = "Who took what that holds an organisation's data, between two days"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="ODS code of the organisation")
        parser.add_argument("first_day", type=day)
        parser.add_argument("last_day", type=day)
        parser.add_argument("--csv", action="store_true", help="as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["code"].upper()
        first_day, last_day = options["first_day"], options["last_day"]
        organisation = Organisation.objects.filter(code=code).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {code}.")
        if last_day < first_day:
            raise CommandError("The last day is before the first.")
        found = [cells(one) for one in takings(organisation, first_day, last_day)]
        if options["csv"]:
            writer = csv.writer(self.stdout)
            writer.writerow(COLUMNS)
            writer.writerows([inert(cell) for cell in row] for row in found)
        elif found:
            widths = [max(map(len, column)) for column in zip(COLUMNS, *found, strict=True)]
            for row in [COLUMNS, *found]:
                line = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))
                self.stdout.write(line.rstrip())
        else:
            self.stdout.write(f"Nobody took anything of {organisation} on these days.")
