"""Whatever happens, in whatever order: counters hold, nobody is rung twice, nobody is lost."""

from collections import Counter
from datetime import timedelta
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.models import Call, Order
from calls.services import dispatch, ledger, news, syncing
from obzvon_site.provider import errors
from tests.calls.makers import NOW, FakeService, api_call, counts_hold, make_campaign
from tests.calls.makers import news as said
from tests.factories import make_account

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "send",
                "not sent",
                "lost answer",
                "refused",
                "die",
                "revive",
                "expire",
                "news",
                "reconcile",
                "wait",
            ]
        ),
        st.integers(0, 5),
    ),
    max_size=25,
)
STATUSES = ("created", "started", "answered", "finished", "busy", "canceled")


class World:
    """The ledger, and a service that really rings whom it accepts."""

    def __init__(self) -> None:
        account = make_account(use_duty_phone=True, phones_per_order=2)
        self.campaign = make_campaign(5, account=account)
        self.account = account
        self.now = NOW
        self.rung: Counter[str] = Counter()
        self.fake = FakeService()
        self.held: list[Order] = []
        self.ring_and = ""

    def create(self, order):
        if self.ring_and == "not sent":
            raise errors.Unreachable
        if self.ring_and == "refused":
            raise errors.BadRequest("нет")
        self.rung.update(order.phones)
        made = FakeService.create(self.fake, order)
        for entry in made.calls:
            call = Call(phone=entry.phone, service_order_id=entry.id, pk=entry.id)
            self.fake.listed.append(api_call(call, created_at=self.now))
        if self.ring_and == "lost answer":
            raise errors.OutcomeUnknown
        return made

    def do(self, deed: str, number: int) -> None:
        self.now += timedelta(seconds=7)
        clock = lambda: self.now  # noqa: E731
        if deed in {"send", "not sent", "lost answer", "refused"}:
            self.ring_and = deed
            with mock.patch.object(self.fake, "create", self.create):
                order = dispatch.take(self.account, now=self.now)
                if order:
                    dispatch.send(order, self.account, clock=clock)
        elif deed == "die":
            order = dispatch.take(self.account, now=self.now)
            if order:
                self.held.append(order)
        elif deed == "revive" and self.held:
            self.ring_and = "send"
            with mock.patch.object(self.fake, "create", self.create):
                dispatch.send(self.held.pop(0), self.account, clock=clock)
        elif deed == "expire":
            self.now += timedelta(minutes=2)
            self.held.clear()  # the service would have refused a request so late
            dispatch.expire_leases(now=self.now)
        elif deed == "news":
            self.tell(number)
        elif deed == "reconcile":
            syncing.reconcile_due(now=self.now)
        else:
            self.now += timedelta(minutes=3)

    def tell(self, number: int) -> None:
        calls = list(Call.objects.filter(stage="accepted").select_related("campaign"))
        if calls:
            call = calls[number % len(calls)]
            item = api_call(call, said(STATUSES[number], after=(number * 37) % 50))
            with transaction.atomic():
                ledger.lock([call.campaign_id])
                news.fold(call, item, now=self.now)


@pytest.mark.django_db(transaction=False)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=DEEDS)
def test_counters_hold_and_nobody_is_rung_twice(db, deeds):
    point = transaction.savepoint()
    try:
        world = World()
        with (
            mock.patch.object(dispatch, "client_for", world.fake),
            mock.patch.object(syncing, "client_for", world.fake),
        ):
            for deed, number in deeds:
                world.do(deed, number)
        assert counts_hold(world.campaign)
        assert all(times == 1 for times in world.rung.values())
        assert world.campaign.calls.count() == 5
        rung_but_free = world.campaign.calls.filter(phone__in=world.rung, stage="planned")
        assert not rung_but_free.exists()
    finally:
        transaction.savepoint_rollback(point)
