"""The register of organisations as the Organisation Data Service (ODS) publishes it."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models.organisations import Organisation
from accounts.models.people import User


class RegisterKind(models.TextChoices):
    """What an organisation is: the name of the ODS file that lists its kind."""

    TRUST = "etr", "NHS trusts"
    INDEPENDENT = "ephp", "Independent providers"
    CCG = "eccg", "Clinical commissioning groups"
    PRACTICE = "epraccur", "GP practices"


ROLES = {
    RegisterKind.TRUST: Organisation.Role.PROVIDER,
    RegisterKind.INDEPENDENT: Organisation.Role.PROVIDER,
    RegisterKind.CCG: Organisation.Role.COMMISSIONER,
}


class RegisterLoad(models.Model):
    """A file of ODS that was loaded: what it brought, and which codes of its kind it lacked though
    the register has them (ODS closes organisations and never removes them). The newest load is the
    version of the register."""

    kind = models.CharField(max_length=8, choices=RegisterKind)
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    # Nobody when it was loaded by a command.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    new = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    missing = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, loaded {self.at:%Y-%m-%d %H:%M}"

    @property
    def words(self) -> str:
        """What came of it."""
        return (
            f"{self.get_kind_display()}: {self.new:,} new, {self.changed:,} changed, "
            f"{self.unchanged:,} as before, {len(self.missing):,} not in the file."
        )


class RegisterEntries(models.QuerySet["RegisterEntry"]):
    """Entries as one asks for them."""

    def open_between(self, first: date, last: date) -> Self:
        """Those open on some day from `first` to `last`."""
        begun = Q(opens=None) | Q(opens__lte=last)
        return self.exclude(closes__lt=F("opens")).filter(
            begun, Q(closes=None) | Q(closes__gte=first)
        )

    def never_open(self) -> Self:
        """Those that ODS lets close before they open, as it does where a code was never used."""
        return self.filter(closes__lt=F("opens"))


class RegisterEntry(models.Model):
    """A code of the ODS register, whether or not its organisation takes part in the portal (those
    that do are each an `Organisation`). Open from the day `opens` (None: since ever) to the day
    `closes`; on no day where it closes before it opens."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=RegisterKind)
    opens = models.DateField(null=True)
    closes = models.DateField(null=True)

    # Of one that was found for a day.
    is_open: bool

    objects = RegisterEntries.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def role(self) -> Organisation.Role | None:
        """What it can be in the portal; practices can be neither."""
        return ROLES.get(RegisterKind(self.kind))
