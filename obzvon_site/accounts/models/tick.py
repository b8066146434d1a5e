"""Periodic work happens once, however many supervisors run."""

from datetime import UTC, datetime
from typing import Self

from django.db import models
from django.db.models import Max


class TickQuerySet(models.QuerySet["Tick"]):
    def latest_each(self) -> Self:
        """The last claimed period of every periodic task."""
        newest = self.values("name").annotate(newest=Max("id")).values("newest")
        return self.filter(pk__in=newest).order_by("name")


class Tick(models.Model):
    """The claim of one period of one periodic task: whoever inserts the row enqueues the task."""

    name = models.CharField(max_length=40)
    slot = models.BigIntegerField()  # Unix seconds divided by the period
    seconds = models.PositiveIntegerField(default=60)  # the period

    objects = TickQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="tick_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"

    @property
    def at(self) -> datetime:
        """When the claimed period began."""
        return datetime.fromtimestamp(self.slot * self.seconds, tz=UTC)
