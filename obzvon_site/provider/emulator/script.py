"""What happens in a call: drawn once, when it is created, and then only read.

A timeline is a plain dict of seconds from the start of dialling, so 200,000 calls cost nothing
while idle. Phones with certain endings always behave the same way, see ENDINGS.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from obzvon_site.provider.emulator import walk
from obzvon_site.provider.emulator.walk import words_of

# The last two digits of a phone decide; all other phones are drawn from the seed.
ENDINGS = {
    "01": "answers and presses the first key of every menu",
    "02": "busy",
    "03": "no answer",
    "04": "rejects the call",
    "05": "answers and asks for the manager where there is one",
    "06": "answers and says the first word that is listened for",
    "07": "answers and stays silent",
    "08": "is refused when the order is made",
    "09": "answers and hangs up after two seconds",
    "10": "answers and refuses further calls where that is offered",
}
CHARACTERS_A_SECOND = 13
MENU_SECONDS = 5.0  # how long silence lasts before it counts
SILENCE = ("silence", "")


@dataclass(frozen=True)
class Prices:
    """Roubles."""

    minute: float = 3.0
    sms: float = 4.1
    synthesis: float = 0.4


def draw(
    message: Mapping[str, Any], phone: str, seed: int, lengths: Mapping[int, float]
) -> dict[str, Any]:
    """The timeline of one call. ``lengths`` maps record ids to seconds."""
    dice = random.Random(f"{seed}:{phone}")  # noqa: S311  # a play, not a secret
    ending = phone[-2:] if phone[-2:] in ENDINGS else ""
    started = round(dice.uniform(0.5, 2.0), 1)
    outcome = _outcome(ending, dice)
    if outcome == "busy":
        return _unanswered(started, started + dice.uniform(1, 3), "busy", "USER_BUSY")
    if outcome == "no answer":
        return _unanswered(started, started + dice.uniform(20, 35), "canceled", "NO_ANSWER")
    if outcome == "rejected":
        return _unanswered(started, started + dice.uniform(3, 9), "canceled", "CALL_REJECTED")
    return _talk(message, ending, dice, lengths, started)


def _outcome(ending: str, dice: random.Random) -> str:
    fixed = {"02": "busy", "03": "no answer", "04": "rejected"}
    if ending:
        return fixed.get(ending, "answered")
    return dice.choices(["answered", "busy", "no answer", "rejected"], [66, 12, 14, 8])[0]


def _unanswered(started: float, end: float, status: str, cause: str) -> dict[str, Any]:
    return {
        "started": started,
        "finished": round(end, 1),
        "status": status,
        "hangup": cause,
        "answers": [],
        "sms": 0,
        "block": False,
    }


def _talk(
    message: Mapping[str, Any],
    ending: str,
    dice: random.Random,
    lengths: Mapping[int, float],
    started: float,
) -> dict[str, Any]:
    at = started + round(dice.uniform(4, 12), 1)
    line: dict[str, Any] = {
        "started": started,
        "answered": at,
        "status": "finished",
        "hangup": "NORMAL_CLEARING",
        "answers": [],
        "heard": [],
        "hooks": [],
        "sms": 0,
        "block": False,
    }
    if ending == "09":
        return {**line, "finished": at + 2}
    for event in walk.played(message.get("record")):
        at += _play(event, lengths, line)
    menu = message
    while walk.steps_of(menu):
        kind, said = _answer(menu, ending, dice)
        at += MENU_SECONDS if kind == "silence" else dice.uniform(1, 3)
        if kind != "silence":
            line["answers"].append(said)
        step = walk.chosen(menu, kind, said)
        if step is None:
            break  # who chose nothing or was not understood does not try again
        at = _act(step, said if kind != "silence" else None, at, lengths, dice, line)
        if "manager_started" in line:
            break
        menu = step
    return {**line, "finished": round(at + 0.5, 1)}


def _play(event: walk.Event, lengths: Mapping[int, float], line: dict[str, Any]) -> float:
    """Seconds of a record or a text; what was heard goes into the recording."""
    _name, kind, content = event
    if kind == "text":
        line["heard"].append(content)
        return len(content) / CHARACTERS_A_SECOND + 0.5
    line["heard"].append(f"record {content}")
    return lengths.get(content, 5.0)


def _act(
    step: Mapping[str, Any],
    said: str | None,
    at: float,
    lengths: Mapping[int, float],
    dice: random.Random,
    line: dict[str, Any],
) -> float:
    """Do what a step says. Returns the moment when it is done."""
    for event in walk.acts(step):
        match event[0]:
            case "webhook":
                parameters = step.get("webhookParameters")  # as text: it may hold a placeholder
                line["hooks"].append([round(at, 1), event[1], parameters, said])
            case "sms":
                line["sms"] += 1
            case "block":
                line["block"] = True
            case "play":
                at += _play(event, lengths, line)
            case "manager":
                at = _transfer(at, dice, line)
    return at


def _transfer(at: float, dice: random.Random, line: dict[str, Any]) -> float:
    """Ring the manager. Returns the moment when that is over."""
    line["manager_started"] = round(at, 1)
    at += dice.uniform(2, 6)
    if dice.random() < 0.8 or line["answers"]:
        line["manager_answered"] = round(at, 1)
        line["manager"] = "finished"
        at += dice.uniform(15, 60)
    else:
        line["manager"] = "canceled"
    return at


def _answer(menu: Mapping[str, Any], ending: str, dice: random.Random) -> tuple[str, str]:
    """What the subscriber does in a menu: presses a key, says a word, or is silent."""
    steps = walk.steps_of(menu)
    keyed = [step for step in steps if walk.digit_of(step) is not None]
    spoken = [step for step in steps if walk.digit_of(step) is None and words_of(step)]
    if not walk.is_on(menu.get("recognize")):
        spoken = []
    wanted: list[Mapping[str, Any]] = []
    if ending == "05":
        wanted = [step for step in keyed if leads_to(step, "managerPhone")]
    elif ending == "10":
        wanted = [step for step in keyed if leads_to(step, "needBlock")]
    elif ending == "06" and spoken:
        return _into(spoken[0])
    if ending == "07" or (not ending and dice.random() < 0.2):
        return SILENCE
    if wanted or (ending and keyed):
        return _into((wanted or keyed)[0])
    open_steps = keyed + spoken
    return _into(dice.choice(open_steps)) if open_steps else SILENCE


def _into(step: Mapping[str, Any]) -> tuple[str, str]:
    """The answer that is meant to lead to a step."""
    digit = walk.digit_of(step)
    return ("words", words_of(step)[0]) if digit is None else ("key", str(digit))


def leads_to(step: Mapping[str, Any], action: str) -> bool:
    """Whether the step or one below it has the action."""
    return bool(step.get(action)) or any(
        leads_to(below, action) for below in step.get("ivrs") or []
    )


def moments(line: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """When the status changes, in seconds from the start, and to what."""
    yield 0.2, "processed"
    yield line["started"], "started"
    if "answered" in line:
        yield line["answered"], "answered"
    yield line["finished"], line["status"]


def status_at(line: Mapping[str, Any], seconds: float) -> str:
    """The status so many seconds after the start; before it the call is «created»."""
    status = "created"
    for at, word in moments(line):
        if at > seconds:
            break
        status = word
    return status


def cost(line: Mapping[str, Any], prices: Prices) -> float:
    """Roubles for the talk and the messages; a call that nobody took is free."""
    if "answered" not in line:
        return 0.0
    talk = max(0.0, line["finished"] - line["answered"])
    return float(round(talk / 60 * prices.minute + line["sms"] * prices.sms + 0.004, 2))
