"""The pages of a campaign that was launched on a list: report, people, repeating, steering."""

import gzip
import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from calls.models import (
    AnswerCount,
    Call,
    Campaign,
    CampaignDraft,
    CampaignEvent,
    CampaignMinute,
    CampaignPreset,
    ContactList,
    Variant,
)
from calls.rules.hours import Hours
from calls.services import ledger
from tests.calls import scenarios
from tests.calls.makers import make_campaign, make_phones
from tests.calls.scenarios import key, make_scenario, make_version

pytestmark = pytest.mark.django_db
ALL_DAY = Hours(((0, 1440),) * 7, (0, 1440)).as_json()


@pytest.fixture(autouse=True)
def nudges(monkeypatch) -> list[str]:
    """How often the dispatcher was nudged."""
    given: list[str] = []

    class Task:
        @staticmethod
        def enqueue() -> None:
            given.append("nudge")

    monkeypatch.setattr("calls.views.campaigns.dispatch_due", Task)
    for name in ("dispatch_due", "take_back_stopped"):
        monkeypatch.setattr(f"calls.views.steering.{name}", Task)
    return given


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def words_of(answer) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", text_of(answer)))
    return re.sub(r"\s+", " ", text)


def address(campaign: Campaign, name: str) -> str:
    return reverse(f"calls:campaign-{name}", args=[campaign.pk])


def make_listed(people: int = 60, **fields) -> Campaign:
    """A campaign as the wizard makes it."""
    campaign = make_campaign(people, now=timezone.now())
    values = {"list_name": "Должники", "answers": {"list": {}}, "changed_at": timezone.now()}
    Campaign.objects.filter(pk=campaign.pk).update(**{**values, **fields})
    campaign.refresh_from_db()
    return campaign


