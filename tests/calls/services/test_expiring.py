"""What has not gone out by a campaign's end never will, and says why."""

from datetime import timedelta

import pytest

from calls.models import Campaign
from calls.services import dispatch, expiring
from tests.calls.makers import NOW, counts_hold, make_campaign, stages

pytestmark = pytest.mark.django_db


def make(number: int, **fields) -> Campaign:
    campaign = make_campaign(number)
    Campaign.objects.filter(pk=campaign.pk).update(**{"ends_at": NOW, **fields})
    return campaign


def test_planned_calls_expire_in_portions_with_a_sentence(monkeypatch):
    monkeypatch.setattr(expiring, "CHUNK", 2)
    campaign = make(5)
    assert expiring.expire_due(now=NOW - timedelta(seconds=1)) == 0
    assert expiring.expire_due(now=NOW) == 5
    assert set(stages(campaign)) == {"expired"}
    call = campaign.calls.first()
    assert "Не успели: обзвон закончился 23 ноября, 12:00" in call.error
    assert call.events.filter(kind="expired").count() == 1
    assert counts_hold(campaign)
    assert (campaign.state, campaign.failed) == ("done", 5)
    assert expiring.expire_due(now=NOW) == 0


def test_what_is_being_sent_then_is_followed_to_its_end():
    campaign = make(2, ends_at=NOW + timedelta(seconds=1))
    campaign.account.phones_per_order = 1
    campaign.account.save(update_fields=["phones_per_order"])
    dispatch.take(campaign.account, now=NOW)
    assert expiring.expire_due(now=NOW + timedelta(seconds=1)) == 1
    assert sorted(stages(campaign)) == ["expired", "sending"]
    assert counts_hold(campaign)
    assert campaign.state == "running"


@pytest.mark.parametrize(("state", "number"), [("paused", 2), ("preparing", 0), ("stopped", 0)])
def test_only_campaigns_under_way_expire(state, number):
    make(2, state=state)
    assert expiring.expire_due(now=NOW) == number


def test_one_that_was_given_more_time_meanwhile_goes_on(monkeypatch):
    campaign = make(2)
    real = expiring.ledger.lock

    def more_time(pks):
        real(pks)
        Campaign.objects.update(ends_at=NOW + timedelta(days=1))

    monkeypatch.setattr(expiring.ledger, "lock", more_time)
    assert expiring.expire_due(now=NOW) == 0
    assert set(stages(campaign)) == {"planned"}


def test_a_campaign_that_cannot_be_ended_stops_no_other():
    bad, good = make(2), make(1)
    Campaign.objects.filter(pk=bad.pk).update(waiting=1)  # fewer than none is refused
    assert expiring.expire_due(now=NOW) == 1
    assert (set(stages(bad)), stages(good)) == ({"planned"}, ["expired"])
