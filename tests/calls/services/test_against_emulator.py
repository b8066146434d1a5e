"""From the order to the end over real HTTP, with troubles: each number is ordered once at most."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call, Campaign, Channel, Order
from calls.services import dispatch, launching, recordings, steering, syncing
from obzvon_site.common.secrets import seal
from tests.calls.makers import counts_hold, make_request, stages
from tests.emulator import running_emulator
from tests.factories import make_account

pytestmark = pytest.mark.django_db
PHONES = [f"790000001{ending:02d}" for ending in (1, 2, 3, 4, 7)]


@pytest.fixture(scope="module")
def emulator():
    with running_emulator(speed=5000) as running:
        yield running


@pytest.fixture
def account(emulator):
    emulator.control("reset")
    return make_account(
        base_url=emulator.url,
        sealed_key=seal(emulator.key),
        use_duty_phone=True,
        phones_per_order=3,
    )


def launch(account, phones=PHONES) -> Campaign:
    request = make_request(phones, account=account, text="Здравствуйте, это проверка.")
    return launching.launch(request, actor=None, now=timezone.now())


def follow(campaign) -> None:
    """Poll as the ticks do, a minute of theirs in no time, until nothing is asked any more."""
    now = timezone.now()
    for _ in range(40):
        now += timedelta(seconds=30)
        syncing.poll_due(now=now)
        if not Call.objects.filter(campaign=campaign, is_final=False).exists():
            return
    raise AssertionError(f"not final: {stages(campaign)}")


def once(emulator, phones=PHONES) -> bool:
    assert emulator.counts() == dict.fromkeys(phones, 1)
    return True


def test_a_campaign_reaches_its_end(emulator, account):
    campaign = launch(account)
    assert dispatch.dispatch_due() == 2
    assert set(stages(campaign)) == {"accepted"}
    follow(campaign)
    statuses = dict(campaign.calls.values_list("phone", "status"))
    assert statuses[PHONES[1]] == "busy"
    assert {statuses[PHONES[2]], statuses[PHONES[3]]} == {"canceled"}
    assert {statuses[PHONES[0]], statuses[PHONES[4]]} == {"finished"}
    assert counts_hold(campaign)
    assert campaign.is_over
    assert campaign.cost > 0
    assert once(emulator)


def test_a_recording_comes_home(emulator, account):
    campaign = launch(account, PHONES[:1])
    dispatch.dispatch_due()
    follow(campaign)
    assert recordings.fetch_due(now=timezone.now() + timedelta(hours=1)) == 1
    call = campaign.calls.get()
    with call.recording.file.open() as kept:
        assert recordings.kind_of(kept.read(16))[0] == call.recording.content_type


@pytest.mark.parametrize("kind", ["reset", "truncated", "envelope"])
def test_an_order_whose_answer_was_lost_is_found_and_not_sent_again(emulator, account, kind):
    emulator.control("faults", kind=kind, method="create", count=1)
    campaign = launch(account)
    dispatch.dispatch_due()
    assert sorted(stages(campaign)) == ["accepted", "accepted", "unknown", "unknown", "unknown"]
    assert syncing.reconcile_due(now=timezone.now()) == 3
    assert set(Order.objects.values_list("state", flat=True)) == {"answered"}
    follow(campaign)
    assert counts_hold(campaign)
    assert campaign.is_over
    assert once(emulator)


@pytest.mark.parametrize("kind", ["500", "html"])
def test_an_answer_that_says_nothing_is_in_doubt_until_it_is_lost(emulator, account, kind):
    emulator.control("faults", kind=kind, method="create", count=1)
    campaign = launch(account, PHONES[:2])
    dispatch.dispatch_due()
    assert stages(campaign) == ["unknown", "unknown"]
    for minutes in range(4, 10):
        now = timezone.now() + timedelta(minutes=minutes)
        syncing.reconcile_due(now=now)
        dispatch.dispatch_due(clock=lambda now=now: now)
    assert stages(campaign) == ["lost", "lost"]
    assert counts_hold(campaign)
    assert emulator.counts() == {}


def test_when_asked_to_slow_down_the_order_waits_and_goes_once(emulator, account):
    emulator.control("faults", kind="429", method="create", count=1)
    campaign = launch(account)
    type(account).objects.update(connections=1)
    assert dispatch.dispatch_due() == 1
    assert set(stages(campaign)) == {"planned"}
    later = Channel.objects.get().open_until + timedelta(seconds=1)
    dispatch.dispatch_due(clock=lambda: later)
    assert set(stages(campaign)) == {"accepted"}
    assert once(emulator)


def test_a_service_that_is_away_loses_nothing(emulator, account):
    campaign = launch(account)
    type(account).objects.filter(pk=account.pk).update(base_url="http://127.0.0.1:9/apiCalls")
    dispatch.dispatch_due()
    assert set(stages(campaign)) == {"planned"}
    type(account).objects.filter(pk=account.pk).update(base_url=emulator.url)
    dispatch.dispatch_due(clock=lambda: timezone.now() + timedelta(minutes=6))
    dispatch.dispatch_due(clock=lambda: timezone.now() + timedelta(minutes=6))
    assert set(stages(campaign)) == {"accepted"}
    assert once(emulator)


def test_a_wrong_key_and_an_empty_balance_wait_for_a_person(emulator, account):
    campaign = launch(account)
    emulator.control("balance", balance=0)
    dispatch.dispatch_due()
    campaign.refresh_from_db()
    assert campaign.is_held
    assert campaign.hold_until is None
    type(account).objects.filter(pk=account.pk).update(sealed_key=seal("x" * 60))
    steering.resume(campaign, actor=None, now=timezone.now())
    dispatch.dispatch_due()
    campaign.refresh_from_db()
    assert "Ключ" in campaign.hold_reason
    assert emulator.counts() == {}
    type(account).objects.filter(pk=account.pk).update(sealed_key=seal(emulator.key))
    emulator.control("balance", balance=1000)
    steering.resume(campaign, actor=None, now=timezone.now())
    dispatch.dispatch_due()
    assert set(stages(campaign)) == {"accepted"}
    assert once(emulator)


def test_a_phone_the_service_refuses_is_refused_and_the_others_are_called(emulator, account):
    phones = ["79000000101", "79000000108"]
    campaign = launch(account, phones)
    dispatch.dispatch_due()
    assert stages(campaign) == ["accepted", "refused"]
    assert campaign.calls.get(phone=phones[1]).error
    assert counts_hold(campaign)


def test_polls_survive_a_service_in_trouble(emulator, account):
    campaign = launch(account, PHONES[:2])
    dispatch.dispatch_due()
    emulator.control("faults", kind="html", method="get", count=1)
    follow(campaign)
    assert counts_hold(campaign)
