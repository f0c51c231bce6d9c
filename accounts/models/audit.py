"""The append-only record of what was done, and its seals."""

from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.organisations import Organisation
from accounts.models.people import User


def on_days(first_day: date | None, last_day: date | None) -> Q:
    """Whatever has its moment in `at`, from the first day to the last, in London; without end where
    a day is None."""
    asked = Q()
    if first_day:
        asked &= Q(at__gte=_midnight(first_day))
    if last_day:
        asked &= Q(at__lt=_midnight(last_day + timedelta(days=1)))
    return asked


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class AuditEvents(models.QuerySet["AuditEvent"]):
    """Events as one asks for them."""

    def about(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def newest_first(self, *, before: int | None = None) -> Self:
        """Those that are older than the event of the number `before`, where one is given. A page
        that goes on from an event costs the same however far back it is."""
        ordered = self.order_by("-at", "-id")
        last = AuditEvent.objects.filter(id=before).first() if before else None
        if last is None:
            return ordered
        return ordered.filter(at__lte=last.at).exclude(at=last.at, id__gte=last.id)


class AuditEvent(models.Model):
    """Something that was done: never changed, never deleted (the database roles see to it).

    `what` comes from `accounts.audit.EVENTS`; `facts` hold codes, numbers and references, never an
    identifier of a patient and never a file name.
    """

    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    # The indexes below begin with each of the two.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    what = models.CharField(max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False
    )
    facts = models.JSONField(default=dict)

    objects = AuditEvents.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            # A page of the newest of a million, by whatever it is asked.
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["by", "at", "id"], name="audit_by"),
            models.Index(fields=["what", "at", "id"], name="audit_what"),
            models.Index(fields=["organisation", "at", "id"], name="audit_organisation"),
        ]

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
