"""What a check says: a stable code for scripts, a sentence for people, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from obzvon_site.accounts.services.health import Check

State = Literal["ok", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    code: str  # «database.migrations»; scripts rely on it
    state: State
    sentence: str
    advice: str = ""  # what to do when it is not ok


Subject = Callable[[datetime], Iterator[Finding]]


def ok(code: str, sentence: str) -> Finding:
    return Finding(code, "ok", sentence)


def warning(code: str, sentence: str, advice: str) -> Finding:
    return Finding(code, "warning", sentence, advice)


def bad(code: str, sentence: str, advice: str) -> Finding:
    return Finding(code, "bad", sentence, advice)


def of_health(code: str, check: Check) -> Finding:
    """A line of the page of health as the doctor says it."""
    states: dict[str, State] = {"ok": "ok", "slow": "warning", "down": "bad"}
    state = states[check.state]
    return Finding(
        code, state, f"{check.name}: {check.value}.", "" if state == "ok" else check.advice
    )
