"""Who lets go what: the account's troubles together, money with room, a pilot by approval."""

from datetime import timedelta
from decimal import Decimal

import pytest

from calls.models import Call, Campaign, CampaignMinute
from calls.services import dispatch, outcomes, steering
from calls.services.steering import NotPossible
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, created, make_campaign, make_order
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
Hold = Campaign.Hold
LATER = NOW + timedelta(minutes=1)


def change(campaign: Campaign, **fields) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    return campaign


def history(campaign: Campaign) -> list[str]:
    return list(campaign.events.order_by("pk").values_list("kind", flat=True))


def audit(**of) -> list[str]:
    """Deeds since the launch."""
    deeds = AuditEvent.objects.filter(**of).exclude(verb="campaign.launched")
    return list(deeds.order_by("pk").values_list("verb", flat=True))


def test_resuming_lets_go_all_of_the_account_that_the_same_trouble_holds():
    account = make_account()
    first, second, third = [make_campaign(1, account=account) for _ in range(3)]
    stranger = make_campaign(1)
    for held in (first, second, stranger):
        change(held, hold_reason="ключ", hold_kind=Hold.SERVICE)
    change(third, hold_reason="модерация", hold_kind=Hold.SERVICE)
    steering.resume(first, actor=None, now=NOW)
    assert set(Campaign.objects.sendable(NOW)) == {first, second}
    assert history(second)[-1] == "resumed"
    deed = AuditEvent.objects.get(verb="campaign.resumed")
    assert deed.details == {"reason": "ключ", "campaigns": 2}


def test_one_balance_lets_go_all_that_it_holds_whatever_their_figures():
    account = make_account()
    first, second = [make_campaign(1, account=account) for _ in range(2)]
    change(first, hold_reason="сделано 1 из 5", hold_kind=Hold.BALANCE)
    change(second, hold_reason="сделано 2 из 7", hold_kind=Hold.BALANCE)
    broken = change(make_campaign(1, account=account), hold_reason="ключ", hold_kind=Hold.SERVICE)
    steering.resume(first, actor=None, now=NOW)
    assert set(Campaign.objects.sendable(NOW)) == {first, second}
    assert history(second)[-1] == "resumed"
    assert "resumed" not in history(broken)


@pytest.mark.parametrize("kind", [Hold.GUARD, Hold.BUDGET, Hold.PILOT])
def test_a_hold_of_one_campaign_is_lifted_for_it_alone(kind):
    account = make_account()
    first, second = [make_campaign(1, account=account) for _ in range(2)]
    for held in (first, second):
        change(held, hold_reason="то же", hold_kind=kind)
    steering.resume(first, actor=None, now=NOW)
    assert set(Campaign.objects.sendable(NOW)) == {first}
    first.refresh_from_db()
    assert (first.hold_kind, first.hold_reason, first.hold_until) == ("", "", None)


def test_nothing_to_lift_is_said():
    campaign = make_campaign(1)
    with pytest.raises(NotPossible, match="Обзвон уже идёт"):
        steering.resume(campaign, actor=None, now=NOW)
    assert audit() == []


def test_a_pause_over_a_hold_is_resumed_by_one_click():
    campaign = make_campaign(1)
    change(campaign, hold_reason="ответов мало", hold_kind=Hold.GUARD)
    steering.pause(campaign, actor=None, now=NOW)
    steering.resume(campaign, actor=None, now=NOW)
    assert Campaign.objects.sendable(NOW).get() == campaign


@pytest.mark.parametrize(
    ("balance", "age", "goes_on"),
    [("1.50", 1, False), ("2.00", 1, True), ("1.50", 10, True), (None, 1, True)],
)
def test_a_balance_known_to_be_empty_is_not_tried_again(balance, age, goes_on):
    account = make_account(balance=balance, balance_at=NOW - timedelta(minutes=age))
    campaign = change(
        make_campaign(1, account=account),
        hold_reason="деньги",
        hold_kind=Hold.BALANCE,
        call_price=Decimal("2.00"),
    )
    if goes_on:
        steering.resume(campaign, actor=None, now=NOW)
    else:
        with pytest.raises(NotPossible, match="На балансе 1,50\u00a0₽"):
            steering.resume(campaign, actor=None, now=NOW)
    assert Campaign.objects.sendable(NOW).exists() == goes_on


def test_a_spent_budget_is_not_resumed_but_raised():
    olga = make_user()
    campaign = change(
        make_campaign(1),
        hold_reason="Бюджет потрачен",
        hold_kind=Hold.BUDGET,
        cost=Decimal("99.50"),
        budget=Decimal(100),
        call_price=Decimal("2.50"),
    )
    with pytest.raises(NotPossible, match=r"Потрачено 99,50\u00a0₽ из 100,00\u00a0₽"):
        steering.resume(campaign, actor=olga, now=NOW)
    raised = {"budget": Decimal("101.00"), "day_budget": None}
    assert not steering.set_budget(campaign, **raised, actor=olga, now=NOW)
    assert not Campaign.objects.sendable(NOW).exists()
    raised["budget"] = Decimal("500.00")
    assert steering.set_budget(campaign, **raised, actor=olga, now=NOW)
    assert Campaign.objects.sendable(NOW).get() == campaign
    assert campaign.events.latest("pk").details == {"changed": {"budget": ["101.00", "500.00"]}}
    assert audit(actor=olga) == ["campaign.budget_changed"] * 2
    assert ("бюджет, ₽", "101.00 → 500.00") in AuditEvent.objects.latest("pk").facts


