"""Whatever windows, zones, limits, retries and moments: no call leaves its window or its limits."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from calls.models import BlockedPhone, Campaign
from calls.services import blocking, steering
from tests.calls.simulation import ZONES, Days, Person, Rules, all_rules_are_kept
from tests.factories import make_account

START = datetime(2026, 10, 26, 0, 0, tzinfo=UTC)
PHONES = [f"7900000000{number}" for number in range(4)]
DAY = 24 * 60

any_span = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda at: at[0] < at[1])
# Mostly open, or hardly anything would go out at all.
spans = st.sampled_from([(0, DAY), (300, DAY), (480, 1320), (540, 1260), None]) | any_span
limits = st.fixed_dictionaries(
    {
        "day": st.sampled_from([None, 1, 2, 3]),
        "week": st.sampled_from([None, 2, 3, 4]),
        "month": st.sampled_from([None, 3, 5]),
    }
)
again = st.tuples(st.integers(1, 3), st.sampled_from([1, 15, 240, 1500]), st.booleans()).map(list)
retries = st.fixed_dictionaries({"busy": again, "no_answer": again}, optional={"early": again})
rules = st.builds(
    Rules,
    days=st.lists(spans, min_size=7, max_size=7),
    holiday=spans,
    limits=limits,
    retries=retries,
)
# Minutes from the beginning: not before, and not after.
terms = st.tuples(st.sampled_from([None, None, 90, 1000]), st.sampled_from([None, 600, 4000, 9000]))
campaigns = st.lists(
    st.tuples(rules, terms, st.sets(st.sampled_from(PHONES), min_size=3)), min_size=2, max_size=3
)
waits = st.sampled_from([1, 7, 20, 60, 61, 180, 420, 700, 1500])
deeds = st.sampled_from(["wait"] * 16 + ["pause", "resume", "resume", "block", "stop"])
lives = st.lists(st.tuples(waits, deeds, st.integers(0, 3)), min_size=15, max_size=25)
people = st.lists(st.sampled_from([*ZONES, ""]), min_size=4, max_size=4)
EVERY_HOUR = [(60, "wait", 0)] * 60
NIGHT = Rules(
    days=[(1380, 1440)] * 7,
    holiday=None,
    limits={"day": 1, "week": 2, "month": None},
    retries={"busy": [3, 1, False]},
)

EAGER = Rules(
    days=[(0, DAY)] * 7,
    holiday=(0, DAY),
    limits={"day": None, "week": None, "month": None},
    retries={name: [1, 1, False] for name in ("busy", "no_answer", "early")},
)


def with_term(told: Rules, now: datetime, starts: int | None, ends: int | None) -> Rules:
    return replace(
        told,
        starts_at=None if starts is None else now + timedelta(minutes=starts),
        ends_at=None if ends is None else now + timedelta(minutes=ends),
    )


def do(days: Days, deed: str, number: int) -> None:
    found = list(Campaign.objects.order_by("pk"))
    campaign, phone = found[number % len(found)], PHONES[number]
    with suppress(steering.NotPossible):
        match deed:
            case "pause":
                steering.pause(campaign, actor=None, now=days.now)
            case "resume":
                steering.resume(campaign, actor=None, now=days.now)
            case "stop":
                steering.stop(campaign, actor=None, now=days.now)
            case "block":
                blocking.block([phone], source=BlockedPhone.Source.KEY, now=days.now)
                days.blocked.setdefault(phone, days.now)


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(campaigns=campaigns, people=people, life=lives, begin=st.integers(0, 13 * DAY), seed=...)
@example(
    campaigns=[(NIGHT, (None, None), set(PHONES)), (NIGHT, (None, None), set(PHONES))],
    people=["Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Moscow", ""],
    life=EVERY_HOUR,
    begin=9 * DAY,
    seed=1,
)
@example(
    campaigns=[(EAGER, (None, 300), set(PHONES)), (EAGER, (90, None), set(PHONES))],
    people=["Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Moscow", ""],
    life=[(20, "wait", 0)] * 30,
    begin=0,
    seed=1,
)
def test_no_call_ever_leaves_its_window_or_exceeds_a_limit(
    db, campaigns, people, life, begin, seed: int
):
    with transaction.atomic():
        accounts = [
            make_account(base_url="https://calls.example/apiCalls", use_duty_phone=True)
            for _ in campaigns
        ]
        with Days(START + timedelta(minutes=begin), Random(seed)) as days:
            for account, (told, term, phones) in zip(accounts, campaigns, strict=True):
                chosen = [Person(phone, people[PHONES.index(phone)]) for phone in sorted(phones)]
                # A purpose that allows everything: only the campaign's own rules are left.
                own = with_term(told, days.now, *term)
                days.launch(chosen, own, account=account, purpose="emergency")
            days.pass_by(timedelta())
            for minutes, deed, number in life:
                do(days, deed, number)
                days.pass_by(timedelta(minutes=minutes))
        assert all_rules_are_kept(days)
        transaction.set_rollback(True)
