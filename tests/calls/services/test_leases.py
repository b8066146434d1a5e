"""Who may write an order's answer: its sender while its lease holds, and nobody who comes late."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from calls.models import Call, Campaign, Channel, Order
from calls.services import dispatch, ledger, outcomes
from obzvon_site.common import stopping
from obzvon_site.provider import errors
from tests.calls.makers import (
    NOW,
    counts_hold,
    created,
    make_campaign,
    make_order,
    stages,
)
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def at(moment=NOW):
    return lambda: moment


def run(moment=NOW) -> int:
    return dispatch.dispatch_due(clock=at(moment))


def test_a_dead_senders_calls_come_into_doubt_when_its_lease_ends():
    order = make_order(2)
    campaign = order.campaign
    assert dispatch.expire_leases(now=NOW + dispatch.LEASE) == 0
    assert dispatch.expire_leases(now=NOW + dispatch.LEASE + timedelta(seconds=1)) == 1
    order.refresh_from_db()
    assert (order.state, order.lease) == ("unknown", "")
    assert set(stages(campaign)) == {"unknown"}
    assert counts_hold(campaign)


def test_an_order_that_cannot_be_doubted_stops_neither_the_others_nor_sending(service):
    bad, good, new = make_order(1), make_order(1), make_campaign(1)
    Campaign.objects.filter(pk=bad.campaign_id).update(waiting=0)  # fewer than none is refused
    assert run(NOW + timedelta(hours=1)) == 1
    assert stages(bad.campaign) == ["sending"]
    assert stages(good.campaign) == ["unknown"]
    assert stages(new) == ["accepted"]


def test_all_that_can_fail_before_asking_fails_before_anything_is_promised(service, monkeypatch):
    campaign = make_campaign(1)

    def broken(order, account):
        raise RuntimeError("a bug")

    monkeypatch.setattr(dispatch, "_request", broken)
    run()
    assert stages(campaign) == ["planned"]
    assert not Order.objects.exists()


def test_a_sender_that_comes_back_to_life_changes_nothing():
    order = make_order(1)
    phone = order.calls.get().phone
    dispatch.expire_leases(now=NOW + timedelta(minutes=5))
    outcomes.created(order, created({phone: 5}), at(NOW + timedelta(minutes=5)))
    outcomes.put_back(order, "поздно", until=None, clock=at())
    assert stages(order.campaign) == ["unknown"]
    assert order.calls.get().service_order_id is None


def test_two_workers_never_take_the_same_call():
    campaign = make_campaign(2, account=make_account(use_duty_phone=True, phones_per_order=1))
    first = dispatch.take(campaign.account, now=NOW)
    second = dispatch.take(campaign.account, now=NOW)
    assert first.order.calls.get() != second.order.calls.get()
    assert dispatch.take(campaign.account, now=NOW) is None


def test_the_loser_of_a_race_for_a_call_is_told():
    call = make_campaign(1).calls.get()
    Call.objects.update(stage="sending")
    with pytest.raises(ledger.Stale), transaction.atomic():
        ledger.move(call, "sending", now=NOW)


def test_nothing_leads_from_doubt_to_sending():
    assert all(
        "sending" not in targets for source, targets in ledger.MOVES.items() if source != "planned"
    )
    assert "planned" not in ledger.MOVES["unknown"] | ledger.MOVES["lost"]


def test_a_held_campaign_is_named_held():
    campaign = make_campaign(1)
    Campaign.objects.update(hold_reason="деньги")
    campaign.refresh_from_db()
    assert campaign.is_held


def test_an_order_whose_lease_ran_out_while_the_machine_slept_is_not_sent(service):
    campaign = make_campaign(2)
    taken = dispatch.take(campaign.account, now=NOW)
    awake = NOW + timedelta(hours=6)
    dispatch.send(taken, clock=lambda: awake)
    assert service.orders == []
    assert stages(campaign) == ["planned", "planned"]
    assert counts_hold(campaign)


def test_an_order_whose_lease_ran_out_while_it_connected_is_not_sent(service, monkeypatch):
    campaign = make_campaign(2)
    taken = dispatch.take(campaign.account, now=NOW)
    moments = [NOW, *[NOW + timedelta(hours=6)] * 9]

    def create(order, *, begin):
        try:
            begin()
        except OSError as error:
            raise errors.Unreachable from error
        return service.create(order)

    monkeypatch.setattr(taken.client, "create", create)
    dispatch.send(taken, clock=lambda: moments.pop(0))
    assert service.orders == []
    assert stages(campaign) == ["planned", "planned"]
    assert not Channel.objects.exists()  # the service is not at fault


def test_what_is_in_doubt_already_stays_so_when_its_sender_wakes(service):
    campaign = make_campaign(2)
    taken = dispatch.take(campaign.account, now=NOW)
    awake = NOW + timedelta(hours=6)
    dispatch.expire_leases(now=awake)
    dispatch.send(taken, clock=lambda: awake)
    assert service.orders == []
    assert stages(campaign) == ["unknown", "unknown"]


def test_a_process_asked_to_stop_begins_no_more_orders(service, monkeypatch):
    """What was asked for is heard out: its answer can be had only once."""
    monkeypatch.setattr(stopping, "_asked", threading.Event())
    account = make_account(phones_per_order=1, connections=1)
    campaign = make_campaign(5, account=account)
    create = service.create

    def stopped_meanwhile(order, *, begin):
        stopping.ask()
        return create(order, begin=begin)

    monkeypatch.setattr(service, "create", stopped_meanwhile)
    assert run() == 1
    assert sorted(stages(campaign)) == ["accepted", *["planned"] * 4]
    assert run() == 0
