"""Who works on which queue, and on which machine: by the signs of life of the workers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from obzvon_site.accounts.models import Heartbeat
from obzvon_site.common.engine import QUEUES


@dataclass(frozen=True, slots=True)
class Post:
    """One queue on one machine."""

    host: str
    queue: str
    alive: int  # workers that gave a sign of life lately
    last: datetime  # sign of life of any
    version: str  # of the program, of whoever gave it

    def silent_for(self, now: datetime) -> timedelta:
        """Since the last sign of life."""
        return max(timedelta(0), now - self.last)


def posts(now: datetime) -> list[Post]:
    """Machines and their queues, in the order of the queues; of the last hour."""
    rows: dict[tuple[str, str], list[Heartbeat]] = defaultdict(list)
    for row in sorted(Heartbeat.objects.all(), key=attrgetter("heard_at")):
        for queue in row.queue_names:
            rows[row.host, queue].append(row)
    found = [_post(host, queue, theirs, now) for (host, queue), theirs in rows.items()]
    return sorted(found, key=lambda post: (post.host, _place(post.queue)))


def _post(host: str, queue: str, rows: Iterable[Heartbeat], now: datetime) -> Post:
    *_, newest = rows = list(rows)
    alive = sum(row.is_alive(now) for row in rows)
    return Post(host, queue, alive, newest.heard_at, newest.version)


def _place(queue: str) -> int:
    return QUEUES.index(queue) if queue in QUEUES else len(QUEUES)
