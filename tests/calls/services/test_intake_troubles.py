"""Folding when something is wrong: nothing is forgotten, and nothing stops the rest."""

import json
from datetime import timedelta

import pytest
from django.db import DataError, OperationalError

from calls.models import StrayNews, WebhookEvent
from calls.services import bodies, intake, ledger, replaying, reporting, strays
from tests.calls.makers import NOW, make_call
from tests.calls.services.test_intake import body, take

pytestmark = pytest.mark.django_db


def test_what_another_worker_has_folded_meanwhile_stays_folded(monkeypatch):
    call = make_call()
    real = bodies.read

    def read_slowly(event):
        WebhookEvent.objects.filter(pk=event.pk).update(state="folded")
        return real(event)

    monkeypatch.setattr(bodies, "read", read_slowly)
    assert take(call, body(call, number=999_999)).state == "folded"


def test_a_stray_and_its_event_without_a_call_are_written_together(monkeypatch):
    """Seen before its event is unmatched, a stray could be given back and then forgotten."""

    def fail(*_args, **_fields):
        raise OperationalError("gone")

    call = make_call()
    monkeypatch.setattr(intake.bulk, "update_each", fail)
    with pytest.raises(OperationalError):
        take(call, body(call, number=999_999))
    assert not StrayNews.objects.exists()


def test_a_stray_does_not_give_back_what_is_folded_already():
    call = make_call()
    event = take(call, body(call))
    assert event.state == "folded"
    strays.keep([(event, call.service_order_id, "")], now=NOW)
    assert strays.match(now=NOW + timedelta(minutes=5)) == 1
    event.refresh_from_db()
    assert event.state == "folded"
    assert not StrayNews.objects.exists()


def test_news_that_came_while_the_database_was_full_are_folded_when_it_is_not(monkeypatch):
    """Found by `make chaos`: they were put away as broken, for ever."""
    call = make_call()

    def full(*_args, **_fields):
        raise OperationalError("could not extend file: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(reporting, "report_all", full)
        patch.setattr(ledger, "lock", full)
        with pytest.raises(OperationalError):
            take(call, body(call))
    event = WebhookEvent.objects.get()
    assert event.state == "new"
    intake.fold_due(now=NOW + timedelta(seconds=9))
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.status) == ("folded", "finished")


def test_a_step_that_came_while_the_database_was_busy_is_folded_when_it_is_not(monkeypatch):
    call = make_call()
    said = json.dumps({"call": {"phone": call.phone, "answer": 1}}).encode()

    def busy(*_args, **_fields):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "lock", busy)
        with pytest.raises(OperationalError):
            take(call, said, kind="step")
    event = WebhookEvent.objects.get()
    assert event.state == "new"
    intake.fold_due(now=NOW + timedelta(seconds=9))
    event.refresh_from_db()
    assert event.state == "folded"
    assert call.events.filter(kind="step").count() == 1


def test_one_hostile_event_stops_no_other_and_can_be_folded_again(monkeypatch, caplog):
    first, poison, last = make_call(), make_call(), make_call()
    real = intake._find

    def find(told):
        if any(item.id == poison.service_order_id for _, item in told):
            raise DataError("nobody has thought of this")
        return real(told)

    with monkeypatch.context() as patch:
        patch.setattr(intake, "_find", find)
        for call in (first, poison, last):
            account = call.campaign.account_id
            intake.store(account, "status", body(call), order_token=None, now=NOW)
        assert intake.fold_due(now=NOW) == 3
    states = WebhookEvent.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["folded", "broken", "folded"]
    event = WebhookEvent.objects.get(state="broken")
    assert "nobody has thought of this" in event.problem
    assert f"webhook {event.pk} failed" in caplog.text
    assert list(WebhookEvent.objects.replayable()) == [event]
    assert replaying.replay(event, actor=None, now=NOW).state == "folded"
    poison.refresh_from_db()
    assert poison.status == "finished"


def test_of_a_body_of_too_many_unknown_ids_the_first_are_looked_up_again(monkeypatch):
    monkeypatch.setattr(intake, "MOST_MISSING", 3)
    call = make_call()
    entries = [{"id": 10**6 + number, "calls": []} for number in range(5)]
    content = json.dumps({"apiCalls": [*entries, {"id": call.service_order_id, "calls": []}]})
    assert take(call, content.encode()).state == "unmatched"
    ids = StrayNews.objects.order_by("pk").values_list("service_order_id", flat=True)
    assert list(ids) == [10**6, 10**6 + 1, 10**6 + 2]


def test_a_webhook_from_the_future_does_not_make_later_ones_late():
    call = make_call()
    take(call, body(call, "answered", updated=10**9))
    assert call.service_updated_at == NOW
    take(call, body(call, "finished", updated=40), now=NOW + timedelta(seconds=45))
    assert (call.status, call.is_final) == ("finished", True)
