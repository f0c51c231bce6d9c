"""What a provider says of a warning that is true."""

from typing import ClassVar

from django.db import models

from accounts.models import Organisation, User


class Explanation(models.Model):
    """Why one rule's warning about one column of one record is true, in the sender's own words.

    The record is known by the hash that its findings carry (`FindingPlace.record_key`), so that the
    words are there again in every later file; `words` are sealed, as they may name the patient.
    """

    provider = models.ForeignKey(Organisation, models.PROTECT, related_name="explanations")
    rule = models.CharField(max_length=4)
    column = models.CharField(max_length=100, blank=True)
    record_key = models.BinaryField(max_length=16)
    words = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["provider", "rule", "column", "record_key"],
                name="a_warning_is_explained_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} of {self.provider_id}"
