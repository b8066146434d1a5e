"""Changes to the tree of a document: each returns a new document."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from calls.ivr.document import ROOT, Document, Step, Trigger, sized

DIGITS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)  # as on a keypad

Steps = tuple[Step, ...]


def add(document: Document, parent_id: str) -> tuple[Document, str]:
    """A new answer in the menu of ``parent_id`` (ROOT: the first menu), and its id.

    It gets the next free key, or words when all keys are busy, and stands before «waits in
    silence». An unknown parent changes nothing. Raises NotADocument when the tree is full.
    """
    step_id = f"s{secrets.token_hex(4)}"

    def added(menu_id: str, steps: Steps) -> Steps:
        if menu_id != parent_id:
            return steps
        step = Step(step_id, trigger=_next_trigger(steps))
        end = len(steps)
        while end and steps[end - 1].trigger.kind == "silence":
            end -= 1
        return (*steps[:end], step, *steps[end:])

    return sized(_in_every_menu(document, added)), step_id


def remove(document: Document, step_id: str) -> tuple[Document, str]:
    """Without a step and all under it; and the id of its neighbour or parent."""
    neighbour = ROOT

    def removed(menu_id: str, steps: Steps) -> Steps:
        nonlocal neighbour
        place = _place(steps, step_id)
        if place is None:
            return steps
        rest = steps[:place] + steps[place + 1 :]
        neighbour = rest[min(place, len(rest) - 1)].id if rest else menu_id
        return rest

    return _in_every_menu(document, removed), neighbour


def move(document: Document, step_id: str, by: int) -> Document:
    """One place up (-1) or down (1) in its menu; at the end of it nothing changes."""

    def moved(_menu_id: str, steps: Steps) -> Steps:
        place = _place(steps, step_id)
        if place is None or not 0 <= place + by < len(steps):
            return steps
        ordered = list(steps)
        ordered[place], ordered[place + by] = ordered[place + by], ordered[place]
        return tuple(ordered)

    return _in_every_menu(document, moved)


def _in_every_menu(document: Document, change: Callable[[str, Steps], Steps]) -> Document:
    def of(step: Step) -> Step:
        return replace(step, steps=tuple(map(of, change(step.id, step.steps))))

    return replace(document, steps=tuple(map(of, change(ROOT, document.steps))))


def _place(steps: Steps, step_id: str) -> int | None:
    return next((place for place, step in enumerate(steps) if step.id == step_id), None)


def _next_trigger(steps: Steps) -> Trigger:
    busy = {step.trigger.digit for step in steps if step.trigger.kind == "digit"}
    digit = next((digit for digit in DIGITS if digit not in busy), None)
    return Trigger("words") if digit is None else Trigger("digit", digit=digit)
