"""When a campaign resumes and ends, by the clocks of those it rings."""

from datetime import UTC, datetime, timedelta

import pytest

from calls.rules.hours import ANY_TIME, Hours
from calls.rules.pace import ends_at, resumes_at

MOSCOW, OMSK, KAMCHATKA = "Europe/Moscow", "Asia/Omsk", "Asia/Kamchatka"
DAILY = Hours(((10 * 60, 18 * 60),) * 7, (10 * 60, 18 * 60))
NEVER = Hours((None,) * 7, None)


def msk(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on Moscow's clock."""
    return datetime(2026, 11, day, hour - 3, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zones", "resumes"),
    [
        (msk(23, 12), [MOSCOW], msk(23, 12)),
        (msk(23, 20), [MOSCOW], msk(24, 10)),
        (msk(23, 16), [OMSK], msk(24, 7)),  # 19:00 there; 10:00 of Omsk is 7:00 of Moscow
        (msk(23, 16), [OMSK, MOSCOW], msk(23, 16)),
        (msk(23, 20), [OMSK, MOSCOW], msk(24, 7)),
        (msk(23, 12), [], None),
    ],
)
def test_it_resumes_where_it_opens_first(moment, zones, resumes):
    assert resumes_at(moment, DAILY, zones) == resumes


def test_without_hours_it_never_rests():
    assert resumes_at(msk(23, 23), None, [MOSCOW]) == msk(23, 23)
    assert ends_at(msk(23, 23), timedelta(hours=9), None, [MOSCOW]) == msk(24, 8)
    assert ends_at(msk(23, 23), timedelta(hours=9), None, []) is None
    assert ends_at(msk(23, 23), timedelta(hours=9), ANY_TIME, [MOSCOW]) == msk(24, 8)


@pytest.mark.parametrize(
    ("begin", "hours", "zones", "ends"),
    [
        (msk(23, 12), 2, [MOSCOW], msk(23, 14)),
        (msk(23, 16), 2, [MOSCOW], msk(23, 18)),
        (msk(23, 16), 3, [MOSCOW], msk(24, 11)),
        (msk(23, 20), 1, [MOSCOW], msk(24, 11)),
        (msk(23, 16), 12, [MOSCOW], msk(25, 12)),  # two nights
        # Omsk closes at 15:00 of Moscow, and Moscow goes on until 18:00.
        (msk(23, 14), 4, [OMSK, MOSCOW], msk(23, 18)),
        (msk(23, 14), 5, [OMSK, MOSCOW], msk(24, 8)),
    ],
)
def test_it_rests_while_everybody_is_closed(begin, hours, zones, ends):
    assert ends_at(begin, timedelta(hours=hours), DAILY, zones) == ends


def test_what_never_opens_never_ends():
    assert ends_at(msk(23, 12), timedelta(hours=1), NEVER, [MOSCOW]) is None
    assert ends_at(msk(23, 12), timedelta(days=900), DAILY, [KAMCHATKA]) is None
