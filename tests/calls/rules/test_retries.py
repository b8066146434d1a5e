"""Whom to ring once more, and when; never outside the hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.rules.hours import Hours
from calls.rules.purposes import SERVICE_HOURS
from calls.rules.retries import RESULTS, Retries, Rule, result_of
from tests.calls.rules.weeks import moments, wide_weeks, zones

ENDED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # Monday noon in Moscow
MOSCOW = "Europe/Moscow"
rules = st.builds(Rule, st.integers(0, 5), st.integers(0, 3000), st.booleans())
some_rules = st.dictionaries(st.sampled_from(RESULTS), rules).map(Retries)


def next_at(rule: Rule, so_far: int = 1, **fields):
    fields = {"ended_at": ENDED, "zone": MOSCOW, "hours": SERVICE_HOURS, **fields}
    return Retries({"busy": rule}).next_at("busy", so_far, **fields)


@given(some_rules, st.sampled_from(RESULTS), moments, zones, wide_weeks, st.lists(moments))
def test_a_retry_is_never_outside_the_hours_nor_too_early(
    retries, result, ended_at, zone, hours, tried
):
    moment = retries.next_at(
        result, 1, ended_at=ended_at, zone=zone, hours=hours, tried=[*tried, ended_at]
    )
    if moment is not None:
        assert hours.is_open(moment, zone)
        rule = retries.rules[result]
        assert moment >= ended_at + timedelta(minutes=rule.after_minutes)


@given(some_rules)
def test_retries_survive_json(retries):
    assert Retries.from_json(retries.as_json()) == retries


def test_names_that_are_no_results_are_left_out():
    assert Retries.from_json({"reached": [1, 2, False]}) == Retries()


def test_as_many_as_the_rule_says():
    twice = Rule(2, 15)
    assert next_at(twice, 1) == next_at(twice, 2) == ENDED + timedelta(minutes=15)
    assert next_at(twice, 3) is None
    assert (
        Retries({"busy": twice}).next_at("no_answer", 1, ended_at=ENDED, zone=MOSCOW, hours=None)
        is None
    )


def test_at_night_it_waits_for_the_morning():
    late = ENDED + timedelta(hours=9)  # 21:00 in Moscow
    morning = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo(MOSCOW))
    assert next_at(Rule(1, 15), ended_at=late) == morning
    assert next_at(Rule(1, 15), ended_at=late, hours=None) == late + timedelta(minutes=15)
    assert next_at(Rule(1, 15), hours=Hours((None,) * 7, None)) is None


def test_another_hour_is_one_that_was_not_tried():
    moscow = ZoneInfo(MOSCOW)
    noon, one = (datetime(2026, 11, 23, hour, 5, tzinfo=moscow) for hour in (12, 13))
    rule = Rule(3, 5, is_other_hour=True)
    found = next_at(rule, ended_at=noon, tried=[noon])
    assert found == datetime(2026, 11, 23, 13, 0, tzinfo=moscow)
    found = next_at(rule, ended_at=noon, tried=[noon, one])
    assert found == datetime(2026, 11, 23, 14, 0, tzinfo=moscow)
    assert next_at(rule, ended_at=noon, tried=[one]) == noon + timedelta(minutes=5)


def test_when_every_open_hour_was_tried_any_will_do():
    moscow = ZoneInfo(MOSCOW)
    tried = [datetime(2026, 11, 20, hour, 0, tzinfo=moscow) for hour in range(24)]
    found = next_at(Rule(3, 5, is_other_hour=True), tried=tried)
    assert found == ENDED + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"status": "busy"}, "busy"),
        ({"status": "canceled"}, "no_answer"),
        ({"status": "finished"}, "no_answer"),
        ({"talk_seconds": 2}, "early"),
        ({"talk_seconds": 4, "listen_seconds": 30}, "early"),
        ({"talk_seconds": 4, "listen_seconds": 6}, "reached"),
        ({"talk_seconds": 30}, "reached"),
        ({"talk_seconds": 30, "has_keys": True}, "no_key"),
        ({"talk_seconds": 2, "is_answered": True, "has_keys": True}, "reached"),
    ],
)
def test_how_a_call_went(fields, result):
    values = {"talk_seconds": None, "is_answered": False, "has_keys": False, "listen_seconds": 0}
    values |= {"status": "finished", **fields}
    assert result_of(values.pop("status"), **values) == result
