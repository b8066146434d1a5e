from dataclasses import replace

import pytest

from calls.ivr.difference import Change, FieldChange, difference, summary
from calls.ivr.document import MALE, OWN_WEBHOOK, Document, Sound, Step, Trigger, Webhook
from tests.calls.scenarios import document, key


def told(old, new, **fields) -> list[tuple[str, str, str]]:
    """(kind, step, number) of each change."""
    found = difference(old, new, **fields)
    return [(change.kind, change.step_id, change.number) for change in found]


def fields_of(old: Step, new: Step, **fields) -> list[tuple[str, str, str]]:
    """(name, before, after) of the one step that differs."""
    (change,) = difference(document(old), document(new), **fields)
    assert change.kind == "changed"
    return [(field.name, field.before, field.after) for field in change.fields]


def menu(*ids: str) -> Document:
    return document(*(Step(step_id, sound=Sound(text=step_id)) for step_id in ids))


def moved(before: str, after: str) -> list[str]:
    """Which letters of one menu have moved."""
    found = difference(menu(*before), menu(*after))
    return [change.step_id for change in found if change.kind == "moved"]


def test_equal_documents_do_not_differ():
    tree = document(key(1, steps=(key(2),)), recognize=True)
    assert difference(tree, tree) == []
    assert summary([]) == "без изменений"


def test_where_there_was_nothing_everything_is_added():
    tree = document(key(1, steps=(key(2),)))
    assert told(None, tree) == [("added", "", ""), ("added", "k1", "1"), ("added", "k2", "1.1")]


def test_an_added_step_tells_what_it_does_and_nothing_of_what_it_does_not():
    change = difference(document(), document(key(1, label="Нет", sms="Ждём")))[0]
    assert change == Change(
        *("added", "k1", "1", "Нет"),
        (
            FieldChange("Условие", "", "Клавиша 1"),
            FieldChange("Название", "", "Нет"),
            FieldChange("Текст", "", "Спасибо"),
            FieldChange("Голос", "", "Женский"),
            FieldChange("СМС", "", "Ждём"),
        ),
    )


def test_followers_of_an_inserted_or_removed_step_have_not_moved():
    first = document(key(1), key(2), key(3))
    second = document(key(1), key(9), key(2), key(3))
    assert told(first, second) == [("added", "k9", "2")]
    assert told(second, first) == [("removed", "k9", "2")]


def test_with_a_step_goes_all_that_is_under_it():
    inner = key(2, steps=(key(3, label="Внуки"),))
    removed = difference(document(key(1, steps=(inner,)), key(4)), document(key(4)))
    assert [(change.kind, change.number, change.title) for change in removed] == [
        ("removed", "1", "Клавиша 1"),
        ("removed", "1.1", "Клавиша 2"),
        ("removed", "1.1.1", "Внуки"),
    ]
    assert FieldChange("Название", "Внуки", "") in removed[-1].fields


def test_a_step_that_left_a_removed_menu_has_moved():
    old = document(key(1, steps=(key(2),)))
    changes = difference(old, document(key(2)))
    assert [(change.kind, change.step_id) for change in changes] == [
        ("moved", "k2"),
        ("removed", "k1"),
    ]
    assert changes[0].fields == (
        FieldChange("Меню", "Клавиша 1", "Начало"),
        FieldChange("Место", "1.1", "1"),
    )


@pytest.mark.parametrize(
    ("before", "after", "letters"),
    [
        ("abc", "abc", []),
        ("abcd", "bcda", ["a"]),
        ("abcd", "dabc", ["d"]),
        ("abcd", "xabcd", []),
        ("abcd", "bd", []),
        ("abcd", "xdaybc", ["d"]),
        ("abcdef", "abfcde", ["f"]),
    ],
)
def test_only_a_step_that_jumped_has_moved(before, after, letters):
    assert moved(before, after) == letters


def test_of_two_that_changed_places_one_has_moved():
    (change,) = difference(menu("a", "b"), menu("b", "a"))
    assert change.fields == (FieldChange("Место", "1", "2"),)
    assert change.number == "2"


def test_a_step_may_be_changed_and_moved():
    old = document(key(1), key(2, steps=(key(3),)))
    new = document(key(1, steps=(key(3, sms="Да"),)), key(2))
    assert told(old, new) == [("changed", "k3", "1.1"), ("moved", "k3", "1.1")]


def test_the_opening_has_neither_id_nor_number():
    old, new = document(key(1), text="Привет"), document(key(1), text="День", recognize=True)
    (change,) = difference(old, new)
    assert change == Change(
        *("changed", "", "", "Начало"),
        (FieldChange("Текст", "Привет", "День"), FieldChange("Распознавать речь", "нет", "да")),
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"label": "Оплатит"}, ("Название", "", "Оплатит")),
        ({"sms": "Ждём"}, ("СМС", "", "Ждём")),
        ({"sound": Sound(text="До встречи")}, ("Текст", "Спасибо", "До встречи")),
        ({"sound": Sound(text="Спасибо", gender=MALE)}, ("Голос", "Женский", "Мужской")),
        ({"manager_phone": "79123456789"}, ("Менеджер", "", "+7 (912) 345-67-89")),
        ({"block": True}, ("Чёрный список", "нет", "да")),
        ({"recognize": True}, ("Распознавать речь", "нет", "да")),
        ({"webhook": Webhook("https://a.ru/")}, ("Вебхук", "", "https://a.ru/")),
        ({"webhook": Webhook(OWN_WEBHOOK)}, ("Вебхук", "", "наш адрес")),
        ({"trigger": Trigger()}, ("Условие", "Клавиша 1", "Ждёт молча")),
        ({"trigger": Trigger("digit")}, ("Условие", "Клавиша 1", "Клавиша ?")),
        (
            {"trigger": Trigger("words", words=("да", "хорошо"))},
            ("Условие", "Клавиша 1", "Слова: да, хорошо"),
        ),
    ],
)
def test_each_field_is_told_in_words(fields, told):
    assert fields_of(key(1), replace(key(1), **fields)) == [told]


def test_a_webhook_tells_its_parameters_too():
    old = key(1, webhook=Webhook("https://a.ru/", (("a", "1"),)))
    new = key(1, webhook=Webhook("https://a.ru/", (("a", "1"), ("b", "2"))))
    assert fields_of(old, new) == [("Параметры вебхука", "a = 1", "a = 1; b = 2")]


def test_a_record_is_told_by_its_name_or_its_number():
    old, new = (key(1, sound=Sound("record", record=pk)) for pk in (7, 8))
    assert fields_of(old, new, records={7: "Осень"}) == [("Ролик", "Осень", "№ 8")]
    assert fields_of(key(1, sound=None), new) == [("Ролик", "", "№ 8")]


def test_the_size_of_a_change_counts_each_kind():
    old = document(key(1), key(2), key(3), key(4))
    new = document(key(4), key(1, sms="Да"), key(2), key(5), key(6))
    assert summary(difference(old, new)) == "добавлено 2, изменён 1, перемещён 1, удалён 1"
