"""A submission, its life, its findings and its counts."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Now

from accounts.models import Organisation, RegisterLoad, User
from submissions.lifecycle import Status
from submissions.models.calendar import Kind, Window


def _replaced() -> Exists:
    """Whether a later one of the same provider, period and kind was accepted."""
    later = Submission.objects.accepted().filter(
        provider=OuterRef("provider"),
        period=OuterRef("period"),
        kind=OuterRef("kind"),
        id__gt=OuterRef("id"),
    )
    return Exists(later)


class Submissions(models.QuerySet["Submission"]):
    """Submissions as one asks for them."""

    def seen_by(self, user: User) -> Self:
        """What a user may see: everything for staff, else what was sent for their providers."""
        return self if user.is_staff else self.filter(provider__in=user.providers)

    def accepted(self) -> Self:
        return self.filter(status=Status.ACCEPTED)

    def with_rows(self) -> Self:
        """Each with `rows_received` and `rows_rejected`, over all tables."""
        return self.annotate(
            rows_received=Sum("tables__received", default=0),
            rows_rejected=Sum(F("tables__received") - F("tables__standing"), default=0),
        ).order_by("-id")

    def with_standing(self) -> Self:
        """Each knows without asking again whether it stands."""
        return self.annotate(is_replaced=_replaced())

    def that_stand(self) -> Self:
        """Those that count for their provider, period and kind."""
        return self.accepted().filter(~_replaced())

    def in_hand(self) -> Self:
        """Received, and not yet answered."""
        return self.filter(status__in=[Status.RECEIVED, Status.CHECKING])

    def standing(self, period: date, kind: str) -> Self:
        """For each provider its last accepted submission of a period and kind."""
        accepted = self.accepted().filter(period=period, kind=kind)
        return accepted.order_by("provider_id", "-id").distinct("provider_id")

    def standing_for_period(self, period: date) -> Self:
        """For each provider the Refresh's if there is one, else the Primary's."""
        accepted = self.accepted().filter(period=period)
        # "R" comes after "P".
        return accepted.order_by("provider_id", "-kind", "-id").distinct("provider_id")


class Submission(models.Model):
    """One file sent by one provider for one period and kind. Its key is the receipt number,
    from a database sequence."""

    provider = models.ForeignKey(Organisation, models.PROTECT, related_name="submissions")
    window = models.ForeignKey(Window, models.PROTECT, related_name="submissions")
    period = models.DateField()
    kind = models.CharField(max_length=1, choices=Kind)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    # The form's own key: the same form sent twice makes one submission.
    once = models.UUIDField(unique=True)

    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Empty once the raw file is erased; the SHA-256 stays.
    stored_as = models.CharField(max_length=200, blank=True)
    # The full list of its findings; empty where nothing was found, and once it is erased.
    findings_as = models.CharField(max_length=200, blank=True)
    # The raw file has to go, and the list with it; the sweeper sees to it until they have gone.
    erase_raw = models.BooleanField(default=False)

    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    attempt = models.PositiveSmallIntegerField(default=0)
    last_attempt = models.PositiveSmallIntegerField(default=3)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(db_default=Now())
    stage = models.CharField(max_length=40, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)

    finished_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)
    form = models.CharField(max_length=6, blank=True)
    dataset_version = models.CharField(max_length=10, blank=True)
    rulebook_version = models.CharField(max_length=10, blank=True)
    # The version of the register of organisations by which it was judged: its newest load then.
    register = models.ForeignKey(RegisterLoad, models.PROTECT, null=True, related_name="+")
    not_asked = models.JSONField(default=list)

    # Of one that was read `with_rows()`.
    rows_received: int
    rows_rejected: int
    objects = Submissions.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="submission_known_status", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="a_lease_while_checking",
                condition=Q(status=Status.CHECKING, lease_until__isnull=False)
                | (~Q(status=Status.CHECKING) & Q(lease_until=None)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # For the standing submission.
            models.Index(
                fields=["period", "kind", "provider", "-id"],
                name="submission_standing",
                condition=Q(status=Status.ACCEPTED),
            ),
            # For the sweeper and for closing: what is not answered yet.
            models.Index(
                fields=["id"],
                name="submission_in_hand",
                condition=Q(status__in=[Status.RECEIVED, Status.CHECKING]),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The receipt number as people quote it."""
        return f"{self.id:07d}"

    @property
    def kind_and_period(self) -> str:
        return f"{self.get_kind_display()}, {self.period:%B %Y}"

    @property
    def is_in_hand(self) -> bool:
        return self.status in {Status.RECEIVED, Status.CHECKING}

    @property
    def other_standing(self) -> "Submission | None":
        """What stands, or would stand without this one, for its provider, period and kind."""
        same = Submission.objects.accepted().filter(
            provider_id=self.provider_id, period=self.period, kind=self.kind
        )
        return same.exclude(id=self.id).first()

    @property
    def stands(self) -> bool:
        """Whether it is the one that counts for its provider, period and kind."""
        if self.status != Status.ACCEPTED:
            return False
        if "is_replaced" in self.__dict__:
            return not self.__dict__["is_replaced"]
        other = self.other_standing
        return other is None or other.id < self.id


