"""When a subscriber may be rung, by the subscriber's own clock and calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

import holidays

from calls.rules.zones import ZONES, possible

Span = tuple[int, int]  # minutes since midnight: from, and before
DAY = 24 * 60
CLOCKS = [ZoneInfo(zone) for zone in ZONES]  # kept here: by itself the class remembers only eight
FURTHEST = timedelta(days=15)  # longer than any row of days off


@dataclass(frozen=True, slots=True)
class Hours:
    """A span for each weekday, Monday first, and one for holidays; None: nobody is rung."""

    days: tuple[Span | None, ...]
    holiday: Span | None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read ``as_json()``. Raises KeyError, TypeError or ValueError for anything else."""
        days = tuple(_span(day) for day in value["days"])
        if len(days) != 7:
            raise ValueError("a week has seven days")
        return cls(days, _span(value["holiday"]))

    def as_json(self) -> dict[str, Any]:
        """``{"days": [[540, 1260], … ×7], "holiday": null}``."""
        spans = [list(day) if day else None for day in self.days]
        return {"days": spans, "holiday": list(self.holiday) if self.holiday else None}

    def within(self, other: "Hours") -> "Hours":
        """Only what both allow."""
        days = zip(self.days, other.days, strict=True)
        return Hours(
            tuple(_common(mine, theirs) for mine, theirs in days),
            _common(self.holiday, other.holiday),
        )

    @property
    def is_never(self) -> bool:
        """Whether no day of the week is left."""
        return not any(self.days)

    def span_on(self, day: date) -> Span | None:
        return self.holiday if is_holiday(day) else self.days[day.weekday()]

    def is_open(self, moment: datetime, zone: str) -> bool:
        """Whether one may ring at ``moment``: in the zone, or in all zones if it is unknown."""
        return all(self._is_open(moment, name) for name in possible(zone))

    def _is_open(self, moment: datetime, zone: str) -> bool:
        local = moment.astimezone(ZoneInfo(zone))
        span = self.span_on(local.date())
        return span is not None and span[0] <= local.hour * 60 + local.minute < span[1]

    def next_open(self, moment: datetime, zone: str) -> datetime | None:
        """The first moment from ``moment`` on at which one may ring; None: not for two weeks."""
        found: datetime | None = moment
        limit = moment + FURTHEST
        while found is not None and found <= limit:
            before = found
            for name in possible(zone):
                found = self._next_open(found, name)
                if found is None:
                    return None
            if found == before:
                return found
        return None

    def _next_open(self, moment: datetime, zone: str) -> datetime | None:
        local = moment.astimezone(ZoneInfo(zone))
        for days in range(FURTHEST.days + 1):
            day = local.date() + timedelta(days=days)
            if (span := self.span_on(day)) is None:
                continue
            start, end = (_at(day, minute, zone) for minute in span)
            if moment < end:
                return max(moment, start.astimezone(moment.tzinfo))
        return None

    def closes_at(self, moment: datetime, zone: str) -> datetime:
        """Until when it stays open; for a moment at which it is."""
        ends = []
        for name in possible(zone):
            day = moment.astimezone(ZoneInfo(name)).date()
            span = self.span_on(day)
            ends.append(_at(day, span[1], name) if span else moment)
        return min(ends).astimezone(moment.tzinfo)

    def open_zones(self, moment: datetime) -> list[str]:
        """The zones in which one may ring now, those that close first in front.

        The empty name stands for unknown ones: it is there when all the others are.
        """
        return list(_open_zones(self, moment.replace(second=0, microsecond=0)))


ANY_TIME = Hours(((0, DAY),) * 7, (0, DAY))


@lru_cache(maxsize=256)
def _open_zones(hours: Hours, minute: datetime) -> tuple[str, ...]:
    """Spans begin and end with a minute, so what holds at its beginning holds for all of it."""
    open_now = [zone for zone in (*ZONES, "") if hours.is_open(minute, zone)]
    return tuple(sorted(open_now, key=lambda zone: hours.closes_at(minute, zone)))


@lru_cache(maxsize=4096)
def is_holiday(day: date) -> bool:
    """Whether Russia does not work on that day, by the law and the year's decree of transfers."""
    return day in _holidays(day.year)


@lru_cache(maxsize=32)
def _holidays(year: int) -> Any:
    return holidays.country_holidays("RU", years=year)


def _span(value: Any) -> Span | None:
    if value is None:
        return None
    start, end = map(int, list(value) if not isinstance(value, str) else [])
    if not 0 <= start < end <= DAY:
        raise ValueError(f"not a span of a day: {value!r}")
    return start, end


def _common(mine: Span | None, theirs: Span | None) -> Span | None:
    if mine is None or theirs is None:
        return None
    start, end = max(mine[0], theirs[0]), min(mine[1], theirs[1])
    return (start, end) if start < end else None


def _at(day: date, minute: int, zone: str) -> datetime:
    """A minute of a day on a zone's clock; 1440 is the next midnight."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return midnight + timedelta(minutes=minute)
