"""What a campaign's counters change by when its calls do: gathered, then added at once.

Each table costs one statement however many calls have moved. Nothing here looks at calls in the
database: whoever moves them knows what they were and what they are now. ``recounting`` counts
the same from the rows, to compare.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F

from calls.models import AnswerCount, Call, Campaign, CampaignEvent, CampaignMinute, Variant
from obzvon_site.provider.replies import FINAL_STATUSES

State = Campaign.State
ANSWERS_LENGTH = 200  # of the column; longer ones are counted together by their beginning
NOTHING_LEFT: Mapping[str, int] = {"waiting": 0, "live": 0, "doubtful": 0}
# A campaign that is still being prepared is not over, though all of its calls may be.
CAN_END = (State.RUNNING, State.PAUSED, State.STOPPED)
NO_HOLD: Mapping[str, Any] = {"hold_reason": "", "hold_until": None, "hold_kind": ""}


def minute_of(moment: datetime) -> datetime:
    """The beginning of its minute."""
    return moment.replace(second=0, microsecond=0)


def has_ended(call: Call) -> bool:
    """Whether the service had it and has finished with it."""
    return call.stage == Call.Stage.ACCEPTED and call.status in FINAL_STATUSES


def depths_of(call: Call, listen_seconds: int) -> list[str]:
    """How deep an ended call went, by the names of ``DEPTHS``; empty for any other."""
    if not has_ended(call):
        return []
    depths = []
    if call.answered_at is not None:
        depths.append("answered")
        talk = call.talk_seconds
        # Who heard nine tenths has heard it: the last word is often a goodbye.
        if not listen_seconds or (talk is not None and talk * 10 >= listen_seconds * 9):
            depths.append("listened")
    if call.ivr_answers or call.ivr_digit:
        depths.append("keyed")
    if call.manager_answered_at is not None:
        depths.append("connected")
    return depths


@dataclass
class Shift:
    """By how much counters of one campaign change."""

    campaign: Counter[str] = field(default_factory=Counter)  # its own columns
    cost: Decimal = Decimal(0)
    minutes: dict[datetime, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    minute_costs: dict[datetime, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    variants: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, call: Call, times: int = 1) -> None:
        """Add (or with -1 take away) a call as it is now: its stage or status, and its cost."""
        self.campaign[call.counter] += times
        if call.cost is not None:
            self.cost += call.cost * times

    def count_depths(self, call: Call, times: int = 1) -> None:
        """Add how deep it went and what it answered, if it has ended."""
        if not has_ended(call):
            return
        variant = call.campaign.letters.get(call.variant)
        seconds = variant.listen_seconds if variant else call.campaign.listen_seconds
        depths = depths_of(call, seconds)
        for name in depths:
            self.campaign[name] += times
        if variant is not None:
            numbers = self.variants[variant.letter]
            for name in (*depths, "ended"):
                numbers[name] += times
        if call.ivr_answers:
            self.answers[call.variant, call.ivr_answers[:ANSWERS_LENGTH]] += times

    def count_new(self, calls: Iterable[Call]) -> None:
        """Add calls that have just been written. The first to a phone is a person more."""
        for call in calls:
            self.campaign.update([call.counter, "total"])
            self.campaign["people" if call.attempt == 1 else "retried"] += 1
            if call.attempt == 1:
                self.variants[call.variant]["people"] += 1

    def add(self, other: "Shift") -> None:
        """Take over the changes of another shift of the same campaign."""
        self.campaign.update(other.campaign)
        self.cost += other.cost
        for minute, numbers in other.minutes.items():
            self.minutes[minute].update(numbers)
        for minute, cost in other.minute_costs.items():
            self.minute_costs[minute] += cost
        for letter, numbers in other.variants.items():
            self.variants[letter].update(numbers)
        self.answers.update(other.answers)

    def apply(self, campaign_id: int, now: datetime) -> None:
        """Write it. Inside a transaction, with the campaign locked."""
        self._apply_to_campaign(campaign_id, now)
        for minute in self.minutes.keys() | self.minute_costs.keys():
            self._apply_to_minute(campaign_id, minute)
        for letter, numbers in self.variants.items():
            if changes := _changes(numbers):
                Variant.objects.filter(campaign=campaign_id, letter=letter).update(**changes)
        for (letter, answers), number in self.answers.items():
            key = {"campaign_id": campaign_id, "variant": letter, "answers": answers}
            _add(AnswerCount.objects.all(), key, {"number": number})

    def _apply_to_campaign(self, campaign_id: int, now: datetime) -> None:
        changes = _changes(self.campaign)
        if self.cost:
            changes["cost"] = F("cost") + self.cost
        if not changes:
            return
        Campaign.objects.filter(pk=campaign_id).update(changed_at=now, **changes)
        under_way = sum(self.campaign[name] for name in NOTHING_LEFT)
        if under_way > 0:
            reopen(campaign_id)
        elif under_way < 0 or (self.campaign["total"] and not self.campaign["waiting"]):
            settle(campaign_id, now)

    def _apply_to_minute(self, campaign_id: int, minute: datetime) -> None:
        numbers = self.minutes[minute]
        amounts: dict[str, Any] = {name: by for name, by in numbers.items() if by}
        if cost := self.minute_costs[minute]:
            amounts["cost"] = cost
        if numbers["sent"] < 0:
            # What was counted is taken back where it was counted, never below nothing.
            row = CampaignMinute.objects.filter(campaign=campaign_id, minute=minute)
            by = -amounts.pop("sent")
            row.filter(sent__gte=by).update(sent=F("sent") - by)
        _add(CampaignMinute.objects.all(), {"campaign_id": campaign_id, "minute": minute}, amounts)


def settle(campaign_id: int, now: datetime) -> bool:
    """End a campaign of whose calls none waits, lives or is in doubt. False if it goes on."""
    over = Campaign.objects.filter(pk=campaign_id, state__in=CAN_END, **NOTHING_LEFT)
    if not over.update(state=State.DONE, **NO_HOLD):
        return False
    CampaignEvent.objects.create(campaign_id=campaign_id, kind=CampaignEvent.Kind.DONE, at=now)
    return True


def reopen(campaign_id: int) -> None:
    """A call of an ended campaign has come back: it goes on, but what was stopped stays so."""
    done = Campaign.objects.filter(pk=campaign_id, state=State.DONE).exclude(**NOTHING_LEFT)
    stopped = CampaignEvent.objects.filter(campaign=campaign_id, kind=CampaignEvent.Kind.STOPPED)
    if done.exists():
        done.update(state=State.STOPPED if stopped.exists() else State.RUNNING)


def _changes(numbers: Mapping[str, int]) -> dict[str, Any]:
    return {name: F(name) + by for name, by in numbers.items() if by}


def _add(
    rows: models.QuerySet[Any], key: Mapping[str, Any], amounts: Mapping[str, int | Decimal]
) -> None:
    """Add to a row's numbers; make it if it is not there. Its campaign is locked: nobody races."""
    if not any(amounts.values()):
        return
    shifts = {name: F(name) + by for name, by in amounts.items()}
    if not rows.filter(**key).update(**shifts):
        rows.create(**key, **amounts)
