"""How a campaign looks: badges, moments, bars and columns."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.campaign_chart import Chart, Column
from calls.campaign_progress import Money
from calls.models import Campaign
from calls.rules.shares import Share
from obzvon_site.templatetags import campaigns


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": "preparing"}, "Готовится"),
        ({"state": "running"}, "Идёт"),
        ({"state": "running", "hold_reason": "Деньги"}, "Ждёт"),
        ({"state": "paused", "hold_reason": "Деньги"}, "Пауза"),
        ({"state": "stopped"}, "Остановлен"),
        ({"state": "done"}, "Завершён"),
    ],
)
def test_each_state_has_a_badge(fields, text):
    assert text in campaigns.campaign_badge(Campaign(**fields))
    assert set(campaigns.STATES) == set(Campaign.State.values)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.31, "31"),
        (0.004, "0,4"),
        (0.0, "0"),
        (1, "100"),
        (0.02, "2"),
        (0.0999, "10"),
        (0.5, "50"),
    ],
)
def test_a_share_is_told_in_per_cent(share, text):
    assert campaigns.percent(share) == f"{text}\u00a0%"


def test_moments_are_told_as_people_do():
    noon = timezone.localtime().replace(hour=12, minute=5)
    assert campaigns.at_time(noon) == "в 12:05"
    assert campaigns.at_time(noon + timedelta(days=1)) == "завтра в 12:05"
    assert campaigns.about_time(noon) == "около 12:05"
    assert re.match(r"\d+ \w+ около 12:05$", campaigns.about_time(noon + timedelta(days=9)))


def rects(svg: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="is-(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    return [(tone, float(x), float(width)) for tone, x, width in found]


def test_money_is_drawn_on_one_scale():
    money = Money(Decimal(100), Decimal(200), Decimal(300), Decimal(400))
    assert rects(campaigns.money_bar(money)) == [
        ("forecast", 500, 250),
        ("info", 0, 250),
        ("mark", 994, 6),
    ]


def test_a_cap_that_is_reached_is_seen():
    money = Money(Decimal(400), None, None, Decimal(400))
    assert [tone for tone, *_rest in rects(campaigns.money_bar(money))] == ["bad", "mark"]


def test_a_share_is_drawn_with_its_interval():
    low, high = Share(30, 100).interval
    track, sure, at = rects(campaigns.interval_bar(Share(30, 100)))
    assert track == ("track", 0, 1000)
    assert sure == ("sure", round(1000 * low), round(1000 * high) - round(1000 * low))
    assert at == ("at", 297, 6)
    assert rects(campaigns.interval_bar(Share(5, 5)))[2] == ("at", 994, 6)


def test_columns_stand_on_each_other():
    at = timezone.localtime().replace(hour=9, minute=0)
    chart = Chart([Column(at, 6, 3, 1, "09:00"), Column(at, 0, 0, 0), Column(at, 5, 0, 0)], 60)
    svg = campaigns.columns_chart(chart)
    assert [tone for tone, *_rest in rects(svg)] == ["ok", "warn", "bad", "ok"]
    assert {width for _tone, _x, width in rects(svg)} == {48}  # a third of 720 would be a wall
    assert svg.count("<title>") == 3
    assert "<title>09:00 · 10</title>" in svg
    assert svg.count("<text") == 1
    assert 'y="40.0"' in svg  # six of ten, from the bottom


def test_nothing_is_drawn_of_nothing():
    assert rects(campaigns.columns_chart(Chart([], 1))) == []
    assert rects(campaigns.share_bar(0)) == [("info", 0, 0)]