def make_rich(people: int = 60) -> Campaign:
    """With everything a report can show."""
    version = make_version(make_scenario(key(1, label="Оплачу"), key(2, label="Позже")))
    campaign = scenarios.make_campaign(
        version,
        list_name="Должники",
        hours=ALL_DAY,
        listen_seconds=9,
        set_aside={"blocked": 7},
        cost=Decimal("120.50"),
        budget=Decimal(500),
        forecast={"low": "200.00", "high": "300.00", "answered": 0.6},
    )
    rows = [
        Call(campaign=campaign, phone=phone, planned_at=timezone.now())
        for phone in make_phones(people)
    ]
    Call.objects.bulk_create(rows)
    refused = campaign.calls.values_list("pk", flat=True)[: people // 2]
    Call.objects.filter(pk__in=list(refused)).update(stage="refused", error="Номер занят")
    numbers = {"total": 1000 + people, "finished": 700, "busy": 300, "failed": people // 2}
    left = {"waiting": people - people // 2, "answered": 700, "listened": 500, "keyed": 300}
    Campaign.objects.filter(pk=campaign.pk).update(**numbers, **left)
    for letter in ("a", "b"):
        fields = {"answered": 300, "keyed": 90 if letter == "a" else 150, "ended": 500}
        kept = {"message": "scenario", "payload": {}, "scenario_version": version, **fields}
        Variant.objects.create(campaign=campaign, letter=letter, **kept)
        AnswerCount.objects.create(campaign=campaign, variant=letter, answers="|1|", number=80)
    minute = timezone.now().replace(second=0, microsecond=0)
    for back in range(people):
        moment = minute - timedelta(minutes=back)
        CampaignMinute.objects.create(campaign=campaign, minute=moment, ended=9, answered=4)
    for _number in range(people):
        CampaignEvent.objects.create(campaign=campaign, kind="paused")
    campaign.refresh_from_db()
    return campaign


# The page


def test_everything_there_is_to_know_is_on_the_page(operator):
    said = words_of(operator.get(make_rich().get_absolute_url()))
    for text in (
        "1 030 из 1 060",
        "Потрачено 120,50 ₽",
        "бюджет 500,00 ₽",
        "Звонков закончено 1 000",
        "Дослушали 500 · 71 %",
        "Ответы на вариант B",
        "Оплачу 80 · 26,7 %",
        "Повторить эти 30",
        "В чёрном списке 7",
        "B лучше: 50 % против 30 %, разница не случайна.",
        "Прогноз и факт",
        "Таблицей",
        "Сценарий «Опрос», версия 1",
        "Приостановлен",
    ):
        assert text in said, text


def test_the_page_and_its_parts_cost_the_same_for_few_and_many(
    operator, django_assert_max_num_queries
):
    for people in (2, 300):
        campaign = make_rich(people)
        with django_assert_max_num_queries(20):
            operator.get(campaign.get_absolute_url())
        with django_assert_max_num_queries(7):  # one of them for the rules as they are now
            operator.get(address(campaign, "progress"))
        with django_assert_max_num_queries(13):
            operator.get(address(campaign, "report"))
        with django_assert_max_num_queries(12):
            operator.get(address(campaign, "people"))


def test_what_is_asked_every_few_seconds_is_light(operator):
    part = operator.get(address(make_rich(), "progress")).content
    assert len(gzip.compress(part)) < 3000


def test_at_most_three_things_are_asked_for(operator):
    campaign = make_rich()
    for path in (campaign.get_absolute_url(), address(campaign, "people")):
        page = operator.get(path).content.decode()
        assert page.count("hx-get=") <= 3
    assert 'id="journal-rows"' not in operator.get(campaign.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["progress", "report"])
def test_a_part_is_the_pages_own_and_unchanged_answers_304(operator, name):
    campaign = make_rich()
    answer = operator.get(address(campaign, name))
    part = answer.content.decode().strip()
    assert re.match(rf'<\w+ id="campaign-{name}"', part)
    assert part in operator.get(campaign.get_absolute_url()).content.decode()
    tag = {"If-None-Match": answer["ETag"]}
    assert operator.get(address(campaign, name), headers=tag).status_code == 304


def test_the_report_asks_again_until_all_is_over(operator):
    campaign = make_rich()
    assert 'hx-trigger="every 30s"' in text_of(operator.get(address(campaign, "report")))
    Campaign.objects.update(state="done", waiting=0)
    for name in ("report", "progress"):
        assert "hx-trigger" not in text_of(operator.get(address(campaign, name)))


def test_a_few_calls_without_a_list_show_themselves_and_then_a_report(operator):
    campaign = make_campaign(3)
    said = text_of(operator.get(campaign.get_absolute_url()))
    assert 'id="journal-rows"' in said
    assert "Воронка" not in said
    Campaign.objects.update(state="done", waiting=0, finished=3)
    said = text_of(operator.get(campaign.get_absolute_url()))
    assert 'id="journal-rows"' in said
    assert "Воронка" in said


def test_a_single_call_keeps_its_simple_page(operator):
    campaign = make_campaign(1)
    said = words_of(operator.get(campaign.get_absolute_url()))
    for text in ("Пауза", "Бюджет и темп", "История", "Воронка", "Копировать", "Люди"):
        assert text not in said


# States and what may be done in them


@pytest.mark.parametrize(
    ("fields", "shown", "hidden"),
    [
        ({}, ["Идёт", "Пауза", "Остановить"], ["Продолжить", "Одобрить"]),
        ({"state": "paused"}, ["Пауза", "Продолжить", "Остановить"], ["campaign-approve"]),
        ({"state": "preparing"}, ["Готовится", "Остановить"], ["Продолжить"]),
        (
            {"hold_reason": "Первые 50 сделаны.", "hold_kind": "pilot"},
            ["Ждёт", "Первые 50 сделаны.", "Одобрить и продолжить"],
            ['form="campaign-resume"'],
        ),
        (
            {"hold_reason": "Потрачено всё.", "hold_kind": "budget"},
            ["Ждёт", "Потрачено всё.", "Изменить бюджет", 'href="#id_budget"'],
            ['form="campaign-resume"'],
        ),
        ({"hold_reason": "Денег нет.", "hold_kind": "balance"}, ["Продолжить"], ["Пауза"]),
        ({"state": "done", "waiting": 0}, ["Завершён"], ["Пауза", "Остановить", "Продолжить"]),
        ({"state": "stopped"}, ["Остановлен"], ["Пауза", "campaign-stop", "Продолжить"]),
    ],
)
def test_each_state_offers_what_can_be_done_in_it(operator, fields, shown, hidden):
    said = text_of(operator.get(address(make_listed(**fields), "progress")))
    for text in shown:
        assert text in said, text
    for text in hidden:
        assert text not in said, text


def test_what_was_stopped_is_not_said_to_be_done(operator):
    campaign = make_listed()
    operator.post(address(campaign, "stop"))
    campaign.refresh_from_db()
    assert campaign.state == "done"
    for path in (address(campaign, "progress"), "/campaigns/"):
        said = text_of(operator.get(path))
        assert "Остановлен</span>" in said
        assert "Завершён</span>" not in said


def test_a_manager_watches_and_changes_nothing(manager):
    campaign = make_rich()
    said = text_of(manager.get(campaign.get_absolute_url()))
    for text in ("campaign-pause", "campaign-stop", "Сохранить бюджет", "Повторить эти", "keep"):
        assert text not in said
    assert manager.post(address(campaign, "retry"), {"cause": "Номер занят"}).status_code == 403
    assert manager.post(address(campaign, "keep"), {"name": "Долги"}).status_code == 403


def test_a_night_is_told_with_the_hour_it_ends(operator, monkeypatch):
    shut = Hours(((600, 601),) * 7, (600, 601)).as_json()  # one minute a day
    campaign = make_listed(hours=shut)
    said = words_of(operator.get(address(campaign, "progress")))
    assert re.search(r"Сейчас никому звонить нельзя, продолжим (в|завтра в) \d\d:00\.", said)


def test_preparing_is_told_in_contacts(operator):
    contact_list = ContactList.objects.create(name="Должники", total=900)
    fields = {"state": "preparing", "contact_list": contact_list}
    campaign = make_listed(40, set_aside={"blocked": 5}, **fields)
    said = words_of(operator.get(address(campaign, "progress")))
    assert "Готовим звонки: 45 из 900" in said


# People


def test_people_are_shown_with_attempts_and_when_they_are_called_again(operator):
    campaign = make_listed(3)
    later = timezone.localtime() + timedelta(days=1)
    first, second = campaign.calls.order_by("pk")[:2]
    Call.objects.filter(pk=first.pk).update(name="Анна Петрова")
    Call.objects.filter(pk=second.pk).update(attempt=2, planned_at=later)
    said = words_of(operator.get(address(campaign, "people")))
    assert "Анна Петрова" in said
    assert "попытка 2" in said
    assert f"перезвоним завтра в {later:%H:%M}" in said


def test_people_are_filtered_and_paged(operator):
    campaign = make_listed(120)
    Call.objects.filter(pk=campaign.calls.first().pk).update(stage="expired", name="Анна")
    path = address(campaign, "people")
    assert text_of(operator.get(path)).count("call-row-") == 50
    found = operator.get(path, {"outcome": "waiting"})
    cursor = re.search(r"after=([^\"&]+)", text_of(found))[1]
    page = text_of(operator.get(f"{path}?outcome=waiting&after={cursor}"))
    assert page.count("call-row-") == 50
    assert "outcome=waiting" in page
    assert text_of(operator.get(path, {"outcome": "failed"})).count("call-row-") == 1
    assert text_of(operator.get(path, {"q": "анна"})).count("call-row-") == 1
    assert "Ничего не нашлось" in text_of(operator.get(path, {"outcome": "busy"}))
    part = operator.get(path, {"q": "анна"}, HTTP_HX_REQUEST="true").content.decode().strip()
    assert part.startswith('<section id="people-found"')


# Repeating


def refuse(campaign: Campaign, number: int, error: str = "Номер занят") -> None:
    for call in campaign.calls.order_by("pk")[:number]:
        ledger.move(call, Call.Stage.SENDING, now=timezone.now())
        ledger.move(call, Call.Stage.REFUSED, now=timezone.now(), error=error)


def test_what_failed_is_repeated_by_one_press_once(operator, nudges):
    campaign = make_listed(60)
    refuse(campaign, 3)
    page = text_of(operator.get(campaign.get_absolute_url()))
    assert 'name="cause" value="Номер занят"' in page
    answer = operator.post(address(campaign, "retry"), {"cause": "Номер занят"}, follow=True)
    assert re.search(r"Повторяем (3 звонка|звонков: 3)\.", text_of(answer))
    assert nudges == ["nudge"]
    again = operator.post(address(campaign, "retry"), {"cause": "Номер занят"}, follow=True)
    assert "Повторять нечего" in text_of(again)
    assert campaign.calls.count() == 63
    assert "Повторить эти" not in text_of(operator.get(address(campaign, "report")))


def test_why_nothing_can_be_repeated_is_said(operator):
    campaign = make_listed(60, ends_at=timezone.now())
    refuse(campaign, 1)
    answer = operator.post(address(campaign, "retry"), {"cause": "Номер занят"}, follow=True)
    assert "Срок обзвона прошёл" in text_of(answer)


# Presets and copies


def test_settings_are_kept_under_a_name(operator):
    campaign = make_listed()
    page = text_of(operator.get(campaign.get_absolute_url()))
    assert address(campaign, "keep") in page
    assert address(campaign, "copy") in page
    answer = operator.post(address(campaign, "keep"), {"name": "Долги"}, follow=True)
    assert "Заготовка «Долги» сохранена" in text_of(answer)
    again = operator.post(address(campaign, "keep"), {"name": "Долги"}, follow=True)
    assert "Такая заготовка уже есть" in text_of(again)
    nameless = operator.post(address(campaign, "keep"), {"name": " "}, follow=True)
    assert "Назовите заготовку" in text_of(nameless)
    assert CampaignPreset.objects.count() == 1


def test_calls_without_a_wizard_are_not_copied_by_it(operator):
    said = text_of(operator.get(make_campaign(2).get_absolute_url()))
    assert "Копировать" not in said


# The list


def test_the_list_is_filtered_by_state_and_name(operator):
    make_listed(2, name="Долги")
    make_listed(2, name="Опрос", state="paused", answered=1, finished=2, budget=Decimal(900))
    said = words_of(operator.get("/campaigns/"))
    assert "Долги" in said
    assert "50 %" in said
    assert "из 900,00 ₽" in said
    said = words_of(operator.get("/campaigns/", {"state": "paused"}))
    assert "Опрос" in said
    assert "Долги" not in said
    assert "Ничего не нашлось" in words_of(operator.get("/campaigns/", {"q": "нет такого"}))


def test_drafts_stand_above_the_list_for_those_who_may_go_on(operator, manager):
    CampaignDraft.objects.create(name="Начатый")
    assert "Начатый" in text_of(operator.get("/campaigns/"))
    assert "Начатый" not in text_of(operator.get("/campaigns/", {"state": "done"}))
    assert "Начатый" not in text_of(manager.get("/campaigns/"))


@pytest.mark.parametrize("name", ["report", "people", "retry", "keep"])
def test_a_campaign_that_is_not_there_is_not_found(operator, name):
    path = reverse(f"calls:campaign-{name}", args=[987])
    answer = operator.get(path) if name in {"report", "people"} else operator.post(path)
    assert answer.status_code == 404
    wrong = operator.post(path) if name in {"report", "people"} else operator.get(path)
    assert wrong.status_code == 405
