"""How a campaign goes right now: how fast, until when, and why nothing is sent.

Read every few seconds by every open page, so it asks for counters and the ends of an index, and
never counts calls. Figures follow from stored moments: unchanged, they are the same twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import F, Min, Sum
from django.utils import timezone

from calls.models import Campaign, CampaignMinute
from calls.rules import pace
from calls.rules.hours import Hours
from calls.rules.zones import UNKNOWN, ZONES
from calls.services.permits import permit_of

WINDOW = timedelta(minutes=5)  # the speed is that of the latest so many
SILENCE = timedelta(minutes=5)  # after so long without news there is no speed to speak of
SHORTEST = timedelta(seconds=10)  # of fewer no speed is told

# For each zone the first and the last call that waits: two steps into the index ``call_turn``,
# however many wait; grouping by zone would read them all. The range that is one zone lets
# PostgreSQL take no other index, which it would search to the end for a zone without calls.
_END = """
(SELECT planned_at FROM calls_call
  WHERE campaign_id = %(pk)s AND stage = 'planned' AND zone BETWEEN zones.zone AND zones.zone
  ORDER BY zone {0}, planned_at {0} LIMIT 1)
"""
_LATELY = "(SELECT {} FROM calls_campaignminute WHERE campaign_id = %(pk)s AND minute > %(since)s)"
_NAMES = {f"zone{place}": name for place, name in enumerate((*ZONES, UNKNOWN))}
_LISTED = " UNION ALL ".join(f"SELECT CAST(%({key})s AS varchar(40)) AS zone" for key in _NAMES)
_COLUMNS = (
    *("zone", _END.format("ASC"), _END.format("DESC")),
    *(_LATELY.format("SUM(ended + failed)"), _LATELY.format("MIN(minute)")),
)
_STATE = f"SELECT {', '.join(_COLUMNS)} FROM ({_LISTED}) AS zones"  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Wait:
    """Planned calls of a zone: when the first and the last of them are due."""

    zone: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of a campaign beside its counters."""

    waits: tuple[Wait, ...] = ()
    ended: int = 0  # and failed, in the latest minutes
    since: datetime | None = None  # the first of these minutes


def state_of(campaign: Campaign) -> State:
    """Where its calls wait, and how many have ended lately. One query."""
    since = campaign.changed_at - WINDOW
    values = {"pk": campaign.pk, "since": connection.ops.adapt_datetimefield_value(since)}
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {**values, **_NAMES})
        rows = cursor.fetchall()
    waits = [Wait(row[0], _moment(row[1]), _moment(row[2])) for row in rows if row[1]]
    ended, first = rows[0][3:]
    return State(tuple(waits), ended or 0, _moment(first) if first else None)


