"""How values look."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from obzvon_site.templatetags import obz

NOW = datetime(2026, 11, 23, 11, 41, 5, tzinfo=UTC)  # 14:41:05 in Moscow


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_a_phone_is_shown_in_groups():
    assert obz.phone("79123456789") == "+7 (912) 345-67-89"
    assert obz.phone("112") == "112"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_numbers_are_grouped_as_money_is(language):
    with translation.override(language):
        assert obz.grouped(12345) == "12\u00a0345"
        assert obz.grouped(999) == "999"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1234.5"), "1\u00a0234,50\u00a0₽"),
        (Decimal(0), "0,00\u00a0₽"),
        (Decimal("-3.1"), "-3,10\u00a0₽"),
        (Decimal("1234567.891"), "1\u00a0234\u00a0567,89\u00a0₽"),
    ],
)
def test_money_has_no_break_spaces_and_a_comma(amount, text):
    assert obz.money(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (8, "0:08"),
        (68.4, "1:08"),
        (3599, "59:59"),
        (3600, "1 ч 00 мин"),
        (7500, "2 ч 05 мин"),
    ],
)
def test_a_duration(seconds, text):
    assert obz.duration(seconds) == text


@pytest.mark.parametrize("show", [obz.phone, obz.money, obz.duration, obz.moment, obz.exact])
def test_nothing_is_a_dash(show):
    assert show(None) == "—"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOW, "14:41:05"),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "00:00:00"),  # today in Moscow
        (datetime(2026, 11, 22, 20, 59, tzinfo=UTC), "22.11 23:59"),
        (datetime(2025, 11, 23, 11, 41, tzinfo=UTC), "23.11.2025 14:41"),
    ],
)
def test_a_moment_in_a_table(value, text):
    assert obz.moment(value) == text


def test_an_exact_moment():
    assert obz.exact(NOW) == "23 ноября 2026, 14:41:05"


def test_formats_in_english():
    with translation.override("en"):
        assert "2026, 14:41:05" in obz.exact(NOW)
        assert "November" in obz.exact(NOW)
        assert obz.money(Decimal("1234.5")).endswith("₽")


@pytest.mark.parametrize(
    ("person", "letters"), [("Анна Седова", "АС"), ("operator", "OP"), ("Я", "Я"), ("а б в", "АБ")]
)
def test_initials(person, letters):
    assert obz.initials(person) == letters


def test_an_icon_is_for_the_eye_only():
    drawn = obz.icon("phone", 16)
    assert 'aria-hidden="true"' in drawn
    assert 'width="16"' in drawn
    assert "icons.svg#phone" in drawn


def test_a_badge_escapes_its_words_and_knows_its_tones():
    assert obz.badge("ok", "<b>") == '<span class="badge is-ok">&lt;b&gt;</span>'
    with pytest.raises(ValueError, match="tone"):
        obz.badge("pink", "text")


@pytest.mark.parametrize(("outcome", "look"), obz.OUTCOMES.items())
def test_each_outcome_of_a_call_has_a_tone_and_a_word(outcome, look):
    tone, word = look
    drawn = obz.call_badge(SimpleNamespace(outcome=outcome, status=""))
    assert f"is-{tone}" in drawn
    assert str(word) in drawn


def test_a_status_nobody_knows_is_shown_in_the_services_word():
    drawn = obz.call_badge(SimpleNamespace(outcome="other", status="<ringing>"))
    assert "is-neutral" in drawn
    assert "Неизвестно: «&lt;ringing&gt;»" in drawn


def campaign(**numbers):
    names = ("total", "done", "finished", "busy", "canceled", "failed", "live", "doubtful")
    return SimpleNamespace(**{**dict.fromkeys(names, 0), **numbers})


def bars(drawn: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="is-(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', drawn)
    return [(tone, float(x), float(width)) for tone, x, width in found]


def test_a_bar_has_a_part_for_each_outcome_and_says_the_sum():
    drawn = obz.campaign_bar(
        campaign(total=20, done=14, finished=10, busy=2, canceled=1, failed=1, live=4)
    )
    assert 'aria-label="Сделано 14 из 20"' in drawn
    assert bars(drawn) == [
        ("ok", 0, 500),
        ("warn", 500, 100),
        ("bad", 600, 100),
        ("info", 700, 200),
    ]


def test_a_bar_of_nothing_is_empty():
    assert bars(obz.campaign_bar(campaign())) == []


def test_columns_of_hours_stand_on_each_other_up_to_the_top():
    empty = SimpleNamespace(finished=0, busy=0, canceled=0, other=0)
    full = SimpleNamespace(finished=5, busy=2, canceled=2, other=1)
    drawn = obz.hours_chart([empty, full], 10)
    found = re.findall(
        r'class="is-(\w+)" x="33.0" y="([\d.]+)" width="24" height="([\d.]+)"', drawn
    )
    assert found == [
        ("ok", "50.0", "50.0"),
        ("warn", "30.0", "20.0"),
        ("bad", "10.0", "20.0"),
        ("mute", "0.0", "10.0"),
    ]
