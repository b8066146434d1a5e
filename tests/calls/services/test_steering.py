"""Run, pause, stop, hold, let go: one commit each, and the slower of two people is told."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from calls.models import Call, CallEvent, Campaign, Order
from calls.services import dispatch, ledger, outcomes, steering
from calls.services.steering import NotPossible
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.secrets import seal
from obzvon_site.provider import errors
from tests.calls.makers import NOW, counts_hold, created, make_campaign, make_order, stages
from tests.emulator import running_emulator
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


def run(now=NOW) -> int:
    return dispatch.dispatch_due(clock=lambda: now)


# Pause and resume


def test_nothing_leaves_while_paused_and_all_of_it_afterwards(service):
    olga = make_user()
    campaign = make_campaign(3)
    steering.pause(campaign, actor=olga, now=NOW)
    assert dispatch.take(campaign.account, now=NOW) is None
    assert run() == 0
    steering.resume(campaign, actor=olga, now=LATER)
    assert run(LATER) == 1
    assert len(service.rung) == 3
    assert history(campaign)[-2:] == ["paused", "resumed"]
    assert audit(actor=olga) == ["campaign.paused", "campaign.resumed"]
    assert set(campaign.events.filter(kind="paused").values_list("actor", "at")) == {(olga.pk, NOW)}


def test_what_had_gone_out_before_a_pause_is_followed_to_its_end(service):
    order = make_order(1)
    steering.pause(order.campaign, actor=None, now=NOW)
    call = order.calls.get()
    outcomes.created(order, created({call.phone: 700_001}), lambda: NOW)
    assert stages(order.campaign) == ["accepted"]
    order.campaign.refresh_from_db()
    assert order.campaign.state == "paused"


def test_the_slower_of_two_people_is_told_what_the_other_has_done():
    campaign = make_campaign(2)
    elena = make_user(first_name="Елена", last_name="Смирнова")
    now = timezone.now()
    at = f"{timezone.localtime(now):%H:%M}"
    steering.pause(campaign, actor=elena, now=now)
    with pytest.raises(NotPossible, match=f"^Обзвон уже на паузе: Елена Смирнова, {at}.$"):
        steering.pause(campaign, actor=make_user(), now=now)
    steering.resume(campaign, actor=elena, now=now)
    with pytest.raises(NotPossible, match=f"^Обзвон уже идёт: Елена Смирнова, {at}.$"):
        steering.resume(campaign, actor=make_user(), now=now)
    steering.stop(campaign, actor=elena, now=now)
    for deed in (steering.stop, steering.pause, steering.resume, steering.approve_pilot):
        with pytest.raises(NotPossible, match=f"^Обзвон уже остановлен: Елена Смирнова, {at}.$"):
            deed(campaign, actor=make_user(), now=now)
    assert history(campaign)[-4:] == ["paused", "resumed", "stopped", "done"]


def test_a_deed_of_another_day_is_told_with_its_date():
    campaign = make_campaign(2)
    steering.pause(campaign, actor=None, now=NOW)
    with pytest.raises(NotPossible, match=r"^Обзвон уже на паузе: 23 ноября, 12:00\.$"):
        steering.pause(campaign, actor=None, now=NOW)


def test_a_campaign_that_ended_is_neither_paused_nor_stopped():
    campaign = change(make_campaign(1), state="done")
    for deed in (steering.pause, steering.stop, steering.resume):
        with pytest.raises(NotPossible, match="Обзвон уже завершён"):
            deed(campaign, actor=None, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_people_at_once_one_stops_it():
    campaign = make_campaign(2)
    said, both = [], threading.Barrier(2)

    def stop() -> None:
        both.wait()
        try:
            said.append(steering.stop(campaign, actor=None, now=NOW))
        except NotPossible as error:
            said.append(str(error))
        connection.close()

    threads = [threading.Thread(target=stop) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, said)) == ["2", "Обзвон уже остановлен: 23 ноября, 12:00."]


@pytest.fixture(scope="module")
def emulator():
    with running_emulator(speed=5000) as running:
        yield running


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("deed", [steering.pause, steering.stop])
def test_not_one_order_leaves_after_the_commit(emulator, deed):
    """While another thread sends one call after another to the real emulator."""
    account = make_account(
        base_url=emulator.url,
        sealed_key=seal(emulator.key),
        use_duty_phone=True,
        phones_per_order=1,
    )
    emulator.control("reset")
    campaign = make_campaign(300, account=account, now=timezone.now())
    has_begun = threading.Event()
    sent: list[datetime] = []

    def clock() -> datetime:
        # Threads that only ask the service look at the clock too, and have no connection to close.
        if threading.current_thread() is thread and Order.objects.filter(campaign=campaign)[3:]:
            has_begun.set()
        return timezone.now()

    def send() -> None:
        dispatch.dispatch_due(clock=clock)
        sent.extend(Order.objects.filter(campaign=campaign).values_list("sent_at", flat=True))
        connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    has_begun.wait(30)
    deed(campaign, actor=None, now=timezone.now())
    committed = timezone.now()
    thread.join(60)
    assert 3 < len(sent) < 300
    assert max(sent) <= committed
    assert sum(emulator.counts().values()) == len(sent)


# Stop


def test_stopping_takes_back_what_has_not_gone_out():
    order = make_order(2, account=make_account(use_duty_phone=True, phones_per_order=1))
    campaign, olga = order.campaign, make_user()
    assert steering.stop(campaign, actor=olga, now=NOW) == 1
    assert sorted(stages(campaign)) == ["sending", "taken_back"]
    assert counts_hold(campaign)
    assert (campaign.state, campaign.is_over) == ("stopped", False)
    taken = CallEvent.objects.get(kind="taken_back")
    assert taken.details == {"by": str(olga)}
    assert audit(actor=olga) == ["campaign.stopped"]


def test_a_stopped_campaign_is_over_when_its_last_call_ends():
    order = make_order(2, account=make_account(use_duty_phone=True, phones_per_order=1))
    campaign = order.campaign
    steering.stop(campaign, actor=None, now=NOW)
    call = order.calls.get()
    outcomes.created(order, created({call.phone: 700_001}), lambda: NOW)
    call.refresh_from_db()
    ledger.report(call, now=NOW, event=None, status="busy", is_final=True)
    campaign.refresh_from_db()
    assert campaign.is_over
    assert history(campaign)[-2:] == ["stopped", "done"]
    assert counts_hold(campaign)


def test_stopping_lifts_a_hold_for_there_is_nothing_to_wait_for():
    campaign = change(make_campaign(1), hold_reason="деньги", hold_kind=Hold.BALANCE)
    steering.stop(campaign, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert (campaign.hold_reason, campaign.hold_kind) == ("", "")


def test_what_comes_back_after_a_stop_is_taken_back_as_well(service):
    order = make_order(2)
    campaign = order.campaign
    steering.stop(campaign, actor=None, now=NOW)
    outcomes.not_created(order, errors.Unreachable(), lambda: NOW)
    assert stages(campaign) == ["planned", "planned"]
    assert run(LATER) == 0
    assert steering.stop_due(now=LATER) == 2
    assert set(stages(campaign)) == {"taken_back"}
    campaign.refresh_from_db()
    assert counts_hold(campaign)
    assert not campaign.is_held
    assert steering.stop_due(now=LATER) == 0


def test_a_large_campaign_stops_at_once_and_is_taken_back_bit_by_bit(service, monkeypatch):
    monkeypatch.setattr(steering, "CHUNK", 3)
    olga = make_user()
    campaign = make_campaign(8)
    assert steering.stop(campaign, actor=olga, now=NOW) == 8
    assert set(stages(campaign)) == {"planned"}
    assert dispatch.take(campaign.account, now=NOW) is None
    assert not Campaign.objects.sendable(NOW).exists()
    hours = iter([NOW, NOW, NOW + timedelta(hours=1)])
    assert steering.stop_due(now=NOW, clock=lambda: next(hours)) == 3  # it was killed here
    assert counts_hold(campaign)
    assert steering.stop_due(now=NOW) == 5
    assert set(stages(campaign)) == {"taken_back"}
    assert counts_hold(campaign)
    assert campaign.is_over
    events = CallEvent.objects.filter(kind="taken_back")
    assert [event.details for event in events] == [{"by": str(olga)}] * 8


def test_one_that_is_being_prepared_can_be_stopped():
    campaign = change(make_campaign(2), state="preparing")
    steering.stop(campaign, actor=None, now=NOW)
    with pytest.raises(NotPossible, match="уже остановлен"):
        steering.prepared(campaign, now=NOW)
    assert stages(campaign) == ["taken_back", "taken_back"]


def test_one_without_a_single_call_yet_is_over_as_soon_as_it_is_stopped():
    campaign = make_campaign(1)
    campaign.calls.all().delete()
    change(campaign, state="preparing", waiting=0, total=0)
    steering.stop(campaign, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.is_over


# Preparing


def test_a_prepared_campaign_runs(service):
    campaign = change(make_campaign(2), state="preparing")
    assert run() == 0
    steering.prepared(campaign, now=NOW)
    assert run() == 1
    assert "prepared" in history(campaign)
    with pytest.raises(NotPossible, match="Обзвон уже идёт"):
        steering.prepared(campaign, now=NOW)


def test_one_paused_while_it_is_prepared_waits_for_a_person(service):
    campaign = change(make_campaign(2), state="preparing")

    steering.pause(campaign, actor=None, now=NOW)
    with pytest.raises(steering.NotPossible):
        steering.pause(campaign, actor=None, now=NOW)
    steering.prepared(campaign, now=NOW)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.starts_paused) == ("paused", False)
    steering.resume(campaign, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == "running"


def test_a_pause_while_it_is_prepared_can_be_taken_back(service):
    campaign = change(make_campaign(2), state="preparing")
    steering.pause(campaign, actor=None, now=NOW)

    steering.resume(campaign, actor=None, now=NOW)
    steering.prepared(campaign, now=NOW)

    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert [kind for kind in history(campaign) if kind in {"paused", "resumed"}] == [
        "paused",
        "resumed",
    ]


def test_one_with_nobody_to_ring_is_done_at_once():
    campaign = make_campaign(1)
    Call.objects.update(stage="blocked", is_final=True)
    change(campaign, state="preparing", waiting=0, failed=1)
    steering.prepared(campaign, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == "done"
    assert history(campaign)[-2:] == ["prepared", "done"]


def test_a_campaign_that_cannot_be_taken_back_stops_no_other():
    bad, good = make_campaign(2), make_campaign(1)
    Campaign.objects.update(state="stopped")
    Campaign.objects.filter(pk=bad.pk).update(waiting=1)  # fewer than none is refused
    assert steering.stop_due(now=NOW) == 1
    assert (set(stages(bad)), stages(good)) == ({"planned"}, ["taken_back"])