def _moment(value: Any) -> datetime:
    """SQLite keeps moments as texts of UTC; what is no column of a model comes as it is kept."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Progress:
    """A campaign, and what follows from its latest minutes and from the calls that wait."""

    campaign: Campaign
    now: datetime
    waits: tuple[Wait, ...] = ()
    per_minute: float | None = None  # calls that ended; None: too early or too quiet to tell

    @cached_property
    def hours(self) -> Hours | None:
        """Those that bind it now: its rules may have been narrowed since it was launched."""
        return permit_of(self.campaign).hours

    @property
    def prepared(self) -> int:
        """Contacts that have been looked at, of its list."""
        return self.campaign.total + sum(map(int, self.campaign.set_aside.values()))

    @property
    def not_made(self) -> int:
        """Calls that came to nothing, at the service or with us."""
        return self.campaign.canceled + self.campaign.failed

    @property
    def has_night(self) -> bool:
        """Whether it sleeps before it ends."""
        if self.ends_at is None or self.hours is None:
            return False
        days = timezone.localtime(self.ends_at).date() - timezone.localtime(self.now).date()
        return days >= timedelta(days=1)

    @property
    def speed(self) -> int | None:
        """Calls a minute."""
        if self.per_minute is None or not self._goes_on:
            return None
        return max(1, round(self.per_minute))

    @cached_property
    def next_at(self) -> datetime | None:
        """When somebody will be rung; None: now, or there is nobody, or nobody may ring at all."""
        campaign = self.campaign
        if campaign.state != campaign.State.RUNNING or campaign.is_held:
            return None
        turns = (
            pace.resumes_at(max(wait.first, self.now), self.hours, [wait.zone])
            for wait in self.waits
        )
        soonest = min((turn for turn in turns if turn is not None), default=None)
        return soonest if soonest is not None and soonest > self.now else None

    @property
    def is_closed(self) -> bool:
        """Whether those whose turn it is may not be rung at this hour, wherever they live."""
        return self.next_at is not None and any(wait.first <= self.now for wait in self.waits)

    @property
    def is_shut(self) -> bool:
        """Whether nobody who waits may be rung at all, by the rules as they are now."""
        if not self._goes_on or not self.waits:
            return False
        turns = (pace.resumes_at(self.now, self.hours, [wait.zone]) for wait in self.waits)
        return not any(turns)

    @cached_property
    def ends_at(self) -> datetime | None:
        """When the last call will have ended, at this speed; a night in between is slept."""
        campaign = self.campaign
        left = campaign.total - campaign.done
        if self.per_minute is None or not left or not self._goes_on:
            return None
        zones = [wait.zone for wait in self.waits] or list(ZONES)
        # Those who will be called again do not end with a call that ends.
        last_ones = campaign.people_done / campaign.done if campaign.people_done else 1
        length = timedelta(minutes=left / (self.per_minute * last_ones))
        end = pace.ends_at(campaign.changed_at, length, self.hours, zones)
        latest = self._latest_turn
        if end is None or (latest is None and self.waits):
            return None
        end = max(end, latest or end)
        if campaign.ends_at is not None:
            end = min(end, campaign.ends_at)
        return _rounded(end) if end > self.now else None

    @property
    def _goes_on(self) -> bool:
        return self.campaign.state == Campaign.State.RUNNING and not self.campaign.is_held

    @property
    def _latest_turn(self) -> datetime | None:
        """Nothing is over before the last retry has been made."""
        turns = [pace.resumes_at(wait.last, self.hours, [wait.zone]) for wait in self.waits]
        return max((turn for turn in turns if turn is not None), default=None)


def progress_of(campaign: Campaign, now: datetime) -> Progress:
    """One query while it goes on and one for its hours when they are asked for; none afterwards."""
    if campaign.is_over:
        return Progress(campaign, now)
    state = state_of(campaign)
    return Progress(campaign, now, state.waits, _per_minute(campaign, state, now))


def speeds(campaigns: Iterable[Campaign], now: datetime) -> list[tuple[Campaign, int | None]]:
    """Each with its calls a minute, None while there are none. One query for all of them."""
    rows = list(campaigns)
    lately = CampaignMinute.objects.filter(campaign__in=rows, minute__gt=now - WINDOW)
    kept = (
        lately.order_by()
        .values_list("campaign")
        .annotate(number=Sum(F("ended") + F("failed")), first=Min("minute"))
    )
    states = {pk: State((), number, first) for pk, number, first in kept} if rows else {}
    return [
        (row, Progress(row, now, (), _per_minute(row, states.get(row.pk, State()), now)).speed)
        for row in rows
    ]


def _per_minute(campaign: Campaign, state: State, now: datetime) -> float | None:
    """What ended in the minutes before the latest news, by the length of that time."""
    if not state.ended or state.since is None or now - campaign.changed_at > SILENCE:
        return None
    passed = campaign.changed_at - state.since
    return state.ended / (max(passed, SHORTEST) / timedelta(minutes=1))


def _rounded(moment: datetime) -> datetime:
    """Up to five minutes: nobody knows it better."""
    step = timedelta(minutes=5)
    past = (moment - datetime(2000, 1, 1, tzinfo=UTC)) % step
    return moment + (step - past) if past else moment


@dataclass(frozen=True, slots=True)
class Money:
    """What it has cost beside what was expected and what it may cost, in roubles."""

    cost: Decimal
    low: Decimal | None
    high: Decimal | None
    budget: Decimal | None

    @property
    def top(self) -> Decimal:
        """The end of the scale."""
        return max(self.cost, self.high or Decimal(0), self.budget or Decimal(0), Decimal("0.01"))

    @property
    def has_scale(self) -> bool:
        """Whether there is anything to compare the cost with."""
        return self.high is not None or self.budget is not None

    @property
    def is_over(self) -> bool:
        """Whether the cap is reached."""
        return self.budget is not None and self.cost >= self.budget


def money_of(campaign: Campaign) -> Money:
    """The campaign's own figures; a forecast that is not there is None."""
    told = campaign.forecast or {}
    low, high = (Decimal(str(told[name])) if told.get(name) else None for name in ("low", "high"))
    return Money(campaign.cost, low, high, campaign.budget)
