"""Pause, resume, stop, approve, budget, pace: by post of those who call, and answered in words."""

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from calls.models import Call, Campaign
from calls.services import ledger
from obzvon_site.accounts.services import balance
from tests.calls.makers import make_campaign

DEEDS = ["stop", "pause", "resume", "approve", "budget", "pace"]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def nudges(monkeypatch) -> list[str]:
    """Which tasks were nudged."""
    given: list[str] = []
    for name in ("dispatch_due", "take_back_stopped"):
        task = SimpleNamespace(enqueue=lambda name=name: given.append(name))
        monkeypatch.setattr(f"calls.views.steering.{name}", task)
    return given


def address(campaign: Campaign, deed: str) -> str:
    return reverse(f"calls:campaign-{deed}", args=[campaign.pk])


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def do(client, campaign: Campaign, deed: str, **data) -> str:
    answer = client.post(address(campaign, deed), data, follow=True)
    assert answer.redirect_chain == [(campaign.get_absolute_url(), 302)]
    campaign.refresh_from_db()
    return text_of(answer)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_campaign_is_steered_by_post_of_those_who_call(operator, manager, deed):
    campaign = make_campaign(1)
    assert operator.get(address(campaign, deed)).status_code == 405
    assert manager.post(address(campaign, deed)).status_code == 403
    assert operator.post(address(Campaign(pk=987), deed)).status_code == 404
    campaign.refresh_from_db()
    assert (campaign.state, campaign.calls.get().stage) == ("running", "planned")


def test_a_pause_is_said_and_so_is_the_way_on(operator, nudges):
    campaign = make_campaign(1)
    assert "Обзвон на паузе." in do(operator, campaign, "pause")
    assert campaign.state == "paused"
    assert "Обзвон продолжается." in do(operator, campaign, "resume")
    assert campaign.state == "running"
    assert nudges[-1] == "dispatch_due"


def test_htmx_is_sent_to_the_page(operator):
    campaign = make_campaign(1)
    answer = operator.post(address(campaign, "pause"), **HTMX)
    assert answer["HX-Redirect"] == campaign.get_absolute_url()


def test_the_slower_of_two_operators_reads_who_was_faster(operator):
    campaign = make_campaign(2)
    do(operator, campaign, "stop")
    assert re.search(
        r"Обзвон уже остановлен: operator, \d\d:\d\d\.", do(operator, campaign, "stop")
    )


def test_stopping_takes_back_what_has_not_gone_out(operator, nudges):
    campaign = make_campaign(3)
    gone = campaign.calls.first()
    ledger.move(gone, Call.Stage.SENDING, now=timezone.now())
    assert re.search(r"Отменено (2 звонка|звонков: 2)", do(operator, campaign, "stop"))
    assert sorted(campaign.calls.values_list("stage", flat=True)) == [
        "sending",
        "taken_back",
        "taken_back",
    ]
    assert "take_back_stopped" in nudges


def test_stopping_what_has_all_gone_out_says_so(operator):
    campaign = make_campaign(1)
    ledger.move(campaign.calls.get(), Call.Stage.SENDING, now=timezone.now())
    assert "Все его звонки уже ушли" in do(operator, campaign, "stop")
    assert campaign.state == "stopped"


def test_going_on_lifts_a_hold_and_nudges(operator, nudges):
    campaign = make_campaign(2)
    Campaign.objects.update(hold_reason="Кончились деньги")
    do(operator, campaign, "resume")
    assert campaign.hold_reason == ""
    assert nudges == ["dispatch_due"]


def test_after_a_top_up_one_click_is_enough(operator, monkeypatch):
    campaign = make_campaign(1)
    account, now = campaign.account, timezone.now()
    Campaign.objects.update(hold_reason="Кончились деньги", hold_kind="balance")
    type(account).objects.update(balance=0, balance_at=now)

    def topped_up(asked, *, now, deadline):
        type(account).objects.filter(pk=asked.pk).update(balance=500, balance_at=now)

    monkeypatch.setattr(balance, "refresh", topped_up)
    assert "Обзвон продолжается." in do(operator, campaign, "resume")
    assert campaign.hold_reason == ""


def test_a_pilot_is_approved(operator):
    campaign = make_campaign(1)
    Campaign.objects.update(pilot_size=1, hold_reason="Пробная часть", hold_kind="pilot")
    assert "Пробная часть одобрена" in do(operator, campaign, "approve")
    assert (campaign.is_pilot_approved, campaign.hold_reason) == (True, "")


def test_a_budget_is_set_and_taken_away(operator):
    campaign = make_campaign(1)
    said = do(operator, campaign, "budget", budget="20 000", day_budget="1500,50")
    assert "Бюджет сохранён." in said
    assert (campaign.budget, campaign.day_budget) == (Decimal(20000), Decimal("1500.50"))
    do(operator, campaign, "budget", budget="", day_budget="")
    assert (campaign.budget, campaign.day_budget) == (None, None)


def test_a_budget_that_is_spent_already_says_that_it_waits(operator):
    campaign = make_campaign(1)
    Campaign.objects.update(cost=100, hold_reason="Потрачено", hold_kind="budget")
    assert "но и он уже потрачен" in do(operator, campaign, "budget", budget="50")


def test_a_pace_is_set(operator):
    campaign = make_campaign(1)
    assert "Темп сохранён." in do(operator, campaign, "pace", calls_per_minute="30")
    assert (campaign.calls_per_minute, campaign.concurrent) == (30, None)


@pytest.mark.parametrize(
    ("deed", "data", "said"),
    [
        ("budget", {"budget": "много"}, "Бюджет обзвона, ₽: Введите сумму"),
        ("budget", {"budget": "-5"}, "Бюджет обзвона, ₽: Сумма не может быть меньше 0.01"),
        ("budget", {"day_budget": "9" * 19}, "Бюджет на день, ₽: Слишком большая сумма"),
        ("pace", {"calls_per_minute": "0"}, "Звонков в минуту: "),
        ("pace", {"concurrent": "99999999999"}, "Одновременно: "),
        ("pace", {"concurrent": "x"}, "Одновременно: "),
    ],
)
def test_bad_input_is_answered_on_the_page_and_changes_nothing(operator, deed, data, said):
    campaign = make_campaign(1, name="Долги — ноябрь")
    answer = operator.post(address(campaign, deed), data)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Долги — ноябрь" in text_of(answer)
    campaign.refresh_from_db()
    assert (campaign.budget, campaign.calls_per_minute, campaign.concurrent) == (None, None, None)
