"""Who has to wait by the rules is told before the launch."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.services import rules_in_force
from calls.services.waiting import Waiting, foresee
from tests.calls.makers import make_campaign
from tests.factories import make_account

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # Monday noon in Moscow, 21:00 on Kamchatka
MIDNIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # in Moscow; 9:00 of Tuesday on Kamchatka
MOSCOW, KAMCHATKA, NOBODY_KNOWS = "74951234567", "74152123456", "78001234567"

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account(base_url="https://service.example/apiCalls", use_duty_phone=True)


def rung(account, phone: str, *ago: timedelta, stage: str = "accepted") -> None:
    for one in ago:
        campaign = make_campaign([phone], account=account, now=NOON)
        campaign.calls.update(stage=stage, sent_at=NOON - one)


def test_those_wait_for_whom_it_is_no_time(account):
    found = foresee([MOSCOW, KAMCHATKA, NOBODY_KNOWS], "service", account, when=NOON)
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 9:00 in Kaliningrad
    assert found.closed == Waiting(2, MIDNIGHT, morning)
    assert (found.full, found.never) == (None, 0)


def test_nobody_waits_when_it_is_time_for_all(account):
    found = foresee([MOSCOW, NOBODY_KNOWS], "service", account, when=NOON - timedelta(hours=1))
    assert (found.closed, found.full, found.never) == (None, None, 0)


def test_numbers_that_no_hour_suits_are_counted(account):
    short = Hours(((600, 660),) * 7, None)
    rules_in_force.change("service", hours=short, limits=Limits(), ground="", actor=None, now=NOON)
    found = foresee([NOBODY_KNOWS, MOSCOW], "service", account, when=NOON)
    assert found.never == 1
    assert found.closed is not None
    assert found.closed.number == 1


def test_attempts_of_every_campaign_and_account_count(account):
    hour, day = timedelta(hours=1), timedelta(days=1)
    rung(account, MOSCOW, hour)
    assert foresee([MOSCOW], "debt", account, when=NOON).full == Waiting(1, MIDNIGHT, MIDNIGHT)
    assert foresee([MOSCOW], "service", account, when=NOON).full is None
    rung(make_account(use_duty_phone=True), MOSCOW, *[hour] * 3)
    assert foresee([MOSCOW], "service", account, when=NOON).full is None  # it was a rehearsal
    other = make_account(base_url=account.base_url, use_duty_phone=True)
    rung(other, MOSCOW, 2 * hour, 3 * hour)
    assert foresee([MOSCOW], "service", account, when=NOON).full is not None
    assert foresee([MOSCOW], "service", account, when=NOON + day).full is None


def test_calls_that_never_rang_do_not_count(account):
    rung(account, MOSCOW, timedelta(hours=1), stage="refused")
    assert foresee([MOSCOW], "debt", account, when=NOON).full is None


def test_an_emulator_and_ones_own_number_make_nobody_wait(account):
    emulator = make_account(use_duty_phone=True)
    rung(account, KAMCHATKA, *[timedelta(hours=1)] * 3)
    for purpose, used in (("service", emulator), ("own", account), ("emergency", account)):
        found = foresee([KAMCHATKA], purpose, used, when=NOON)
        assert (found.closed, found.full, found.never) == (None, None, 0)


def test_earlier_attempts_are_looked_up_by_phone_alone(account):
    with CaptureQueriesContext(connection) as asked:
        foresee([MOSCOW], "service", account, when=NOON)
    (sql,) = [query["sql"] for query in asked if 'FROM "calls_call"' in query["sql"]]
    where = sql.split("WHERE")[1]
    assert "phone" in where
    assert "stage" not in where  # its index would be taken, and every sent call read


def test_ten_thousand_numbers_take_few_questions(account, django_assert_max_num_queries):
    phones = [f"7495{number:07d}" for number in range(10_000)]
    with django_assert_max_num_queries(22):
        foresee(phones, "service", account, when=NOON)
