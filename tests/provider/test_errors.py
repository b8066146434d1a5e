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
    assert "«номер неверен»" in for_people(errors.BadRequest(fields={"phone": "номер неверен"}))


@pytest.mark.parametrize("kind", [errors.NotSent, errors.Unreachable])
def test_what_never_left_is_not_lost(kind):
    assert "Ничего не потеряно" in for_people(kind())


def test_an_unknown_outcome_promises_not_to_send_twice():
    assert "второй раз не отправим" in for_people(errors.OutcomeUnknown(method="create"))


def test_an_error_names_its_method_and_detail_for_the_log():
    assert str(errors.OutcomeUnknown(method="create", detail="HTTP 502")) == "create: HTTP 502"
    assert str(errors.NoMoney()) == "NoMoney"
