"""What one call is likely to cost, by what it plays and the account's prices."""

from decimal import Decimal

import pytest

from calls.ivr.document import Document, Sound
from calls.services import estimating, publishing
from tests.calls.makers import NOW
from tests.factories import make_account
from tests.records.makers import make_record

pytestmark = pytest.mark.django_db


def account():
    return make_account(minute_price=Decimal(6), synthesis_price=Decimal("0.40"))


def test_nothing_to_hear_has_no_price():
    assert estimating.of_call(account(), text="  ") is None


def test_a_record_costs_its_length():
    mine = account()
    record = make_record(account=mine, seconds=Decimal(60))
    cost = estimating.of_call(mine, record=record)
    assert cost.high == Decimal("6.00")
    assert cost.low <= cost.high


def test_a_text_costs_its_synthesis_too():
    mine = account()
    cost = estimating.of_call(mine, text="ю" * 130)
    assert cost.high == Decimal("1.40")


def test_a_scenario_is_priced_as_its_document():
    mine = account()
    document = Document(opening=Sound(text="Здравствуйте"))
    scenario = publishing.create("Проверка", document, account=mine, actor=None, now=NOW)
    version = publishing.publish(scenario, actor=None, now=NOW)
    by_version = estimating.of_call(mine, version=version)
    assert by_version == estimating.of_document(mine, document)
    assert by_version == estimating.of_call(mine, text="Здравствуйте")
