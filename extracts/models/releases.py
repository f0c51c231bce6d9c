"""What is released to the public: kept as it was shown, also once it is withdrawn."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from extracts.models.runs import Run


class Releases(models.QuerySet["Release"]):
    """Releases as one asks for them."""

    def with_later(self) -> Self:
        """`later`: the number of the release of the same window that took its place, and
        `later_withdrawn_at`, if it does not stand any more either."""
        place = {"run__window": models.OuterRef("run__window"), "id__gt": models.OuterRef("id")}
        later = Release.objects.filter(**place).order_by("id")
        return self.annotate(
            later=models.Subquery(later.values("id")[:1]),
            later_withdrawn_at=models.Subquery(later.values("withdrawn_at")[:1]),
        )

    def without_later(self) -> Self:
        return self.with_later().filter(later=None)

    def standing(self) -> Self:
        """At most one of each window (`extracts.releasing`)."""
        return self.filter(withdrawn_at=None)


class Release(models.Model):
    """What a run counted is public: the data quality report and the statistics, all or none. It
    stays as it was shown, also once it is withdrawn, alone or because another took its place."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="releases")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    # What changed since the release before of the same window; told to everybody.
    why = models.TextField(blank=True)
    # What the checklist said (`extracts.checklist`), and what of it was ticked.
    checklist = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Told to everybody who looks at it.
    why_withdrawn = models.TextField(blank=True)
    # Withdrawn because it must not be seen, at once or later: staff alone see what it shows.
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Told to everybody, like the reason before.
    why_hidden = models.TextField(blank=True)

    later: int | None
    later_withdrawn_at: datetime | None
    objects = Releases.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run"], condition=models.Q(withdrawn_at=None), name="one_release_stands"
            ),
            models.CheckConstraint(
                name="withdrawn_by_somebody_for_a_reason",
                condition=models.Q(withdrawn_at=None, withdrawn_by=None, why_withdrawn="")
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~models.Q(why_withdrawn=""),
            ),
            models.CheckConstraint(
                name="hidden_by_somebody_for_a_reason_once_withdrawn",
                condition=models.Q(hidden_at=None, hidden_by=None, why_hidden="")
                | models.Q(hidden_at__gte=models.F("withdrawn_at"), hidden_by__isnull=False)
                & models.Q(withdrawn_at__isnull=False)
                & ~models.Q(why_hidden=""),
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.id} of {self.run}"

    @property
    def state(self) -> str:
        return "withdrawn" if self.withdrawn_at else "released"

    @property
    def hidden(self) -> bool:
        return self.hidden_at is not None

    @property
    def was_hidden_later(self) -> bool:
        """It was withdrawn first, as wrong or because another took its place."""
        return self.hidden_at != self.withdrawn_at and self.hidden


class ReleasedPart(models.Model):
    """One part of a release, of one stage or of the quarter that ends with its period: what is
    public of it, as it was shown."""

    QUALITY, STATISTICS = "quality", "statistics"
    QUARTER = "Q"
    release = models.ForeignKey(Release, models.CASCADE, related_name="parts")
    part = models.CharField(max_length=10)
    stage = models.CharField(max_length=1)
    # Of a quarter its last month.
    period = models.DateField()
    content = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["release", "part", "stage"], name="a_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.stage} of {self.period:%B %Y}"


class Remembered(models.Model):
    """What was worked out of plain data, which are known by their digest."""

    name = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name", "digest"], name="remembered_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.digest[:8]}"
