"""Whatever happens, in whatever order: counters hold, nobody is rung twice, nobody is lost."""

import json
import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from calls.models import BlockedPhone, Call, Campaign, Order, Variant, WebhookEvent
from calls.models.call import MAY_HAVE_RUNG
from calls.services import (
    asking,
    blocking,
    departures,
    dispatch,
    expiring,
    intake,
    steering,
    syncing,
)
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider import errors
from tests.calls.makers import NOW, FakeService, api_call, counts_hold, make_campaign
from tests.calls.makers import news as said
from tests.factories import make_account

PHONES = [f"7900000000{number}" for number in range(4)]
A_DAY = 2  # attempts that a campaign with rules allows itself
STATUSES = ("created", "started", "answered", "finished", "busy", "canceled")
SENDING = ("send", "not sent", "lost answer", "too fast", "refused", "no money")
OTHER = (
    *("launch", "die", "revive", "expire", "killed", "progress", "poll", "webhook", "fold"),
    "reconcile",
    *("launch ruled", "correct", "expire calls", "cheap"),
    *("service away", "block", "take back", "pause", "resume", "sweep", "wait"),
)
DEEDS = st.lists(st.tuples(st.sampled_from(SENDING + OTHER), st.integers(0, 5)), max_size=40)
TROUBLES = {
    "not sent": errors.Unreachable(),
    "too fast": errors.TooFast(retry_after=5),
    "refused": errors.BadRequest("нет"),
    "no money": errors.NoMoney("мало"),
}


class World:
    """The ledger, and a service that really rings whom it accepts."""

    def __init__(self) -> None:
        self.account = make_account(use_duty_phone=True, phones_per_order=2)
        self.now = NOW
        self.rung: Counter[tuple[int, str]] = Counter()
        self.fake = FakeService()
        self.fake.create = self.create
        self.tokens: dict[int, str] = {}
        self.held: list[Order] = []
        self.deed = ""
        self.launch(0)

    def launch(self, number: int) -> None:
        phones = PHONES[number % 3 :]
        make_campaign(phones, account=self.account, now=self.now)

    def launch_ruled(self, number: int) -> None:
        """With retries, limits, two messages, a budget and an end."""
        campaign = make_campaign(PHONES[number % 3 :], account=self.account, now=self.now)
        retries = {"busy": [2, 1, False], "no_answer": [1, 2, False], "early": [1, 1, False]}
        Campaign.objects.filter(pk=campaign.pk).update(
            retries=retries,
            limits={"day": A_DAY},
            budget=20,
            call_price=3,
            listen_seconds=20,
            ends_at=self.now + timedelta(minutes=10 + number * 5),
        )
        for letter in "ab":
            Variant.objects.create(
                campaign=campaign,
                letter=letter,
                message="text",
                payload=campaign.payload,
                listen_seconds=20,
                people=campaign.people if letter == "a" else 0,
            )

    def create(self, order, *, begin):
        """The service: what it does is decided by the deed, and cannot be undone."""
        if self.deed in TROUBLES:
            raise TROUBLES[self.deed]
        begin()
        token = order.webhook_url.rstrip("/").split("/")[-1]
        written = Order.objects.select_related("campaign").get(token=token)
        self.keeps_its_rules(written, order.phones)
        campaign = written.campaign_id
        self.rung.update((campaign, phone) for phone in order.phones)
        made = FakeService.create(self.fake, order)
        for entry in made.calls:
            call = Call(phone=entry.phone, service_order_id=entry.id)
            self.fake.listed.append(api_call(call, said("created"), created_at=self.now))
            self.tokens[entry.id] = token
        if self.deed == "lost answer":
            raise errors.OutcomeUnknown
        return made

    def keeps_its_rules(self, order: Order, phones: tuple[str, ...]) -> None:
        """All of NOW's day: whoever has limits never rings above them, nor after its end."""
        campaign = order.campaign
        if campaign.limits:
            rung = Counter(phone for _campaign, phone in self.rung.elements())
            assert all(rung[phone] < A_DAY for phone in phones)
            assert order.sent_at < campaign.ends_at
            assert campaign.cost <= campaign.budget

    def do(self, deed: str, number: int) -> None:
        self.now += timedelta(seconds=7)
        self.deed = deed
        if deed in SENDING:
            if taken := dispatch.take(self.account, now=self.now):
                dispatch.send(taken, clock=self.clock)
        else:
            getattr(self, deed.replace(" ", "_"))(number)

    def clock(self):
        return self.now

    def die(self, _number: int) -> None:
        if taken := dispatch.take(self.account, now=self.now):
            self.held.append(taken)

    def revive(self, _number: int) -> None:
        if self.held:
            dispatch.send(self.held.pop(0), clock=self.clock)

    def killed(self, number: int) -> None:
        """The sending process dies before the first byte, or before the answer."""
        taken = dispatch.take(self.account, now=self.now)
        if taken and number % 2:
            self.create(taken.request, begin=partial(departures.begin, taken.order.lease))
        self.held.clear()
        dispatch.abandon(os.getpid(), now=self.now)

    def expire(self, _number: int) -> None:
        self.now += timedelta(minutes=2)
        self.held.clear()  # a request never takes longer than its lease
        dispatch.expire_leases(now=self.now)

    def progress(self, number: int) -> None:
        """One call at the service moves on."""
        if listed := self.fake.listed:
            at = number % len(listed)
            after = (self.now - NOW).total_seconds()
            heard = said(STATUSES[number], after=after)
            call = Call(phone=listed[at].phone, service_order_id=listed[at].id)
            created_at = listed[at].created_at
            listed[at] = api_call(call, heard, created_at=created_at)

    def correct(self, number: int) -> None:
        """The service says more of a call, perhaps after its end: how it went, what was pressed."""
        if listed := self.fake.listed:
            at = number % len(listed)
            talk = timedelta(seconds=(3, 30)[number % 2])
            fields = {"answered_at": self.now - talk, "finished_at": self.now}
            if number % 3:
                fields |= {"ivr_answers": f"|{number}|", "to_block": number == 5}
            heard = said("finished", after=(self.now - NOW).total_seconds(), **fields)
            call = Call(phone=listed[at].phone, service_order_id=listed[at].id)
            listed[at] = api_call(call, heard, created_at=listed[at].created_at)
            syncing.poll_due(now=self.now + timedelta(minutes=1))

    def expire_calls(self, _number: int) -> None:
        expiring.expire_due(now=self.now)

    def cheap(self, number: int) -> None:
        ApiAccount.objects.update(balance=number * 2, balance_at=self.now)

    def poll(self, _number: int) -> None:
        syncing.poll_due(now=self.now)

    def webhook(self, number: int) -> None:
        """News of one call, perhaps old ones, perhaps before the answer to its order."""
        if not self.fake.listed:
            return
        item = self.fake.listed[number % len(self.fake.listed)]
        inner = {"status": STATUSES[number], "updatedAt": int(NOW.timestamp()) + number * 37}
        inner |= {"phone": item.phone, "cost": "2.50" if number == 3 else None}
        body = {"apiCalls": [{"id": item.id, "phone": item.phone, "calls": [inner]}]}
        token = self.tokens[item.id]
        content = json.dumps(body).encode()
        intake.store(self.account.pk, "status", content, order_token=token, now=self.now)

    def fold(self, _number: int) -> None:
        intake.fold_due(now=self.now)

    def reconcile(self, _number: int) -> None:
        syncing.reconcile_due(now=self.now)

    def service_away(self, _number: int) -> None:
        self.fake.trouble = errors.Unreachable()
        self.now += timedelta(minutes=1)
        syncing.poll_due(now=self.now)
        syncing.reconcile_due(now=self.now)
        self.fake.trouble = None

    def block(self, number: int) -> None:
        blocking.block([PHONES[number % len(PHONES)]], source=BlockedPhone.Source.KEY)

    def take_back(self, number: int) -> None:
        campaigns = list(Campaign.objects.all())
        with suppress(steering.NotPossible):
            steering.stop(campaigns[number % len(campaigns)], actor=None, now=self.now)

    def resume(self, _number: int) -> None:
        with suppress(steering.NotPossible):
            steering.resume(Campaign.objects.latest("pk"), actor=None, now=self.now)

    def pause(self, number: int) -> None:
        campaigns = list(Campaign.objects.all())
        with suppress(steering.NotPossible):
            steering.pause(campaigns[number % len(campaigns)], actor=None, now=self.now)

    def sweep(self, _number: int) -> None:
        steering.stop_due(now=self.now)

    def wait(self, _number: int) -> None:
        self.now += timedelta(minutes=3)


