"""Ten days of three campaigns, 5,000 people in all zones: no rule is ever broken.

From Friday, 30 October 2026, over a weekend, the turn of a month, a working week with a holiday
in it (Wednesday, 4 November) and the next weekend.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from calls.models import BlockedPhone, Call, CallEvent, Campaign
from calls.services import blocking, steering
from tests.calls.simulation import ZONES, Days, Person, Rules, all_rules_are_kept
from tests.factories import make_account

START = datetime(2026, 10, 29, 21, 0, tzinfo=UTC)  # midnight in Moscow
STEP = timedelta(minutes=30)
HOLIDAY = date(2026, 11, 4)
CHANCES = {"busy": 20, "no_answer": 20, "early": 5, "no_key": 10, "reached": 45}
NINE, TEN, NOON = 9 * 60, 10 * 60, 12 * 60
DEBT = Rules(
    days=[(8 * 60, 22 * 60)] * 5 + [(NINE, 20 * 60)] * 2,
    holiday=(NINE, 20 * 60),
    limits={"day": 1, "week": 2, "month": 3},
    retries={"busy": [2, 15, False], "no_answer": [3, 120, True], "early": [1, 60, False]},
    ends_at=START + timedelta(days=10),
)
SERVICE = Rules(
    days=[(NINE, 21 * 60)] * 5 + [(TEN, 20 * 60)] * 2,
    holiday=(TEN, 20 * 60),
    limits={"day": 3, "week": 7, "month": 20},
    retries={"busy": [3, 15, False], "no_answer": [2, 90, False], "no_key": [1, 240, True]},
    starts_at=START + timedelta(days=4, hours=18),  # the east has closed: it waits for the holiday
    ends_at=START + timedelta(days=6, hours=14),
)
SURVEY = Rules(
    days=[(NOON, 16 * 60)] * 5 + [None, None],
    holiday=None,
    limits={"day": 1, "week": 3, "month": None},
    retries={"busy": [1, 30, False], "no_answer": [1, 60, False]},
    ends_at=START + timedelta(days=10),
)


def people(first: int, last: int) -> list[Person]:
    """By their numbers: every twelfth lives nobody knows where."""
    zones = [*ZONES, ""]
    return [Person(f"7900{number:07d}", zones[number % 12]) for number in range(first, last)]


def go_through(days: Days) -> None:
    account = real_account("Debts", calls_per_minute=300)
    days.debt = days.launch(people(0, 2600), DEBT, account=account, purpose="debt")
    days.service = days.launch(people(2200, 4800), SERVICE, account=account)
    other = real_account("Survey")
    days.survey = days.launch(
        [*people(0, 150), *people(4650, 5000)],
        SURVEY,
        account=other,
        purpose="survey",
        concurrent=100,
    )
    days.rest = []
    while days.now < START + timedelta(days=10, hours=1):
        happen(days, (days.now - START) / timedelta(hours=1))
        days.pass_by(STEP)


def happen(days: Days, hour: float) -> None:
    """What people do, by the hours since Friday's midnight in Moscow."""
    match hour:
        case 7:  # the survey rests from Friday, with the east done, over nights and a weekend
            steering.pause(days.survey, actor=None, now=days.now)
            days.rest.append(days.now)
        case 82:
            steering.resume(days.survey, actor=None, now=days.now)
            days.rest.append(days.now)
        case 12:
            block(days, people(4700, 4800))  # nobody has rung them yet
        case 110:
            block(days, people(2100, 2400))  # some have been rung, some wait for an attempt


def block(days: Days, blocked: list[Person]) -> None:
    phones = [person.phone for person in blocked]
    blocking.block(phones, source=BlockedPhone.Source.HAND, now=days.now)
    days.blocked |= dict.fromkeys(phones, days.now)


def real_account(name: str, **fields):
    """One whose calls ring real people: the hours hold."""
    url = "https://calls.example/apiCalls"
    fields = {"phones_per_order": 200, "calls_per_minute": 600, **fields}
    return make_account(name=name, base_url=url, use_duty_phone=True, **fields)


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_days_of_three_campaigns_break_no_rule():
    with Days(START, Random(20261030), **CHANCES) as days:
        go_through(days)
    assert all_rules_are_kept(days)
    assert it_was_a_real_week(days)
    assert everything_has_ended(days)


def it_was_a_real_week(days: Days) -> bool:
    """Each rule was put to the test: without it something would have gone out."""
    rings = days.town.rings
    assert len({ring.phone for ring in rings}) > 4500
    assert {days.zones[ring.phone] for ring in rings} == {*ZONES, ""}
    by_campaign = Counter(ring.campaign for ring in rings)
    assert min(by_campaign.values()) > 400
    repeated = Counter((ring.campaign, ring.phone) for ring in rings)
    assert max(repeated.values()) >= 3
    shared = Counter(phone for _campaign, phone in repeated)
    assert max(shared.values()) == 2
    moscow = [ring.at.astimezone(ZoneInfo("Europe/Moscow")) for ring in rings]
    assert {at.date() for at in moscow} >= {date(2026, 10, 31), date(2026, 11, 1), HOLIDAY}
    kinds = Counter(CallEvent.objects.values_list("kind", flat=True))
    assert min(kinds[kind] for kind in ("put_off", "retry", "blocked", "expired")) > 0
    survey = [ring.at for ring in rings if ring.campaign == days.survey.pk]
    rested = [at for at in survey if days.rest[0] < at <= days.rest[1]]
    assert rested == []
    return True


def everything_has_ended(days: Days) -> bool:
    """Who was not reached was rung as often as was asked, or it says why not."""
    campaigns = Campaign.objects.filter(pk__in=days.rules)
    assert {campaign.state for campaign in campaigns} == {"done"}
    assert not Call.objects.filter(is_final=False).exists()
    rung = {(ring.campaign, ring.phone) for ring in days.town.rings}
    for call in Call.objects.filter(attempt=1):
        has_reason = call.stage in {"blocked", "expired"} and call.error
        assert (call.campaign_id, call.phone) in rung or has_reason, call
    return True
