"""The append-only record of what was done, and its seals."""

from typing import ClassVar, Self

from django.db import models

from accounts.models.organisations import Organisation
from accounts.models.people import User


class AuditEvents(models.QuerySet["AuditEvent"]):
    """Events as one asks for them."""

    def about(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)


class AuditEvent(models.Model):
    """Something that was done: never changed, never deleted (the database roles see to it).

    `what` comes from `accounts.audit.EVENTS`; `facts` hold codes, numbers and references, never an
    identifier of a patient and never a file name.
    """

    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)

    objects = AuditEvents.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.id} {self.what}"


class AuditSeal(models.Model):
    """One link of the chain over committed events, written by the periodic sealer.

    `digest` is SHA-256 over the digest before and the event's canonical text.
    """

    event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="seal")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.event_id} {self.digest[:12]}"
