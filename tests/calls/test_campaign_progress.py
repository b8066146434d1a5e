"""How a campaign goes, read from counters and the ends of an index."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from calls.campaign_progress import Money, Progress, Wait, money_of, progress_of, state_of
from calls.models import Call, Campaign, CampaignMinute
from calls.rules.hours import Hours
from calls.services import rules_in_force
from tests.calls.makers import make_campaign

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # Monday, 12:00 in Moscow
MOSCOW, OMSK = "Europe/Moscow", "Asia/Omsk"
DAILY = Hours(((10 * 60, 18 * 60),) * 7, (10 * 60, 18 * 60)).as_json()


def at(hour: int, minute: int = 0, *, day: int = 23) -> datetime:
    """A moment on Moscow's clock."""
    return datetime(2026, 11, day, hour - 3, minute, tzinfo=UTC)


def make_going(people: int = 100, done: int = 40, **fields) -> Campaign:
    """A campaign of which ``done`` have ended, ten a minute up to noon."""
    campaign = make_campaign(people, now=NOON - timedelta(minutes=30))
    values = {"waiting": people - done, "finished": done, "changed_at": NOON, **fields}
    Campaign.objects.filter(pk=campaign.pk).update(**values)
    for back in range(1, 5):
        minute = NOON - timedelta(minutes=back)
        CampaignMinute.objects.create(campaign=campaign, minute=minute, ended=8, failed=2)
    campaign.refresh_from_db()
    return campaign


def told(campaign: Campaign, now: datetime = NOON) -> Progress:
    return progress_of(campaign, now)


# What is read


def test_waiting_calls_are_found_by_zone_with_their_first_and_last_turn():
    campaign = make_campaign(6, now=NOON)
    make_campaign(3, now=NOON)  # another's calls are nothing to it
    calls = list(campaign.calls.order_by("pk"))
    for call, zone, minutes, stage in zip(
        calls,
        (MOSCOW, MOSCOW, MOSCOW, OMSK, "", OMSK),
        (5, 0, 15, 7, 9, 1),
        ("planned", "planned", "planned", "planned", "planned", "accepted"),
        strict=True,
    ):
        planned_at = NOON + timedelta(minutes=minutes)
        Call.objects.filter(pk=call.pk).update(zone=zone, planned_at=planned_at, stage=stage)
    assert set(state_of(campaign).waits) == {
        Wait(MOSCOW, NOON, NOON + timedelta(minutes=15)),
        Wait(OMSK, NOON + timedelta(minutes=7), NOON + timedelta(minutes=7)),
        Wait("", NOON + timedelta(minutes=9), NOON + timedelta(minutes=9)),
    }


def test_moments_are_kept_exact():
    odd = NOON + timedelta(microseconds=250_001)
    campaign = make_campaign(1, now=odd)
    assert state_of(campaign).waits[0].first == odd


def test_it_costs_one_query_however_much_waits(django_assert_num_queries):
    for campaign in (make_campaign(2), make_going(200)):
        with django_assert_num_queries(1):
            progress_of(campaign, NOON)
    Campaign.objects.update(state="done")
    campaign.refresh_from_db()
    with django_assert_num_queries(0):
        progress_of(campaign, NOON)


# Speed and the end


def test_the_speed_is_that_of_the_latest_five_minutes():
    campaign = make_going()
    CampaignMinute.objects.create(campaign=campaign, minute=at(11, 30), ended=900)
    assert told(campaign).speed == 10


def test_long_after_the_last_news_nobody_tells_a_speed():
    campaign = make_going()
    assert told(campaign, NOON + timedelta(minutes=5)).speed == 10
    silent = told(campaign, NOON + timedelta(minutes=6))
    assert (silent.speed, silent.ends_at) == (None, None)


def test_it_ends_when_those_left_are_through_at_this_speed():
    assert told(make_going(100, 40)).ends_at == at(12, 10)  # 6 minutes, rounded up to five


def test_those_who_are_called_again_take_longer():
    # 80 ended, of whom 40 will be called again: each person takes two calls.
    campaign = make_going(100, 40)
    Campaign.objects.update(total=140, retried=40, finished=40, busy=40, waiting=60)
    campaign.refresh_from_db()
    assert (campaign.people_done, campaign.people_total) == (40, 100)
    assert told(campaign).ends_at == at(12, 15)  # 60 left at 10 × 40/80 a minute


