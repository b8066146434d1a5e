"""Hours and limits as people say them."""

import pytest

from calls.rules.hours import ANY_TIME, DAY, Hours
from calls.rules.limits import Limits
from calls.rules.purposes import DEBT_HOURS, SERVICE_HOURS
from calls.rules.words import hours_in_words, limits_in_words, wider_days

DAYTIME = (540, 1260)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (SERVICE_HOURS, "пн–пт 9:00–21:00, сб–вс и праздники 10:00–20:00"),
        (DEBT_HOURS, "пн–пт 8:00–22:00, сб–вс и праздники 9:00–20:00"),
        (None, "в любое время"),
        (ANY_TIME, "в любое время"),
        (Hours((None,) * 7, None), "никогда"),
        (Hours((DAYTIME,) * 7, DAYTIME), "ежедневно 9:00–21:00"),
        (Hours((DAYTIME,) * 7, None), "пн–вс 9:00–21:00, праздники не звоним"),
        (
            Hours((DAYTIME, DAYTIME, None, DAYTIME, None, None, DAYTIME), None),
            "пн–вт, чт, вс 9:00–21:00; ср, пт–сб и праздники не звоним",
        ),
        (
            Hours(((0, DAY), *((570, 1439),) * 6), (570, 1439)),
            "пн круглосуточно, вт–вс и праздники 9:30–23:59",
        ),
    ],
)
def test_a_week_is_said_in_a_line(hours, words):
    assert hours_in_words(hours) == words


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(3, 7, 20), "до 3 в день, до 7 в неделю, до 20 в месяц"),
        (Limits(week=2), "до 2 в неделю"),
        (Limits(), "без ограничения"),
        (Limits(day=0), "до 0 в день"),
    ],
)
def test_limits_are_said_in_a_line(limits, words):
    assert limits_in_words(limits) == words


def test_days_beyond_what_is_allowed_are_named():
    assert wider_days(SERVICE_HOURS, DEBT_HOURS) == []
    assert wider_days(SERVICE_HOURS, SERVICE_HOURS) == []
    late = Hours(((540, 1300), *SERVICE_HOURS.days[1:]), (0, DAY))
    assert list(map(str, wider_days(late, SERVICE_HOURS))) == ["Понедельник", "Праздники"]
    assert len(wider_days(DEBT_HOURS, SERVICE_HOURS)) == 8
