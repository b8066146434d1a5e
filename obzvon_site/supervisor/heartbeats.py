"""Signs of life of workers, for the page of health and for the doctor."""

import os
import socket
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now
from django.utils.crypto import get_random_string

from obzvon_site.accounts.models import Heartbeat
from obzvon_site.common.installation import marker, version
from obzvon_site.common.secrets import fingerprint


class Heart:
    """One worker's row; its name is its own, whatever the machine calls itself."""

    def __init__(self, queues: Sequence[str], pid: int = 0) -> None:
        host = socket.gethostname()
        self.name = f"{host}:{pid or os.getpid()}:{get_random_string(6)}"
        self.facts = {
            "host": host,
            "queues": ",".join(queues),
            "version": version(),
            "keys": fingerprint(),
            "media": marker(Path(settings.MEDIA_ROOT)),
        }

    def beat(self, now: datetime) -> None:
        """Say that the worker lives, and forget those long silent."""
        row = {**self.facts, "at": now, "kept_at": Now()}
        Heartbeat.objects.update_or_create(name=self.name, defaults=row)
        Heartbeat.objects.forgotten().delete()

    def stop(self) -> None:
        """Whoever ends as it was asked to is not missed."""
        Heartbeat.objects.filter(name=self.name).delete()
