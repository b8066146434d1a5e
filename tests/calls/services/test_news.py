"""What the service says is folded once, fits its columns, and never drifts from the counters."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from calls.models import Call
from calls.services import asking, folding, ledger, news, syncing
from tests.calls.makers import NOW, api_call, counts_hold, make_call, make_campaign, make_order
from tests.calls.makers import news as said
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def fold(call, *heard, now=NOW, **fields):
    with transaction.atomic():
        return news.fold(call, api_call(call, *heard, **fields), now=now)


def fresh(call) -> Call:
    return Call.objects.select_related("campaign").get(pk=call.pk)


def test_a_cost_is_counted_once_when_two_readers_bring_it_at_the_same_moment():
    call = make_call()
    fold(fresh(call), said("finished", after=9, cost=None))
    first, second = fresh(call), fresh(call)
    fold(first, said("finished", after=9))
    with pytest.raises(ledger.Stale):
        fold(second, said("finished", after=9))
    assert counts_hold(call.campaign)
    assert call.campaign.cost == Decimal("2.50")


def test_an_end_without_a_moment_is_counted_once_by_two_readers():
    call = make_call()
    first, second = fresh(call), fresh(call)
    fold(first, said("busy", updated_at=None))
    with pytest.raises(ledger.Stale):
        fold(second, said("busy", updated_at=None))
    assert counts_hold(call.campaign)


def test_a_call_read_before_somebodys_news_is_folded_as_it_is_now():
    call = make_call()
    early = fresh(call)
    folding.fold(fresh(call), api_call(call, said("finished", after=9)), now=NOW)
    assert folding.fold(early, api_call(call, said("finished", after=9)), now=NOW) is False
    assert counts_hold(call.campaign)


def test_a_cost_of_more_digits_is_kept_and_counted_in_kopecks():
    call = make_call()
    heard = said("finished", after=9, cost=Decimal("2.4951"))
    assert fold(fresh(call), heard)
    assert fresh(call).cost == Decimal("2.50")
    assert counts_hold(call.campaign)
    assert news.changes(fresh(call), heard) == {}


@pytest.mark.parametrize("name", ["status", "hangup_cause", "manager_status", "ivr_digit"])
def test_a_word_too_long_for_its_column_is_cut_and_the_same_word_is_no_news(name):
    call = make_call()
    heard = said(**{"status": "started", "after": 9, name: "w" * 500})
    assert fold(fresh(call), heard)
    assert len(getattr(fresh(call), name)) == Call._meta.get_field(name).max_length
    assert news.changes(fresh(call), heard) == {}


def test_news_of_another_apicall_are_refused():
    call = make_call()
    with pytest.raises(ledger.Stale):
        fold(fresh(call), said("finished"), number=call.service_order_id + 1)
    assert fresh(call).status == ""


def test_a_call_that_has_not_gone_out_takes_no_news():
    call = make_campaign(1).calls.get()
    with pytest.raises(ledger.Stale):
        fold(call, said("finished"), number=5)
    assert fresh(call).stage == "planned"


def test_a_proof_alone_is_news():
    call = make_order(1).calls.get()
    assert fold(call, number=5)
    assert (fresh(call).stage, fresh(call).service_order_id) == ("accepted", 5)
    assert not fold(fresh(call), number=5)


def test_a_new_status_sets_the_pace_of_asking_at_once():
    call = make_call()
    fold(fresh(call), said("started", after=4), now=NOW + timedelta(seconds=5))
    assert fresh(call).sync_at == NOW + timedelta(seconds=8)


def test_an_end_heard_late_is_still_asked_about_for_its_cost():
    call = make_call()
    late = NOW + timedelta(hours=2)
    ended = said("finished", after=60, cost=None)
    fold(fresh(call), ended, now=late)
    assert fresh(call).sync_at == late + news.DETAILS_AGAIN


def test_an_answered_call_waits_for_its_recording_and_fetches_it():
    call = make_call()
    fold(fresh(call), said("finished", after=60, answered_at=NOW))
    assert fresh(call).sync_at is not None
    fold(fresh(call), said("finished", after=60, recording_url="http://service/r.mp3"))
    assert (fresh(call).sync_at, fresh(call).recording_at) == (None, NOW)


def test_a_recording_at_a_new_address_is_tried_afresh():
    call = make_call()
    Call.objects.update(recording_url="http://service/old.mp3", recording_tries=11)
    fold(fresh(call), said("finished", after=60, recording_url="http://service/new.mp3"))
    assert (fresh(call).recording_tries, fresh(call).recording_at) == (0, NOW)


def test_a_hundred_changed_calls_cost_a_bounded_number_of_statements_each(
    service, django_assert_max_num_queries
):
    account = make_account(use_duty_phone=True)
    calls = [make_call(account=account) for _ in range(100)]
    service.listed = [api_call(call, said("started", after=4)) for call in calls[:50]]
    service.listed += [api_call(call) for call in calls[50:]]
    with django_assert_max_num_queries(50 * 7 + 12):
        assert syncing.poll_due(now=NOW + timedelta(seconds=5)) == 50


def test_one_strange_answer_stops_no_other(service, monkeypatch, caplog):
    account = make_account(use_duty_phone=True)
    calls = [make_call(account=account) for _ in range(2)]
    service.listed = [api_call(call, said("started", after=4)) for call in calls]
    real = news.changes

    def first_fails(call, latest):
        if call.pk == calls[0].pk:
            raise RuntimeError("strange")
        return real(call, latest)

    monkeypatch.setattr(news, "changes", first_fails)
    now = NOW + timedelta(seconds=5)
    assert syncing.poll_due(now=now) == 1
    assert fresh(calls[0]).sync_at == now + syncing.FAILED_ASK
    assert "failed" in caplog.text


def test_two_pollers_ask_about_different_calls(service, monkeypatch):
    call = make_call()
    now, go = NOW + timedelta(seconds=5), threading.Event()

    def get(ids, *, unread):
        service.asked.append(ids)
        assert go.wait(10)
        return []

    def other():
        assert syncing.poll_due(now=now) == 0
        go.set()

    monkeypatch.setattr(asking, "SILENCE", 0.01)
    monkeypatch.setattr(service, "get", get)
    syncing.poll_due(now=now, meanwhile=other)
    assert service.asked == [[call.service_order_id]]


def test_calls_of_an_account_that_was_switched_off_are_followed_to_the_end(service):
    call = make_call()
    type(call.campaign.account).objects.update(is_active=False)
    service.listed = [api_call(call, said("finished", after=4))]
    assert syncing.poll_due(now=NOW + timedelta(seconds=5)) == 1


def test_news_from_the_future_changed_when_they_came_and_later_news_are_not_late():
    """A service whose clock was wrong for a moment; its own word stays beside ours."""
    call = make_call()
    future = NOW + timedelta(days=9000)
    wrong = news.believed(api_call(call, said("answered", updated_at=future)), NOW)
    folding.fold(call, wrong, now=NOW)
    call.refresh_from_db()
    assert (call.status, call.service_updated_at) == ("answered", NOW)
    line = call.events.get(kind="status")
    assert (line.at, line.details["said_at"]) == (NOW, future.isoformat())
    right = api_call(call, said("finished", after=30))
    folding.fold_all([(call, right)], now=NOW + timedelta(seconds=31))
    call.refresh_from_db()
    assert (call.status, call.is_final) == ("finished", True)
    assert counts_hold(call.campaign)


def test_an_end_is_an_end_though_the_services_clock_has_gone_back():
    """Set right by some seconds while the phone rang: all that it says from then on is «late»."""
    call = make_call()
    fold(call, said("answered", after=30, id=5))
    later = NOW + timedelta(minutes=1)
    fold(fresh(call), said("finished", after=25, id=5), now=later)
    call = fresh(call)
    assert (call.status, call.is_final) == ("finished", True)
    assert not fold(call, said("answered", after=24, id=5), now=later)
    assert fresh(call).status == "finished"
    assert counts_hold(call.campaign)


def test_a_late_end_of_an_earlier_ring_does_not_end_a_later_one():
    call = make_call()
    fold(call, said("created", after=1, id=5))
    fold(fresh(call), said("started", after=30, id=6))
    fold(fresh(call), said("busy", after=20, id=5))
    assert fresh(call).status == "started"
    fold(fresh(call), said("canceled", after=40, id=6))
    assert fresh(call).status == "canceled"


def test_a_clock_a_little_ahead_is_believed():
    call = make_call()
    item = api_call(call, said("answered", after=news.CLOCKS.total_seconds()))
    assert news.believed(item, NOW) is item


def test_who_was_faster_with_one_call_does_not_make_thousands_go_one_by_one(
    django_assert_max_num_queries,
):
    account = make_account(use_duty_phone=True)
    campaign = make_campaign(30, account=account)
    Call.objects.update(stage="accepted", sent_at=NOW, sync_at=NOW)
    for call in campaign.calls.all():
        Call.objects.filter(pk=call.pk).update(service_order_id=700_000 + call.pk)
    campaign.live, campaign.waiting = 30, 0
    campaign.save()
    read = list(campaign.calls.select_related("campaign"))
    pairs = [(call, api_call(call, said("started", after=4))) for call in read]
    # Meanwhile a webhook has said a little more of the first.
    assert fold(fresh(read[0]), said("answered", after=5))
    with django_assert_max_num_queries(40):
        told = folding.fold_all(pairs, now=NOW + timedelta(seconds=9))
    assert len(told.changed) == 29
    assert not told.failed
    assert fresh(read[0]).status == "answered"
