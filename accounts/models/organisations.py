"""The organisations that take part."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery


class Organisations(models.QuerySet["Organisation"]):
    """Organisations as one asks for them."""

    def taking_part(self) -> Self:
        """Those of which a certificate was ever granted; others have only asked to."""
        return self.filter(certificates__expires__isnull=False).distinct()

    def without_guardian(self) -> Self:
        """Those that have no guardian on the register today."""
        return self.with_standing().filter(has_guardian=False)

    def with_standing(self) -> Self:
        """Each knows whether it has a guardian, and how many people may act for it today."""
        # The models of registration rest on this one.
        from accounts.models.registration import CaldicottGuardian, Membership

        mine = OuterRef("pk")
        standing = Membership.objects.standing().filter(certificate__organisation=mine)
        return self.annotate(
            has_guardian=Exists(CaldicottGuardian.objects.on_register().filter(organisation=mine)),
            acting=Subquery(
                standing.order_by()
                .values("certificate__organisation")
                .annotate(people=Count("user", distinct=True))
                .values("people")
            ),
        )


class Organisation(models.Model):
    """A body with an ODS code: a provider sends, a commissioner receives."""

    class Role(models.TextChoices):
        PROVIDER = "provider"
        COMMISSIONER = "commissioner"

    code = models.CharField(max_length=6, unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=12, choices=Role)
    pilot_site = models.BooleanField(default=False)

    objects = Organisations.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
