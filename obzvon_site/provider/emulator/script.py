"""What happens in a call: drawn once, when it is created, and then only read.

A timeline is a plain dict of seconds from the start of dialling, so 200,000 calls cost nothing
while idle. Phones with certain endings always behave the same way, see ENDINGS.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    at += _play(message.get("record"), lengths, line)
    recognize, steps = message.get("recognize"), message.get("ivrs") or []
    while steps:
        step, said = _choose(steps, bool(int(recognize or 0)), ending, dice)
        at += dice.uniform(1, 3) if said is not None else MENU_SECONDS
        if said is not None:
            line["answers"].append(said)
        if step is None:
            break
        at = _act(step, said, at, lengths, dice, line)
        if "manager_started" in line:
            break
        recognize, steps = step.get("recognize"), step.get("ivrs") or []
    return {**line, "finished": round(at + 0.5, 1)}


def _play(record: Any, lengths: Mapping[int, float], line: dict[str, Any]) -> float:
    """Seconds of a record or a text; what was heard goes into the recording."""
    if not isinstance(record, Mapping):
        return 0.0
    if record.get("text"):
        line["heard"].append(str(record["text"]))
        return len(str(record["text"])) / CHARACTERS_A_SECOND + 0.5
    line["heard"].append(f"record {record.get('id')}")
    return lengths.get(int(record.get("id") or 0), 5.0)


def _act(
    step: Mapping[str, Any],
    said: str | None,
    at: float,
    lengths: Mapping[int, float],
    dice: random.Random,
    line: dict[str, Any],
) -> float:
    """Do what a step says. Returns the moment when it is done."""
    if step.get("webhookUrl"):
        parameters = step.get("webhookParameters")
        line["hooks"].append([round(at, 1), step["webhookUrl"], parameters, said])
    if step.get("smsText"):
        line["sms"] += 1
    if step.get("needBlock") in (1, "1", True):
        line["block"] = True
    at += _play(step.get("record"), lengths, line)
    if step.get("managerPhone"):
        line["manager_started"] = round(at, 1)
        at += dice.uniform(2, 6)
        if dice.random() < 0.8 or line["answers"]:
            line["manager_answered"] = round(at, 1)
            line["manager"] = "finished"
            at += dice.uniform(15, 60)
        else:
            line["manager"] = "canceled"
    return at


def _choose(
    steps: list[Mapping[str, Any]], listens: bool, ending: str, dice: random.Random
) -> tuple[Mapping[str, Any] | None, str | None]:
    """Which step the subscriber takes, and what they press or say (None: silence)."""
    keyed = [step for step in steps if _digit(step) is not None]
    spoken = [step for step in steps if _digit(step) is None and words_of(step)] if listens else []
    silent = next((step for step in steps if _digit(step) is None and not words_of(step)), None)
    wanted: list[Mapping[str, Any]] = []
    if ending == "05":
        wanted = [step for step in keyed if leads_to(step, "managerPhone")]
    elif ending == "10":
        wanted = [step for step in keyed if leads_to(step, "needBlock")]
    elif ending == "06" and spoken:
        return spoken[0], words_of(spoken[0])[0]
    if ending == "07" or (not ending and dice.random() < 0.2):
        return silent, None
    if wanted or (ending and keyed):
        step = (wanted or keyed)[0]
        return step, str(_digit(step))
    open_steps = keyed + spoken
    if not open_steps:
        return silent, None
    step = dice.choice(open_steps)
    digit = _digit(step)
    return step, str(digit) if digit is not None else words_of(step)[0]


def leads_to(step: Mapping[str, Any], action: str) -> bool:
    """Whether the step or one below it has the action."""
    return bool(step.get(action)) or any(
        leads_to(below, action) for below in step.get("ivrs") or []
    )


def words_of(step: Mapping[str, Any]) -> list[str]:
    """keyWords by the table (spaces between), keywords by the example (commas)."""
    text = step.get("keyWords") or step.get("keywords") or ""
    return str(text).replace(",", " ").split()


def _digit(step: Mapping[str, Any]) -> int | None:
    value = step.get("digit")
    return None if value in (None, "") else int(value)


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
