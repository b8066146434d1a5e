"""A trial call plays the shared cases: see trials/README.md."""

import json
from pathlib import Path

import pytest

from calls.ivr.check import RecordFacts, problems
from calls.ivr.document import Document, Sound, Step, Trigger, record_pks
from calls.ivr.trial import chosen, play_through
from tests.calls.scenarios import document, key

CASES = sorted((Path(__file__).parent / "trials").glob("*.json"))
MENU = (key(1), Step("yes", trigger=Trigger("words", words=("да", "Ещё"))), Step("silent"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_trial_goes_as_the_case_says(path):
    case = json.loads(path.read_text())
    events, outcome = play_through(Document.from_json(case["document"]), case["answers"])
    assert [list(event) for event in events] == case["events"]
    assert outcome == case["outcome"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_could_be_published_as_it_is(path):
    case = json.loads(path.read_text())
    tree = Document.from_json(case["document"])
    facts = {pk: RecordFacts("Ролик", is_usable=True) for pk in record_pks(tree)}
    assert [each for each in problems(tree, records=facts) if each.is_error] == []
    assert tree.as_json() == case["document"]


@pytest.mark.parametrize(
    ("kind", "value", "step_id"),
    [
        ("key", "1", "k1"),
        ("key", "7", None),
        ("words", "«ЕЩЕ»!", "yes"),
        ("words", "нет", None),
        ("silence", "", "silent"),
    ],
)
def test_an_answer_is_matched_to_a_step(kind, value, step_id):
    step = chosen(MENU, True, kind, value)
    assert (step.id if step else None) == step_id


def test_words_lead_nowhere_when_nobody_listens():
    assert chosen(MENU, False, "words", "да") is None


def test_what_a_draft_has_not_chosen_yet_is_not_heard():
    tree = document(
        key(1, sound=Sound("record")),
        Step("empty", trigger=Trigger("digit")),
        Step("mute", trigger=Trigger("words")),
        text=" ",
        recognize=True,
    )
    events, outcome = play_through(tree, [("words", ""), ("key", ""), ("key", "1")])
    assert events == [("unknown words", ""), ("unknown key", ""), ("key", "1"), ("step", "k1")]
    assert outcome == "end"
