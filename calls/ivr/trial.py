"""A trial call: what a robot would do with a document, answer by answer, without ringing anybody.

What leads where, and the events, are agreed in ``tests/calls/ivr/trials/README.md``.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from calls.ivr.document import Document, Sound, Step, Trigger

Event = tuple[Any, ...]  # a name and what belongs to it: ("play", "record", 1342)
MARKS = '.,!?;:«»"“”()…'


def play_through(document: Document, answers: Iterable[Sequence[str]]) -> tuple[list[Event], str]:
    """Everything that happens, in order, and the outcome.

    Answers are (kind, value) or (kind,), the kinds: key, words, silence, hangup. The outcome is
    end, manager, nobody chose, hangup, or listening: the answers ran out while a menu listens.
    """
    trial = Trial(document)
    for kind, *value in answers:
        trial.say(kind, "".join(value))
    return trial.events, trial.outcome


class Trial:
    """One call under way: tell it answers with ``say``, read ``events`` and ``outcome``."""

    def __init__(self, document: Document) -> None:
        self.events: list[Event] = list(_play(document.opening))
        self.outcome = ""
        self._listen(document)

    def say(self, kind: str, value: str = "") -> None:
        """Go on with an answer. After the end nobody hears it."""
        if self.outcome != "listening":
            return
        if kind == "hangup":
            self._end("hangup", ("hangup",))
            return
        step = chosen(self.menu.steps, self.menu.recognize, kind, value)
        if step:
            self._take(step, (kind, value) if value else (kind,))
        elif kind == "silence":
            self._end("nobody chose", ("silence",))
        elif kind == "words" and not self.menu.recognize:
            self.events.append(("not listening", value))
        else:
            self.events.append((f"unknown {kind}", value))

    def _take(self, step: Step, answer: Event) -> None:
        self.events += [answer, ("step", step.id), *_actions(step)]
        if step.manager_phone:
            self._end("manager", ("manager", step.manager_phone))
        else:
            self._listen(step)

    def _listen(self, menu: Document | Step) -> None:
        self.menu = menu
        self.outcome = "listening" if menu.steps else "end"

    def _end(self, outcome: str, event: Event) -> None:
        self.events.append(event)
        self.outcome = outcome


def chosen(steps: Iterable[Step], listens: bool, kind: str, value: str = "") -> Step | None:
    """The step of a menu that an answer leads to: a key, words or silence.

    ``listens``: whether the menu recognises speech.
    """
    if kind == "words" and not listens:
        return None
    return next((step for step in steps if _leads(step.trigger, kind, value)), None)


def _leads(trigger: Trigger, kind: str, value: str) -> bool:
    if kind == "key":
        return trigger.kind == "digit" and str(trigger.digit) == value
    if kind == "words":
        return trigger.kind == "words" and bool(_words(value) & _words(*trigger.words))
    return kind == trigger.kind == "silence"


def _words(*texts: str) -> set[str]:
    """Single words as they are compared: small, without the marks around them, with е for ё."""
    parts = (part for text in texts for part in text.replace(",", " ").split())
    return {part.strip(MARKS).lower().replace("ё", "е") for part in parts} - {""}


def _actions(step: Step) -> Iterator[Event]:
    """What a step does before it transfers or listens."""
    if step.webhook and step.webhook.url:
        yield "webhook", step.webhook.url, dict(step.webhook.parameters)
    if step.sms:
        yield "sms", step.sms
    if step.block:
        yield ("block",)
    if step.sound:
        yield from _play(step.sound)


def _play(sound: Sound) -> Iterator[Event]:
    """A record not chosen yet and an empty text, both of a draft, are not heard."""
    if sound.is_record and sound.record is not None:
        yield "play", "record", sound.record
    elif sound.text.strip():
        yield "play", "text", sound.text
