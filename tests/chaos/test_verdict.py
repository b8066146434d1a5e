"""The verdict of the suite sees what it is there to see."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from calls.models import Call, Campaign
from calls.services import folding
from tests.calls.makers import NOW, api_call, make_call, news
from tests.chaos.verdict import judge
from tests.chaos.world import key_of
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    """A call that has ended and cost two roubles."""
    account = make_account(name="chaos 0", use_duty_phone=True)
    made = make_call(account=account)
    said = news("finished", answered_at=NOW, finished_at=NOW, cost=Decimal("2.00"))
    folding.fold(made, api_call(made, said), now=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def world(call, tmp_path):
    """What the service says of it, as things should be."""
    row = {
        "id": call.service_order_id,
        "phone": call.phone,
        "cost": 2.0,
        "created_at": 1.0,
        "ends_at": 2.0,
        "body": json.dumps({"record": {"text": call.campaign.text}}),
    }
    told = SimpleNamespace(rows=[row], data=tmp_path, emulators=[None], lines=list)
    told.truth = lambda place: told.rows
    return told


def wrong(world, blocked=(), people=1):
    return "\n".join(judge(world, set(blocked), people).wrong)


def test_nothing_is_wrong_where_the_service_and_the_ledger_agree(world):
    assert wrong(world) == ""


def test_a_phone_that_was_ordered_twice_is_told_with_its_attempts(world, call):
    world.rows.append({**world.rows[0], "id": call.service_order_id + 1})
    assert f"{call.phone} was ordered 2 times, the ledger says 1" in wrong(world)


def test_a_call_that_the_service_does_not_know_is_told(world, call):
    world.rows.clear()
    assert f"{call.phone} was ordered 0 times, the ledger says 1" in wrong(world)


def test_another_calls_text_is_told(world, call):
    world.rows[0]["body"] = json.dumps({"record": {"text": "Другое"}})
    assert "every attempt has its own call" in wrong(world)


def test_another_price_is_told(world):
    world.rows[0]["cost"] = 3.0
    assert "costs are equal" in wrong(world)


def test_somebody_without_an_attempt_is_told(world):
    assert "2 people were to be called, 1 are in the ledger" in wrong(world, people=2)


def test_a_call_without_an_end_is_told(world, call):
    Call.objects.update(stage=Call.Stage.UNKNOWN, is_final=False)
    assert f"{call.phone} #{call.pk} is unknown" in wrong(world)


def test_a_counter_that_has_drifted_is_told(world):
    Campaign.objects.update(finished=7)
    assert "counters equal a recount" in wrong(world)


def test_a_blocked_person_who_was_rung_is_told(world, call):
    assert f"nobody blocked was rung: {call.phone}" in wrong(world, blocked=[call.phone])


def test_a_key_in_a_file_is_told(world):
    (world.data / "some.log").write_text(f"apiKey={key_of(0)}")
    assert "some.log" in wrong(world)
