"""The emulator's robot plays the shared cases: see tests/calls/ivr/trials/README.md."""

import json
from pathlib import Path

import pytest

from calls.ivr import compile as ivr_compile
from calls.ivr.document import OWN_WEBHOOK, Document, record_pks
from obzvon_site.provider.emulator import walk

CASES = sorted((Path(__file__).parents[2] / "calls/ivr/trials").glob("*.json"))
STEP_WEBHOOK = "https://obzvon.example/hooks/step/"


def compiled(case) -> dict:
    """What the service would get; records have the same number there as here."""
    tree = Document.from_json(case["document"])
    ids = {pk: pk for pk in record_pks(tree)}
    message = ivr_compile.message(tree, record_ids=ids, step_webhook_url=STEP_WEBHOOK)
    return json.loads(json.dumps(message.as_json()))


def as_sent(event: list) -> list:
    return [STEP_WEBHOOK if part == OWN_WEBHOOK else part for part in event]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_robot_does_what_the_case_says(path):
    case = json.loads(path.read_text())
    events, outcome = walk.follow(compiled(case), case["answers"])
    # The wire knows no step ids.
    assert events == [as_sent(event) for event in case["events"] if event[0] != "step"]
    assert outcome == case["outcome"]


@pytest.mark.parametrize("silent", [{}, {"digit": None}, {"digit": ""}])
def test_a_step_without_a_digit_and_words_is_for_silence(silent):
    step = {**silent, "smsText": "Ждём"}
    message = {"record": {"id": 7}, "recognize": "1", "ivrs": [{"keyWords": ","}, step]}
    events, outcome = walk.follow(message, [["words", ","], ["silence"]])
    assert events == [["play", "record", 7], ["unknown words", ","], ["silence"], ["sms", "Ждём"]]
    assert outcome == "end"
