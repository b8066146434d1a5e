"""Signs of life of the workers, on whatever machine they run."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Coalesce, Now

SILENT = timedelta(seconds=40)
FORGET = timedelta(hours=1)


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """By the database's clock: one that is wrong beside a worker makes nobody dead or immortal."""

    def alive(self, now: datetime) -> Self:
        """Workers that gave a sign of life lately."""
        return self._heard().filter(heard__gt=now - SILENT)

    def forgotten(self) -> Self:
        """Workers that have been silent so long that nobody asks."""
        return self._heard().filter(heard__lt=Now() - FORGET)

    def _heard(self) -> Self:
        return self.alias(heard=Coalesce("kept_at", "at"))


class Heartbeat(models.Model):
    """The last sign of life of one worker."""

    name = models.CharField(max_length=255, unique=True)
    host = models.CharField(max_length=200)
    queues = models.CharField(max_length=200)  # separated by commas
    version = models.CharField(max_length=40)
    at = models.DateTimeField(db_index=True)  # by the clock of its machine
    kept_at = models.DateTimeField(null=True)  # the same moment by the database's clock
    keys = models.CharField(max_length=16, default="")  # a print of its secrets, see the doctor
    media = models.CharField(max_length=16, default="")  # the folder of files that it sees

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def queue_names(self) -> list[str]:
        return self.queues.split(",")

    @property
    def heard_at(self) -> datetime:
        """Its last sign of life, by the database's clock."""
        return self.kept_at or self.at

    def is_alive(self, now: datetime) -> bool:
        """Whether it gave a sign of life lately."""
        return self.heard_at > now - SILENT
