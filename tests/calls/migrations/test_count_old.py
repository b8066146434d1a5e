"""Old rows are counted as if increments had been kept from the beginning."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from calls.models import AnswerCount, Call, Campaign, CampaignMinute, Order
from calls.services import dispatch, folding, outcomes
from tests.calls.makers import NOW, api_call, counts_hold, created, make_campaign, news
from tests.factories import make_account

pytestmark = pytest.mark.django_db
count_old = import_module("calls.migrations.0005_count_old").count_old
NOTHING = dict.fromkeys(("people", "answered", "listened", "keyed", "connected"), 0)


def forget() -> None:
    """As rows were before: nothing of this was kept."""
    Campaign.objects.update(**NOTHING, hold_kind="")
    Call.objects.update(sent_at=None, result="")
    Order.objects.update(size=0)
    CampaignMinute.objects.all().delete()
    AnswerCount.objects.all().delete()


def test_old_campaigns_are_counted_from_their_calls():
    account = make_account(use_duty_phone=True, phones_per_order=3)
    campaign = make_campaign(7, account=account)
    Campaign.objects.update(listen_seconds=0)
    order = dispatch.take(account, now=NOW).order
    phones = list(order.calls.order_by("pk").values_list("phone", flat=True))
    ids = {phone: 700_001 + number for number, phone in enumerate(phones[:2])}
    outcomes.created(order, created(ids, {phones[2]: "нет"}), lambda: NOW)
    answered = {"answered_at": NOW, "finished_at": NOW + timedelta(seconds=40)}
    for call, fields in zip(
        order.calls.filter(stage="accepted").order_by("pk"),
        ({**answered, "ivr_answers": "|1|"}, {}),
        strict=True,
    ):
        status = "finished" if fields else "busy"
        folding.fold(call, api_call(call, news(status, after=9, **fields)), now=NOW)
    outcomes.doubt(dispatch.take(account, now=NOW + timedelta(minutes=1)).order, NOW)
    dispatch.take(account, now=NOW + timedelta(minutes=2))
    Campaign.objects.update(hold_reason="мало денег")
    was = dict(Call.objects.values_list("pk", "result"))
    assert counts_hold(campaign)
    forget()
    count_old(apps, None)
    count_old(apps, None)
    assert counts_hold(campaign)
    assert dict(Call.objects.values_list("pk", "result")) == was
    assert set(was.values()) == {"", "reached", "busy"}
    assert sorted(Order.objects.values_list("size", flat=True)) == [1, 3, 3]
    campaign.refresh_from_db()
    assert (campaign.people, campaign.hold_kind) == (7, "service")


def test_a_call_that_is_back_in_line_has_not_been_sent():
    campaign = make_campaign(1)
    outcomes.take_back(dispatch.take(campaign.account, now=NOW).order, NOW)
    forget()
    count_old(apps, None)
    assert campaign.calls.get().sent_at is None
    assert counts_hold(campaign)
