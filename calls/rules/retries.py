"""Whom to ring once more, how often and how much later."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from calls.rules.hours import Hours
from calls.rules.zones import ZONES

RESULTS = ("busy", "no_answer", "early", "no_key")
EARLY_SECONDS = 5  # who hangs up sooner has not listened
MOST_ATTEMPTS = 10  # to one person in one campaign, whatever the rules add up to


@dataclass(frozen=True, slots=True)
class Rule:
    """After one kind of result: at most ``times`` more attempts, each so much later."""

    times: int
    after_minutes: int
    is_other_hour: bool = False  # not at an hour of the day that was tried already


@dataclass(frozen=True)
class Retries:
    """A rule for each result that is worth another attempt."""

    rules: Mapping[str, Rule] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read ``as_json()``."""
        return cls({name: Rule(*rule) for name, rule in value.items() if name in RESULTS})

    def as_json(self) -> dict[str, list[Any]]:
        """``{"busy": [2, 15, false]}``."""
        return {
            name: [rule.times, rule.after_minutes, rule.is_other_hour]
            for name, rule in self.rules.items()
        }

    def next_at(
        self,
        result: str,
        same_so_far: int,
        *,
        ended_at: datetime,
        zone: str,
        hours: Hours | None,
        tried: Collection[datetime] = (),
    ) -> datetime | None:
        """When to ring again after ``result``, which ``same_so_far`` attempts had, this one too.

        None: no more. Never outside ``hours``. ``tried`` are the moments of earlier attempts.
        """
        rule = self.rules.get(result)
        if rule is None or same_so_far > rule.times:
            return None
        moment = _open(ended_at + timedelta(minutes=rule.after_minutes), zone, hours)
        if moment is None or not rule.is_other_hour:
            return moment
        return _at_other_hour(moment, zone, hours, tried)


def result_of(
    status: str, *, talk_seconds: int | None, is_answered: bool, has_keys: bool, listen_seconds: int
) -> str:
    """How an ended call went, as retries see it: a value of ``Call.Result``.

    ``is_answered``: the subscriber pressed or said something. ``has_keys``: the scenario waited
    for that. ``listen_seconds``: how long the opening lasts, 0 when nobody knows.
    """
    if is_answered:
        return "reached"
    if status == "busy":
        return "busy"
    if talk_seconds is None:
        return "no_answer"
    enough = min(EARLY_SECONDS, listen_seconds / 2) if listen_seconds else EARLY_SECONDS
    if talk_seconds < enough:
        return "early"
    return "no_key" if has_keys else "reached"


def _open(moment: datetime, zone: str, hours: Hours | None) -> datetime | None:
    return moment if hours is None else hours.next_open(moment, zone)


def _at_other_hour(
    moment: datetime, zone: str, hours: Hours | None, tried: Collection[datetime]
) -> datetime | None:
    """The first open moment whose hour was not tried; any open one when all of them were."""
    tz = ZoneInfo(zone if zone in ZONES else "Europe/Moscow")
    used = {at.astimezone(tz).hour for at in tried}
    candidate: datetime | None = moment
    for _step in range(48):
        if candidate is None:
            break
        local = candidate.astimezone(tz)
        if local.hour not in used:
            return candidate
        next_hour = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        candidate = _open(next_hour.astimezone(moment.tzinfo), zone, hours)
    return moment
