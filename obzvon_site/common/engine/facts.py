"""What every engine can tell about its tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks that nobody has begun."""

    count: int
    since: datetime | None  # of the oldest, None when there is none


@dataclass(frozen=True, slots=True)
class Failed:
    """Tasks that ended with an error."""

    count: int
    task: str = ""  # the last one
    error: str = ""


class Facts(Protocol):
    def is_pending(self, path: str) -> bool:
        """Whether one more task ``path`` would only wait behind another that does the same."""

    def waiting(self, now: datetime) -> Waiting:
        """Tasks whose time has come and that nobody has begun."""

    def failed(self, since: datetime) -> Failed:
        """Tasks that failed since then."""

    def last_finished(self, queue: str) -> datetime | None:
        """When a task of the queue ended last, as far as it is kept."""

    def stalled(self) -> int:
        """Tasks whose worker gives no sign of life."""

    def are_done(self, ids: Sequence[str]) -> bool:
        """Whether all of these tasks have ended well."""

    def clean(self, now: datetime) -> None:
        """Forget what ended, close what its worker will not end."""
