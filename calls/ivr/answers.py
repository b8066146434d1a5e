"""What a subscriber answered, menu by menu, and which steps of the scenario that led through."""

from collections.abc import Iterable
from dataclasses import dataclass

from calls.ivr.document import Step
from calls.ivr.trial import chosen

Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Answer:
    """What the subscriber answered at one menu, and what the scenario calls it."""

    text: str
    label: str


def given(answers: str, digit: str) -> list[str]:
    """``|2|1|`` as its parts; services that tell no answers tell the last digit."""
    parts = [part.strip() for part in answers.split("|") if part.strip()]
    return parts or ([digit] if digit else [])


def passed(steps: Steps, text: str) -> list[Step]:
    """The steps that an answer leads through: one, or some silences and then one; or none."""
    if step := chosen(steps, True, "key", text) or chosen(steps, True, "words", text):
        return [step]
    silence = chosen(steps, False, "silence")
    further = passed(menu_of(silence), text) if silence else []
    return [silence, *further] if silence and further else []


def menu_of(step: Step) -> Steps:
    """What is asked after a step: nothing once the manager speaks."""
    return () if step.manager_phone else step.steps


def labelled(steps: Steps, texts: Iterable[str]) -> list[Answer]:
    """Each answer with the label of the step it led to; without one where it led nowhere."""
    found = []
    for text in texts:
        way = passed(steps, text)
        found.append(Answer(text, way[-1].label if way else ""))
        steps = menu_of(way[-1]) if way else ()
    return found


def manager_of(steps: Steps, texts: Iterable[str]) -> str:
    """The phone of the manager whom these answers, and silence after them, lead to; or empty."""
    for text in texts:
        way = passed(steps, text)
        if not way:
            return ""
        if way[-1].manager_phone:
            return way[-1].manager_phone
        steps = way[-1].steps
    while silence := chosen(steps, False, "silence"):
        if silence.manager_phone:
            return silence.manager_phone
        steps = silence.steps
    return ""
