"""Money, the pilot and what is on its way: what is promised is paid for first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.models import Call, Campaign, CampaignMinute
from calls.services import allowing, dispatch, folding, outcomes
from obzvon_site.accounts.models import ApiAccount
from tests.calls.makers import NOW, api_call, counts_hold, created, make_campaign, news, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
Hold = Campaign.Hold


def change(campaign: Campaign, **fields) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    return campaign


def make(number: int, account=None, **fields) -> Campaign:
    account = account or make_account(use_duty_phone=True)
    return change(make_campaign(number, account=account), **{"call_price": 3, **fields})


def send(campaign: Campaign, now=NOW) -> list[Call]:
    """Take an order and let the service accept it; nobody is rung yet."""
    taken = dispatch.take(campaign.account, now=now)
    if taken is None:
        campaign.refresh_from_db()
        return []
    calls = list(taken.order.calls.order_by("pk"))
    ids = {call.phone: 700_000 + call.pk for call in calls}
    outcomes.created(taken.order, created(ids), lambda: now)
    return calls


def end(calls: list[Call], cost: str | None = "2.50", now=NOW, status="finished") -> None:
    for call in calls:
        call.refresh_from_db()
        value = Decimal(cost) if cost else None
        heard = news(status, after=9, answered_at=now, finished_at=now, cost=value)
        folding.fold(call, api_call(call, heard), now=now)


# Budget


def test_what_is_on_its_way_is_taken_off_the_budget_at_its_full_price():
    campaign = make(9, budget=10)
    assert len(send(campaign)) == 3
    assert send(campaign) == []
    assert not campaign.hold_reason  # it may come cheaper
    assert counts_hold(campaign)


def test_a_cheaper_end_makes_room_and_a_spent_budget_holds():
    campaign = make(9, budget=10)
    end(send(campaign), "2.00")
    assert len(send(campaign)) == 1
    end(list(campaign.calls.filter(stage="accepted", is_final=False)), "2.00")
    assert send(campaign) == []
    assert (campaign.hold_kind, campaign.hold_until) == (Hold.BUDGET, None)
    assert "8,00" in campaign.hold_reason
    assert "Сделано 4 из 9" in campaign.hold_reason
    assert campaign.events.filter(kind="held").count() == 1
    assert campaign.cost <= campaign.budget


def test_an_end_whose_cost_is_not_known_yet_keeps_its_price_back():
    campaign = make(9, budget=6)
    calls = send(campaign)
    end(calls, None)
    assert send(campaign) == []
    assert not campaign.hold_reason
    end(calls, "1.00")
    assert len(send(campaign)) == 1


def test_a_busy_call_costs_nothing():
    campaign = make(9, budget=6)
    end(send(campaign), None, status="busy")
    assert len(send(campaign)) == 2


def test_a_dying_sender_keeps_its_money_back():
    campaign = make(9, budget=6)
    assert len(dispatch.take(campaign.account, now=NOW).order.calls.all()) == 2
    assert dispatch.take(campaign.account, now=NOW) is None
    dispatch.expire_leases(now=NOW + timedelta(minutes=5))
    assert dispatch.take(campaign.account, now=NOW + timedelta(minutes=6)) is None


def test_the_budget_of_a_day_ends_with_the_day_of_the_screens():
    campaign = make(9, day_budget=6)
    end(send(campaign))
    assert send(campaign) == []
    midnight = timezone.make_aware(timezone.datetime(2026, 11, 24))
    assert (campaign.hold_kind, campaign.hold_until) == (Hold.BUDGET, midnight)
    assert send(campaign, midnight - timedelta(seconds=1)) == []
    assert len(send(campaign, midnight)) == 2
    campaign.refresh_from_db()
    assert (campaign.hold_kind, campaign.hold_reason) == ("", "")
    assert counts_hold(campaign)


def test_yesterdays_cost_is_not_todays():
    campaign = make(9, day_budget=6, budget=100)
    end(send(campaign))
    CampaignMinute.objects.update(minute=NOW - timedelta(hours=13))
    assert len(send(campaign)) == 2


# Balance


def balance(account: ApiAccount, amount: str, at=NOW) -> None:
    ApiAccount.objects.filter(pk=account.pk).update(balance=Decimal(amount), balance_at=at)


def test_a_balance_that_pays_for_no_call_holds_until_a_person_resumes():
    campaign = make(3)
    balance(campaign.account, "2.99")
    assert send(campaign) == []
    assert (campaign.hold_kind, campaign.hold_until) == (Hold.BALANCE, None)
    assert "кончились деньги, на балансе 2,99" in campaign.hold_reason
    balance(campaign.account, "3.00")
    assert send(campaign) == []
    change(campaign, hold_reason="", hold_kind="")
    assert len(send(campaign)) == 1


def test_an_old_balance_proves_nothing():
    campaign = make(3)
    balance(campaign.account, "0", NOW - timedelta(minutes=10))
    assert len(send(campaign)) == 3


def test_what_other_campaigns_have_on_their_way_is_taken_off_the_balance():
    account = make_account(use_duty_phone=True)
    balance(account, "10")
    first, second = make(2, account), make(5, account)
    assert len(send(first)) == 2
    assert len(send(second)) == 1
    assert send(second) == []
    assert not second.hold_reason


# Pilot


def test_a_pilot_sends_so_many_and_waits_for_a_person():
    campaign = make(9, pilot_size=3)
    calls = send(campaign)
    assert len(calls) == 3
    assert send(campaign) == []
    assert not campaign.hold_reason  # they still talk
    end(calls)
    assert send(campaign) == []
    assert (campaign.hold_kind, campaign.hold_until) == (Hold.PILOT, None)
    assert "Пробная часть закончена: ответили на 3 из 3" in campaign.hold_reason
    assert campaign.events.filter(kind="pilot").exists()
    change(campaign, is_pilot_approved=True, hold_reason="", hold_kind="")
    assert len(send(campaign)) == 6


def test_the_end_of_a_pilot_is_told_though_nobody_may_be_rung_now():
    campaign = make(9, pilot_size=3)
    end(send(campaign))
    Call.objects.filter(stage="planned").update(planned_at=NOW + timedelta(hours=9))
    assert send(campaign) == []
    assert campaign.hold_kind == Hold.PILOT


def test_what_never_left_is_no_part_of_a_pilot():
    campaign = make(9, pilot_size=3)
    outcomes.take_back(dispatch.take(campaign.account, now=NOW).order, NOW)
    assert len(send(campaign)) == 3


def test_a_pilot_of_refused_calls_is_over_too():
    campaign = make(9, pilot_size=2)
    order = dispatch.take(campaign.account, now=NOW).order
    words = dict.fromkeys(order.calls.values_list("phone", flat=True), "нет")
    outcomes.created(order, created({}, words), lambda: NOW)
    assert send(campaign) == []
    assert campaign.hold_kind == Hold.PILOT
    assert stages(campaign).count("refused") == 2


def test_nothing_is_bounded_by_default():
    campaign = make(3)
    assert allowing.allowance(campaign, NOW) == campaign.account.calls_per_minute
