"""Every move of a call: allowed ones count and leave a line, all others change nothing."""

from itertools import product

import pytest
from django.db import connection, transaction

from calls.models import Call, CallEvent, Campaign, Order
from calls.services import ledger
from calls.services.ledger import Stale
from tests.calls.makers import NOW, counts_hold, make_call, make_campaign, make_order
from tests.factories import make_account

pytestmark = pytest.mark.django_db
Stage = Call.Stage
ALLOWED = [(source, target) for source in ledger.MOVES for target in ledger.MOVES[source]]
FORBIDDEN = sorted(set(product(Stage.values, Stage.values)) - set(ALLOWED))


def make_calls_at(stage, number=1) -> list[Call]:
    campaign = make_campaign(number + 1)
    calls = list(campaign.calls.select_related("campaign").order_by("pk")[:number])
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(
        stage=stage, is_final=stage in ledger.FINAL_STAGES
    )
    Campaign.objects.filter(pk=campaign.pk).update(**campaign.recount())
    for call in calls:
        call.refresh_from_db()
    return calls


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_an_allowed_move_counts_and_leaves_a_line(source, target):
    (call,) = make_calls_at(source)
    ledger.move(call, target, now=NOW, error="слова", details={"reason": "слова"})
    kept = Call.objects.get(pk=call.pk)
    assert (kept.stage, kept.error, call.stage) == (target, "слова", target)
    assert kept.is_final == (target in ledger.FINAL_STAGES)
    line = kept.events.latest("pk")
    assert (line.kind, line.details) == (ledger.EVENTS[target], {"reason": "слова"})
    assert counts_hold(call.campaign)


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_many_move_as_one_does(source, target):
    calls = make_calls_at(source, 3)
    assert ledger.move_all(calls, target, now=NOW) == 3
    assert CallEvent.objects.filter(kind=ledger.EVENTS[target], at=NOW).count() >= 3
    assert counts_hold(calls[0].campaign)


@pytest.mark.parametrize(("source", "target"), FORBIDDEN)
def test_any_other_move_is_a_mistake(source, target):
    call = Call(stage=source, campaign_id=1)
    with pytest.raises(ValueError, match="cannot go"):
        ledger.move(call, target, now=NOW)
    with pytest.raises(ValueError, match="cannot go"):
        ledger.move_all([call], target, now=NOW)


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_the_loser_of_a_race_changes_nothing(source, target):
    calls = make_calls_at(source, 2)
    winner = Call.objects.get(pk=calls[0].pk)
    ledger.move(winner, target, now=NOW)
    for lose in (
        lambda: ledger.move(calls[0], target, now=NOW),
        lambda: ledger.move_all(calls, target, now=NOW),
    ):
        with pytest.raises(Stale), transaction.atomic():
            lose()
    assert Call.objects.get(pk=calls[1].pk).stage == source
    assert counts_hold(calls[0].campaign)


def test_calls_with_fields_of_their_own_are_moved_in_a_few_statements_too(
    django_assert_max_num_queries,
):
    calls = make_calls_at("sending", 30)
    with django_assert_max_num_queries(6):
        ledger.move_each(
            [(call, {"service_order_id": 5000 + call.pk}) for call in calls], "accepted", now=NOW
        )
    assert all(
        pk + 5000 == number
        for pk, number in Call.objects.filter(stage="accepted").values_list(
            "pk", "service_order_id"
        )
    )
    assert CallEvent.objects.filter(kind="accepted").count() == 30
    assert counts_hold(calls[0].campaign)


def test_moving_nobody_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ledger.move_all([], "sending", now=NOW) == 0


def test_many_move_in_a_fixed_number_of_statements(django_assert_max_num_queries):
    calls = make_calls_at("planned", 60)
    with django_assert_max_num_queries(6):
        ledger.move_all(calls, "sending", now=NOW)


def test_a_campaign_is_over_with_its_last_call_and_goes_on_when_one_comes_back():
    order = make_order(1)
    campaign, call = order.campaign, order.calls.get()
    Campaign.objects.update(hold_reason="что-то")
    ledger.move(call, "unknown", now=NOW)
    ledger.move(call, "lost", now=NOW)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.hold_reason) == ("done", "")
    ledger.move(call, "accepted", now=NOW, service_order_id=5)
    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert counts_hold(campaign)


def test_a_counter_that_moves_sets_the_time_of_change():
    order = make_order(1)
    Campaign.objects.update(changed_at=NOW.replace(year=2020))
    ledger.move(order.calls.get(), "unknown", now=NOW)
    assert Campaign.objects.get().changed_at == NOW


def test_news_of_a_call_that_has_changed_are_stale():
    call = make_call()
    seen = Call.objects.get(pk=call.pk)
    ledger.report(call, now=NOW, event=None, status="finished", is_final=True, cost=1)
    for fields in ({"status": "busy"}, {"cost": 2}):
        with pytest.raises(Stale), transaction.atomic():
            ledger.report(seen, now=NOW, event=None, **fields)
    assert counts_hold(call.campaign)


def test_only_the_holder_of_its_lease_ends_an_order():
    order = make_order(1)
    another = Order.objects.get(pk=order.pk)
    another.lease = "x" * 32
    with pytest.raises(Stale):
        ledger.end_order(another, Order.State.ANSWERED, now=NOW)
    ledger.end_order(order, Order.State.ANSWERED, now=NOW)
    with pytest.raises(Stale):
        ledger.end_order(order, Order.State.UNKNOWN, now=NOW)
    assert Order.objects.get().state == "answered"


def test_campaigns_are_locked_in_one_order(django_assert_num_queries):
    account = make_account()
    campaigns = [make_campaign(1, account=account) for _ in range(2)]
    # SQLite has one writer at a time: nobody is to be waited for.
    questions = int(connection.vendor == "postgresql")
    with transaction.atomic(), django_assert_num_queries(questions):
        ledger.lock([campaigns[1].pk, campaigns[0].pk, campaigns[1].pk])
