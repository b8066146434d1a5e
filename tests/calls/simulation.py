"""Days of campaigns on a clock of their own, and a town that answers by chance.

What went out is what the town's telephones heard (``Town.rings``). The rules are checked against
that by plain arithmetic of local clocks, not by the code that keeps them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any, Self
from unittest import mock
from zoneinfo import ZoneInfo

from django.db import transaction

from calls.models import Call, Campaign, Order
from calls.services import (
    asking,
    dispatch,
    expiring,
    guarding,
    ledger,
    recounting,
    sending,
    steering,
    syncing,
)
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.replies import ApiCall, Created
from tests.calls.makers import AtOnce, FakeService, created
from tests.calls.makers import news as said

ZONES = (
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk"),
    *("Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan"),
    "Asia/Kamchatka",
)
HOLIDAYS = {date(2026, 11, 4)}  # the only one of the days that are simulated
KEYS = {"record": {"text": "Здравствуйте!"}, "ivrs": [{"digit": "1", "text": "Спасибо"}]}
# how it ends: seconds until the end, seconds of talk or None, what the service says
ENDS = {
    "busy": (15, None, "busy"),
    "no_answer": (45, None, "canceled"),
    "early": (12, 2, "finished"),
    "no_key": (60, 45, "finished"),
    "reached": (50, 40, "finished"),
}
Span = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Person:
    phone: str
    zone: str  # empty: nobody knows


@dataclass(frozen=True, slots=True)
class Ring:
    """A telephone rang, for this campaign, and it ended so."""

    at: datetime
    until: datetime
    phone: str
    campaign: int
    result: str


class Town(FakeService):
    """The service, and subscribers who take the call or do not."""

    def __init__(self, random: Random, chances: Mapping[str, int], clock) -> None:
        super().__init__()
        self.random, self.clock = random, clock
        self.chances = dict(chances)
        self.rings: list[Ring] = []
        self.heard: dict[int, tuple[Ring, ApiCall]] = {}

    def create(self, order: Any, *, begin: Any = None) -> Created:
        token = order.webhook_url.rstrip("/").split("/")[-1]
        campaign = Order.objects.values_list("campaign", flat=True).get(token=token)
        drawn = self.random.choices(list(self.chances), self.chances.values(), k=len(order.phones))
        ids = {}
        for phone, result in zip(order.phones, drawn, strict=True):
            ids[phone] = number = next(self._ids)
            length = timedelta(seconds=ENDS[result][0])
            ring = Ring(self.clock(), self.clock() + length, phone, campaign, result)
            self.rings.append(ring)
            self.heard[number] = ring, answer(number, ring)
        return created(ids)

    def get(self, ids: Any = None, *, unread: Any = None) -> list[ApiCall]:
        now = self.clock()
        return [self.heard[number][1] for number in ids if self.heard[number][0].until <= now]


def answer(number: int, ring: Ring) -> ApiCall:
    """What the service says of a call that has ended."""
    _length, talk, status = ENDS[ring.result]
    fields: dict[str, Any] = {"cost": Decimal(0), "updated_at": ring.until}
    if talk is not None:
        fields |= {"answered_at": ring.until - timedelta(seconds=talk), "finished_at": ring.until}
        fields["cost"] = Decimal("2.50")
    if ring.result == "reached":
        fields |= {"ivr_digit": "1", "ivr_answers": "|1|"}
    return ApiCall(
        id=number,
        phone=ring.phone,
        created_at=ring.at,
        planned_at=None,
        need_recording=False,
        calls=(said(status, **fields),),
        extra={},
    )


@dataclass
class Rules:
    """What a campaign was told to keep: numbers, as a person would write them down."""

    days: list[Span]
    holiday: Span
    limits: Mapping[str, int | None] = field(default_factory=dict)  # day, week, month
    retries: Mapping[str, list[Any]] = field(default_factory=dict)  # times, minutes, another hour
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def span_on(self, day: date) -> Span:
        return self.holiday if day in HOLIDAYS else self.days[day.weekday()]


class Days:
    """Campaigns, their town, and a clock that is set forward by hand."""

    def __init__(self, start: datetime, random: Random, **chances: int) -> None:
        self.now = start
        self.town = Town(random, chances or dict.fromkeys(ENDS, 1), self.clock)
        self.zones: dict[str, str] = {}
        self.rules: dict[int, Rules] = {}
        self.blocked: dict[str, datetime] = {}
        self.patches = ExitStack()

    def __enter__(self) -> Self:
        self.patches.enter_context(mock.patch.object(sending, "pool", AtOnce))
        for module in (dispatch, asking):
            self.patches.enter_context(mock.patch.object(module, "client_for", self.town))
        return self

    def __exit__(self, *error: object) -> None:
        self.patches.close()

    def clock(self) -> datetime:
        return self.now

    def launch(
        self, people: Iterable[Person], rules: Rules, *, account: ApiAccount, **fields: Any
    ) -> Campaign:
        """A running campaign with a call to each of the people, as preparing writes it."""
        people = list(people)
        spans = [list(span) if span else None for span in rules.days]
        hours = {"days": spans, "holiday": list(rules.holiday) if rules.holiday else None}
        fields = {
            "message": Campaign.Message.TEXT,
            "payload": KEYS,
            "need_recording": False,
            "hours": hours,
            "limits": dict(rules.limits),
            "retries": dict(rules.retries),
            "planned_at": rules.starts_at,
            "ends_at": rules.ends_at,
            "created_at": self.now,
            "changed_at": self.now,
            **fields,
        }
        with transaction.atomic():
            campaign = Campaign.objects.create(account=account, name="Обзвон", **fields)
            begin = max(self.now, rules.starts_at or self.now)
            calls = [
                Call(
                    campaign=campaign,
                    phone=person.phone,
                    zone=person.zone,
                    planned_at=begin,
                    changed_at=self.now,
                )
                for person in people
            ]
            ledger.plan(campaign, calls, now=self.now)
        self.zones.update((person.phone, person.zone) for person in people)
        self.rules[campaign.pk] = rules
        return campaign

    def pass_by(self, length: timedelta) -> None:
        """So much later: hear the news, look at the guards, send what may go."""
        self.now += length
        while Call.objects.to_ask(self.now).exists():
            syncing.poll_due(now=self.now)
        guarding.check_due(now=self.now)
        steering.stop_due(now=self.now)
        dispatch.dispatch_due(clock=self.clock)
        expiring.expire_due(now=self.now)

    def local(self, phone: str, moment: datetime) -> list[datetime]:
        """What the subscriber's clock may say: one clock, or all of them when nobody knows."""
        return [moment.astimezone(ZoneInfo(zone)) for zone in zones_of(self.zones[phone])]


