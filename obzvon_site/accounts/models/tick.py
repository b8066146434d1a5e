"""Periodic work happens once, however many supervisors run."""

from django.db import models


class Tick(models.Model):
    """The claim of one period of one periodic task: whoever inserts the row enqueues the task."""

    name = models.CharField(max_length=40)
    slot = models.BigIntegerField()  # Unix seconds divided by the period

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="tick_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"
