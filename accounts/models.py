"""Users, the organisations they act for, and the append-only record of what was done."""

import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now


class Users(BaseUserManager["User"]):
    """Makes users by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person who signs in by e-mail address. `is_staff` means HSCIC staff."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    organisations: "models.ManyToManyField[Organisation, Membership]" = models.ManyToManyField(
        "Organisation", through="Membership", related_name="users"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()  # type: ignore[misc, assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def providers(self) -> "models.QuerySet[Organisation]":
        """The providers this user may send for."""
        return self.organisations.filter(role=Organisation.Role.PROVIDER)

    @property
    def commissioners(self) -> "models.QuerySet[Organisation]":
        """The commissioners this user may receive for."""
        return self.organisations.filter(role=Organisation.Role.COMMISSIONER)


class Organisation(models.Model):
    """A body with an ODS code: a provider sends, a commissioner receives."""

    class Role(models.TextChoices):
        PROVIDER = "provider"
        COMMISSIONER = "commissioner"

    code = models.CharField(max_length=6, unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=12, choices=Role)
    pilot_site = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Membership(models.Model):
    """A user acts for an organisation."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_each")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} acts for {self.organisation_id}"


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


class Mail(models.Model):
    """The outbox: a letter is written in the deed's transaction and sent after it, once."""

    once = models.UUIDField(default=uuid.uuid4, unique=True)
    to = models.ForeignKey(User, models.CASCADE, related_name="mails")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # For the sender: what still waits.
            models.Index(fields=["id"], name="mail_waiting", condition=models.Q(sent_at=None))
        ]

    def __str__(self) -> str:
        return self.subject
