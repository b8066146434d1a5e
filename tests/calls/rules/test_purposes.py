"""Purposes carry the law's hours and limits, and name the law for people."""

import pytest

from calls.rules.hours import ANY_TIME, Hours
from calls.rules.limits import Limits
from calls.rules.purposes import OFFERED, PRESETS


def test_debt_keeps_the_hours_and_limits_of_230_fz():
    """Not 22:00–8:00 on working days nor 20:00–9:00 on days off; 1 a day, 2 a week, 8 a month."""
    debt = PRESETS["debt"]
    workday, day_off = (8 * 60, 22 * 60), (9 * 60, 20 * 60)
    assert debt.hours == Hours((workday,) * 5 + (day_off,) * 2, day_off)
    assert debt.limits == Limits(1, 2, 8)


def test_service_and_surveys_keep_quiet_hours():
    workday, day_off = (9 * 60, 21 * 60), (10 * 60, 20 * 60)
    quiet = Hours((workday,) * 5 + (day_off,) * 2, day_off)
    assert PRESETS["service"].hours == PRESETS["survey"].hours == quiet


def test_only_emergencies_and_ones_own_number_have_no_hours():
    free = {key for key, preset in PRESETS.items() if preset.hours == ANY_TIME}
    assert free == {"emergency", "own"}


def test_only_advertising_is_refused_and_says_why():
    refused = {key: str(preset.refusal) for key, preset in PRESETS.items() if preset.refusal}
    assert list(refused) == ["advertising"]
    assert "38-ФЗ" in refused["advertising"]
    assert "статья 18, часть 2" in refused["advertising"]


@pytest.mark.parametrize(
    ("purpose", "laws"),
    [
        ("service", ["126-ФЗ", "41-ФЗ от 01.04.2025", "региональным законам"]),
        ("debt", ["230-ФЗ, статья 7, части 3 и 5", "126-ФЗ"]),
        ("survey", ["126-ФЗ", "региональным законам"]),
        ("emergency", ["68-ФЗ", "статья 6", "126-ФЗ"]),
        ("advertising", ["38-ФЗ", "статья 18, часть 1", "статья 18, часть 2"]),
    ],
)
def test_each_purpose_cites_its_laws(purpose, laws):
    preset = PRESETS[purpose]
    said = f"{preset.law} {preset.consent_law}"
    assert [law for law in laws if law not in said] == []
    assert str(preset.about)


def test_consent_is_asked_for_by_the_law_or_not_at_all():
    asking = {key for key, preset in PRESETS.items() if preset.needs_consent}
    assert asking == {"service", "debt", "survey", "advertising"}


def test_purposes_are_offered_in_an_order_and_ones_own_number_is_not_among_them():
    assert set(PRESETS) == {*OFFERED, "own"}
    assert all(preset.key == key for key, preset in PRESETS.items())
    service = PRESETS["service"]
    assert service.hours_words == "пн–пт 9:00–21:00, сб–вс и праздники 10:00–20:00"
    assert service.limits_words == "до 3 в день, до 7 в неделю, до 20 в месяц"
