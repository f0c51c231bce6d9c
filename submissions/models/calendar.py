"""The windows: when which periods may be sent."""

from calendar import FRIDAY
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.clock import LONDON, clock
from submissions.proposing import statistics_due


class Kind(models.TextChoices):
    """What a submission is: the first one of a period, or the one a month later."""

    PRIMARY = "P", "Primary"
    REFRESH = "R", "Refresh"


class State(StrEnum):
    """Where a window stands: computed from its instants and deeds, never stored."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


class Windows(models.QuerySet["Window"]):
    """Windows as one asks for them, by the database's clock."""

    def with_clock(self) -> Self:
        return self.annotate(now=clock())

    def open(self) -> Self:
        return self.with_clock().filter(opens_at__lte=clock(), closes_at__gt=clock())

    def upcoming(self) -> Self:
        return self.with_clock().filter(opens_at__gt=clock()).order_by("opens_at")

    def past(self) -> Self:
        return self.with_clock().filter(closes_at__lte=clock()).order_by("-closes_at")


class Window(models.Model):
    """From opening to closing instant: takes the Primary of one period and the Refresh of the one
    before. A period is written as the first day of its month.

    `opens`, `closes`, `processing_week`, `data_available` are the days as published (London);
    `opens_at` and `closes_at` are the instants in force, which staff may move.
    """

    primary_period = models.DateField(unique=True)
    refresh_period = models.DateField()
    opens = models.DateField()
    closes = models.DateField()
    processing_week = models.DateField()
    data_available = models.DateField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    now: datetime
    objects = Windows.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["opens_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="window_days_in_order",
                condition=Q(opens__lte=F("closes"))
                & Q(closes__lt=F("processing_week"))
                & Q(processing_week__lt=F("data_available")),
            ),
            models.CheckConstraint(
                name="window_opens_before_it_closes", condition=Q(opens_at__lt=F("closes_at"))
            ),
            models.CheckConstraint(
                name="refresh_is_the_period_before",
                condition=Q(
                    refresh_period=Func(
                        F("primary_period"),
                        template="(%(expressions)s - interval '1 month')::date",
                        output_field=models.DateField(),
                    )
                ),
            ),
            ExclusionConstraint(
                name="windows_do_not_overlap",
                expressions=[
                    (
                        Func(
                            "opens_at",
                            "closes_at",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.primary_period:%B %Y} Primary, {self.refresh_period:%B %Y} Refresh"

    @property
    def state(self) -> State:
        """Needs a window that was read `with_clock()`."""
        if self.now < self.opens_at:
            return State.UPCOMING
        if self.now < self.closes_at:
            return State.OPEN
        return State.PUBLISHED if self.published_at else State.CLOSED

    @property
    def opened_on(self) -> date:
        """The day in London on which it opens, which staff may have moved from `opens`."""
        return self.opens_at.astimezone(LONDON).date()

    @property
    def closed_on(self) -> date:
        """The last day in London on which it is open, which staff may have moved from `closes`."""
        return (self.closes_at - timedelta(microseconds=1)).astimezone(LONDON).date()

    @property
    def processing_ends(self) -> date:
        """The Friday of the processing week."""
        return self.processing_week + timedelta(days=(FRIDAY - self.processing_week.weekday()) % 7)

    @property
    def statistics_due(self) -> date:
        """The day on which what is public of it is to be released."""
        return statistics_due(self.data_available)

    def period(self, kind: str) -> date:
        """The period that the window takes for a kind of submission."""
        return self.primary_period if kind == Kind.PRIMARY else self.refresh_period

    @property
    def days_left(self) -> int:
        return max(0, (self.closes_at - self.now).days)


__all__ = ["LONDON", "Kind", "State", "Window", "clock"]
