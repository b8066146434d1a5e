"""How a robot walks through a message: which answer leads to which step, and what a step does.

Both calls use it, a drawn one (``script``) and one whose answers are given. A message and each of
its steps hold a menu in the same two fields: ``ivrs``, and ``recognize`` if speech is heard in it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Event = list[Any]  # a name and what belongs to it: ["play", "record", 1342]
EDGES = '.,!?;:«»"“”()…'  # signs around a word are no part of it


def follow(message: Mapping[str, Any], answers: Iterable[Sequence[str]]) -> tuple[list[Event], str]:
    """What happens, in order, when a subscriber gives these answers; and how the call ends.

    An answer is ``["key", "1"]``, ``["words", "да"]``, ``["silence"]`` or ``["hangup"]``. The ends
    are end, manager, nobody chose and hangup; listening is said when the answers run out before.
    """
    events = list(played(message.get("record")))
    menu = message
    for kind, *values in answers:
        if not steps_of(menu):
            break  # the robot has hung up: nobody hears the rest
        if kind == "hangup":
            return [*events, ["hangup"]], "hangup"
        value = values[0] if values else ""
        step = chosen(menu, kind, value)
        if step is not None:
            events += [[kind, *values], *acts(step)]
            menu = step
            if step.get("managerPhone"):
                return events, "manager"
        elif kind == "silence":
            return [*events, ["silence"]], "nobody chose"
        else:
            events.append([_misunderstood(menu, kind), value])
    return events, "listening" if steps_of(menu) else "end"


def _misunderstood(menu: Mapping[str, Any], kind: str) -> str:
    if kind == "words" and not is_on(menu.get("recognize")):
        return "not listening"
    return f"unknown {kind}"


def chosen(menu: Mapping[str, Any], kind: str, value: str) -> Mapping[str, Any] | None:
    """The step of a menu that a key, words or silence leads to."""
    if kind == "words" and not is_on(menu.get("recognize")):
        return None
    return next((step for step in steps_of(menu) if _leads(step, kind, value)), None)


def _leads(step: Mapping[str, Any], kind: str, value: str) -> bool:
    digit, words = digit_of(step), words_of(step)
    if kind == "key":
        return digit is not None and str(digit) == value
    if kind == "words":
        return digit is None and not spoken(value).isdisjoint(spoken(" ".join(words)))
    return is_silent(step)


def acts(step: Mapping[str, Any]) -> Iterator[Event]:
    """What a step does, in order. The manager is the last: the robot's part is over then."""
    if step.get("webhookUrl"):
        yield ["webhook", step["webhookUrl"], json.loads(step.get("webhookParameters") or "{}")]
    if step.get("smsText"):
        yield ["sms", step["smsText"]]
    if is_on(step.get("needBlock")):
        yield ["block"]
    yield from played(step.get("record"))
    if step.get("managerPhone"):
        yield ["manager", step["managerPhone"]]


def played(record: Any) -> Iterator[Event]:
    """A text or a record."""
    if not isinstance(record, Mapping):
        return
    if record.get("text"):
        yield ["play", "text", str(record["text"])]
    elif record.get("id"):
        yield ["play", "record", int(record["id"])]


def steps_of(menu: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return menu.get("ivrs") or []


def digit_of(step: Mapping[str, Any]) -> int | None:
    value = step.get("digit")
    return None if value in (None, "") else int(value)


def words_of(step: Mapping[str, Any]) -> list[str]:
    """keyWords by the table (spaces between), keywords by the example (commas)."""
    return _text_of_words(step).replace(",", " ").split()


def is_silent(step: Mapping[str, Any]) -> bool:
    """Whether it is «stay on the line»: neither a digit nor words lead to it."""
    return digit_of(step) is None and not _text_of_words(step)


def _text_of_words(step: Mapping[str, Any]) -> str:
    return str(step.get("keyWords") or step.get("keywords") or "")


def spoken(text: str) -> set[str]:
    """The words of a text as they are compared: «Ещё, да!» is «еще» and «да»."""
    words = text.replace(",", " ").lower().replace("ё", "е").split()
    return {word.strip(EDGES) for word in words} - {""}


def is_on(flag: Any) -> bool:
    return flag in (1, "1", True)
