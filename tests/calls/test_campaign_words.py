"""A campaign's rules and history in sentences."""

from decimal import Decimal

import pytest

from calls import campaign_words
from calls.models import Campaign, CampaignEvent
from calls.rules.hours import Hours
from calls.rules.retries import Retries, Rule
from tests.calls.makers import NOW, make_campaign
from tests.calls.scenarios import make_campaign as make_scenario_campaign
from tests.calls.scenarios import make_version
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DAILY = Hours(((9 * 60, 21 * 60),) * 7, (9 * 60, 21 * 60)).as_json()


def rules(campaign: Campaign) -> dict[str, str]:
    return {str(line.name): str(line.text) for line in campaign_words.rules(campaign)}


def test_a_plain_campaign_says_little():
    campaign = make_campaign(1)
    told = rules(campaign)
    assert told["Когда звоним"] == "в любое время"
    assert told["Не чаще"] == "без ограничения"
    assert told["С номера"] == "случайный дежурный"
    assert not {"Повторы", "Бюджет", "Темп", "Пробная часть", "Предохранители"} & told.keys()


def test_everything_that_is_set_is_told_with_its_law():
    campaign = make_campaign(1)
    campaign.purpose, campaign.hours = "debt", DAILY
    campaign.limits = {"day": 1, "week": 2, "month": 8}
    campaign.retries = Retries({"busy": Rule(2, 15), "no_answer": Rule(1, 180, True)}).as_json()
    campaign.budget, campaign.day_budget = Decimal(20_000), Decimal(5_000)
    campaign.calls_per_minute, campaign.concurrent = 30, 5
    campaign.pilot_size, campaign.is_pilot_approved = 50, True
    campaign.guards = {"answered": 20, "errors": 30, "of": 50}
    campaign.consent_waiver = "Договор, пункт 4.2"
    money = "не больше 20 000,00 ₽, не больше 5 000,00 ₽ в день"
    told = {name: text.replace("\u00a0", " ") for name, text in rules(campaign).items()}
    assert told["Цель"] == "Взыскание долга"
    assert told["Когда звоним"] == "ежедневно 9:00–21:00"
    assert told["Не чаще"] == "до 1 в день, до 2 в неделю, до 8 в месяц"
    assert told["Повторы"] in {
        "Занято: ещё до 2 раз через 15 мин; Не ответил: ещё 1 раз через 3 ч, в другой час дня",
        "Занято: ещё до 2 раза через 15 мин; Не ответил: ещё 1 раз через 3 ч, в другой час дня",
    }
    assert told["Согласие"] == "Договор, пункт 4.2"
    assert told["Бюджет"] == money
    assert told["Темп"] == "до 30 в минуту, до 5 одновременно"
    assert told["Пробная часть"] == "сначала 50, затем ждём одобрения: одобрена"
    assert told["Предохранители"].startswith("стоп, если отвечают реже 20 % из последних 50")
    law = next(line.note for line in campaign_words.rules(campaign) if line.name == "Цель")
    assert "230-ФЗ" in str(law)


def test_an_unknown_purpose_is_passed_over():
    campaign = make_campaign(1)
    campaign.purpose = "of older days"
    assert "Цель" not in rules(campaign)


def test_what_is_heard_is_named():
    assert campaign_words.said_by(make_campaign(1)) == "«Здравствуйте!»"
    campaign = make_scenario_campaign(make_version())
    assert campaign_words.said_by(campaign) == "Сценарий «Опрос», версия 1"
    assert campaign_words.said_by(Campaign(message="record")) == ""


@pytest.mark.parametrize(
    ("kind", "details", "text"),
    [
        ("launched", {}, ""),
        ("held", {"reason": "Баланс кончился.", "kind": "balance"}, "Баланс кончился."),
        ("budget", {"changed": {"budget": ["", "500.00"]}}, "бюджет: — → 500,00\u00a0₽"),
        ("pace", {"changed": {"concurrent": ["5", ""]}}, "одновременно: 5 → —"),
        ("repeated", {"count": 34, "reason": "Занято"}, "звонка|звонков: 34 · Занято"),
        ("stopped", {"count": 1}, "отменён 1 звонок|отменено звонков: 1"),
        ("prepared", {"count": 7}, "7"),
    ],
)
def test_each_deed_is_told(kind, details, text):
    campaign = make_campaign(1)
    campaign.events.all().delete()
    CampaignEvent.objects.create(campaign=campaign, kind=kind, details=details, at=NOW)
    (deed,) = campaign_words.history(campaign)
    assert deed.title == CampaignEvent.Kind(kind).label
    assert deed.who == ""
    assert any(part in deed.text for part in text.split("|")) if text else deed.text == ""


def test_history_names_people_and_goes_back_in_time(django_assert_num_queries):
    campaign = make_campaign(1)
    campaign.events.all().delete()
    for _number in range(3):
        CampaignEvent.objects.create(campaign=campaign, kind="paused", actor=make_user(), at=NOW)
        CampaignEvent.objects.create(campaign=campaign, kind="resumed", at=NOW)
    with django_assert_num_queries(1):
        deeds = campaign_words.history(campaign)
    assert [deed.tone for deed in deeds] == ["neutral", "warn"] * 3
    assert all(deed.who for deed in deeds if deed.tone == "warn")


@pytest.mark.parametrize(("state", "can"), [("running", True), ("paused", True), ("done", False)])
def test_only_what_goes_on_is_steered(state, can):
    assert campaign_words.can_be_steered(Campaign(state=state)) == can
