"""Errors in people's words."""

import pytest

from obzvon_site.provider import errors
from obzvon_site.provider.errors import for_people


@pytest.mark.parametrize(
    "kind",
    [
        errors.Refused,
        errors.WrongKey,
        errors.NoMoney,
        errors.BadRequest,
        errors.OnModeration,
        errors.NotFound,
        errors.NotOffered,
        errors.TooFast,
        errors.OutcomeUnknown,
    ],
)
def test_every_error_says_what_happened_and_what_the_service_said(kind):
    assert for_people(kind()).endswith(".")
    assert "«так сказал сервис»" in for_people(kind("так сказал сервис"))


def test_a_broken_limit_is_said_in_its_own_words():
    assert for_people(errors.Invalid("phone", "В номере 10 цифр")) == "В номере 10 цифр"


def test_field_errors_are_listed():
    fields = {"phone": "номер неверен", "record.text": "не длиннее 1024"}
    said = for_people(errors.BadRequest("неверные данные", fields=fields))
    assert "«phone: номер неверен; record.text: не длиннее 1024»" in said


def test_a_field_is_not_named_where_the_words_name_it():
    said = for_people(errors.BadRequest(fields={"phone": "Поле Phone обязательно"}))
    assert "«Поле Phone обязательно»" in said


def test_the_same_fault_of_many_phones_is_said_once():
    fields = {f"phones.{place}": "неверный номер" for place in range(3)}
    assert "«phones: неверный номер»" in for_people(errors.BadRequest(fields=fields))


@pytest.mark.parametrize("kind", [errors.NotSent, errors.Unreachable])
@pytest.mark.parametrize("method", ["create", "createRecord"])
def test_what_never_left_is_not_lost(kind, method):
    assert "отправим, как только он ответит" in for_people(kind(method=method))


def test_an_unknown_outcome_promises_not_to_send_twice():
    assert "второй раз не отправим" in for_people(errors.OutcomeUnknown(method="create"))


@pytest.mark.parametrize("kind", [errors.Unreachable, errors.OutcomeUnknown])
@pytest.mark.parametrize("method", ["userInfo", "get", "getPhones", "removeRecord", "sound"])
def test_a_question_without_an_answer_promises_nothing(kind, method):
    said = for_people(kind(method=method))
    assert said.endswith("Повторите позже.")
    assert "отправим" not in said


def test_an_error_names_its_method_and_detail_for_the_log():
    assert str(errors.OutcomeUnknown(method="create", detail="HTTP 502")) == "create: HTTP 502"
    assert str(errors.NoMoney()) == "NoMoney"
