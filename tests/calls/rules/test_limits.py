"""Nobody is rung oftener than allowed, in no day, week or month of any zone they may be in."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.rules.limits import Limits
from calls.rules.zones import possible
from tests.calls.rules.weeks import zones

START = datetime(2026, 11, 1, tzinfo=UTC)
near = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
some = st.none() | st.integers(1, 4)
limited = st.builds(Limits, some, some, st.none() | st.integers(1, 9))


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def is_broken(limits: Limits, attempts: list[datetime], moment: datetime, zone: str) -> bool:
    """Whether a period with ``moment`` in it, in some possible zone, holds too many attempts."""
    for name in possible(zone):
        days = [one.astimezone(ZoneInfo(name)).date() for one in (*attempts, moment)]
        for limit, period in (
            (limits.day, lambda day: day),
            (limits.week, lambda day: day.isocalendar()[:2]),
            (limits.month, lambda day: (day.year, day.month)),
        ):
            counted = Counter(map(period, days))
            if limit is not None and counted[period(days[-1])] > limit:
                return True
    return False


@given(limited, st.lists(near, max_size=12), zones, near)
def test_an_allowed_attempt_breaks_no_limit_of_any_period(limits, attempts, zone, now):
    moment = limits.allowed_at(attempts, zone, now)
    assert moment is not None
    assert moment >= now
    assert not is_broken(limits, attempts, moment, zone)


@given(limited, st.lists(near, max_size=12), zones, near)
def test_it_is_not_put_off_without_need(limits, attempts, zone, now):
    """Of the midnights before, none would have done."""
    moment = limits.allowed_at(attempts, zone, now)
    assert (moment == now) == (not is_broken(limits, attempts, now, zone))
    steps = 0
    earlier = now.replace(minute=0) + timedelta(hours=1)
    while earlier < moment and steps < 24 * 70:
        assert is_broken(limits, attempts, earlier, zone)
        earlier += timedelta(hours=1)
        steps += 1


@given(limited, zones, near, st.integers(1, 15))
def test_attempts_made_as_soon_as_allowed_never_break_a_limit(limits, zone, now, number):
    made: list[datetime] = []
    for _attempt in range(number):
        now = limits.allowed_at(made, zone, now)
        assert not is_broken(limits, made, now, zone)
        made.append(now)


def test_debt_is_once_a_day_twice_a_week_eight_times_a_month():
    debt = Limits(day=1, week=2, month=8)
    monday, tuesday = at("2026-11-23T10:00"), at("2026-11-24T10:00")
    assert debt.allowed_at([], "Europe/Moscow", monday) == monday
    assert debt.allowed_at([monday], "Europe/Moscow", monday) == at("2026-11-24T00:00")
    assert debt.allowed_at([monday, tuesday], "Europe/Moscow", tuesday) == at("2026-11-30T00:00")
    month = [at(f"2026-11-{day:02d}T10:00") for day in (2, 3, 9, 10, 16, 17, 23, 24)]
    assert debt.allowed_at(month, "Europe/Moscow", tuesday) == at("2026-12-01T00:00")


def test_the_day_is_the_subscribers():
    once = Limits(day=1)
    called = at("2026-11-23T10:00")  # 19:00 on Kamchatka
    later = at("2026-11-23T15:30")  # 0:30 of the next day there
    assert once.allowed_at([called], "Asia/Kamchatka", later) == later
    assert once.allowed_at([called], "Europe/Moscow", later) == at("2026-11-24T00:00")


def test_an_unknown_zone_waits_for_the_last_of_midnights():
    called = at("2026-11-23T10:00")
    allowed = Limits(day=1).allowed_at([called], "", called)
    assert allowed == at("2026-11-24T00:00", "Europe/Kaliningrad")


def test_planned_attempts_count_like_made_ones():
    now, planned = at("2026-11-23T10:00"), at("2026-11-23T18:00")
    assert Limits(day=1).allowed_at([planned], "Europe/Moscow", now) == at("2026-11-24T00:00")


def test_nothing_is_never_allowed_and_no_limit_always():
    now = at("2026-11-23T10:00")
    assert Limits(week=0).allowed_at([], "", now) is None
    assert Limits().allowed_at([now] * 50, "", now) == now
    assert Limits().is_none
    assert not Limits(month=1).is_none


@given(limited, limited)
def test_within_is_the_stricter_of_each(mine, theirs):
    both = mine.within(theirs)
    assert both == theirs.within(mine) == both.within(mine)
    for name in ("day", "week", "month"):
        given_ = [x for x in (getattr(mine, name), getattr(theirs, name)) if x is not None]
        assert getattr(both, name) == (min(given_) if given_ else None)


@given(limited)
def test_limits_survive_json(limits):
    assert Limits.from_json(limits.as_json()) == limits
    assert Limits.from_json({}) == Limits()


@pytest.mark.parametrize("value", [-1, "3", 1.5, True])
def test_what_is_no_number_of_attempts_is_refused(value):
    with pytest.raises(ValueError, match="number of attempts"):
        Limits.from_json({"day": value})
