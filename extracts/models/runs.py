"""Processing runs, the extracts they made, publication, and who took what."""

from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now

from accounts.models import Organisation, User
from submissions.models import Submission, Window

# What files and commands call the recipient of the national extract. No organisation's code is as
# long.
NATIONAL = "ENGLAND"


class RunsOfWindows(models.Manager["Run"]):
    """Those that staff asked for; what is to be published is chosen among these alone."""

    def get_queryset(self) -> models.QuerySet["Run"]:
        return super().get_queryset().filter(of=None)


class Previews(models.Manager["Run"]):
    """Those that make a provider's extract before the deadline (`extracts.previewing`)."""

    def get_queryset(self) -> models.QuerySet["Run"]:
        return super().get_queryset().exclude(of=None)


class Run(models.Model):
    """One processing of a window: both stages, on a frozen set of submissions. With `of`, a preview
    instead: the one stage of that submission, for its provider alone.

    `stamp` is the moment that the extracts carry; it is stored, so that a rebuild is equal.
    """

    class Status(models.TextChoices):
        ASKED = "ASKED", "Waiting"
        RUNNING = "RUNNING", "Processing"
        DONE = "DONE", "Ready to publish"
        FAILED = "FAILED", "Failed through our fault"
        # Of previews: the submission stands no more, or its window was processed.
        OVER = "OVER", "No longer wanted"

    window = models.ForeignKey(Window, models.PROTECT, related_name="runs")
    of = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    # Why a window that was published is processed again.
    why = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.ASKED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(db_default=Now())
    stamp = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Commissioners named in the data for which no file is made: nobody could take it.
    without_account = models.JSONField(default=list)
    # Providers two by two, and how many persons have the same service request with both.
    clashes = models.JSONField(default=list)
    # Pathways broken by identifier change: stage, provider, how many.
    broken = models.JSONField(default=list)
    # The codes that the register knew as a commissioner's, by stage.
    commissioners = models.JSONField(default=dict)
    extracts_total = models.PositiveIntegerField(default=0)

    objects = RunsOfWindows()
    previews = Previews()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="one_run_at_a_time",
                fields=["window"],
                condition=models.Q(status__in=["ASKED", "RUNNING"], of=None),
            ),
            models.UniqueConstraint(
                name="one_preview_of_a_submission",
                fields=["of"],
                condition=~models.Q(status="OVER"),
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.id} of {self.window}"

    @property
    def when(self) -> str:
        """Whether its extracts are of before or after the deadline."""
        return "pre" if self.of_id else "post"

    @property
    def is_published(self) -> bool:
        return hasattr(self, "publication")

    @property
    def is_in_hand(self) -> bool:
        """Asked for or going on, and not over."""
        return self.status in {self.Status.ASKED, self.Status.RUNNING}


class Frozen(models.Model):
    """A submission that a run used: for one of its stages, or of an earlier month that both rest
    on."""

    EARLIER = "E"
    run = models.ForeignKey(Run, models.CASCADE, related_name="frozen")
    stage = models.CharField(max_length=1)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "stage", "submission"], name="a_submission_is_frozen_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.submission_id}"


class Extracts(models.QuerySet["Extract"]):
    """Extracts as one asks for them."""

    def published(self) -> Self:
        return self.filter(run__publication__isnull=False)

    def kept(self) -> Self:
        """Those that are not purged."""
        return self.filter(purged_at=None)

    def national(self) -> Self:
        """Those for HSCIC's own analysts."""
        return self.filter(recipient=None)

    def of_code(self, code: str) -> Self:
        """Those of a recipient, by its code."""
        return self.national() if code == NATIONAL else self.filter(recipient__code=code)

    def seen_by(self, user: User) -> Self:
        """The published extracts of the user's organisations; a national one is none's."""
        mine = self.published().filter(recipient__in=user.organisations)
        return mine.select_related("recipient", "run__publication")

    def with_others(self) -> Self:
        """`newer` and `earlier`: whether the same was published again after it, or before it."""
        place = ("recipient", "period", "stage")
        same = Extract.objects.published().filter(**{name: models.OuterRef(name) for name in place})
        return self.annotate(
            newer=models.Exists(same.filter(run__gt=models.OuterRef("run"))),
            earlier=models.Exists(same.filter(run__lt=models.OuterRef("run"))),
        )


class Extract(models.Model):
    """A file for one recipient, period and stage. `size` and `sha256` are of the zip itself. The
    national one is no organisation's: staff alone may take it, and it has no recipient."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="extracts")
    recipient = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="extracts")
    period = models.DateField()
    stage = models.CharField(max_length=1)
    stored_as = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    # Its main figures (`extracts.figures`), by name; none for one made before there were any.
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now())
    # From then on nobody gets it; its file has gone or goes at the next sweep.
    purged_at = models.DateTimeField(null=True)

    objects = Extracts.as_manager()

    class Meta:
        # The newest publication first; in it the provisional month, then the final one before.
        ordering: ClassVar[list[str]] = ["-run_id", "-period", "recipient"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "recipient", "stage"],
                name="one_extract_each",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def code(self) -> str:
        """What its recipient is called in the names of files."""
        return self.recipient.code if self.recipient else NATIONAL

    @property
    def recipient_words(self) -> str:
        """Its recipient for people."""
        return str(self.recipient) if self.recipient else "HSCIC's own analysts"

    @property
    def file_name(self) -> str:
        return f"IAPT_{self.code}_{self.period:%Y-%m}_{self.stage}_{self.run.when}.zip"

    @property
    def stage_words(self) -> str:
        """The stage as people call it."""
        if self.run.of_id:
            return "not final"
        return "provisional" if self.stage == "P" else "final"


class Publication(models.Model):
    """A run's extracts are available: all of them, or none."""

    run = models.OneToOneField(Run, models.PROTECT, related_name="publication")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"publication of {self.run}"


class FigureCount(models.Model):
    """The exact figures (`extracts.figures`) of a part of the nation, in a stage of a run: `by` is
    what they are counted by (`extracts.counting`), `of` which of it; blank, where it is not known
    and of the nation. `contributors` tells of each figure how many providers it comes from."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="figure_counts")
    stage = models.CharField(max_length=1)
    by = models.CharField(max_length=20)
    of = models.CharField(max_length=40, blank=True)
    figures = models.JSONField()
    contributors = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "stage", "by", "of"], name="figures_are_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.of} {self.stage}"


class PurgedPeriod(models.Model):
    """A period whose local identifiers are gone, with all that held them."""

    period = models.DateField(unique=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.period:%B %Y}"


class Download(models.Model):
    """Who took which extract, and when."""

    extract = models.ForeignKey(Extract, models.PROTECT, related_name="downloads")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.extract_id} by {self.by_id}"


class Trace(models.Model):
    """How the derived values of one referral of an extract came about, asked for by a user of its
    provider. Waiting, ready and sorry are computed, as of a report; an hour later it is gone."""

    extract = models.ForeignKey(Extract, models.CASCADE, related_name="traces")
    referral_id = models.BigIntegerField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    attempt = models.PositiveSmallIntegerField(default=0)
    rung_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    # Sealed with the report key; empty where it could not be made.
    found = models.BinaryField(default=b"")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"trace {self.id}"

    @property
    def is_waiting(self) -> bool:
        return self.finished_at is None
