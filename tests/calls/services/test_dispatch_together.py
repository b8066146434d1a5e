"""Orders taken and heard several at a time: as if each had gone alone, in fewer statements."""

from concurrent.futures import Future
from datetime import timedelta
from types import SimpleNamespace

import pytest

from calls.models import Call, Order
from calls.services import backpressure, dispatch, folding, outcomes, taking
from calls.services.sending import Heard, Taken
from obzvon_site.provider import errors
from tests.calls.makers import NOW, api_call, counts_hold, created, make_campaign, news, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def at(moment=NOW):
    return lambda: moment


def together(number: int, phones: int, **fields) -> list[Taken]:
    """Orders of one campaign that were taken at once."""
    account = make_account(use_duty_phone=True, phones_per_order=2, connections=8, **fields)
    make_campaign(phones, account=account)
    return dispatch.take_some(account, number, now=NOW)


def heard(taken: Taken) -> Heard:
    return Heard(taken, answer=created({call.phone: 700_000 + call.pk for call in taken.calls}))


def test_orders_taken_at_once_share_their_calls_out():
    taken = together(3, 5)
    assert [len(one.calls) for one in taken] == [2, 2, 1]
    calls = [call.pk for one in taken for call in one.order.calls.order_by("pk")]
    assert calls == [call.pk for one in taken for call in one.calls]
    assert len({one.order.lease for one in taken}) == len(set(calls)) - 2 == 3
    assert counts_hold(taken[0].order.campaign)


def test_no_more_are_taken_at_once_than_the_account_may_send_and_a_transaction_holds(monkeypatch):
    account = make_account(
        use_duty_phone=True, phones_per_order=2, connections=8, calls_per_minute=5
    )
    make_campaign(20, account=account)
    assert [one.order.size for one in dispatch.take_some(account, 8, now=NOW)] == [2, 2, 1]
    monkeypatch.setattr(taking, "PORTION", 4)
    later = NOW + timedelta(minutes=2)
    assert [one.order.size for one in dispatch.take_some(account, 8, now=later)] == [2, 2]


def test_two_attempts_to_one_phone_are_in_no_two_orders_taken_at_once():
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=8)
    campaign = make_campaign(1, account=account)
    phone = campaign.calls.get().phone
    Call.objects.create(campaign=campaign, phone=phone, attempt=2, planned_at=NOW)
    assert len(dispatch.take_some(account, 8, now=NOW)) == 1


def test_campaigns_share_what_is_taken_at_once():
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=8)
    big, small = (make_campaign(number, account=account) for number in (20, 1))
    taken = dispatch.take_some(account, 4, now=NOW)
    assert [one.order.campaign for one in taken] == [big, big, small]


def test_answers_heard_at_once_are_written_at_once(django_assert_max_num_queries):
    taken = together(3, 6)
    with django_assert_max_num_queries(20):
        assert dispatch.write_together(map(heard, taken), clock=at()) == []
    campaign = taken[0].order.campaign
    assert set(stages(campaign)) == {"accepted"}
    assert set(Order.objects.values_list("state", "lease")) == {("answered", "")}
    assert all(call.service_order_id == 700_000 + call.pk for call in campaign.calls.all())
    assert counts_hold(campaign)


def test_an_order_whose_lease_is_gone_does_not_stop_those_heard_with_it():
    taken = together(3, 6)
    outcomes.doubt(taken[1].order, NOW)
    rest = dispatch.write_together(map(heard, taken), clock=at())
    assert [one.taken for one in rest] == taken
    for one in rest:
        dispatch.write(one, clock=at())
    assert stages(taken[0].order.campaign) == ["accepted"] * 2 + ["unknown"] * 2 + ["accepted"] * 2
    assert counts_hold(taken[0].order.campaign)


def test_a_webhook_that_was_faster_than_one_of_the_answers_is_kept():
    taken = together(2, 4)
    faster = Call.objects.get(pk=taken[0].calls[0].pk)
    folding.fold(faster, api_call(faster, news("finished", after=1)), now=NOW)
    for one in dispatch.write_together(map(heard, taken), clock=at()):
        dispatch.write(one, clock=at())
    assert set(stages(faster.campaign)) == {"accepted"}
    faster.refresh_from_db()
    assert faster.status == "finished"
    assert counts_hold(faster.campaign)


def test_one_order_goes_out_until_it_is_seen_to_go_well(service):
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=8)
    make_campaign(20, account=account)
    service.trouble = errors.OutcomeUnknown()
    dispatch.dispatch_due(clock=at())
    assert Order.objects.filter(state="unknown").count() == backpressure.FAILURES


@pytest.mark.parametrize(("calls", "number"), [(1, 2), (dispatch.FEW, 1)])
def test_few_answers_wait_a_moment_for_the_next_ones(monkeypatch, calls, number):
    heard, coming = Future(), Future()
    heard.set_result(None)
    taken = SimpleNamespace(calls=[None] * calls)
    wait = dispatch.wait

    def waiting(futures, timeout, **how):
        if timeout == dispatch.GATHER_SECONDS:
            coming.set_result(None)
        return wait(futures, timeout=timeout, **how)

    monkeypatch.setattr(dispatch, "wait", waiting)
    one = dispatch.Pass(lambda: NOW)
    one._flying = dict.fromkeys((heard, coming), (SimpleNamespace(), taken))
    assert len(one._answered()) == number