class StatusChange(models.Model):
    """A step of a submission's life: never overwritten."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="changes")
    before = models.CharField(max_length=10, blank=True)
    after = models.CharField(max_length=10)
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.before} to {self.after}"


class TableCount(models.Model):
    """Rows received and standing of one table."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="tables")
    table = models.CharField(max_length=20)
    received = models.PositiveIntegerField()
    standing = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.table} {self.standing} of {self.received}"

    @property
    def rejected(self) -> int:
        return self.received - self.standing


class CommissionerCount(models.Model):
    """How many standing referrals name a commissioner: never shown, it tells whose provider it is.
    What the web knows of referrals, as it cannot read the records."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="commissioners")
    commissioner = models.CharField(max_length=5)
    referrals = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["commissioner", "submission"], name="a_commissioner_is_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commissioner} in {self.submission_id}"


class FindingCount(models.Model):
    """How often one rule was broken in one column: exact, kept for ever."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="finding_counts")
    rule = models.CharField(max_length=4)
    severity = models.CharField(max_length=11)
    table = models.CharField(max_length=100, blank=True)
    column = models.CharField(max_length=100, blank=True)
    # What exactly is wrong, where the rule's sentence is too general; holds no value of a person.
    words = models.TextField(blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["severity", "rule", "id"]

    def __str__(self) -> str:
        return f"{self.rule} {self.count}"


class TrialCount(models.Model):
    """How often a rule on trial would have been broken in one column. Nothing follows from it, and
    the sender never sees it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="trial_counts")
    rule = models.CharField(max_length=4)
    table = models.CharField(max_length=20)
    column = models.CharField(max_length=100, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["rule", "id"]

    def __str__(self) -> str:
        return f"{self.rule} {self.count}, on trial"


class FindingPlace(models.Model):
    """Where a rule was broken: the first thousand of each rule.

    `record_key` is a hash, keyed for the provider, of the record's own key, by which the same
    record is found again in the next file; `detail` is the sender's own key and value, encrypted
    for the sender to see again, and empty once the period is purged.
    """

    finding = models.ForeignKey(FindingCount, models.CASCADE, related_name="places")
    row = models.PositiveIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)
    other_row = models.PositiveIntegerField(null=True)
    record_key = models.BinaryField(max_length=16)
    detail = models.BinaryField()
    # The sender's own key and value, where a page was asked for them.
    shown: dict[str, str] | None = None

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"row {self.row}"


class QualityCount(models.Model):
    """Valid, other, default, invalid, missing of one data quality item, over rows that stand."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="quality")
    item = models.CharField(max_length=30)
    table = models.CharField(max_length=20)
    valid = models.PositiveIntegerField()
    other = models.PositiveIntegerField()
    default = models.PositiveIntegerField()
    invalid = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    definitions = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.item