def zones_of(zone: str) -> tuple[str, ...]:
    return (zone,) if zone else ZONES


def all_within_hours(days: Days) -> bool:
    for ring in days.town.rings:
        rules = days.rules[ring.campaign]
        assert rules.starts_at is None or ring.at >= rules.starts_at, ring
        assert rules.ends_at is None or ring.at < rules.ends_at, ring
        for local in days.local(ring.phone, ring.at):
            span = rules.span_on(local.date())
            minute = local.hour * 60 + local.minute
            assert span is not None, (ring, local)
            assert span[0] <= minute < span[1], (ring, local)
    return True


def all_within_limits(days: Days) -> bool:
    """Each campaign keeps its limits, counting what all campaigns have rung before it."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for ring in days.town.rings:
        limits = days.rules[ring.campaign].limits
        for local in days.local(ring.phone, ring.at):
            day = local.date()
            periods = {"day": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}
            for name, period in periods.items():
                key = (ring.phone, local.tzinfo, name, period)
                counted[key] += 1
                limit = limits.get(name)
                assert limit is None or counted[key] <= limit, (ring, name, counted[key])
    return True


def nobody_is_rung_twice_at_once(days: Days) -> bool:
    until: dict[str, datetime] = {}
    for ring in days.town.rings:
        assert until.get(ring.phone, ring.at) <= ring.at, ring
        until[ring.phone] = ring.until
    return True


def nobody_blocked_is_rung(days: Days) -> bool:
    for ring in days.town.rings:
        assert ring.phone not in days.blocked or ring.at <= days.blocked[ring.phone], ring
    return True


def all_retries_are_due(days: Days) -> bool:
    """No attempt after a result that asks for none, none too soon, none too many."""
    attempts: dict[tuple[int, str], list[Ring]] = defaultdict(list)
    for ring in days.town.rings:
        attempts[ring.campaign, ring.phone].append(ring)
    for (campaign, _phone), rings in attempts.items():
        rules, seen = days.rules[campaign].retries, Counter()
        for before, after in pairwise(rings):
            times, minutes, _is_other_hour = rules.get(before.result, (0, 0, False))
            seen[before.result] += 1
            assert seen[before.result] <= times, (before, after)
            assert after.at >= before.until + timedelta(minutes=minutes), (before, after)
    return True


def all_is_counted(days: Days) -> bool:
    rung = Counter(ring.campaign for ring in days.town.rings)
    for campaign in Campaign.objects.filter(pk__in=days.rules):
        assert recounting.kept(campaign) == recounting.recount(campaign)
        assert campaign.total == campaign.people + campaign.retried == campaign.calls.count()
        assert rung[campaign.pk] == campaign.calls.exclude(sent_at=None).count()
    return True


def all_rules_are_kept(days: Days) -> bool:
    return (
        all_within_hours(days)
        and all_within_limits(days)
        and nobody_is_rung_twice_at_once(days)
        and nobody_blocked_is_rung(days)
        and all_retries_are_due(days)
        and all_is_counted(days)
    )