def test_a_days_budget_has_room_again_on_the_next_day():
    campaign = change(
        make_campaign(1),
        hold_reason="На сегодня всё",
        hold_kind=Hold.BUDGET,
        day_budget=Decimal(10),
    )
    CampaignMinute.objects.create(campaign=campaign, minute=NOW, cost=10)
    with pytest.raises(NotPossible, match=r"Сегодня потрачено 10,00\u00a0₽ из 10,00\u00a0₽"):
        steering.resume(campaign, actor=None, now=NOW)
    steering.resume(campaign, actor=None, now=NOW + timedelta(days=1))
    assert Campaign.objects.sendable(NOW).exists()


def test_the_same_budget_again_is_no_change():
    campaign = change(make_campaign(1), budget=Decimal(5))
    steering.set_budget(campaign, budget=Decimal("5.00"), day_budget=None, actor=None, now=NOW)
    assert "budget" not in history(campaign)
    assert audit() == []


def test_the_pace_is_changed_and_remembered():
    campaign = make_campaign(1)
    pace = {"calls_per_minute": 30, "concurrent": 5}
    steering.set_pace(campaign, **pace, actor=make_user(), now=NOW)
    campaign.refresh_from_db()
    assert (campaign.calls_per_minute, campaign.concurrent) == (30, 5)
    assert history(campaign)[-1] == "pace"
    change(campaign, state="stopped")
    with pytest.raises(NotPossible, match="уже остановлен"):
        steering.set_pace(campaign, **pace, actor=None, now=NOW)


def test_a_pilot_waits_for_approval_and_is_approved_once():
    olga = make_user()
    campaign = change(make_campaign(1), pilot_size=1)
    steering.hold(campaign, Hold.PILOT, "Пробная часть закончена", now=NOW)
    assert not Campaign.objects.sendable(NOW).exists()
    steering.approve_pilot(campaign, actor=olga, now=NOW)
    campaign.refresh_from_db()
    assert campaign.is_pilot_approved
    assert Campaign.objects.sendable(NOW).exists()
    with pytest.raises(NotPossible, match=f"Пробная часть уже одобрена: {olga}"):
        steering.approve_pilot(campaign, actor=None, now=NOW)
    assert history(campaign)[-2:] == ["pilot", "approved"]
    assert audit(actor=olga) == ["campaign.approved"]


def test_going_on_after_a_pilot_is_approving_it():
    campaign = change(make_campaign(1), pilot_size=1)
    steering.hold(campaign, Hold.PILOT, "Пробная часть закончена", now=NOW)
    steering.resume(campaign, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.is_pilot_approved
    assert history(campaign)[-2:] == ["approved", "resumed"]


def test_there_is_no_pilot_to_approve_without_one():
    with pytest.raises(NotPossible, match="нет пробной части"):
        steering.approve_pilot(make_campaign(1), actor=None, now=NOW)


def test_approving_a_pilot_leaves_other_holds():
    campaign = change(make_campaign(1), pilot_size=1, hold_reason="мало", hold_kind=Hold.GUARD)
    steering.approve_pilot(campaign, actor=None, now=NOW)
    assert not Campaign.objects.sendable(NOW).exists()


def test_a_hold_is_written_once_and_never_over_one_that_waits_for_a_person():
    campaign = make_campaign(1)
    assert steering.hold(campaign, Hold.SERVICE, "занято", now=NOW, until=LATER)
    assert steering.hold(campaign, Hold.GUARD, "мало ответов", now=NOW, share=8)
    assert not steering.hold(campaign, Hold.BUDGET, "потрачено", now=NOW)
    campaign.refresh_from_db()
    assert (campaign.hold_kind, campaign.hold_until) == ("guard", None)
    event = campaign.events.latest("pk")
    assert event.details == {"reason": "мало ответов", "hold": "guard", "share": 8}
    assert audit(actor=None) == ["campaign.held"]


def test_what_does_not_run_is_not_held():
    campaign = change(make_campaign(1), state="paused")
    assert not steering.hold(campaign, Hold.GUARD, "мало", now=NOW)


def test_a_success_lets_go_what_the_service_held_and_nothing_else():
    order = make_order(2, account=make_account(use_duty_phone=True, phones_per_order=1))
    change(order.campaign, hold_reason="мало", hold_kind=Hold.GUARD)
    outcomes.created(order, created({order.calls.get().phone: 1}), lambda: NOW)
    order.campaign.refresh_from_db()
    assert (order.campaign.hold_kind, order.campaign.hold_reason) == ("guard", "мало")
    change(order.campaign, hold_reason="занято", hold_kind=Hold.SERVICE, hold_until=LATER)
    second = dispatch.take(order.campaign.account, now=LATER).order
    outcomes.created(second, created({second.calls.get().phone: 2}), lambda: LATER)
    order.campaign.refresh_from_db()
    assert (order.campaign.hold_kind, order.campaign.hold_reason) == ("", "")


def test_what_is_kept_back_for_calls_of_unknown_cost_is_kept_back_when_resuming_too():
    """Else it would be held again at once, and the person would never learn why."""
    campaign = make_campaign(3)
    Call.objects.filter(pk=campaign.calls.first().pk).update(status="finished", cost=None)
    held = {"hold_reason": "бюджет", "hold_kind": Hold.BUDGET}
    change(campaign, budget=Decimal(10), cost=Decimal(5), call_price=Decimal(3), **held)
    with pytest.raises(NotPossible, match="Потрачено"):
        steering.resume(campaign, actor=None, now=NOW)
    Call.objects.update(cost=Decimal(0))
    steering.resume(campaign, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.hold_kind == ""