def nobody_is_lost() -> bool:
    """Each call that has not ended is waited for by something that will look at it again."""
    steering.stop_due(now=NOW)
    calls = Call.objects.filter(is_final=False)
    may_wait = ("running", "paused")
    assert not calls.filter(stage="planned").exclude(campaign__state__in=may_wait).exists()
    assert not calls.filter(stage="sending").exclude(order__state="sending").exists()
    assert not calls.filter(stage="unknown").exclude(order__state="unknown").exists()
    assert not calls.filter(stage="accepted", sync_at=None).exists()
    assert not calls.filter(stage="accepted", service_order_id=None).exists()
    assert not Order.objects.filter(state="unknown", ask_at=None).exists()
    assert not WebhookEvent.objects.filter(state="broken").exists()
    return True


def nobody_is_rung_twice(world: World) -> bool:
    for (campaign, phone), times in world.rung.items():
        calls = Call.objects.filter(campaign=campaign, phone=phone)
        assert times <= calls.filter(stage__in=MAY_HAVE_RUNG).count()
        # Each attempt follows one that has ended.
        assert calls.filter(is_final=False).count() <= 1
        assert calls.count() == 1 + calls.filter(is_retried=True).count()
    ids = Call.objects.exclude(service_order_id=None).values_list("service_order_id", flat=True)
    assert len(ids) == len(set(ids))
    return True


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=DEEDS)
@example(deeds=[("killed", 1), ("send", 0), ("send", 0)])  # rare by chance
def test_counters_hold_and_nobody_is_rung_twice_or_lost(db, deeds):
    with transaction.atomic():
        world = World()
        with (
            mock.patch.object(dispatch, "client_for", world.fake),
            mock.patch.object(asking, "client_for", world.fake),
        ):
            for deed, number in deeds:
                world.do(deed, number)
        assert all(counts_hold(campaign) for campaign in Campaign.objects.all())
        assert nobody_is_rung_twice(world)
        assert nobody_is_lost()
        transaction.set_rollback(True)
