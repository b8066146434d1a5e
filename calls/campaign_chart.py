"""A campaign over time: columns of minutes, hours or days, of what was counted in each minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from calls.models import Campaign, CampaignMinute

COLUMNS = 31  # at most
STEPS = (1, 5, 15, 60, 6 * 60, 24 * 60)  # minutes in a column
TICKS, LONG_TICKS = 8, 5  # marks below it, the long ones with a day; more would not fit


@dataclass(frozen=True, slots=True)
class Column:
    """What happened in a stretch of time."""

    at: datetime  # its beginning, on the clock of the screens
    answered: int
    missed: int  # ended, and nobody took it
    failed: int
    tick: str = ""  # below the column; empty where there is no room

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The tones of a stacked column, from the bottom."""
        return ("ok", self.answered), ("warn", self.missed), ("bad", self.failed)

    @property
    def total(self) -> int:
        return self.answered + self.missed + self.failed


@dataclass(frozen=True)
class Chart:
    """Calls over time."""

    columns: list[Column]
    minutes: int  # in a column

    @property
    def top(self) -> int:
        return max((column.total for column in self.columns), default=0)

    @property
    def format(self) -> str:
        """How a column's beginning is written in the table."""
        if self.minutes >= STEPS[-1]:
            return "d.m"
        days = {column.at.date() for column in self.columns}
        return "d.m H:i" if len(days) > 1 else "H:i"


def chart(campaign: Campaign) -> Chart:
    """Minutes, hours or days, whichever gives enough columns and not too many."""
    rows = list(
        CampaignMinute.objects.filter(campaign=campaign)
        .order_by("minute")
        .values_list("minute", "answered", "ended", "failed")
    )
    rows = [row for row in rows if row[2] or row[3]]
    if not rows:
        return Chart([], STEPS[0])
    first, last = (timezone.localtime(row[0]) for row in (rows[0], rows[-1]))
    step = next((step for step in STEPS if _reach(first, last, step) <= COLUMNS), STEPS[-1])
    begin = max(_floor(first, step), _floor(last, step) - timedelta(minutes=step * (COLUMNS - 1)))
    counts: dict[datetime, list[int]] = {}
    for minute, answered, ended, failed in rows:
        cell = counts.setdefault(_floor(timezone.localtime(minute), step), [0, 0, 0])
        for place, number in enumerate((answered, max(0, ended - answered), failed)):
            cell[place] += number
    moments = list(_every(begin, _floor(last, step), step))
    pattern, room = _ticks(moments, step)
    every = -(-len(moments) // room)
    return Chart(
        [
            _column(at, counts.get(at, [0, 0, 0]), "" if place % every else at.strftime(pattern))
            for place, at in enumerate(moments)
        ],
        step,
    )


def _column(at: datetime, cell: list[int], tick: str) -> Column:
    answered, missed, failed = cell
    return Column(at, answered, missed, failed, tick)


def _reach(first: datetime, last: datetime, step: int) -> int:
    """How many columns of ``step`` minutes there would be."""
    length = _floor(last, step) - _floor(first, step)
    return length // timedelta(minutes=step) + 1


def _floor(moment: datetime, step: int) -> datetime:
    """The beginning of the stretch with ``moment`` in it, counted from its midnight."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // timedelta(minutes=step) * timedelta(minutes=step)


def _every(first: datetime, last: datetime, step: int) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += timedelta(minutes=step)


def _ticks(moments: list[datetime], step: int) -> tuple[str, int]:
    """How a mark is written, and how many there is room for."""
    if step >= STEPS[-1]:
        return "%d.%m", TICKS
    days = {moment.date() for moment in moments}
    return ("%d.%m %H:%M", LONG_TICKS) if len(days) > 1 else ("%H:%M", TICKS)
