"""The people who sign in."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from accounts.models.organisations import Organisation


class Users(BaseUserManager["User"]):
    """Makes users by their e-mail address, and finds them."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def active(self) -> "models.QuerySet[User]":
        return self.filter(is_active=True)

    def staff(self) -> "models.QuerySet[User]":
        """HSCIC staff who may sign in."""
        return self.active().filter(is_staff=True)

    def acting_for(self, organisation: Organisation) -> "models.QuerySet[User]":
        """Whoever may act for the organisation today."""
        # The models of registration rest on this one.
        from accounts.models.registration import Membership

        standing = Membership.objects.standing().filter(certificate__organisation=organisation)
        return self.active().filter(id__in=standing.values("user"))

    def members_of(self, organisation: Organisation) -> "models.QuerySet[User]":
        """Whoever is named for the organisation and has an account, also while they may not act."""
        from accounts.models.registration import Membership

        accepted = Membership.objects.accepted().filter(certificate__organisation=organisation)
        return self.active().filter(id__in=accepted.values("user"))

    def acting_as(self, role: str) -> "models.QuerySet[User]":
        """Whoever may act today for any organisation of a role."""
        from accounts.models.registration import Membership

        standing = Membership.objects.standing().filter(certificate__organisation__role=role)
        return self.active().filter(id__in=standing.values("user"))


class User(AbstractUser):
    """A person who signs in by e-mail address. `is_staff` means HSCIC staff."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    # How often all their sessions were ended: part of what a session is tied to.
    sessions_ended = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()  # type: ignore[misc, assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is tied to: it ends when the password changes, and when all are ended."""
        tied = f"{self.password} {self.sessions_ended}"
        salt = "accounts.models.User.get_session_auth_hash"
        return salted_hmac(salt, tied, secret=secret, algorithm="sha256").hexdigest()

    @property
    def organisations(self) -> "models.QuerySet[Organisation]":
        """The organisations this user may act for today: named on a granted certificate that has
        not expired, of an organisation with a guardian on the register."""
        standing = self.memberships.standing().values("certificate__organisation")
        return Organisation.objects.filter(id__in=standing)

    @property
    def member_organisations(self) -> "models.QuerySet[Organisation]":
        """The organisations this user is named for, also while they may not act."""
        accepted = self.memberships.accepted().values("certificate__organisation")
        return Organisation.objects.filter(id__in=accepted)

    @property
    def providers(self) -> "models.QuerySet[Organisation]":
        """The providers this user may send for."""
        return self.organisations.filter(role=Organisation.Role.PROVIDER)

    @property
    def commissioners(self) -> "models.QuerySet[Organisation]":
        """The commissioners this user may receive for."""
        return self.organisations.filter(role=Organisation.Role.COMMISSIONER)
