"""Letters, the links in them, and what was reminded of."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.people import User
from accounts.models.registration import CaldicottGuardian, DataUserCertificate, Membership


class Mail(models.Model):
    """The outbox: a letter is written in the deed's transaction and sent after it, once; to a user
    or, where somebody has no account, to an `address`."""

    once = models.UUIDField(default=uuid.uuid4, unique=True)
    to = models.ForeignKey(User, models.CASCADE, null=True, related_name="mails")
    address = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # For the sender: what still waits.
            models.Index(fields=["id"], name="mail_waiting", condition=Q(sent_at=None))
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_letter_has_one_address",
                condition=Q(to=None) & ~Q(address="") | Q(to__isnull=False, address=""),
            )
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def goes_to(self) -> str:
        """The e-mail address."""
        return self.to.email if self.to else self.address


class Link(models.Model):
    """A link in a letter that proves who follows it: good once, up to `expires_at`, for one thing.
    Only the SHA-256 of its secret is kept."""

    class Purpose(models.TextChoices):
        APPROVAL = "approval", "a guardian decides on a certificate"
        INVITATION = "invitation", "somebody named on a granted certificate opens an account"
        STAFF = "staff", "somebody becomes HSCIC staff"

    purpose = models.CharField(max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    address = models.EmailField()
    name = models.CharField(max_length=100)
    certificate = models.ForeignKey(DataUserCertificate, models.PROTECT, null=True)
    guardian = models.ForeignKey(CaldicottGuardian, models.PROTECT, null=True)
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="links")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class Reminded(models.Model):
    """Something that is said once: `what` names it, as `certificate 5, 30 days`."""

    what = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.what
