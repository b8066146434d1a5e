"""A call as a conversation."""

from datetime import timedelta

import pytest

from calls import dialogue
from calls.ivr.document import Sound, Step, Trigger
from calls.models import Call, CallEvent
from tests.calls.makers import NOW, make_call
from tests.calls.scenarios import document, key, make_scenario, make_version

pytestmark = pytest.mark.django_db


def scenario_call(*steps: Step, **fields) -> Call:
    version = make_version(make_scenario(document=document(*steps, text="Здравствуйте!")))
    account = version.scenario.account
    account.use_duty_phone = True
    account.save(update_fields=["use_duty_phone"])
    call = make_call(account=account, message_kind="scenario", text="", scenario_version=version)
    fields = {"answered_at": NOW, "finished_at": NOW + timedelta(minutes=1), **fields}
    Call.objects.filter(pk=call.pk).update(**fields)
    call.refresh_from_db()
    return call


def said(call: Call) -> list[tuple]:
    return [(line.who, line.text, line.label) for line in dialogue.of(call)]


def step(call: Call, answer: str, after: float) -> None:
    CallEvent.objects.create(
        call=call,
        kind=CallEvent.Kind.STEP,
        at=NOW + timedelta(seconds=after),
        details={"answer": answer},
    )


def test_keys_lead_through_the_menus_to_the_manager():
    manager = key(
        2, id="m", label="Оператор", sound=Sound(text="Соединяем"), manager_phone="79991112233"
    )
    menu = key(1, id="menu", label="Заказ", sound=Sound(text="Слушаю"), steps=(manager,))
    call = scenario_call(menu, ivr_answers="|1|2|", manager_answered_at=NOW + timedelta(seconds=20))
    step(call, "1", 6.5)
    step(call, "2", 12)
    assert said(call) == [
        ("robot", "Здравствуйте!", ""),
        ("subscriber", "Нажал 1", "Заказ"),
        ("robot", "Слушаю", ""),
        ("subscriber", "Нажал 2", "Оператор"),
        ("robot", "Соединяем", ""),
        ("note", "Соединяем с менеджером +7 (999) 111-22-33", ""),
        ("manager", "Менеджер ответил", ""),
    ]
    seconds = [line.second for line in dialogue.of(call) if line.who != "robot"]
    assert seconds == [6.5, 12.0, None, 20.0]


def test_words_and_silence_and_what_leads_nowhere():
    silence = Step("s", sound=Sound(text="Вы молчите"), steps=(key(3, id="k", label="Да"),))
    words = Step("w", label="Согласен", trigger=Trigger("words", words=("да",)), sms="Ждём")
    call = scenario_call(silence, words)
    for answers, expected in (
        ("|да|", [("subscriber", "Сказал «да»", "Согласен"), ("note", "СМС абоненту: «Ждём»", "")]),
        (
            "|3|",
            [
                ("note", "Абонент промолчал", ""),
                ("robot", "Вы молчите", ""),
                ("subscriber", "Нажал 3", "Да"),
                ("robot", "Спасибо", ""),
            ],
        ),
        ("|9|", [("subscriber", "Нажал 9", "такого ответа в сценарии нет")]),
        ("", []),
    ):
        call.ivr_answers = answers
        assert said(call)[1:] == expected, answers


def test_a_text_is_a_conversation_too():
    call = make_call(text="Ваш заказ готов")
    assert said(call) == [("robot", "Ваш заказ готов", "")]
    call.ivr_digit = "5"
    assert said(call)[1:] == [("subscriber", "Нажал 5", "")]


def test_moments_need_an_answer_to_begin_at():
    call = scenario_call(key(1), ivr_answers="|1|", answered_at=None)
    step(call, "1", 5)
    assert [line.second for line in dialogue.of(call)] == [0.0, None, None]


def test_news_that_came_before_the_answer_is_at_its_beginning():
    call = scenario_call(key(1), ivr_answers="|1|")
    step(call, "1", -3)
    assert dialogue.of(call)[1].second == 0.0
