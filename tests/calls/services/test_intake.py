"""News by webhook: stored first, folded once each, in whatever order they come."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import BlockedPhone, Call, CallEvent, StrayNews, WebhookEvent
from calls.services import (
    dispatch,
    intake,
    ledger,
    outcomes,
)
from tests.calls.makers import NOW, counts_hold, created, make_call, make_order, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
SECONDS = int(NOW.timestamp())


def body(call, status="finished", *, number=None, updated=10, wrapped=True, **fields) -> bytes:
    """A status webhook as it was seen in the wild."""
    inner = {
        "id": 500_001,
        "phone": call.phone,
        "status": status,
        "startedAt": SECONDS + 2,
        "updatedAt": SECONDS + updated,
        "cost": "2.50" if status == "finished" else None,
        **fields,
    }
    item = {
        "id": number or call.service_order_id,
        "phone": call.phone,
        "createdAt": SECONDS,
        "needRecording": 1,
        "calls": [inner],
    }
    return json.dumps({"apiCalls": [item]} if wrapped else {"data": [item]}).encode()


def take(call, content, *, token=None, kind="status", now=NOW):
    account = call.campaign.account
    event = intake.store(account.pk, kind, content, order_token=token, now=now)
    intake.fold_due(now=now + timedelta(seconds=1))
    event.refresh_from_db()
    call.refresh_from_db()
    return event


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_end_is_folded_in_either_body_shape(wrapped):
    call = make_call()
    event = take(call, body(call, wrapped=wrapped, hangupCause="NORMAL_CLEARING"))
    assert event.state == "folded"
    assert (call.status, call.is_final, str(call.cost)) == ("finished", True, "2.50")
    assert call.hangup_cause == "NORMAL_CLEARING"
    assert counts_hold(call.campaign)
    call.campaign.refresh_from_db()
    assert call.campaign.is_over


def test_the_same_news_twice_change_nothing():
    call = make_call()
    take(call, body(call))
    take(call, body(call))
    assert call.events.filter(kind="status").count() == 1
    assert counts_hold(call.campaign)


def test_news_in_the_wrong_order_do_not_undo_the_end():
    call = make_call()
    take(call, body(call, "finished", updated=30))
    take(call, body(call, "answered", updated=10))
    take(call, body(call, "started", updated=40))
    assert call.status == "finished"
    assert counts_hold(call.campaign)


def test_late_details_still_fill_what_was_empty():
    call = make_call()
    take(call, body(call, "finished", updated=30, cost=None))
    assert call.cost is None
    take(call, body(call, "finished", updated=30, cost="4.10", ivrAnswers="|1|"))
    assert (str(call.cost), call.ivr_answers) == ("4.10", "|1|")
    assert counts_hold(call.campaign)


def test_an_unknown_status_is_shown_and_the_call_goes_on():
    call = make_call()
    take(call, body(call, "teleported"))
    assert (call.status, call.is_final, call.outcome) == ("teleported", False, "other")
    assert counts_hold(call.campaign)


def test_a_webhook_faster_than_the_answer_is_believed(service):
    order = make_order(1)
    call = order.calls.get()
    take(call, body(call, "started", number=700_500), token=order.token)
    assert (call.stage, call.service_order_id) == ("accepted", 700_500)
    outcomes.created(order, service.create(type("o", (), {"phones": (call.phone,)})), lambda: NOW)
    call.refresh_from_db()
    assert (call.stage, call.service_order_id) == ("accepted", 700_500)
    assert counts_hold(call.campaign)


@pytest.mark.parametrize("stage", ["unknown", "lost"])
def test_a_webhook_proves_a_call_in_doubt(stage):
    order = make_order(1)
    dispatch.expire_leases(now=NOW + timedelta(minutes=5))
    call = order.calls.get()
    if stage == "lost":
        ledger.move(call, "lost", now=NOW)
    take(call, body(call, "finished", number=700_500), token=order.token)
    assert (call.stage, call.status) == ("accepted", "finished")
    order.refresh_from_db()
    assert order.state == "answered"
    assert counts_hold(call.campaign)


def test_an_address_of_another_order_proves_nothing():
    order = make_order(1)
    call = order.calls.get()
    event = take(call, body(call, number=700_500), token=uuid.uuid4())
    assert event.state == "unmatched"
    assert stages(order.campaign) == ["sending"]


def test_another_accounts_address_finds_no_call():
    call = make_call()
    stranger = make_call().campaign.account
    event = intake.store(stranger.pk, "status", body(call), order_token=None, now=NOW)
    intake.fold_due(now=NOW)
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.status) == ("unmatched", "")


def test_an_event_whose_call_is_not_known_yet_is_tried_again(service):
    order = make_order(1)
    call = order.calls.get()
    event = take(call, body(call, number=700_001))
    assert event.state == "unmatched"
    outcomes.created(order, service.create(type("o", (), {"phones": (call.phone,)})), lambda: NOW)
    intake.fold_due(now=NOW + timedelta(seconds=30))
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.status) == ("folded", "finished")


def test_what_cannot_be_read_is_kept_with_the_problem_and_stops_no_other():
    call = make_call()
    broken = intake.store(
        call.campaign.account.pk, "status", b"<html>\x00", order_token=None, now=NOW
    )
    event = take(call, body(call))
    broken.refresh_from_db()
    assert (broken.state, event.state) == ("broken", "folded")
    assert broken.problem
    assert broken.body.startswith("<html>")
    assert "\x00" not in broken.body


def test_a_refusal_of_further_calls_blocks_the_number():
    call = make_call()
    take(call, body(call, toBlock=1))
    assert call.to_block
    assert BlockedPhone.objects.get().phone == call.phone


def test_a_step_by_the_services_id_is_on_the_timeline():
    call = make_call()
    said = {"call": {"phone": call.phone, "answer": 1, "apicallId": call.service_order_id}, "t": 7}
    event = take(call, json.dumps(said).encode(), kind="step")
    assert event.state == "folded"
    line = CallEvent.objects.get(kind="step")
    assert line.call == call
    assert line.details == {"answer": "1", "parameters": {"t": 7}}


def test_a_step_that_names_the_phone_alone_belongs_to_its_latest_call():
    call = make_call()
    said = {"call": {"phone": call.phone, "answer": "да"}}
    take(call, json.dumps(said).encode(), kind="step")
    assert CallEvent.objects.get(kind="step").details["answer"] == "да"


def test_a_step_of_nobody_is_kept_unmatched():
    call = make_call()
    event = take(call, b'{"call": {"phone": "79990000000", "answer": 1}}', kind="step")
    assert event.state == "unmatched"


def test_unknown_ids_are_looked_up_rarer_the_older_and_forgotten_after_a_month():
    call = make_call()
    event = take(call, body(call, number=999_999))
    stray = StrayNews.objects.get()
    assert (stray.event, stray.service_order_id) == (event, 999_999)
    day = NOW + timedelta(days=1)
    intake.fold_due(now=day)
    stray.refresh_from_db()
    assert stray.look_at == day + timedelta(hours=1)
    intake.fold_due(now=NOW + timedelta(days=31))
    assert not StrayNews.objects.exists()
    event.refresh_from_db()
    assert event.state == "unmatched"


def test_a_call_that_becomes_known_weeks_later_gets_its_news():
    call = make_call()
    event = take(call, body(call, number=999_999))
    Call.objects.filter(pk=call.pk).update(service_order_id=999_999)
    intake.fold_due(now=NOW + timedelta(days=20))
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.status) == ("folded", "finished")
    assert not StrayNews.objects.exists()


def test_a_flood_of_unknown_ids_costs_a_few_statements(django_assert_max_num_queries):
    call = make_call()
    account = call.campaign.account_id
    for number in range(50):
        intake.store(
            account, "status", body(call, number=10**6 + number), order_token=None, now=NOW
        )
    with django_assert_max_num_queries(12):
        intake.fold_due(now=NOW)
    with django_assert_max_num_queries(8):
        intake.fold_due(now=NOW + timedelta(seconds=30))
    assert StrayNews.objects.count() == 50


def test_many_events_of_a_campaign_cost_as_few_statements_as_one():
    counts = []
    for number in (2, 30):
        order = make_order(number)
        calls = list(order.calls.all())
        ids = {call.phone: 800_000 + call.pk for call in calls}
        outcomes.created(order, created(ids), lambda: NOW)
        for call in calls:
            call.refresh_from_db()
            said = body(call, "finished", cost="2.50", answeredAt=SECONDS + 3)
            intake.store(call.campaign.account_id, "status", said, order_token=None, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            assert intake.fold_due(now=NOW) == number
        counts.append(len(asked))
        assert counts_hold(order.campaign)
        assert set(order.calls.values_list("status", flat=True)) == {"finished"}
    assert counts[0] == counts[1]


def test_in_one_pass_news_are_folded_in_the_order_of_the_service():
    call = make_call()
    account = call.campaign.account_id
    for status, at in (("finished", 30), ("created", 1), ("answered", 20), ("started", 10)):
        intake.store(account, "status", body(call, status, updated=at), order_token=None, now=NOW)
    intake.fold_due(now=NOW)
    call.refresh_from_db()
    assert call.status == "finished"
    told = call.events.filter(kind="status").order_by("pk").values_list("details", flat=True)
    assert [line["status"] for line in told] == ["created", "started", "answered", "finished"]
    assert counts_hold(call.campaign)


def test_orders_in_flight_to_one_phone_are_told_apart_by_their_addresses():
    account = make_account(use_duty_phone=True)
    orders = [make_order(1, account=account) for _ in range(2)]
    Call.objects.update(phone="79001112233")  # we never let it come to this
    calls = [order.calls.get() for order in orders]
    for order, call, number in zip(orders, calls, (71, 72), strict=True):
        said = body(call, "started", number=number)
        intake.store(account.pk, "status", said, order_token=order.token, now=NOW)
    intake.fold_due(now=NOW)
    assert [Call.objects.get(pk=call.pk).service_order_id for call in calls] == [71, 72]


def test_a_step_that_is_folded_again_is_not_put_there_twice():
    call = make_call()
    said = json.dumps({"call": {"phone": call.phone, "answer": 1}}).encode()
    event = take(call, said, kind="step")
    intake.fold([event], now=NOW)
    WebhookEvent.objects.update(state="new")
    intake.fold_due(now=NOW)
    event.refresh_from_db()
    assert event.state == "folded"
    assert CallEvent.objects.filter(kind="step").count() == 1


def test_news_of_a_call_that_went_back_into_the_line_are_unmatched(monkeypatch):
    order = make_order(1)
    call = order.calls.get()
    real = intake._find

    def find_then_put_back(told):
        found = real(told)
        outcomes.put_back(order, "занято", until=None, clock=lambda: NOW)
        return found

    monkeypatch.setattr(intake, "_find", find_then_put_back)
    event = take(call, body(call, number=5), token=order.token)
    assert event.state == "unmatched"
    assert call.stage == "planned"
    assert counts_hold(call.campaign)


def test_what_is_kept_long_enough_is_forgotten(settings):
    call = make_call()
    account = call.campaign.account_id
    settings.EXCHANGE_DAYS = 14
    take(call, body(call))
    take(call, body(call, number=999_999))
    intake.store(account, "status", body(call), order_token=None, now=NOW + timedelta(days=14))
    assert intake.forget(now=NOW + timedelta(days=15)) == 1
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"unmatched", "new"}
    assert intake.forget(now=NOW + timedelta(days=31)) == 1
    assert not StrayNews.objects.exists()


def test_one_body_may_bring_news_of_many_calls_some_of_them_unknown():
    first, call = make_call(), make_call()
    item = json.loads(body(call))["apiCalls"][0]
    both = {"apiCalls": [{**item, "id": 999_999_999}, item]}
    event = take(call, json.dumps(both).encode())
    assert (event.state, call.status) == ("unmatched", "finished")
    assert "999999999" in event.problem
    first.refresh_from_db()
    assert first.status == ""
