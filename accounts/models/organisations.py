"""The organisations that take part."""

from typing import ClassVar

from django.db import models


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
