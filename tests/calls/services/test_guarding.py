"""Guards look at enough calls, at the latest, never twice at the same, and say the figures."""

from datetime import timedelta

import pytest

from calls.models import Campaign, CampaignMinute
from calls.services import guarding, steering
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_campaign

pytestmark = pytest.mark.django_db
GUARDS = {"answered": 20, "errors": 30, "of": 50}


def guarded(**fields) -> Campaign:
    campaign = make_campaign(1)
    Campaign.objects.filter(pk=campaign.pk).update(**{"guards": GUARDS, **fields})
    campaign.refresh_from_db()
    return campaign


def minute(campaign: Campaign, at: int, **figures) -> None:
    moment = NOW + timedelta(minutes=at)
    CampaignMinute.objects.create(campaign=campaign, minute=moment, **figures)


def check(at: int = 10) -> int:
    return guarding.check_due(now=NOW + timedelta(minutes=at))


def test_few_answers_hold_with_the_figures():
    campaign = guarded()
    minute(campaign, 0, ended=50, answered=4)
    assert check() == 1
    campaign.refresh_from_db()
    assert campaign.hold_reason == (
        "Ответили 8 % из последних 50 звонков, порог 20 %. Проверьте номер и сообщение."
    )
    assert (campaign.hold_kind, campaign.hold_until) == ("guard", None)
    event = campaign.events.get(kind="held")
    assert event.actor is None
    assert event.details["reason"] == campaign.hold_reason
    assert AuditEvent.objects.get(actor=None, verb="campaign.held")
    assert campaign in Campaign.objects.needing_eyes()


def test_many_errors_hold_with_the_figures():
    campaign = guarded()
    minute(campaign, 0, sent=60, failed=21, ended=60, answered=60)
    assert check() == 1
    campaign.refresh_from_db()
    assert campaign.hold_reason.startswith(
        "Ошибок 35 % на последние 60 отправленных звонков, порог 30 %."
    )


@pytest.mark.parametrize(
    "figures",
    [
        {"ended": 50, "answered": 10, "sent": 50, "failed": 15},  # as bad as it may be
        {"ended": 49, "answered": 0, "sent": 49, "failed": 49},  # not enough to judge
        {"ended": 0, "answered": 0},
    ],
)
def test_a_campaign_within_its_thresholds_runs_on(figures):
    campaign = guarded()
    minute(campaign, 0, **figures)
    assert check() == 0
    assert Campaign.objects.sendable(NOW).exists()


def test_only_the_latest_minutes_count():
    campaign = guarded()
    minute(campaign, 0, ended=1000, answered=0)
    minute(campaign, 1, ended=30, answered=15)
    minute(campaign, 2, ended=20, answered=10)
    assert check() == 0
    minute(campaign, 3, ended=50, answered=2)
    assert check() == 1


def test_as_many_minutes_as_hold_enough_calls_count():
    campaign = guarded()
    for at in range(10):
        minute(campaign, at, ended=5, answered=0)
    assert check() == 1


def test_the_same_figures_never_hold_twice():
    campaign = guarded()
    minute(campaign, 0, ended=50, answered=0)
    assert check(1) == 1
    assert check(2) == 0
    steering.resume(campaign, actor=None, now=NOW + timedelta(minutes=2, seconds=10))
    assert check(3) == 0
    minute(campaign, 2, ended=50, answered=0)  # partly before it was let go
    assert check(4) == 0
    minute(campaign, 3, ended=50, answered=0)
    assert check(5) == 1
    assert campaign.events.filter(kind="held").count() == 2


def test_the_figures_of_an_approved_pilot_do_not_hold_it():
    campaign = guarded(pilot_size=50, hold_kind="pilot", hold_reason="Пробная часть закончена")
    minute(campaign, 0, ended=50, answered=4)
    steering.approve_pilot(campaign, actor=None, now=NOW + timedelta(minutes=5))
    assert check() == 0
    minute(campaign, 6, ended=50, answered=4)
    assert check() == 1


def test_a_campaign_without_guards_or_with_them_off_runs_on():
    for guards in ({}, {"answered": None, "errors": None, "of": 50}):
        minute(guarded(guards=guards), 0, ended=100, answered=0, sent=100, failed=100)
    assert check() == 0


@pytest.mark.parametrize(
    "fields",
    [{"state": "paused"}, {"state": "stopped"}, {"hold_reason": "деньги", "hold_kind": "balance"}],
)
def test_what_sends_nothing_is_not_looked_at(fields):
    campaign = guarded(**fields)
    minute(campaign, 0, ended=50, answered=0)
    assert check() == 0


def test_a_trouble_that_passes_by_itself_does_not_hide_a_bad_campaign():
    campaign = guarded(hold_reason="занято", hold_kind="service", hold_until=NOW)
    minute(campaign, 0, ended=50, answered=0)
    assert check() == 1
    campaign.refresh_from_db()
    assert campaign.hold_kind == "guard"


def test_one_let_go_between_the_look_and_the_hold_keeps_its_new_chance(monkeypatch):
    campaign = guarded()
    minute(campaign, 0, ended=50, answered=0)
    real = guarding.alarm

    def first_look(row):
        said = real(row)
        monkeypatch.setattr(guarding, "alarm", real)
        steering.pause(campaign, actor=None, now=NOW)
        steering.resume(campaign, actor=None, now=NOW + timedelta(minutes=5))
        return said

    monkeypatch.setattr(guarding, "alarm", first_look)
    assert check() == 0
    assert Campaign.objects.sendable(NOW).exists()


def test_one_campaigns_trouble_does_not_stop_another(monkeypatch):
    bad, good = guarded(guards={"unheard": 1}), guarded()
    for campaign in (bad, good):
        minute(campaign, 0, ended=50, answered=0)
    assert check() == 1
