"""A campaign's counters, its holds and the pace of its page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls.models import BlockedPhone, Call, Campaign, Order
from calls.models.campaign import COUNTERS
from tests.calls.makers import NOW, make_campaign, make_order


def test_a_recount_counts_each_call_once(db):
    campaign = make_campaign(len(Call.Stage.values))
    for call, stage in zip(campaign.calls.all(), Call.Stage.values, strict=True):
        Call.objects.filter(pk=call.pk).update(stage=stage)
    totals = campaign.recount()
    assert set(totals) == set(COUNTERS)
    assert sum(totals.values()) == campaign.total
    assert (totals["waiting"], totals["live"], totals["doubtful"], totals["failed"]) == (2, 1, 1, 5)


def test_the_cost_is_the_sum_of_its_calls(db):
    campaign = make_campaign(3)
    assert campaign.recount_cost() == 0
    Call.objects.update(cost=Decimal("2.55"))
    assert campaign.recount_cost() == Decimal("7.65")


@pytest.mark.parametrize(
    ("hold", "until", "is_sendable"),
    [
        ("", None, True),
        ("деньги", None, False),
        ("сервис молчит", NOW + timedelta(seconds=1), False),
        ("сервис молчит", NOW, True),
    ],
)
def test_a_held_campaign_is_sent_when_its_hold_has_passed(db, hold, until, is_sendable):
    make_campaign(1)
    Campaign.objects.update(hold_reason=hold, hold_until=until)
    assert Campaign.objects.sendable(NOW).exists() == is_sendable


def test_only_a_running_campaign_is_sent(db):
    make_campaign(1)
    Campaign.objects.update(state="done")
    assert not Campaign.objects.sendable(NOW).exists()


def test_done_and_sent_add_up():
    numbers = dict(zip(COUNTERS, (1, 2, 4, 8, 16, 32, 64), strict=True))
    campaign = Campaign(total=127, **numbers)
    assert campaign.done == 127 - 7
    assert campaign.sent == 2 + 8 + 16 + 32


@pytest.mark.parametrize(("quiet", "seconds"), [(0, 5), (180, 10), (3600, 30)])
def test_a_page_asks_the_rarer_the_longer_nothing_changed(quiet, seconds):
    changed = timezone.now() - timedelta(seconds=quiet)
    assert Campaign(changed_at=changed).poll_seconds == seconds
    assert Campaign(changed_at=changed, state="done").poll_seconds is None


def test_the_database_keeps_one_call_a_phone_and_one_campaign_a_form(db):
    campaign = make_campaign(1)
    call = campaign.calls.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.create(campaign=campaign, phone=call.phone, planned_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(
            launch_token=campaign.launch_token, account=campaign.account, payload={}
        )


def test_an_order_is_expired_only_while_it_is_being_sent(db):
    order = make_order(1)
    after = order.lease_until + timedelta(seconds=1)
    assert list(Order.objects.expired(after)) == [order]
    assert not Order.objects.expired(order.lease_until).exists()
    Order.objects.update(state="answered")
    assert not Order.objects.expired(after).exists()


def test_a_block_explains_itself(db):
    by_hand = BlockedPhone.objects.create(phone="79000000001", reason="просил не звонить")
    assert "просил не звонить" in by_hand.explanation
    by_key = BlockedPhone.objects.create(phone="79000000002", source="key")
    assert "Абонент отказался" in by_key.explanation
