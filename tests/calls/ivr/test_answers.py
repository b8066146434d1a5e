"""Answers, the labels of the steps they lead to, and the manager at the end of the way."""

import pytest

from calls.ivr.answers import given, labelled, manager_of
from calls.ivr.document import Sound, Step, Trigger
from tests.calls.scenarios import key

MANAGER, OTHER = "79990000001", "79990000002"
SILENCE = Step(id="s", label="Молчит", trigger=Trigger(), sound=Sound(text="Алло"))


@pytest.mark.parametrize(
    ("answers", "digit", "parts"),
    [("|2|1|", "1", ["2", "1"]), ("", "3", ["3"]), ("| да |", "", ["да"]), ("", "", [])],
)
def test_answers_are_told_menu_by_menu(answers, digit, parts):
    assert given(answers, digit) == parts


def test_an_answer_after_silence_gets_its_label():
    later = Step(id="s", trigger=Trigger(), steps=(key(5, label="Потом"),))
    assert [answer.label for answer in labelled((key(1), later), ["5"])] == ["Потом"]


@pytest.mark.parametrize(
    ("texts", "phone"),
    [
        (["1"], MANAGER),
        (["2", "7"], OTHER),
        (["2"], ""),
        (["9"], ""),
        ([], ""),
        (["1", "7"], MANAGER),  # said to the manager already
    ],
)
def test_the_manager_is_the_one_at_the_end_of_the_way(texts, phone):
    steps = (
        key(1, manager_phone=MANAGER),
        key(2, steps=(key(7, id="k7", manager_phone=OTHER),)),
    )
    assert manager_of(steps, texts) == phone


def test_who_keeps_silent_may_be_connected_too():
    silence = Step(id="s", trigger=Trigger(), steps=(Step(id="t", manager_phone=MANAGER),))
    assert manager_of((key(1), silence), []) == MANAGER
    assert manager_of((key(1), SILENCE), []) == ""
