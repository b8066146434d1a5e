"""A person's attempts are counted over all campaigns, and the last one is taken once."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from calls.models import Call, Campaign
from calls.services import dispatch, folding, limiting, outcomes
from obzvon_site.accounts.models import ApiAccount
from tests.calls.makers import NOW, api_call, counts_hold, created, make_campaign, news, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
PHONE = "79000000001"  # Moscow
TOMORROW = datetime(2026, 11, 23, 21, tzinfo=UTC)  # midnight there


def make(phones=(PHONE,), limits=None, **fields) -> Campaign:
    campaign = make_campaign(list(phones))
    fields = {"limits": limits or {"day": 1}, **fields}
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    return campaign


def ring(campaign: Campaign, now=NOW, status="busy") -> bool:
    """Take, accept and end its next order."""
    taken = dispatch.take(campaign.account, now=now)
    if taken is None:
        return False
    for call in taken.order.calls.all():
        outcomes.created(taken.order, created({call.phone: 700_000 + call.pk}), lambda: now)
        call.refresh_from_db()
        folding.fold(call, api_call(call, news(status, after=9)), now=now)
    return True


def test_an_attempt_of_another_campaign_puts_off_to_the_next_day_of_the_subscriber():
    first, second = make(), make()
    assert ring(first)
    assert not ring(second)
    call = second.calls.get()
    assert (call.stage, call.planned_at) == ("planned", TOMORROW)
    event = call.events.latest("pk")
    assert event.kind == "put_off"
    assert "до 1 в день" in event.details["reason"]
    assert ring(second, TOMORROW)
    assert counts_hold(second)


def test_a_week_and_a_month_are_counted_too():
    for limits in ({"week": 2}, {"month": 2}):
        phone = PHONE if "week" in limits else "79000000002"
        for _ in range(2):
            assert ring(make([phone], limits))
        third = make([phone], limits)
        assert not ring(third)
        assert third.calls.get().planned_at > TOMORROW


def test_what_never_rang_is_no_attempt():
    first, second = make(), make()
    order = dispatch.take(first.account, now=NOW).order
    outcomes.created(order, created({}, {PHONE: "нет"}), lambda: NOW)
    assert ring(second)


def test_a_lost_call_may_have_rung():
    first, second = make(), make()
    order = dispatch.take(first.account, now=NOW).order
    outcomes.doubt(order, NOW)
    Call.objects.filter(order=order).update(stage="lost", is_final=True)
    assert not ring(second)


def test_what_would_be_rung_after_the_end_is_over():
    assert ring(make())
    late = make(ends_at=TOMORROW)
    assert not ring(late)
    call = late.calls.get()
    assert (call.stage, call.is_final) == ("expired", True)
    assert "До конца обзвона" in call.error
    assert counts_hold(late)
    assert late.state == "done"


def test_a_limit_of_nothing_is_never_allowed():
    none = make(limits={"day": 0})
    assert not ring(none)
    assert stages(none) == ["expired"]


def test_a_phone_that_is_being_rung_is_not_rung_by_another():
    first, second = make(limits={"day": 5}), make(limits={"day": 5})
    order = dispatch.take(first.account, now=NOW).order
    assert not ring(second)
    call = second.calls.get()
    assert call.planned_at == NOW + limiting.AGAIN
    assert "уже идёт другой звонок" in call.events.latest("pk").details["reason"]
    outcomes.created(order, created({PHONE: 5}), lambda: NOW)
    assert not ring(second, call.planned_at)
    proof = order.calls.get()
    folding.fold(proof, api_call(proof, news("busy", after=9)), now=NOW)
    assert ring(second, second.calls.get().planned_at)


def real(purpose="service", limits=None) -> Campaign:
    account = make_account(base_url="https://calls.example/apiCalls", use_duty_phone=True)
    campaign = make_campaign([PHONE], account=account)
    limits = {"day": 1} if limits is None else limits
    Campaign.objects.filter(pk=campaign.pk).update(purpose=purpose, limits=limits)
    campaign.refresh_from_db()
    return campaign


def test_a_rehearsal_takes_nobodys_attempts():
    assert ring(make())
    assert ring(real("own", {}))
    assert ring(real())
    assert not ring(real())
    assert not ring(make())  # of a rehearsal all count, so that limits can be rehearsed


def test_a_phone_that_rings_in_a_rehearsal_is_ringing():
    rehearsal, campaign = make(), real()
    assert dispatch.take(rehearsal.account, now=NOW)
    assert not ring(campaign)
    assert campaign.calls.get().planned_at == NOW + limiting.AGAIN


def test_a_telephone_is_rung_once_at_a_time_even_where_nothing_is_limited():
    url = "https://calls.example/apiCalls"
    accounts = [make_account(base_url=url, use_duty_phone=True) for _ in range(2)]
    first, second = [make_campaign([PHONE], account=account) for account in accounts]
    Campaign.objects.update(purpose="emergency", limits={})
    assert dispatch.take(first.account, now=NOW)
    assert dispatch.take(second.account, now=NOW) is None
    assert second.calls.get().planned_at == NOW + limiting.AGAIN


def test_calls_to_oneself_are_told_apart_too():
    """Found by `make chaos`: of two in doubt at once the list could not say which is which."""
    account = make_account(use_duty_phone=True)
    first, second = (make_campaign([PHONE], account=account) for _ in range(2))
    assert not first.limits
    assert dispatch.take(account, now=NOW).order.campaign == first
    assert dispatch.take(account, now=NOW) is None
    call = second.calls.get()
    assert (call.stage, call.planned_at) == ("planned", NOW + limiting.AGAIN_SOON)
    rung = first.calls.get()
    outcomes.created(rung.order, created({PHONE: 5}), lambda: NOW)
    rung.refresh_from_db()
    folding.fold(rung, api_call(rung, news("busy", after=9)), now=NOW)
    assert dispatch.take(account, now=call.planned_at).order.campaign == second


def test_others_of_the_same_campaign_go_on():
    assert ring(make())
    campaign = make([PHONE, "79000000002"])
    assert ring(campaign)
    assert set(stages(campaign)) == {"planned", "accepted"}


def test_a_long_line_of_people_over_their_limit_ends(monkeypatch):
    phones = [f"7900000{number:04d}" for number in range(40)]
    account = make_account(use_duty_phone=True, phones_per_order=2)
    Call.objects.bulk_create(
        Call(
            campaign=make_campaign(1),
            phone=phone,
            attempt=2,
            stage="accepted",
            is_final=True,
            planned_at=NOW,
            sent_at=NOW,
        )
        for phone in phones
    )
    crowd = make_campaign(phones, account=account)
    Campaign.objects.filter(pk=crowd.pk).update(limits={"day": 1})
    other = make_campaign(1, account=account)
    assert dispatch.take(account, now=NOW).order.campaign == other
    assert dispatch.take(account, now=NOW) is None
    assert not Call.objects.due(NOW).filter(campaign=crowd).exists()


def test_without_limits_nobody_waits_for_his_turn(monkeypatch):
    monkeypatch.setattr(limiting, "wait_for_turn", pytest.fail)
    assert ring(make_campaign(1))


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_a_persons_last_attempt_twice(monkeypatch):
    """Two campaigns of two accounts, at the same moment, over real connections."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    campaigns = [make([PHONE], {"day": 1}) for _ in range(2)]
    barrier = threading.Barrier(2, timeout=20)
    real = limiting.wait_for_turn

    def together(name: str) -> None:
        barrier.wait()
        real(name)

    monkeypatch.setattr(limiting, "wait_for_turn", together)
    taken = []

    def work(account: ApiAccount) -> None:
        try:
            taken.append(dispatch.take(account, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[row.account]) for row in campaigns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(order is not None for order in taken) == 1
    assert len(taken) == 2
    assert sorted(Call.objects.values_list("stage", flat=True)) == ["planned", "sending"]