def test_a_night_in_between_is_slept():
    campaign = make_going(400, 40, hours=DAILY, changed_at=NOON)
    Call.objects.update(zone=MOSCOW)
    evening = at(17, 45)
    Campaign.objects.update(changed_at=evening)
    for minute in CampaignMinute.objects.all():
        minute.minute += timedelta(hours=5, minutes=45)
        minute.save(update_fields=["minute"])
    campaign.refresh_from_db()
    progress = told(campaign, evening)
    assert progress.ends_at == at(10, 25, day=24)  # 15 minutes today, 21 tomorrow
    assert progress.has_night


def test_rules_that_were_narrowed_since_are_waited_for_and_reckoned_with():
    campaign = make_going(100, 40, hours=DAILY)
    Call.objects.update(zone=MOSCOW)
    narrow((14 * 60, 18 * 60))
    progress = told(campaign)
    assert (progress.next_at, progress.is_closed) == (at(14), True)
    assert progress.ends_at == at(14, 10)
    assert not progress.is_shut


def test_hours_that_have_nothing_left_are_told():
    campaign = make_going(100, 40, hours=DAILY)
    assert not told(campaign).is_shut
    narrow((18 * 60, 19 * 60))
    progress = told(campaign)
    assert (progress.next_at, progress.ends_at) == (None, None)
    assert progress.is_shut


def narrow(span: tuple[int, int]) -> None:
    """An admin lets services ring only then."""
    limits = rules_in_force.preset("service").limits
    hours = Hours((span,) * 7, None)
    rules_in_force.change("service", hours=hours, limits=limits, ground="", actor=None, now=NOON)


def test_it_does_not_end_before_its_last_retry_nor_after_its_own_end():
    campaign = make_going(100, 40)
    Call.objects.filter(pk=campaign.calls.first().pk).update(planned_at=at(16))
    assert told(campaign).ends_at == at(16)
    campaign.ends_at = at(15)
    assert told(campaign).ends_at == at(15)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "paused"},
        {"hold_reason": "Кончились деньги"},
        {"state": "done", "waiting": 0, "finished": 100},
    ],
)
def test_what_does_not_go_on_has_no_end(fields):
    assert told(make_going(**fields)).ends_at is None


def test_figures_are_the_same_until_something_changes():
    campaign = make_going()
    one, two = (told(campaign, NOON + timedelta(seconds=number)) for number in (1, 59))
    assert (one.speed, one.ends_at, one.next_at) == (two.speed, two.ends_at, two.next_at)


# Why nobody is rung


def test_at_night_it_says_when_it_goes_on():
    campaign = make_going(hours=DAILY)
    Call.objects.update(zone=MOSCOW)
    late = told(campaign, at(20))
    assert (late.next_at, late.is_closed) == (at(10, day=24), True)


def test_somewhere_it_is_still_day():
    campaign = make_going(hours=DAILY)
    Call.objects.update(zone=OMSK)
    Call.objects.filter(pk=campaign.calls.first().pk).update(zone=MOSCOW)
    assert told(campaign, at(16)).next_at is None


def test_before_the_next_retry_nobody_is_rung_though_one_might():
    campaign = make_going()
    Call.objects.update(planned_at=at(12, 20), zone=MOSCOW)
    waiting = told(campaign)
    assert (waiting.next_at, waiting.is_closed) == (at(12, 20), False)


def test_a_campaign_that_rings_waits_for_nothing():
    assert told(make_going()).next_at is None


# Money


def test_the_scale_of_money_reaches_as_far_as_anything_on_it():
    campaign = Campaign(cost=Decimal(120), budget=Decimal(200))
    campaign.forecast = {"low": "150.00", "high": "260.50", "answered": 0.6}
    money = money_of(campaign)
    assert money == Money(Decimal(120), Decimal("150.00"), Decimal("260.50"), Decimal(200))
    assert money.top == Decimal("260.50")
    assert not money.is_over


def test_without_a_forecast_and_a_budget_there_is_no_scale():
    money = money_of(Campaign(cost=Decimal(0)))
    assert not money.has_scale
    assert money.top > 0
    assert money_of(Campaign(cost=Decimal(5), budget=Decimal(5))).is_over


def test_preparing_is_counted_in_contacts_looked_at():
    campaign = Campaign(total=30, set_aside={"blocked": 4, "no_consent": 6})
    assert Progress(campaign, NOON).prepared == 40
