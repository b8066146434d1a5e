"""The ticks: each finds its own work, and doing one twice changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls import tasks
from calls.models import Call, Order, WebhookEvent
from calls.services import intake, recordings
from obzvon_site.common import stopping
from tests.calls.makers import api_call, make_call, make_campaign, make_order, news, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def test_every_tick_runs_on_an_empty_ledger():
    rare = {"calls.retention": 3600, "calls.keeping": 24 * 3600}
    for name, (task, seconds) in tasks.PERIODIC.items():
        task.func()
        assert 1 <= seconds <= rare.get(name, 15)


def test_dispatch_sends_what_is_due_once(service):
    campaign = make_campaign(2, now=timezone.now())
    tasks.dispatch_due.func()
    tasks.dispatch_due.func()
    assert stages(campaign) == ["accepted", "accepted"]
    assert len(service.orders) == 1


def test_all_stored_webhooks_are_folded_in_one_run(monkeypatch):
    monkeypatch.setattr(intake, "BATCH", 2)
    account = make_account()
    for _ in range(5):
        intake.store(account.pk, "status", b"{}", order_token=None, now=timezone.now())
    tasks.fold_webhooks.func()
    assert not WebhookEvent.objects.filter(state="new").exists()


def test_a_process_asked_to_stop_folds_no_more(monkeypatch):
    account = make_account()
    intake.store(account.pk, "status", b"{}", order_token=None, now=timezone.now())
    monkeypatch.setattr(stopping, "is_asked", lambda: True)
    tasks.fold_webhooks.func()
    assert WebhookEvent.objects.get().state == "new"


def test_polling_takes_news_over(service):
    call = make_call(now=timezone.now() - timedelta(seconds=10))
    service.listed = [api_call(call, news("started"))]
    tasks.poll_calls.func()
    call.refresh_from_db()
    assert call.status == "started"


def test_a_dead_senders_order_is_looked_up_in_the_same_run(service):
    order = make_order(1, now=timezone.now() - timedelta(minutes=5))
    service.listed = [api_call(order.calls.get(), created_at=order.sent_at)]
    tasks.reconcile_orders.func()
    assert order.calls.get().stage == "accepted"
    assert Order.objects.get().state == "answered"


def test_recordings_are_fetched(monkeypatch):
    fetched = []
    monkeypatch.setattr(recordings, "_fetch", lambda call, now: fetched.append(call) or True)
    call = make_call()
    Call.objects.update(recording_url="http://service/r.wav", recording_at=timezone.now())
    tasks.fetch_recordings.func()
    assert fetched == [call]


def test_calls_are_sent_by_one_queue_and_files_do_not_hold_them_up():
    queues = {name: task.queue_name for name, (task, _) in tasks.PERIODIC.items()}
    for name in (
        *("calls.recordings", "calls.import", "calls.forget", "calls.retention", "calls.days"),
        "calls.keeping",
    ):
        assert queues.pop(name) == "bulk"
    assert queues.pop("calls.prepare") == "bulk"
    assert set(queues.values()) == {"calls", "poll"}
