"""Webhooks that come at the same moment, written together: one commit for all that wait for it.

Whoever gets the lock writes for all threads of the process that wait behind it; each of them
returns only when its row is committed. A disk is asked to keep many rows as fast as one.
"""

import logging
import threading
from dataclasses import dataclass

from django.db import Error

from calls.models import WebhookEvent

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Waiting:
    """A row on its way."""

    event: WebhookEvent
    is_kept: bool = False
    is_alone: bool = False  # those written together failed: each writes its own


class Store:
    """The rows of one process that wait to be written."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._guard = threading.Lock()  # of the list
        self._turn = threading.Lock()  # of who writes

    def keep(self, event: WebhookEvent) -> None:
        """Return when the event is committed. Raises what the database raises."""
        mine = Waiting(event)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if not mine.is_kept and not mine.is_alone:
                self._write()
        if not mine.is_kept:
            event.save(force_insert=True)

    def _write(self) -> None:
        with self._guard:
            batch, self._waiting = self._waiting, []
        try:
            if len(batch) > 1:
                WebhookEvent.objects.bulk_create([one.event for one in batch])
            else:
                batch[0].event.save(force_insert=True)
        except Error:
            logger.exception("%d webhooks could not be stored together", len(batch))
            for one in batch:
                one.is_alone = True
            return
        except BaseException:
            for one in batch:
                one.is_alone = True
            raise
        for one in batch:
            one.is_kept = True


store = Store()
