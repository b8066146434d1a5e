"""Once more to those that did not go out: exactly these, once, and under the same rules."""

from datetime import timedelta

import pytest

from calls.models import Call, Campaign, CampaignEvent
from calls.services import ledger, repeating, steering
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, counts_hold, make_campaign

pytestmark = pytest.mark.django_db

BAD_NUMBER, BAD_SENDER = "Номер не обслуживается", "Исходящий номер не подтверждён"


def refuse(campaign: Campaign, *errors: str) -> None:
    """Let the service refuse a call for each of the sentences."""
    planned = campaign.calls.filter(stage="planned").order_by("pk")
    for call, error in zip(planned, errors, strict=False):
        ledger.move(call, Call.Stage.SENDING, now=NOW)
        ledger.move(call, Call.Stage.REFUSED, now=NOW, error=error)
    campaign.refresh_from_db()


def repeat(campaign: Campaign, cause: str = BAD_NUMBER, now=NOW) -> int:
    done = repeating.repeat(campaign, cause, actor=None, now=now)
    campaign.refresh_from_db()
    return done


def test_exactly_those_of_one_cause_are_planned_again():
    campaign = make_campaign(4)
    Call.objects.update(name="Анна", zone="Asia/Omsk", variant="b", text="Здравствуйте, Анна!")
    refuse(campaign, BAD_NUMBER, BAD_SENDER, BAD_NUMBER)
    phones = set(campaign.calls.filter(error=BAD_NUMBER).values_list("phone", flat=True))
    assert repeat(campaign) == 2
    again = campaign.calls.filter(attempt=2)
    assert {call.phone for call in again} == phones
    kept = ("stage", "planned_at", "name", "zone", "variant", "text")
    said = ("planned", NOW, "Анна", "Asia/Omsk", "b", "Здравствуйте, Анна!")
    assert {tuple(getattr(call, name) for name in kept) for call in again} == {said}


def test_the_same_people_are_counted_once():
    campaign = make_campaign(3)
    refuse(campaign, BAD_NUMBER, BAD_NUMBER)
    repeat(campaign)
    assert (campaign.people, campaign.retried, campaign.total) == (3, 2, 5)
    assert (campaign.people_done, campaign.people_total) == (0, 3)
    assert counts_hold(campaign)


def test_a_second_press_finds_nothing():
    campaign = make_campaign(2)
    refuse(campaign, BAD_NUMBER, BAD_NUMBER)
    assert repeat(campaign) == 2
    assert repeat(campaign) == 0
    assert campaign.calls.count() == 4
    assert CampaignEvent.objects.filter(kind="repeated").count() == 1


def test_what_failed_again_may_be_repeated_again():
    campaign = make_campaign(1)
    refuse(campaign, BAD_NUMBER)
    repeat(campaign)
    refuse(campaign, BAD_NUMBER)
    assert repeat(campaign) == 1
    assert list(campaign.calls.order_by("pk").values_list("attempt", flat=True)) == [1, 2, 3]


def test_a_campaign_that_was_done_goes_on():
    campaign = make_campaign(1)
    refuse(campaign, BAD_NUMBER)
    assert campaign.state == "done"
    repeat(campaign)
    assert campaign.state == "running"


def test_calls_that_went_out_or_were_blocked_are_left_alone():
    campaign = make_campaign(3)
    calls = list(campaign.calls.order_by("pk"))
    ledger.move(calls[0], Call.Stage.BLOCKED, now=NOW, error=BAD_NUMBER)
    ledger.move(calls[1], Call.Stage.SENDING, now=NOW)
    assert repeat(campaign) == 0
    assert campaign.calls.count() == 3


def test_one_press_is_bounded(monkeypatch):
    monkeypatch.setattr(repeating, "MOST", 3)
    monkeypatch.setattr(repeating, "BATCH", 2)
    campaign = make_campaign(5)
    refuse(campaign, *[BAD_NUMBER] * 5)
    assert [repeat(campaign), repeat(campaign), repeat(campaign)] == [3, 2, 0]
    assert counts_hold(campaign)


def test_what_was_stopped_stays_stopped():
    campaign = make_campaign(2)
    refuse(campaign, BAD_NUMBER)
    steering.stop(campaign, actor=None, now=NOW)
    with pytest.raises(steering.NotPossible, match="остановлен"):
        repeat(campaign)
    Campaign.objects.update(state="done")
    with pytest.raises(steering.NotPossible, match="остановлен"):
        repeat(campaign)
    assert campaign.calls.count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": "preparing"}, "готовятся"),
        ({"ends_at": NOW}, "Срок обзвона прошёл"),
    ],
)
def test_there_is_a_time_for_it(fields, said):
    campaign = make_campaign(2)
    refuse(campaign, BAD_NUMBER)
    Campaign.objects.update(**fields)
    with pytest.raises(steering.NotPossible, match=said):
        repeat(campaign)


def test_before_the_end_there_is_still_time():
    campaign = make_campaign(2)
    refuse(campaign, BAD_NUMBER)
    Campaign.objects.update(ends_at=NOW + timedelta(minutes=1))
    assert repeat(campaign) == 1


def test_the_history_tells_who_repeated_what():
    campaign = make_campaign(2)
    refuse(campaign, BAD_NUMBER)
    repeat(campaign)
    event = CampaignEvent.objects.get(kind="repeated")
    assert event.details == {"count": 1, "reason": BAD_NUMBER}
    assert AuditEvent.objects.filter(verb="campaign.repeated").exists()
