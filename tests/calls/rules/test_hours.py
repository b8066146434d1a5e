"""When one may ring: by each subscriber's clock, in all zones at once where none is known."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.rules.hours import ANY_TIME, DAY, Hours, is_holiday
from calls.rules.purposes import DEBT_HOURS, SERVICE_HOURS
from calls.rules.zones import ZONES
from tests.calls.rules.weeks import moments, weeks, wide_weeks, zones

MINUTE = timedelta(minutes=1)


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "zone", "is_open"),
    [
        ("2026-11-23T08:59:59", "Europe/Moscow", False),  # Monday
        ("2026-11-23T09:00:00", "Europe/Moscow", True),
        ("2026-11-23T20:59:59", "Europe/Moscow", True),
        ("2026-11-23T21:00:00", "Europe/Moscow", False),
        ("2026-11-23T09:00:00", "Asia/Kamchatka", False),  # 18:00 … there is 9 hours later
        ("2026-11-22T09:30:00", "Europe/Moscow", False),  # Sunday
        ("2026-11-22T10:00:00", "Europe/Moscow", True),
        ("2026-11-04T09:30:00", "Europe/Moscow", False),  # Wednesday, a holiday
    ],
)
def test_hours_are_by_the_clock_and_calendar_of_the_subscriber(moment, zone, is_open):
    here = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    if zone == "Asia/Kamchatka":
        here += timedelta(hours=4)  # 13:00 in Moscow is 22:00 there
    assert SERVICE_HOURS.is_open(here, zone) is is_open


def test_an_unknown_zone_is_open_only_when_all_of_russia_is():
    # 9:00 in Kaliningrad is 19:00 on Kamchatka, where the day ends at 21:00.
    assert SERVICE_HOURS.next_open(at("2026-11-23T00:00"), "") == at("2026-11-23T10:00")
    assert SERVICE_HOURS.is_open(at("2026-11-23T11:59"), "")
    assert not SERVICE_HOURS.is_open(at("2026-11-23T12:00"), "")
    # On days off 10:00 in Kaliningrad is 20:00 on Kamchatka already: nobody is rung.
    assert SERVICE_HOURS.next_open(at("2026-11-20T12:00"), "") == at("2026-11-23T10:00")


def test_hours_that_no_moment_suits_are_never_open():
    short = Hours(((600, 660),) * 7, None)
    assert short.next_open(at("2026-11-23T10:00"), "") is None
    assert short.next_open(at("2026-11-23T12:00"), "Europe/Moscow") == at("2026-11-24T10:00")
    assert Hours((None,) * 7, None).next_open(at("2026-11-23T10:00"), "Asia/Omsk") is None


def test_a_row_of_days_off_is_waited_out():
    workdays = Hours((*((540, 1260),) * 5, None, None), None)
    assert workdays.next_open(at("2026-12-30T21:00"), "Europe/Moscow") == at("2027-01-11T09:00")


@pytest.mark.parametrize(
    ("day", "is_off"),
    [
        *((date(2027, 1, 1), True), (date(2026, 1, 8), True), (date(2026, 2, 23), True)),
        *((date(2026, 1, 9), True), (date(2026, 12, 31), True)),  # moved by the year's decree
        *((date(2026, 11, 23), False), (date(2026, 2, 24), False)),
    ],
)
def test_holidays_are_those_of_russia_with_transfers(day, is_off):
    assert is_holiday(day) is is_off


@given(weeks, moments, zones)
def test_the_next_open_moment_is_open(hours, moment, zone):
    found = hours.next_open(moment, zone)
    if found is not None:
        assert found >= moment
        assert hours.is_open(found, zone)
    assert (found == moment) == hours.is_open(moment, zone)


@settings(max_examples=40)
@given(wide_weeks, moments, zones)
def test_no_earlier_minute_is_open(hours, moment, zone):
    """Looked for on every minute of two days."""
    found = hours.next_open(moment, zone)
    last = moment + timedelta(days=2)
    step = moment.replace(second=0) + MINUTE
    while step < min(found or last, last):
        assert not hours.is_open(step, zone)
        step += MINUTE


@given(weeks, moments)
def test_what_is_open_for_an_unknown_zone_is_open_in_every_zone(hours, moment):
    in_each = [hours.is_open(moment, zone) for zone in ZONES]
    assert hours.is_open(moment, "") == all(in_each)
    open_now = hours.open_zones(moment)
    assert sorted(open_now) == sorted(
        [zone for zone, is_open in zip(ZONES, in_each, strict=True) if is_open]
        + ([""] if all(in_each) else [])
    )


@given(wide_weeks, moments, zones)
def test_it_stays_open_until_it_closes(hours, moment, zone):
    if not hours.is_open(moment, zone):
        return
    closes = hours.closes_at(moment, zone)
    assert closes > moment
    assert hours.is_open(closes - timedelta(microseconds=1), zone)


def test_the_zones_that_close_first_are_in_front():
    # 12:00 in Moscow: 21:00 on Kamchatka is over, Magadan has an hour left.
    open_now = SERVICE_HOURS.open_zones(at("2026-11-23T12:00"))
    assert open_now[:2] == ["Asia/Magadan", "Asia/Vladivostok"]
    assert "Asia/Kamchatka" not in open_now
    assert "" not in open_now
    # At 10:30 all are open, and the unknown ones close as early as Kamchatka.
    assert set(SERVICE_HOURS.open_zones(at("2026-11-23T10:30"))[:2]) == {"Asia/Kamchatka", ""}


@given(weeks, weeks, moments, zones)
def test_what_is_within_both_is_open_when_both_are(mine, theirs, moment, zone):
    both = mine.within(theirs)
    assert both.is_open(moment, zone) == (
        mine.is_open(moment, zone) and theirs.is_open(moment, zone)
    )
    assert both == theirs.within(mine)
    assert both.within(mine) == both.within(theirs) == both


def test_any_time_is_always_open():
    assert ANY_TIME.is_open(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "")
    assert SERVICE_HOURS.within(ANY_TIME) == SERVICE_HOURS
    assert SERVICE_HOURS.within(DEBT_HOURS) == SERVICE_HOURS


@given(weeks)
def test_hours_survive_json(hours):
    assert Hours.from_json(hours.as_json()) == hours
    assert hours.is_never == (not any(hours.days))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"days": [[540, 1260]] * 7},
        {"days": [[540, 1260]] * 6, "holiday": None},
        {"days": [[540, 1260]] * 8, "holiday": None},
        {"days": [[1260, 540]] * 7, "holiday": None},
        {"days": [[540, DAY + 1]] * 7, "holiday": None},
        {"days": [[-1, 540]] * 7, "holiday": None},
        {"days": [[540]] * 7, "holiday": None},
        {"days": ["19"] * 7, "holiday": None},
        {"days": [["утро", "вечер"]] * 7, "holiday": None},
        {"days": 5, "holiday": None},
    ],
)
def test_what_is_no_week_is_refused(value):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Hours.from_json(value)


@given(moments, st.sampled_from(list(ZONES)))
def test_answers_come_in_the_zone_of_the_question(moment, zone):
    found = SERVICE_HOURS.next_open(moment, zone)
    assert found is not None
    assert found.tzinfo is UTC
    closes = SERVICE_HOURS.closes_at(found, zone)
    assert closes.tzinfo is UTC
