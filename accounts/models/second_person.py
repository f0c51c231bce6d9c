"""What one member of staff has asked for and another has to confirm."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models.people import User


class AskedDeed(models.Model):
    """A deed that needs a second person: `what` is its name in `accounts.second_person`, `subject`
    what it is about (one open request each), `facts` its arguments, `words` what will happen."""

    class Outcome(models.TextChoices):
        DONE = "done"
        DECLINED = "declined"
        TAKEN_BACK = "taken back"

    what = models.CharField(max_length=30)
    subject = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)
    words = models.CharField(max_length=1000)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="asked_for_once",
                fields=["what", "subject"],
                condition=Q(decided_at=None),
            ),
            # The database itself keeps anybody from confirming their own request.
            models.CheckConstraint(
                name="a_second_person_decides",
                condition=Q(decided_by=None)
                | Q(outcome="taken back", decided_by=F("asked_by"))
                | ~Q(decided_by=F("asked_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.words
