"""How often one person may be rung: by calendar day, week and month of the subscriber."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from calls.rules.zones import possible


@dataclass(frozen=True, slots=True)
class Limits:
    """The most attempts in a calendar day, week (from Monday) and month; None: no limit."""

    day: int | None = None
    week: int | None = None
    month: int | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read ``as_json()``; a name that is not there is no limit. Raises ValueError."""
        read = cls(value.get("day"), value.get("week"), value.get("month"))
        for limit in (read.day, read.week, read.month):
            if limit is not None and (type(limit) is not int or limit < 0):
                raise ValueError(f"not a number of attempts: {limit!r}")
        return read

    def as_json(self) -> dict[str, int | None]:
        return {"day": self.day, "week": self.week, "month": self.month}

    def within(self, other: "Limits") -> "Limits":
        """The stricter of each."""
        return Limits(
            _less(self.day, other.day), _less(self.week, other.week), _less(self.month, other.month)
        )

    @property
    def is_none(self) -> bool:
        return self.day is None and self.week is None and self.month is None

    def allowed_at(self, attempts: Iterable[datetime], zone: str, now: datetime) -> datetime | None:
        """The first moment from ``now`` on at which one more attempt breaks no limit.

        ``attempts`` are the moments of the earlier ones (and planned ones that are sure), in any
        campaign. None: a limit of nothing is never allowed.
        """
        made = sorted(attempts)
        if 0 in {self.day, self.week, self.month}:
            return None
        moment = now
        if not made:
            return moment  # as it is with most people
        while (later := self._first_after_full(made, zone, moment)) is not None:
            moment = later
        return moment

    def _first_after_full(
        self, made: list[datetime], zone: str, moment: datetime
    ) -> datetime | None:
        """When the first full period around ``moment`` ends; None when none is full."""
        for name in possible(zone):
            tz = ZoneInfo(name)
            for limit, start, end in self._periods(moment.astimezone(tz).date()):
                begin, over = _midnight(start, tz), _midnight(end, tz)
                if sum(1 for at in made if begin <= at < over) >= limit:
                    return over.astimezone(moment.tzinfo)
        return None

    def _periods(self, day: date) -> Iterator[tuple[int, date, date]]:
        """(limit, first day, first day after) of each limited period with ``day`` in it."""
        if self.month is not None:
            first = day.replace(day=1)
            yield self.month, first, (first + timedelta(days=32)).replace(day=1)
        if self.week is not None:
            monday = day - timedelta(days=day.weekday())
            yield self.week, monday, monday + timedelta(days=7)
        if self.day is not None:
            yield self.day, day, day + timedelta(days=1)


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=tz)


def _less(mine: int | None, theirs: int | None) -> int | None:
    given = [limit for limit in (mine, theirs) if limit is not None]
    return min(given) if given else None
