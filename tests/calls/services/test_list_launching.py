"""A plan becomes one campaign, with everything frozen, however many people press the button."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.models import Call, Campaign, CampaignEvent, Contact, ContactList, Variant
from calls.rules.limits import Limits
from calls.rules.retries import Retries, Rule
from calls.services import drafts, list_launching, lists, planning
from calls.services.launching import NotReady
from calls.services.list_launching import launch_plan
from calls.services.planning import Guards, MessagePlan
from obzvon_site.accounts.models import AuditEvent
from records.models import Record
from tests.calls.lists import make_contact, make_list, make_plan, text_message
from tests.calls.makers import NOW
from tests.calls.scenarios import make_record
from tests.factories import make_account, make_phone, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def launched(plan, actor=None) -> Campaign:
    campaign = launch_plan(plan, actor=actor, now=NOW)
    campaign.refresh_from_db()
    return campaign


def test_a_launch_freezes_the_plan_and_makes_no_calls_yet():
    phone, person = make_phone(), make_user()
    plan = make_plan(
        2,
        account=phone.account,
        outgoing_phone=phone,
        limits=Limits(1, 2, 3),
        retries=Retries({"busy": Rule(2, 15)}),
        starts_at=NOW + DAY,
        ends_at=NOW + 3 * DAY,
        calls_per_minute=10,
        concurrent=5,
        budget=Decimal(100),
        day_budget=Decimal(50),
        pilot_size=20,
        guards=Guards(answered=20, errors=30),
        skip_called_days=7,
        need_recording=False,
        answers={"list": {"name": ["Ноябрь"]}},
    )
    campaign = launched(plan, person)
    assert campaign.state == Campaign.State.PREPARING
    assert (campaign.account, campaign.outgoing_phone) == (phone.account, phone)
    assert (campaign.planned_at, campaign.ends_at) == (plan.starts_at, plan.ends_at)
    assert campaign.hours == plan.hours.as_json()
    assert campaign.limits == {"day": 1, "week": 2, "month": 3}
    assert campaign.retries == {"busy": [2, 15, False]}
    assert campaign.guards == {"answered": 20, "errors": 30, "of": 50}
    assert (campaign.calls_per_minute, campaign.concurrent, campaign.pilot_size) == (10, 5, 20)
    assert (campaign.budget, campaign.day_budget) == (100, 50)
    assert (campaign.skip_called_days, campaign.need_recording) == (7, False)
    assert campaign.answers == {"list": {"name": ["Ноябрь"]}}
    assert (campaign.created_by, campaign.changed_at) == (person, NOW)
    assert not Call.objects.exists()


def test_the_message_is_frozen_with_its_price_and_its_length():
    plan = make_plan(1, text="Компания «Ромашка»: " + "ю" * 110)
    campaign = launched(plan)
    assert campaign.payload["record"] == {"text": plan.messages[0].text, "gender": 0}
    assert campaign.listen_seconds == 10
    forecast = planning.review(plan, now=NOW).forecast
    assert campaign.call_price == forecast.call_high
    assert Decimal(campaign.forecast["high"]) == forecast.high
    assert (campaign.forecast["answered"], campaign.forecast["is_guess"]) == (0.6, True)


def test_a_record_that_is_played_cannot_be_taken_away():
    account = make_account()
    record = make_record(account)
    message = MessagePlan(kind=Campaign.Message.RECORD, record=record)
    campaign = launched(make_plan(account=account, messages=(message,)))
    assert list(campaign.plays.all()) == [record]
    assert campaign.payload["record"] == {"id": record.service_id}
    assert campaign.listen_seconds == 4


def test_without_hours_none_are_kept():
    assert launched(make_plan(hours=None)).hours is None


def test_two_messages_become_two_variants_and_the_first_is_the_campaigns_own():
    account = make_account()
    record = make_record(account)
    other = MessagePlan(kind=Campaign.Message.RECORD, record=record)
    plan = make_plan(account=account, messages=(text_message(gender=Record.Gender.MALE), other))
    campaign = launched(plan)
    first, second = campaign.variants.order_by("letter")
    assert (first.letter, first.message, first.text) == ("a", "text", plan.messages[0].text)
    assert first.payload == campaign.payload
    assert (second.letter, second.record, second.listen_seconds) == ("b", record, 4)
    assert second.payload["record"] == {"id": record.service_id}
    assert list(campaign.plays.all()) == [record]


def test_one_message_needs_no_variants():
    launched(make_plan())
    assert not Variant.objects.exists()


def test_the_launch_stands_in_the_history_and_in_the_log_with_its_grounds():
    person = make_user()
    plan = make_plan([{"consent_on": None}, {}], consent_waiver="договор № 5", ground="приказ")
    campaign = launched(plan, person)
    event = campaign.events.get()
    assert (event.kind, event.actor, event.at) == ("launched", person, NOW)
    assert event.details == {
        "list": plan.contact_list.name,
        "to_call": 2,
        "set_aside": {},
        "ground": "приказ",
        "consent_waiver": "договор № 5",
    }
    noted = AuditEvent.objects.get(verb="campaign.launched")
    assert (noted.actor, noted.details["count"]) == (person, 2)
    assert noted.details["consent_waiver"] == "договор № 5"
    assert campaign.consent_waiver == "договор № 5"


def test_the_list_knows_when_it_was_used_and_the_campaign_what_it_was_called():
    plan = make_plan(1)
    campaign = launched(plan)
    plan.contact_list.refresh_from_db()
    assert plan.contact_list.used_at == NOW
    assert (campaign.contact_list, campaign.list_name) == (
        plan.contact_list,
        plan.contact_list.name,
    )


def test_only_those_who_were_in_the_list_at_the_launch_are_meant():
    plan = make_plan(2)
    campaign = launched(plan)
    last = Contact.objects.latest("pk")
    make_contact(plan.contact_list)
    assert campaign.prepare_until == last.pk


def test_the_draft_knows_its_campaign():
    draft = drafts.create(actor=None, now=NOW)
    campaign = launched(make_plan(launch_token=draft.launch_token))
    draft.refresh_from_db()
    assert draft.campaign == campaign


def test_two_who_press_the_button_get_one_campaign():
    plan = make_plan(1)
    assert launched(plan, make_user()) == launched(replace(plan, name="Другое"), make_user())
    assert Campaign.objects.count() == CampaignEvent.objects.count() == 1


def test_of_two_at_the_same_moment_the_second_finds_the_firsts_campaign(monkeypatch):
    plan = make_plan(1)
    real = planning.review

    def somebody_is_faster(wanted, *, now):
        monkeypatch.setattr(planning, "review", real)
        launch_plan(wanted, actor=None, now=now)
        return real(wanted, now=now)

    monkeypatch.setattr(planning, "review", somebody_is_faster)
    campaign = launch_plan(plan, actor=None, now=NOW)
    assert Campaign.objects.get() == campaign
    assert AuditEvent.objects.filter(verb="campaign.launched").count() == 1


def test_what_is_not_ready_is_not_launched():
    with pytest.raises(NotReady) as refused:
        launch_plan(make_plan(1, purpose="advertising"), actor=None, now=NOW)
    assert "38-ФЗ" in refused.value.problems[0]
    assert not Campaign.objects.exists()
    assert ContactList.objects.get().used_at is None


def test_a_forecast_may_move_as_long_as_people_read_the_same_figure():
    shown = list_launching.Shown(10, Decimal("6149.00"), "same")
    assert shown.covers(replace(shown, high=Decimal("6149.90")))
    assert shown.covers(replace(shown, high=Decimal("5000.00")))
    assert not shown.covers(replace(shown, high=Decimal("6200.00")))
    assert not replace(shown, high=None).covers(shown)


def test_a_list_that_is_removed_while_the_plan_is_looked_over_is_not_launched(monkeypatch):
    plan = make_plan(1)
    real = list_launching.foreseeing.opening_seconds

    def removes_the_list(message):
        lists.remove(plan.contact_list, actor=None, now=NOW)
        return real(message)

    monkeypatch.setattr(list_launching.foreseeing, "opening_seconds", removes_the_list)
    with pytest.raises(NotReady, match="удалён"):
        launch_plan(plan, actor=None, now=NOW)
    assert not Campaign.objects.exists()


def test_nothing_of_a_launch_is_left_when_it_fails_at_the_end(monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(list_launching, "_tell", fails)
    with pytest.raises(RuntimeError):
        launch_plan(make_plan(1), actor=None, now=NOW)
    assert not Campaign.objects.exists()
    assert ContactList.objects.get().used_at is None


def test_a_list_cannot_be_removed_while_a_campaign_is_made_of_it():
    mine = make_list(1)
    launched(make_plan(contact_list=mine))
    with pytest.raises(lists.InUse):
        lists.remove(mine, actor=None, now=timezone.now())
    assert ContactList.objects.shown().exists()
