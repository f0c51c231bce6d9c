"""What a worker makes for somebody to take away, and how far it is."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from submissions.models.calendar import clock
from submissions.models.submission import Submission

# From its being answered on; then it is gone, wherever it lies.
KEPT = timedelta(hours=1)


class Reports(models.QuerySet["Report"]):
    """Reports as one asks for them."""

    def kept(self) -> Self:
        """Those whose hour is not over."""
        return self.filter(Q(finished_at=None) | Q(finished_at__gt=clock() - KEPT))

    def over(self) -> Self:
        return self.filter(finished_at__lte=clock() - KEPT)

    def unanswered(self) -> Self:
        return self.filter(finished_at=None)

    def checks_of(self, user: User) -> Self:
        """The files that a user had checked without sending them: nobody else sees these."""
        return self.kept().filter(asked_by=user, submission=None)


class Report(models.Model):
    """The annotated copy of a submission, or the answer to a file that is only checked (it has no
    submission, and a raw file of its own until it is checked).

    Waiting, ready and sorry are computed: it is sorry where no attempt came to an end.
    """

    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submission = models.OneToOneField(
        Submission, models.CASCADE, null=True, related_name="annotated_copy"
    )
    # The form's own key: the same form sent twice has one answer.
    once = models.UUIDField(unique=True, default=uuid.uuid4)
    asked_at = models.DateTimeField(db_default=Now())

    # Of a file that is only checked: as it was called (sealed), and the encrypted file.
    file_name = models.BinaryField(default=b"")
    sha256 = models.CharField(max_length=64, blank=True)
    stored_as = models.CharField(max_length=200, blank=True)

    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    # What was made, sealed; empty where it could not be made.
    made_as = models.CharField(max_length=200, blank=True)

    objects = Reports.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"report {self.id}"

    @property
    def is_waiting(self) -> bool:
        return self.finished_at is None

    @property
    def is_ready(self) -> bool:
        return self.finished_at is not None and bool(self.made_as)

    @property
    def is_sorry(self) -> bool:
        """It was tried, and could not be made: our fault."""
        return self.finished_at is not None and not self.made_as

    @property
    def gone_at(self) -> datetime | None:
        """When it is removed."""
        return self.finished_at + KEPT if self.finished_at else None
