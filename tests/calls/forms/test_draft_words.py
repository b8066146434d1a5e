"""What the wizard says of a plan."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from calls.forms import draft_words
from calls.forms.drafts import Wizard, plan_of
from calls.rules.retries import Retries, Rule
from calls.services.plans import Guards
from tests.calls.drafts import make_draft
from tests.calls.lists import make_plan
from tests.factories import make_account, make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account():
    return make_account(is_default=True, use_duty_phone=True)


def test_the_sentence_says_whom_from_where_what_why_and_when(account):
    phone = make_phone(account, phone="74951234567")
    plan = make_plan(account=account, outgoing_phone=phone, text="Компания «Лавка»: {имя}!")
    told = draft_words.sentence(plan)
    for part in (
        f"«{plan.contact_list.name}»",
        "+7 (495) 123-45-67",
        "текст «Компания «Лавка»: {имя}!»",
        "сервисный обзвон",
        "9:00–21:00",
        "сразу после запуска",
    ):
        assert part in told


def test_two_messages_and_a_planned_start_are_said(account):
    draft = make_draft(
        message={"compare": ["on"], "b-message": ["text"], "b-text": ["Другой текст"]},
        time={"start": ["planned"], "starts_at": ["2099-01-02T10:00"]},
    )
    told = draft_words.sentence(plan_of(draft))
    assert "одно из двух" in told
    assert "Другой текст" in told
    assert "2 января, 10:00" in told


def test_a_long_text_is_cut_short():
    said = draft_words.said(make_plan(text="а" * 500).messages[0])
    assert len(said) < 140
    assert said.endswith("…»")


def test_facts_tell_the_limits_that_were_set():
    plan = make_plan(
        ends_at=datetime(2099, 1, 2, 7, 0, tzinfo=UTC),
        budget=Decimal(20_000),
        day_budget=Decimal(5000),
        pilot_size=100,
        skip_called_days=7,
        concurrent=5,
        calls_per_minute=30,
        need_recording=False,
        guards=Guards(answered=20, errors=None, of=40),
    )
    facts = dict(draft_words.facts(plan))
    assert facts["Конец"] == "не позже 2 января, 10:00"
    assert facts["Скорость"] == "до 30 звонков в минуту, одновременно до 5"
    assert facts["Бюджет"] == "не больше 20\xa0000,00\xa0₽, в день не больше 5\xa0000,00\xa0₽"
    assert facts["Предохранители"] == "остановим, если отвечают реже 20% (по последним 40)"
    assert "100" in facts["Пробная часть"]
    assert "7" in facts["Пропустим"]
    assert facts["Запись разговоров"] == "не записываем"


def test_what_is_not_set_is_said_to_be_so():
    facts = dict(draft_words.facts(make_plan(guards=Guards())))
    assert facts["Бюджет"] == "без предела"
    assert facts["Предохранители"] == "выключены"
    assert facts["Повторы"] == "не перезваниваем"
    assert "Конец" not in facts


def test_retries_are_told_result_by_result():
    told = draft_words.retries(Retries({"busy": Rule(1, 15), "no_answer": Rule(1, 90, True)}))
    assert (
        told
        == "занято — ещё 1 раз через 15 мин; не ответил — ещё 1 раз через 1 ч 30 мин, в другой час"
    )


@pytest.mark.parametrize(("minutes", "words"), [(15, "15 мин"), (60, "1 ч"), (61, "1 ч 1 мин")])
def test_spans_are_told_shortly(minutes, words):
    assert draft_words.span(minutes) == words


def test_there_are_no_rules_before_there_is_a_purpose(account):
    assert draft_words.rules(_time(purpose=[])) == []
    assert draft_words.rules(_time(purpose=["advertising"])) == []
    assert dict(draft_words.rules(_time(purpose=["survey"])))["Часы"] == "в любое время"


def _time(**fields):
    form = Wizard(make_draft(time=fields)).form("time")
    form.is_valid()
    return form
