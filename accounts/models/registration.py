"""Who may act for an organisation: guardians, certificates, the people named on them."""

import uuid
from datetime import date, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, OuterRef, Q

from accounts.clock import today
from accounts.models.organisations import Organisation
from accounts.models.people import User


class Guardians(models.QuerySet["CaldicottGuardian"]):
    """Guardians as one asks for them."""

    def with_today(self) -> Self:
        return self.annotate(today=today())

    def on_register(self) -> Self:
        """Confirmed, begun, and not gone."""
        there = Q(ends=None) | Q(ends__gte=today())
        return self.filter(there, confirmed_at__isnull=False, starts__lte=today())

    def waiting(self) -> Self:
        """Registered, and neither confirmed nor declined."""
        return self.filter(confirmed_at=None, declined_at=None)


class CaldicottGuardian(models.Model):
    """The senior person responsible for an organisation's patient information, from `starts` to
    the last day `ends`. On the register once staff have confirmed it; a row is never deleted."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="guardians")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    starts = models.DateField()
    ends = models.DateField(null=True)
    registered_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    # Nobody where they registered themselves.
    registered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # How staff made sure, or why they declined.
    note = models.CharField(max_length=500, blank=True)

    today: date
    objects = Guardians.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-starts", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="guardian_ends_after_starting",
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
            ),
            models.CheckConstraint(
                name="guardian_confirmed_or_declined",
                condition=Q(confirmed_at=None) | Q(declined_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def covers_day_after(self, day: date) -> bool:
        """Whether the days of this guardian take in the one after `day`."""
        after = day + timedelta(days=1)
        return self.starts <= after and (self.ends is None or self.ends >= after)

    @property
    def status(self) -> str:
        """Needs a guardian that was read `with_today()`."""
        if self.declined_at:
            return "declined"
        if not self.confirmed_at:
            return "waiting"
        if self.ends and self.ends < self.today:
            return "left"
        return "on the register" if self.starts <= self.today else "upcoming"


class CertificateStatus(models.TextChoices):
    """Where a data user certificate is in its life; that it has expired is asked of its date."""

    APPLIED = "APPLIED", "Waits for the guardian"
    APPROVED = "APPROVED", "Waits for the helpdesk"
    GRANTED = "GRANTED", "Granted"
    SUSPENDED = "SUSPENDED", "Suspended"
    REVOKED = "REVOKED", "Revoked"
    DECLINED = "DECLINED", "Declined"


class Certificates(models.QuerySet["DataUserCertificate"]):
    """Certificates as one asks for them."""

    def with_today(self) -> Self:
        return self.annotate(today=today())

    def waiting(self) -> Self:
        """Applied for, and neither granted nor declined."""
        return self.filter(status__in=[CertificateStatus.APPLIED, CertificateStatus.APPROVED])

    def expiring(self, days: int) -> Self:
        """Granted, and at their end within so many days."""
        soon = today() + models.Value(days)
        return self.filter(
            status=CertificateStatus.GRANTED, expires__gte=today(), expires__lte=soon
        )

    def standing(self) -> Self:
        """Granted, not expired, of an organisation with a guardian on the register."""
        guardians = CaldicottGuardian.objects.on_register()
        return self.filter(
            models.Exists(guardians.filter(organisation=OuterRef("organisation"))),
            status=CertificateStatus.GRANTED,
            expires__gte=today(),
        )


class DataUserCertificate(models.Model):
    """Lets the people named on it act for an organisation, up to the day `expires`: applied for,
    approved by the organisation's guardian, granted by the helpdesk. `key` is its address."""

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="certificates")
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewed_by")
    applicant_name = models.CharField(max_length=100)
    applicant_email = models.EmailField()
    purpose = models.CharField(max_length=500)
    status = models.CharField(
        max_length=9, choices=CertificateStatus, default=CertificateStatus.APPLIED
    )
    expires = models.DateField(null=True)

    today: date
    objects = Certificates.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="certificate_known_status", condition=Q(status__in=CertificateStatus.values)
            ),
            models.CheckConstraint(
                name="a_granted_certificate_expires",
                condition=~Q(status=CertificateStatus.GRANTED) | Q(expires__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The number as people quote it."""
        return f"DUC-{self.id:05d}"

    @property
    def has_expired(self) -> bool:
        """Needs a certificate that was read `with_today()`."""
        return self.expires is not None and self.expires < self.today


class CertificateChange(models.Model):
    """A step of a certificate's life: never overwritten. Taken by a user or by a guardian."""

    certificate = models.ForeignKey(DataUserCertificate, models.PROTECT, related_name="changes")
    before = models.CharField(max_length=9, blank=True)
    after = models.CharField(max_length=9)
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    guardian = models.ForeignKey(CaldicottGuardian, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.certificate_id}: {self.before} to {self.after}"


# How long whoever was named on a certificate may still renew it.
RENEWABLE_FOR = timedelta(days=30)


class Memberships(models.QuerySet["Membership"]):
    """Memberships as one asks for them."""

    def accepted(self) -> Self:
        """Those of people who have an account, whether or not they may act today; once their
        certificate has expired, until it is renewed or for as long as it may be."""
        mine = self.filter(user__isnull=False, ended_at=None)
        expired = Q(certificate__expires__lt=today())
        renewed = Q(certificate__renewed_by__status=CertificateStatus.GRANTED)
        long_ago = Q(certificate__expires__lt=today() - RENEWABLE_FOR)
        return mine.exclude(certificate__status=CertificateStatus.REVOKED).exclude(
            id__in=self.model.objects.filter(expired & renewed | long_ago).values("id")
        )

    def standing(self) -> Self:
        """Those by which somebody may act today."""
        return self.filter(
            certificate__in=DataUserCertificate.objects.standing(),
            user__isnull=False,
            ended_at=None,
        )


class Membership(models.Model):
    """A person named on a certificate: acts for its organisation once the invitation is accepted.

    `supplier` names the employer where it is not the organisation itself.
    """

    certificate = models.ForeignKey(DataUserCertificate, models.PROTECT, related_name="memberships")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    supplier = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="memberships")
    since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = Memberships.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["certificate", "email"], name="one_membership_each"),
            models.CheckConstraint(
                name="a_member_since_when",
                condition=Q(user=None, since=None) | Q(user__isnull=False, since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
