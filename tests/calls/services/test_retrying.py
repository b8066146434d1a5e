"""Another attempt follows the end that asks for it: once, in time, and only where it is wanted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from calls.models import Call, Campaign, Variant
from calls.rules.purposes import SERVICE_HOURS
from calls.rules.retries import MOST_ATTEMPTS, Retries, Rule
from calls.services import blocking, dispatch, folding, ledger, outcomes
from tests.calls.makers import NOW, api_call, counts_hold, created, make_campaign, news, stages

pytestmark = pytest.mark.django_db
BUSY = Retries({"busy": Rule(2, 15)})
ALL = Retries({name: Rule(1, 10) for name in ("busy", "no_answer", "early", "no_key")})


def make(number=1, retries=BUSY, **fields) -> Campaign:
    campaign = make_campaign(number)
    fields = {"retries": retries.as_json(), "listen_seconds": 20, **fields}
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    campaign.refresh_from_db()
    return campaign


def ring(campaign: Campaign, now=NOW) -> Call:
    """Its next call, accepted by the service."""
    order = dispatch.take(campaign.account, now=now).order
    call = order.calls.get()
    outcomes.created(order, created({call.phone: 700_000 + call.pk}), lambda: now)
    call.refresh_from_db()
    return call


def hear(call: Call, status: str, *, now=NOW, after: float = 9, **fields) -> None:
    call.refresh_from_db()
    folding.fold(call, api_call(call, news(status, after=after, **fields)), now=now)
    call.refresh_from_db()


def attempts(campaign: Campaign) -> list[tuple[int, str, str]]:
    rows = campaign.calls.order_by("attempt").values_list("attempt", "stage", "result")
    return list(rows)


def test_a_busy_call_is_followed_by_an_attempt_so_much_later():
    campaign = make()
    call = ring(campaign)
    Call.objects.filter(pk=call.pk).update(name="Ольга", zone="Asia/Omsk")
    hear(call, "busy")
    again = campaign.calls.get(attempt=2)
    assert (again.name, again.zone, again.phone) == ("Ольга", "Asia/Omsk", call.phone)
    assert again.planned_at == NOW + timedelta(minutes=15)
    assert (again.stage, again.sent_at) == ("planned", None)
    assert call.is_retried
    assert call.events.filter(kind="retry").get().details["attempt"] == 2
    assert again.events.get().kind == "planned"
    campaign.refresh_from_db()
    assert (campaign.people, campaign.retried, campaign.total) == (1, 1, 2)
    assert campaign.state == "running"
    assert not campaign.events.filter(kind="done").exists()
    assert counts_hold(campaign)


def test_the_same_news_again_make_no_second_attempt():
    campaign = make()
    call = ring(campaign)
    for after in (9, 9, 20):
        hear(call, "busy", after=after, hangup_cause=f"{after}")
    assert len(attempts(campaign)) == 2
    assert counts_hold(campaign)


def test_the_attempts_of_a_rule_are_counted_and_then_it_is_over():
    campaign = make()
    now = NOW
    for _ in range(3):
        hear(ring(campaign, now), "busy", now=now)
        now += timedelta(minutes=15)
    assert [row[2] for row in attempts(campaign)] == ["busy"] * 3
    campaign.refresh_from_db()
    assert (campaign.state, campaign.retried) == ("done", 2)
    assert counts_hold(campaign)


def test_rules_never_add_up_to_endless_attempts():
    campaign = make(retries=Retries({"busy": Rule(99, 1)}))
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        hear(ring(campaign, now), "busy", now=now)
        now += timedelta(minutes=1)
    assert campaign.calls.count() == MOST_ATTEMPTS
    assert dispatch.take(campaign.account, now=now + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("seconds", "fields", "result"),
    [
        (None, {}, "no_answer"),
        (2, {}, "early"),
        (30, {}, "reached"),
        (30, {"ivr_answers": "|1|"}, "reached"),
    ],
)
def test_how_a_call_went_decides(seconds, fields, result):
    campaign = make(retries=ALL)
    call = ring(campaign)
    if seconds is not None:
        fields |= {"answered_at": NOW, "finished_at": NOW + timedelta(seconds=seconds)}
    hear(call, "finished", **fields)
    assert call.result == result
    assert len(attempts(campaign)) == (1 if result == "reached" else 2)
    assert counts_hold(campaign)


def test_whoever_pressed_nothing_is_asked_once_more_where_a_key_was_waited_for():
    campaign = make(retries=ALL)
    ivrs = {"record": {"text": "1 или 2"}, "recognize": 0, "ivrs": [{"digit": 1}]}
    Variant.objects.create(campaign=campaign, letter="a", message="scenario", payload=ivrs)
    Campaign.objects.update(people=1)
    Variant.objects.update(people=1)
    call = ring(campaign)
    hear(call, "finished", answered_at=NOW, finished_at=NOW + timedelta(seconds=30))
    assert call.result == "no_key"
    assert campaign.calls.get(attempt=2).variant == "a"
    assert counts_hold(campaign)


def test_a_retry_falls_into_the_hours_and_not_behind_the_end():
    hours = SERVICE_HOURS.as_json()
    night = NOW + timedelta(hours=8, minutes=59)  # 20:59 in Moscow, where all phones here are
    campaign = make(hours=hours)
    hear(ring(campaign, night), "busy", now=night)
    planned = campaign.calls.get(attempt=2).planned_at
    assert planned == NOW + timedelta(hours=21)  # Tuesday 9:00
    ending = make(hours=hours, ends_at=NOW + timedelta(hours=21))
    hear(ring(ending, night), "busy", now=night)
    assert len(attempts(ending)) == 1
    assert counts_hold(ending)


@pytest.mark.parametrize(("state", "number"), [("paused", 2), ("stopped", 1)])
def test_a_paused_campaign_plans_it_and_a_stopped_one_does_not(state, number):
    campaign = make()
    call = ring(campaign)
    Campaign.objects.update(state=state)
    hear(call, "busy")
    assert len(attempts(campaign)) == number
    assert counts_hold(campaign)
    assert campaign.state == ("paused" if state == "paused" else "done")


def test_whoever_wants_no_calls_is_blocked_and_not_tried_again():
    campaign = make()
    call = ring(campaign)
    hear(call, "busy", to_block=True)
    assert attempts(campaign) == [(1, "accepted", "busy")]
    assert call.phone in blocking.blocked_among([call.phone])


def test_news_that_the_person_was_reached_take_the_next_attempt_back():
    campaign = make(retries=ALL)
    call = ring(campaign)
    hear(call, "finished")
    assert attempts(campaign) == [(1, "accepted", "no_answer"), (2, "planned", "")]
    hear(call, "finished", after=9, ivr_answers="|1|", answered_at=NOW)
    assert attempts(campaign) == [(1, "accepted", "reached"), (2, "taken_back", "")]
    assert campaign.answer_counts.get().number == 1
    assert counts_hold(campaign)
    assert campaign.state == "done"


def test_a_refusal_heard_late_takes_the_next_attempt_back():
    campaign = make()
    call = ring(campaign)
    hear(call, "busy")
    hear(call, "busy", after=12, to_block=True)
    assert [row[1] for row in attempts(campaign)] == ["accepted", "taken_back"]


def test_an_attempt_that_has_gone_out_is_not_taken_back():
    campaign = make(retries=ALL)
    call = ring(campaign)
    hear(call, "finished")
    again = ring(campaign, NOW + timedelta(minutes=10))
    hear(call, "finished", ivr_answers="|1|")
    assert attempts(campaign) == [(1, "accepted", "reached"), (2, "accepted", "")]
    hear(again, "busy")
    assert counts_hold(campaign)


def test_a_correction_to_busy_plans_it_while_the_campaign_goes_on():
    for goes_on in (True, False):
        campaign = make()
        call = ring(campaign)
        if goes_on:
            waits = Call(campaign=campaign, phone="79000000000", planned_at=NOW + timedelta(days=9))
            ledger.plan(campaign, [waits], now=NOW)
        hear(call, "finished")
        hear(call, "busy", after=20)
        assert campaign.calls.filter(attempt=2).count() == goes_on
        assert counts_hold(campaign)
        assert campaign.is_over != goes_on


def test_where_somebody_has_planned_another_attempt_none_is_added():
    campaign = make()
    call = ring(campaign)
    ledger.plan(
        campaign,
        [Call(campaign=campaign, phone=call.phone, attempt=2, planned_at=NOW)],
        now=NOW,
    )
    hear(call, "busy")
    assert len(attempts(campaign)) == 2
    assert counts_hold(campaign)


def test_a_lost_call_that_comes_back_busy_is_tried_again_unless_it_was_stopped():
    for is_stopped in (False, True):
        campaign = make()
        order = dispatch.take(campaign.account, now=NOW).order
        outcomes.doubt(order, NOW)
        ledger.move(order.calls.get(), "lost", now=NOW)
        campaign.refresh_from_db()
        assert campaign.state == "done"
        if is_stopped:
            campaign.events.create(kind="stopped", at=NOW)
        call = order.calls.select_related("campaign").get()
        folding.fold(call, api_call(call, news("busy", after=9), number=call.pk + 5), now=NOW)
        assert stages(campaign) == (["accepted"] if is_stopped else ["accepted", "planned"])
        assert counts_hold(campaign)
        assert campaign.state == ("done" if is_stopped else "running")


def test_the_loser_of_two_readers_of_an_end_plans_nothing():
    campaign = make()
    call = ring(campaign)
    first, second = (Call.objects.select_related("campaign").get(pk=call.pk) for _ in range(2))
    folding.fold(first, api_call(call, news("busy", after=9)), now=NOW)
    again = Call(campaign=campaign, phone=call.phone, attempt=2, planned_at=NOW)
    with pytest.raises((ledger.Stale, IntegrityError)), transaction.atomic():
        ledger.report(second, now=NOW, event=None, retry=again, status="busy", is_final=True)
    assert len(attempts(campaign)) == 2
    assert counts_hold(campaign)
