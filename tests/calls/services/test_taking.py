"""Whose turn it is: by the subscriber's clock, the blacklist, the message; and nobody starves."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from calls.models import BlockedPhone, Call, Campaign, Variant
from calls.rules.purposes import SERVICE_HOURS
from calls.services import blocking, dispatch, outcomes, rules_in_force, taking
from obzvon_site.common.turns import take_turn
from tests.calls.makers import NOW, counts_hold, make_campaign, phones_of, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
# NOW is Monday noon in Moscow: it is 21:00 in Kamchatka and 11:00 in Kaliningrad.
MOSCOW, KAMCHATKA, MAGADAN = "Europe/Moscow", "Asia/Kamchatka", "Asia/Magadan"
SERVICE = SERVICE_HOURS.as_json()
NIGHT = NOW + timedelta(hours=13)  # 01:00 in Moscow, 10:00 on Tuesday in Kamchatka


def in_zones(*zones, account=None, **fields) -> Campaign:
    account = account or make_account(use_duty_phone=True)
    campaign = make_campaign(len(zones), account=account)
    for call, zone in zip(campaign.calls.order_by("pk"), zones, strict=True):
        early = NOW - timedelta(days=1)
        Call.objects.filter(pk=call.pk).update(zone=zone, planned_at=early)
    return change(campaign, **{"hours": SERVICE, **fields})


def change(campaign: Campaign, **fields) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    return campaign


def taken(campaign: Campaign, now=NOW) -> list[Call]:
    found = dispatch.take(campaign.account, now=now)
    return list(found.order.calls.order_by("pk")) if found else []


def real_account(**fields):
    return make_account(
        use_duty_phone=True, base_url="https://api.calls.example/apiCalls", **fields
    )


# Hours


def test_nobody_is_rung_outside_the_hours_of_his_zone():
    campaign = in_zones(KAMCHATKA, MOSCOW)
    assert [call.zone for call in taken(campaign)] == [MOSCOW]
    assert taken(campaign) == []
    assert [call.zone for call in taken(campaign, NIGHT)] == [KAMCHATKA]
    assert counts_hold(campaign)


def test_the_zone_that_closes_first_goes_first_and_an_order_has_one_zone():
    campaign = in_zones(MOSCOW, MAGADAN, MOSCOW)
    assert [call.zone for call in taken(campaign)] == [MAGADAN]
    assert [call.zone for call in taken(campaign)] == [MOSCOW, MOSCOW]


def test_an_unknown_zone_waits_until_it_is_open_everywhere():
    campaign = in_zones("")
    assert taken(campaign) == []
    assert len(taken(campaign, NOW - timedelta(hours=1))) == 1


def test_a_minute_before_the_end_is_in_time_and_the_end_is_not():
    campaign = in_zones(KAMCHATKA, KAMCHATKA, account=make_account(phones_per_order=1))
    assert len(taken(campaign, NOW - timedelta(minutes=1))) == 1
    assert taken(campaign, NOW) == []


def test_without_hours_an_emulator_rings_at_any_time_and_a_real_service_never_at_night():
    harmless, real = in_zones("", hours=None), in_zones("", hours=None, account=real_account())
    assert len(taken(harmless, NIGHT)) == 1
    assert taken(real, NIGHT) == []
    assert len(taken(real, NOW - timedelta(hours=1))) == 1


@pytest.mark.parametrize("hours", [{}, {"days": []}, {"days": [[0, 9000]] * 7, "holiday": None}])
def test_hours_that_cannot_be_read_are_those_of_the_purpose(hours):
    campaign = in_zones("", hours=hours, account=real_account())
    assert taken(campaign, NIGHT) == []


def test_ones_own_number_may_be_rung_at_any_time():
    campaign = in_zones("", hours=None, purpose="own", account=real_account())
    assert len(taken(campaign, NIGHT)) == 1


def test_rules_that_an_admin_has_narrowed_bind_a_campaign_without_hours():
    never = SERVICE_HOURS.within(type(SERVICE_HOURS)((None,) * 7, None))
    rules_in_force.change(
        "service",
        hours=never,
        limits=rules_in_force.preset("service").limits,
        ground="тишина",
        actor=None,
        now=NOW,
    )
    campaign = in_zones(MOSCOW, hours=None, account=real_account())
    assert taken(campaign) == []


@pytest.mark.parametrize("purpose", ["advertising", "nonsense"])
def test_a_purpose_that_is_refused_holds_its_campaign(purpose):
    campaign = in_zones(MOSCOW, purpose=purpose)
    assert taken(campaign) == []
    campaign.refresh_from_db()
    assert (campaign.hold_kind, campaign.hold_until) == ("guard", None)
    assert campaign.hold_reason


def test_nothing_is_taken_from_its_end_on():
    campaign = in_zones(MOSCOW, MOSCOW, ends_at=NOW, account=make_account(phones_per_order=1))
    assert len(taken(campaign, NOW - timedelta(seconds=1))) == 1
    assert taken(campaign, NOW) == []


# Messages


def test_calls_of_one_order_hear_one_variant_with_its_own_payload(service):
    campaign = make_campaign(4, account=make_account(use_duty_phone=True))
    for letter in "ab":
        payload = {"record": {"text": f"Вариант {letter}", "gender": 0}, "recognize": 0}
        Variant.objects.create(campaign=campaign, letter=letter, message="text", payload=payload)
    first = campaign.calls.order_by("pk")[1:3]
    Call.objects.filter(pk__in=[call.pk for call in first]).update(variant="b")
    dispatch.dispatch_due(clock=lambda: NOW)
    heard = {order.message["record"]["text"]: order.phones for order in service.orders}
    assert set(heard) == {"Вариант a", "Вариант b"}
    assert set(heard["Вариант b"]) == set(phones_of(first))
    assert len(service.orders) == 2


def test_a_call_with_its_own_text_goes_alone_with_it(service):
    campaign = make_campaign(3, account=make_account(use_duty_phone=True))
    for number, call in enumerate(campaign.calls.order_by("pk")[:2]):
        Call.objects.filter(pk=call.pk).update(text=f"Вам {number} рублей")
    dispatch.dispatch_due(clock=lambda: NOW)
    told = sorted((order.message["record"]["text"], len(order.phones)) for order in service.orders)
    assert told == [("Вам 0 рублей", 1), ("Вам 1 рублей", 1), ("Здравствуйте!", 1)]
    campaign.refresh_from_db()
    assert campaign.payload["record"]["text"] == "Здравствуйте!"


def test_two_planned_attempts_to_one_phone_never_share_an_order():
    campaign = make_campaign(1)
    call = campaign.calls.get()
    Call.objects.create(campaign=campaign, phone=call.phone, attempt=2, planned_at=NOW)
    assert len(taken(campaign)) == 1


# Blacklist


def test_a_block_for_another_campaign_or_of_the_past_stops_nobody():
    campaign, other = make_campaign(2), make_campaign(1)
    blocking.block(phones_of(campaign.calls.all()), source=BlockedPhone.Source.HAND, campaign=other)
    blocking.block(
        [campaign.calls.first().phone],
        source=BlockedPhone.Source.HAND,
        expires_at=NOW,
        now=NOW - timedelta(days=1),
    )
    assert len(taken(campaign)) == 2


def test_a_block_for_this_campaign_stops_it_alone():
    campaign = make_campaign(["79000000001"])
    other = make_campaign(["79000000001"])
    blocking.block(["79000000001"], source=BlockedPhone.Source.HAND, campaign=campaign)
    assert taken(campaign) == []
    assert stages(campaign) == ["blocked"]
    assert len(taken(other)) == 1
    assert counts_hold(campaign)


# Turns


def test_a_campaign_of_blocked_people_neither_spins_nor_stops_the_next(service):
    account = make_account(use_duty_phone=True, phones_per_order=2)
    blocked = make_campaign(9, account=account)
    blocking.block(phones_of(blocked.calls.all()), source=BlockedPhone.Source.HAND)
    other = make_campaign(3, account=account)
    dispatch.dispatch_due(clock=lambda: NOW)
    assert set(stages(other)) == {"accepted"}
    assert set(stages(blocked)) == {"blocked"}
    assert counts_hold(blocked)


def test_a_campaign_that_cannot_be_sent_does_not_stop_the_next(service, caplog):
    account = make_account(use_duty_phone=True)
    broken = make_campaign(1, account=account)
    Campaign.objects.filter(pk=broken.pk).update(limits={"day": "три"})
    other = make_campaign(1, account=account)
    dispatch.dispatch_due(clock=lambda: NOW)
    assert (stages(broken), stages(other)) == (["planned"], ["accepted"])
    assert f"campaign {broken.pk} cannot be sent" in caplog.text


def test_a_text_whose_variables_have_lost_their_values_is_never_sent():
    campaign = change(make_campaign(2), text="{имя}, заказ готов")
    told = campaign.calls.order_by("pk").last()
    Call.objects.filter(pk=told.pk).update(text="Анна, заказ готов")
    assert [call.pk for call in taken(campaign)] == [told.pk]
    assert stages(campaign) == ["taken_back", "sending"]
    assert "переменных" in campaign.calls.get(stage="taken_back").error
    assert counts_hold(campaign)


def test_a_campaigns_own_pace_and_number_at_once_are_kept(service):
    account = make_account(use_duty_phone=True)
    slow = change(make_campaign(5, account=account), calls_per_minute=2)
    narrow = change(make_campaign(5, account=account), concurrent=3)
    dispatch.dispatch_due(clock=lambda: NOW)
    assert stages(slow).count("accepted") == 2
    assert stages(narrow).count("accepted") == 3
    dispatch.dispatch_due(clock=lambda: NOW + timedelta(seconds=61))
    assert stages(slow).count("accepted") == 4
    assert stages(narrow).count("accepted") == 3


def test_an_order_that_never_left_takes_no_pace():
    account = make_account(use_duty_phone=True, calls_per_minute=2)
    campaign = make_campaign(2, account=account)
    order = dispatch.take(account, now=NOW).order
    assert order.size == 2
    assert taken(campaign) == []

    outcomes.take_back(order, NOW)
    assert len(taken(campaign)) == 2


def test_taking_costs_the_same_however_many_wait():
    """Statements, and rows looked at: the index gives a portion without sorting the rest."""
    counts = []
    for number in (60, 600):
        campaign = change(make_campaign(number), limits={"day": 3}, budget=100_000, hours=SERVICE)
        Call.objects.filter(campaign=campaign).update(zone=MOSCOW)
        with CaptureQueriesContext(connection) as asked:
            assert len(taken(campaign)) == 50
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


def test_due_calls_come_by_the_index_of_turns():
    campaign = make_campaign(1)
    due = Call.objects.due(NOW).filter(campaign=campaign, zone="")[:5]
    plan = due.explain()
    if connection.vendor == "sqlite":
        assert "call_turn" in plan
        assert "TEMP B-TREE" not in plan


def test_what_is_planned_for_another_time_is_no_work():
    later = make_campaign(1, planned_at=NOW + timedelta(hours=1))
    assert taking.candidates(later.account, NOW) == []
    assert taking.candidates(later.account, NOW + timedelta(hours=1)) == [later.pk]


def test_rules_that_an_admin_has_narrowed_since_bind_a_running_campaign_too():
    campaign = in_zones(MOSCOW, account=real_account())
    rules_in_force.change(
        "service",
        hours=SERVICE_HOURS.within(type(SERVICE_HOURS)((None,) * 7, None)),
        limits=rules_in_force.preset("service").limits,
        ground="пока не разберёмся с жалобами",
        actor=None,
        now=NOW,
    )
    assert taken(campaign) == []


def test_texts_of_ones_own_are_looked_at_a_handful_at_a_time(service, monkeypatch):
    campaign = make_campaign(30, account=make_account(use_duty_phone=True))
    change(campaign, text="К оплате {сумма} рублей")
    for number, call in enumerate(campaign.calls.order_by("pk")):
        Call.objects.filter(pk=call.pk).update(text=f"К оплате {number} рублей")
    looked_at = []
    due = taking._due
    monkeypatch.setattr(taking, "_due", lambda *args: looked_at.append(args[3]) or due(*args))
    assert len(taken(campaign)) == 1
    assert looked_at == [taking.SINGLY]


@pytest.mark.django_db(transaction=True)
def test_who_finds_another_worker_at_an_account_goes_away_at_once():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    campaign, taken = make_campaign(1), []

    def other() -> None:
        try:
            taken.append(dispatch.take_some(campaign.account, 1, now=NOW))
        finally:
            connection.close()

    def run() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)

    with transaction.atomic():
        take_turn(f"account {campaign.account.pk}")
        run()
    run()
    assert [len(orders) for orders in taken] == [0, 1]
