"""Asking the service: rarer the quieter; doubt is looked up and never sent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import Campaign
from calls.services import dispatch, outcomes, syncing
from obzvon_site.provider import errors
from tests.calls.makers import (
    NOW,
    api_call,
    counts_hold,
    created,
    make_call,
    make_order,
    news,
    stages,
)
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def later(**given) -> object:
    return NOW + timedelta(**given)


def test_a_due_call_is_asked_about_and_its_news_folded(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5))]
    assert syncing.poll_due(now=later(seconds=5)) == 1
    call.refresh_from_db()
    assert (call.status, call.cost) == ("finished", Decimal("2.50"))
    assert service.asked == [[call.service_order_id]]
    assert counts_hold(call.campaign)


def test_calls_that_are_not_due_are_not_asked_about(service):
    make_call()
    assert syncing.poll_due(now=later(seconds=2)) == 0
    assert service.asked == []


def test_a_campaign_is_read_once_and_not_with_each_of_its_calls():
    order = make_order(3)
    outcomes.created(order, created({c.phone: c.pk for c in order.calls.all()}), lambda: NOW)
    with CaptureQueriesContext(connection) as asked:
        calls = syncing._take_turn(order.campaign.account, later(minutes=1))
        assert len({id(call.campaign) for call in calls}) == 1
    assert len(calls) == 3
    assert sum("launch_token" in query["sql"] for query in asked) == 1


@pytest.mark.parametrize(
    ("quiet", "wait"),
    [
        (timedelta(seconds=10), 5),
        (timedelta(minutes=5), 10),
        (timedelta(minutes=30), 30),
        (timedelta(hours=5), 300),
        (timedelta(days=2), 3600),
    ],
)
def test_the_quieter_the_rarer(service, quiet, wait):
    call = make_call()
    service.listed = [api_call(call, news("", after=0))]
    syncing.poll_due(now=NOW + quiet)
    call.refresh_from_db()
    assert call.sync_at == NOW + quiet + timedelta(seconds=wait)


def test_a_talk_is_asked_about_every_three_seconds(service):
    call = make_call()
    service.listed = [api_call(call, news("answered", after=4))]
    syncing.poll_due(now=later(seconds=5))
    syncing.poll_due(now=later(seconds=10))
    call.refresh_from_db()
    assert call.sync_at == later(seconds=13)


def test_an_end_without_its_cost_is_asked_about_for_a_while(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5, cost=None))]
    syncing.poll_due(now=later(seconds=6))
    call.refresh_from_db()
    assert call.sync_at == later(seconds=26)
    syncing.poll_due(now=later(minutes=10))
    call.refresh_from_db()
    assert call.sync_at is None


def test_an_end_with_everything_is_not_asked_about_again(service):
    call = make_call()
    service.listed = [api_call(call, news("busy", after=5, cost=Decimal(0)))]
    syncing.poll_due(now=later(seconds=6))
    call.refresh_from_db()
    assert (call.sync_at, call.poll_seconds) == (None, None)


@pytest.mark.parametrize("trouble", [errors.Unreachable(), errors.OutcomeUnknown()])
def test_when_the_service_is_silent_the_question_is_put_off(service, trouble):
    call = make_call()
    service.trouble = trouble
    assert syncing.poll_due(now=later(seconds=5)) == 0
    call.refresh_from_db()
    assert call.sync_at == later(seconds=5) + syncing.FAILED_ASK


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("trouble", [None, errors.Unreachable()])
def test_campaigns_are_locked_before_many_calls_are_put_off(service, trouble):
    """Or a poll and a fold, each locking the same calls in its own order, wait in a ring."""
    account = make_account(use_duty_phone=True)
    service.listed = [api_call(make_call(account=account)) for _ in range(10)]
    service.trouble = trouble
    with CaptureQueriesContext(connection) as asked:
        syncing.poll_due(now=later(seconds=5))
    said = [query["sql"] for query in asked]
    writes = [place for place, sql in enumerate(said) if sql.startswith('UPDATE "calls_call"')]
    locks = [sql.startswith('SELECT "calls_campaign"') and "FOR UPDATE" in sql for sql in said]
    # The first are rows that are locked, passing over others.
    assert writes[0] < locks.index(True) < writes[1]


def test_unchanged_calls_cost_one_question_and_a_few_statements(
    service, django_assert_max_num_queries
):
    account = make_account(use_duty_phone=True)
    calls = [make_call(account=account) for _ in range(20)]
    service.listed = [api_call(call) for call in calls]
    with django_assert_max_num_queries(10):
        syncing.poll_due(now=later(seconds=5))
    assert len(service.asked) == 1


def ended_order(service, number: int, **campaign) -> Campaign:
    """So many accepted calls, of which the service says that all have ended."""
    order = make_order(number, **campaign)
    calls = list(order.calls.order_by("pk"))
    outcomes.created(order, created({call.phone: 700_000 + call.pk for call in calls}), lambda: NOW)
    service.listed = [
        api_call(call, news("busy" if place % 2 else "finished", after=5, cost=Decimal(2)))
        for place, call in enumerate(calls)
    ]
    return order.campaign


def test_news_of_many_calls_cost_as_few_statements_as_of_few(service):
    counts = []
    for number in (4, 44):
        campaign = ended_order(service, number)
        with CaptureQueriesContext(connection) as asked:
            assert syncing.poll_due(now=later(seconds=9)) == number
        counts.append(len(asked))
        assert counts_hold(campaign)
        assert campaign.is_over
    assert counts[0] == counts[1]


def test_a_strange_answer_stops_no_other_and_leaves_nothing_half_written(
    service, monkeypatch, caplog
):
    campaign = ended_order(service, 5)
    strange, real = service.listed[2].id, syncing.news.changes

    def changes(call, latest):
        if call.service_order_id == strange:
            raise RuntimeError("a bug")
        return real(call, latest)

    monkeypatch.setattr(syncing.news, "changes", changes)
    assert syncing.poll_due(now=later(seconds=9)) == 4
    assert counts_hold(campaign)
    left = campaign.calls.get(service_order_id=strange)
    assert (left.status, left.sync_at) == ("", later(seconds=9) + syncing.FAILED_ASK)
    assert f"news of call {left.pk} failed" in caplog.text


def test_the_last_of_several_attempts_counts(service):
    call = make_call()
    said = (news("finished", after=90), news("canceled", after=30))
    service.listed = [api_call(call, *said)]
    syncing.poll_due(now=later(seconds=100))
    call.refresh_from_db()
    assert call.status == "finished"


# Doubt


def doubtful(number=1, **fields):
    order = make_order(number, **fields)
    dispatch.expire_leases(now=later(minutes=2))
    return order


def test_a_call_in_doubt_is_found_in_the_services_list(service):
    order = doubtful(2)
    service.listed = [api_call(call, news("started", after=3)) for call in order.calls.all()]
    assert syncing.reconcile_due(now=later(minutes=3)) == 2
    order.refresh_from_db()
    assert order.state == "answered"
    assert set(stages(order.campaign)) == {"accepted"}
    assert service.asked == [None]
    assert counts_hold(order.campaign)


def rung_too(phone, order):
    """An order to a phone that another one rings: we avoid it, another program may not."""
    order.calls.update(phone=phone)
    return order


def test_an_entry_that_belongs_to_another_call_is_not_claimed(service):
    known = make_call()
    order = rung_too(known.phone, doubtful(1, account=known.campaign.account))
    service.listed = [api_call(known, news("finished", after=1))]
    assert syncing.reconcile_due(now=later(minutes=3)) == 0
    assert stages(order.campaign) == ["unknown"]


def test_an_entry_of_another_time_is_not_claimed(service):
    order = doubtful(1)
    old = api_call(order.calls.get(), created_at=NOW - timedelta(hours=1))
    new = api_call(order.calls.get(), created_at=NOW + timedelta(hours=1))
    service.listed = [old, new]
    assert syncing.reconcile_due(now=later(minutes=3)) == 0


def test_two_orders_in_doubt_for_one_phone_claim_one_entry_each(service):
    first = doubtful(["79110000001"])
    second = rung_too("79110000001", doubtful(1, account=first.campaign.account))
    call = first.calls.get()
    service.listed = [api_call(call, number=number) for number in (71, 72)]
    assert syncing.reconcile_due(now=later(minutes=3)) == 2
    assert first.calls.get().service_order_id == 71
    assert second.calls.get().service_order_id == 72


def test_what_enough_listings_do_not_show_is_lost_and_never_sent(service):
    order = doubtful(1)
    for minute in range(3, 12):
        syncing.reconcile_due(now=later(minutes=minute))
    order.refresh_from_db()
    call = order.calls.get()
    assert (order.state, call.stage, call.is_final) == ("lost", "lost", True)
    assert "не повторим" in call.error
    assert len(service.asked) >= syncing.LISTINGS
    assert service.orders == []
    assert counts_hold(order.campaign)


@pytest.mark.parametrize("jump", [200, -200, 3000, -3000])
def test_a_clock_that_jumped_while_an_order_was_sent_loses_no_call(service, jump):
    order = doubtful(1)
    created_at = NOW - timedelta(seconds=jump)
    service.listed = [api_call(order.calls.get(), created_at=created_at)]
    syncing.reconcile_due(now=later(minutes=3))
    assert stages(order.campaign) == ["unknown"]  # a webhook may prove another one
    for minute in range(4, 12):
        syncing.reconcile_due(now=later(minutes=minute))
    order.refresh_from_db()
    assert (order.state, stages(order.campaign)) == ("answered", ["accepted"])
    assert counts_hold(order.campaign)


@pytest.mark.parametrize("hours", [2, -2])
def test_an_entry_of_hours_away_is_not_claimed_at_the_last_look_either(service, hours):
    order = doubtful(1)
    service.listed = [api_call(order.calls.get(), created_at=NOW + timedelta(hours=hours))]
    for minute in range(3, 12):
        syncing.reconcile_due(now=later(minutes=minute))
    assert stages(order.campaign) == ["lost"]


@pytest.mark.parametrize("unread", ["an entry", "its moment", "its phone"])
def test_a_list_that_cannot_be_read_in_full_proves_nothing_lost(service, unread):
    order = doubtful(1)
    call = order.calls.get()
    if unread == "an entry":
        service.unreadable = 1
    elif unread == "its moment":
        service.listed = [replace(api_call(call), created_at=None)]
    else:
        service.listed = [replace(api_call(call), phone="")]
    for minute in range(3, 30):
        syncing.reconcile_due(now=later(minutes=minute))
    order.refresh_from_db()
    assert (order.state, order.asked, stages(order.campaign)) == ("unknown", 0, ["unknown"])
    assert order.ask_at is not None
    service.unreadable, service.listed = 0, []
    for minute in range(30, 34):
        syncing.reconcile_due(now=later(minutes=minute))
    assert stages(order.campaign) == ["lost"]


def test_what_cannot_be_read_of_other_times_and_calls_keeps_nobody_in_doubt(service):
    order = doubtful(1)
    known = make_call(account=order.campaign.account)
    away = NOW - timedelta(days=1)
    service.listed = [
        replace(api_call(order.calls.get(), created_at=away), phone=""),
        replace(api_call(known), created_at=None, phone=order.calls.get().phone),
    ]
    for minute in range(3, 12):
        syncing.reconcile_due(now=later(minutes=minute))
    assert stages(order.campaign) == ["lost"]


def test_nothing_is_lost_before_its_time_or_while_the_service_is_silent(service):
    order = doubtful(1)
    for seconds in (121, 160, 200, 240, 290):
        syncing.reconcile_due(now=later(seconds=seconds))
    assert stages(order.campaign) == ["unknown"]
    service.trouble = errors.Unreachable()
    for minute in range(6, 60):
        syncing.reconcile_due(now=later(minutes=minute))
    assert stages(order.campaign) == ["unknown"]


def test_a_partly_found_order_stays_in_doubt_for_the_rest(service):
    order = doubtful(2)
    first = order.calls.order_by("pk").first()
    service.listed = [api_call(first)]
    assert syncing.reconcile_due(now=later(minutes=3)) == 1
    order.refresh_from_db()
    assert order.state == "unknown"
    assert stages(order.campaign) == ["accepted", "unknown"]
    assert counts_hold(order.campaign)


def test_an_entry_whose_own_answer_is_on_its_way_is_left_to_it(service):
    doubt = doubtful(["79110000001"])
    account, now = doubt.campaign.account, later(minutes=2)
    sending = rung_too("79110000001", make_order(1, account=account, now=now))
    entry = api_call(sending.calls.get(), number=71, created_at=now)
    service.listed = [entry]
    assert syncing.reconcile_due(now=now) == 0
    assert stages(doubt.campaign) == ["unknown"]
    outcomes.created(sending, created({"79110000001": 71}), lambda: now)
    assert syncing.reconcile_due(now=later(minutes=3)) == 0
    assert stages(doubt.campaign) == ["unknown"]
    assert sending.calls.get().service_order_id == 71


def test_an_order_that_cannot_be_matched_stops_no_other(service, monkeypatch, caplog):
    first = doubtful(1)
    second = doubtful(1, account=first.campaign.account)
    service.listed = [api_call(second.calls.get())]
    real = syncing._match

    def first_fails(order, *rest, **how):
        if order == first:
            raise RuntimeError("a bug")
        return real(order, *rest, **how)

    monkeypatch.setattr(syncing, "_match", first_fails)
    assert syncing.reconcile_due(now=later(minutes=3)) == 1
    assert "could not be matched" in caplog.text
    asked = len(service.asked)
    syncing.reconcile_due(now=later(minutes=3, seconds=5))
    assert len(service.asked) == asked  # all of the service's list, so not at every tick


def test_an_answer_from_the_future_does_not_make_later_ones_late(service):
    call = make_call()
    service.listed = [api_call(call, news("started", after=10**9))]
    syncing.poll_due(now=later(seconds=5))
    service.listed = [api_call(call, news("finished", after=30))]
    syncing.poll_due(now=later(seconds=40))
    call.refresh_from_db()
    assert call.status == "finished"
