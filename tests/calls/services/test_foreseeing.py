"""What a plan is likely to cost and how long it will take."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from calls.models import Campaign
from calls.rules.limits import Limits
from calls.rules.retries import Retries, Rule
from calls.services import foreseeing
from calls.services.foreseeing import forecast
from calls.services.planning import MessagePlan
from tests.calls.lists import make_list, make_plan, text_message
from tests.calls.makers import NOW, make_campaign
from tests.calls.scenarios import make_record
from tests.factories import make_account

pytestmark = pytest.mark.django_db
MOSCOW = ["Europe/Moscow"]
BUSY = Retries({"busy": Rule(2, 15)})


def account(**fields):
    prices = {"minute_price": Decimal(6), "synthesis_price": Decimal("0.40")}
    return make_account(use_duty_phone=True, **{**prices, **fields})


def plan_of_record(**fields):
    mine = fields.pop("account", None) or account()
    message = MessagePlan(kind=Campaign.Message.RECORD, record=make_record(mine, seconds="30"))
    return make_plan(account=mine, messages=(message,), **fields)


def told(plan, people=100):
    return foreseeing.forecast(plan, people)


def end(plan, people: int, begin: datetime = NOW, zones=MOSCOW):
    return foreseeing.finishes_at(plan, told(plan, people), people, begin, zones)


def history(mine, *, answered: int, ended: int, **fields) -> None:
    campaign = make_campaign(account=mine)
    Campaign.objects.filter(pk=campaign.pk).update(answered=answered, finished=ended, **fields)


def test_a_record_costs_from_those_who_answer_to_everybody():
    found = told(plan_of_record())
    assert (found.low, found.high) == (Decimal("180.00"), Decimal("300.00"))
    assert (found.answered, found.is_guess, found.attempts) == (0.6, True, 1)
    assert (found.call_low, found.call_high) == (Decimal(3), Decimal(3))


def test_a_common_text_is_synthesised_once_an_order_at_the_least():
    plan = make_plan(account=account(phones_per_order=50), text="ю" * 130)  # 1 ₽ of talk
    assert told(plan).low == 100 * Decimal("0.6") * 1 + 2 * Decimal("0.40")
    assert told(plan).high == 100 * Decimal("1.40")


def test_a_text_of_ones_own_is_synthesised_for_each_call_answered_or_not():
    mine = make_list([{"а": "ю" * 129}])
    plan = make_plan(account=account(), contact_list=mine, text="ю{а}")
    found = told(plan)
    assert found.high == 100 * Decimal("1.40")
    assert found.low >= 100 * Decimal("0.40")
    assert found.call_low < found.call_high


def test_the_price_is_that_of_the_longest_text_that_can_be_said():
    mine = make_list([{"а": "ю" * 5000}])
    plan = make_plan(account=account(), contact_list=mine, text="{а}")
    assert told(plan).call_high == Decimal("0.40") + Decimal("7.88")  # 1024 characters


def test_two_messages_are_heard_by_half_of_the_people_each():
    messages = (text_message("ю" * 130), text_message("ю" * 260))
    found = told(make_plan(account=account(), messages=messages))
    assert found.high == 50 * Decimal("1.40") + 50 * Decimal("2.40")
    assert (found.call_low, found.call_high) == (Decimal("1.40"), Decimal("2.40"))


def test_nothing_to_hear_has_no_price():
    assert forecast(make_plan(messages=()), 5) is None
    assert forecast(make_plan(messages=(text_message(" "),)), 5) is None


def test_nobody_to_call_costs_nothing():
    assert told(plan_of_record(), 0).high == 0


def test_the_share_of_answers_comes_from_the_same_purpose_first():
    mine = account()
    history(mine, answered=50, ended=100, purpose="debt")
    assert foreseeing.answered_share(mine, "service") == (0.5, False)
    history(mine, answered=20, ended=100, purpose="service")
    assert foreseeing.answered_share(mine, "service") == (0.2, False)
    assert foreseeing.answered_share(account(), "service") == (0.6, True)


def test_too_few_calls_and_campaigns_nobody_answered_tell_nothing():
    mine = account()
    history(mine, answered=1, ended=49)
    history(mine, answered=0, ended=500)
    assert foreseeing.answered_share(mine, "service") == (0.6, True)


def test_the_latest_campaigns_count():
    mine = account()
    for number in range(12):
        made = NOW - timedelta(days=number)
        history(mine, answered=90 if number < 10 else 1, ended=100, created_at=made)
    assert foreseeing.answered_share(mine, "service") == (0.9, False)


def test_retries_make_it_dearer():
    found = told(plan_of_record(retries=BUSY))
    assert found.attempts == pytest.approx(1 + 0.1 + 0.01)
    assert found.high == Decimal("333.00")
    assert found.low == Decimal("180.00")


def test_nobody_is_expected_to_be_called_more_than_ten_times():
    mine = account()
    history(mine, answered=1, ended=100_000)
    endless = Retries({name: Rule(99, 1) for name in ("busy", "no_answer", "early")})
    assert told(plan_of_record(account=mine, retries=endless)).attempts <= 10


def test_it_lasts_as_long_as_the_slowest_pace():
    mine = account(calls_per_minute=100)
    assert end(plan_of_record(account=mine), 200) == NOW + timedelta(minutes=2)
    assert end(plan_of_record(account=mine, calls_per_minute=10), 200) == NOW + timedelta(
        minutes=20
    )
    # 20 seconds of ringing, and 30 of talk for six in ten.
    one_line = plan_of_record(account=mine, concurrent=1)
    assert end(one_line, 30) == NOW + timedelta(seconds=38 * 30)


def test_what_does_not_fit_into_a_day_goes_on_the_next():
    plan = plan_of_record(calls_per_minute=1)
    evening = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # an hour before 21:00 in Moscow
    assert end(plan, 90, evening) == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def test_longer_than_one_can_tell_has_no_end():
    assert end(plan_of_record(calls_per_minute=1), 10_000_000) is None


def test_the_last_retry_comes_later_and_in_the_hours():
    later = end(plan_of_record(retries=BUSY), 1)
    assert NOW + timedelta(minutes=30) < later < NOW + timedelta(minutes=31)
    slow = Retries({"busy": Rule(1, 12 * 60)})
    assert end(plan_of_record(retries=slow), 1) == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def test_one_attempt_a_day_stretches_retries_over_days():
    plan = plan_of_record(retries=BUSY, limits=Limits(day=1))
    assert end(plan, 1).date() == datetime(2026, 11, 25, tzinfo=UTC).date()


def test_a_budget_of_a_day_stretches_it_too():
    plan = plan_of_record(day_budget=Decimal(100))  # of 180 to 300
    assert end(plan, 100).date() == datetime(2026, 11, 25, tzinfo=UTC).date()


def test_how_long_an_opening_lasts():
    assert foreseeing.opening_seconds(plan_of_record().messages[0]) == 30
    assert foreseeing.opening_seconds(text_message("ю" * 130)) == 10
    assert foreseeing.opening_seconds(MessagePlan(kind=Campaign.Message.RECORD)) == 0
