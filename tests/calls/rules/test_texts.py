"""Texts with variables: each is filled, or named as lacking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.rules.texts import Missing, fill, key_of, names_in


def test_variables_are_named_once_in_their_order():
    assert names_in("{Имя}, к оплате { Сумма  долга } и снова {имя}") == ["имя", "сумма долга"]
    assert names_in("Без переменных, {} и { } и {\n}") == []


def test_a_text_is_filled_with_what_the_contact_has():
    text = "Здравствуйте, {имя}! К оплате {Сумма} рублей."
    assert fill(text, {"сумма": " 1 200 "}, "Пётр") == "Здравствуйте, Пётр! К оплате 1 200 рублей."
    assert fill("{name}", {}, "Anna") == "Anna"
    assert fill("{имя}", {"имя": "из столбца"}, "из имени") == "из столбца"
    assert fill("{} и { }", {}) == "{} и { }"


def test_values_are_not_templates_themselves():
    assert fill("{а}", {"а": r"{б} \1 {имя}"}, "Пётр") == r"{б} \1 {имя}"


def test_what_lacks_is_named():
    with pytest.raises(Missing) as missing:
        fill("{имя} {сумма} {дата}", {"дата": "1 мая", "сумма": "  "})
    assert missing.value.names == ["имя", "сумма"]


@given(st.text(), st.dictionaries(st.text().map(key_of), st.text()), st.text())
def test_any_text_is_filled_or_lacks_something(template, variables, name):
    lacking = [key for key in names_in(template) if not _value(key, variables, name).strip()]
    if lacking:
        with pytest.raises(Missing) as missing:
            fill(template, variables, name)
        assert missing.value.names == lacking
    else:
        assert names_in(template) or fill(template, variables, name) == template


def _value(key: str, variables: dict[str, str], name: str) -> str:
    return variables.get(key, name if key in {"имя", "name"} else "")
