"""Notices that staff put up on every page."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from accounts.clock import clock
from accounts.models.people import User


class Notices(models.QuerySet["Notice"]):
    """Notices as one asks for them."""

    def kept_up(self) -> Self:
        """Neither over nor taken down."""
        return self.filter(taken_down_at=None, ends_at__gt=clock())

    def over(self) -> Self:
        return self.filter(Q(taken_down_at__isnull=False) | Q(ends_at__lte=clock()))

    def shown_to(self, user: User | AnonymousUser) -> Self:
        """Those that stand on the visitor's pages now."""
        shown = self.kept_up().filter(starts_at__lte=clock())
        return shown if user.is_authenticated else shown.filter(for_everybody=True)


class Notice(models.Model):
    """Plain words on every page from one moment to another: for everybody, or for those alone who
    are signed in."""

    class Kind(models.TextChoices):
        INFORMATION = "info", "Information"
        WARNING = "warning", "Warning"

    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.INFORMATION)
    for_everybody = models.BooleanField(default=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    put_up_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    put_up_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    taken_down_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_down_at = models.DateTimeField(null=True)

    objects = Notices.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="notice_ends_after_starting", condition=Q(ends_at__gt=F("starts_at"))
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Every page asks.
            models.Index(fields=["ends_at"], name="notice_kept_up", condition=Q(taken_down_at=None))
        ]

    def __str__(self) -> str:
        return self.text
