"""The shared cases: see cases/README.md."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls.ivr import compile as ivr_compile
from calls.ivr.check import RecordFacts, problems
from calls.ivr.cost import Prices, estimate
from calls.ivr.document import Document

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
PRICES = Prices(Decimal("3.00"), Decimal("4.10"), Decimal("0.40"))
STEP_WEBHOOK = "https://obzvon.example/hooks/step/"


def read(path):
    case = json.loads(path.read_text())
    records = {int(key): facts for key, facts in case["records"].items()}
    return case, Document.from_json(case["document"]), records


def found(document, records):
    facts = {
        key: RecordFacts(each["name"], each["is_usable"], each["is_waiting"], each["is_sending"])
        for key, each in records.items()
    }
    return problems(document, records=facts)


def cases(key):
    return [
        pytest.param(path, id=path.stem) for path in CASES if key in json.loads(path.read_text())
    ]


@pytest.mark.parametrize("path", cases("document"))
def test_a_document_is_read_and_written_without_loss(path):
    case, document, _records = read(path)
    assert document.as_json() == case["document"]


@pytest.mark.parametrize("path", cases("problems"))
def test_problems_are_found_where_they_are(path):
    case, document, records = read(path)
    said = [[each.step_id, each.field, each.level] for each in found(document, records)]
    assert said == case["problems"]
    assert all(each.sentence for each in found(document, records))


@pytest.mark.parametrize("path", cases("payload"))
def test_the_payload_is_exact(path):
    case, document, records = read(path)
    message = ivr_compile.message(
        document,
        record_ids={key: facts["service_id"] for key, facts in records.items()},
        step_webhook_url=STEP_WEBHOOK,
    )
    assert message.as_json() == case["payload"]


@pytest.mark.parametrize("path", cases("payload"))
def test_the_sketch_of_a_sound_draft_is_its_payload(path):
    case, document, records = read(path)
    sketch = ivr_compile.sketch(
        document,
        found(document, records),
        record_ids={key: facts["service_id"] for key, facts in records.items()},
        step_webhook_url=STEP_WEBHOOK,
    )
    assert sketch == case["payload"]


@pytest.mark.parametrize("path", cases("problems"))
def test_every_draft_can_be_sketched(path):
    _case, document, records = read(path)
    sketch = ivr_compile.sketch(
        document,
        found(document, records),
        record_ids={key: each["service_id"] for key, each in records.items() if each["is_usable"]},
        step_webhook_url=STEP_WEBHOOK,
    )
    assert sketch["record"]


@pytest.mark.parametrize("path", cases("cost"))
def test_the_cost_is_a_range_of_the_cheapest_and_the_dearest_way(path):
    case, document, records = read(path)
    seconds = {key: Decimal(facts["seconds"]) for key, facts in records.items()}
    cost = estimate(document, PRICES, record_seconds=seconds)
    assert [str(cost.low), str(cost.high)] == case["cost"]
