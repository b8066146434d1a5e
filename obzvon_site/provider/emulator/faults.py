"""Troubles on request: what goes wrong, with which method, how often and how many times."""

import random
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "delay": "answer after some seconds",
    "500": "answer 500 without doing anything",
    "429": "answer 429 with Retry-After",
    "html": "answer an HTML page instead of JSON",
    "reset": "do it, then reset the connection instead of answering",
    "truncated": "do it, then cut the answer in the middle",
    "envelope": "do it, then answer in an unknown envelope",
    "drip": "do it, then send the answer byte by byte",
    "refuse": "answer the service's own error without doing anything",
    "lost": "never post a piece of news, as if it had been taken",
    "repeated": "post a piece of news twice",
    "late": "post a piece of news some seconds later, after newer ones",
}
# These are done before the method itself, and instead of it.
INSTEAD = frozenset({"500", "429", "html", "refuse"})
# These befall what the service posts by itself, and nothing else.
OF_NEWS = frozenset({"lost", "repeated", "late"})
NEWS = "webhook"  # the «method» of what is posted


@dataclass
class Fault:
    """One switched-on trouble. ``count`` 0: until it is switched off."""

    kind: str
    method: str = ""  # empty: every method
    probability: float = 1.0
    count: int = 0
    seconds: float = 5.0
    words: str = ""  # for «refuse»
    left: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")
        self.left = self.count

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """``kind[:method][,probability=0.2][,count=3][,seconds=2]``, as in the environment."""
        head, *rest = text.strip().split(",")
        kind, _, method = head.partition(":")
        options = dict(part.split("=", 1) for part in rest)
        return cls(
            kind,
            method,
            probability=float(options.get("probability", 1)),
            count=int(options.get("count", 0)),
            seconds=float(options.get("seconds", 5)),
            words=options.get("words", ""),
        )


class Faults:
    """What is switched on, and the dice."""

    def __init__(self, specification: str, seed: int) -> None:
        self._lock = threading.Lock()
        self._dice = random.Random(seed)  # noqa: S311  # a play, not a secret
        self._faults = [Fault.parse(part) for part in specification.split(";") if part.strip()]
        self._struck: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def struck(self) -> dict[str, int]:
        """How often each trouble has hit, by «method kind»."""
        with self._lock:
            return dict(sorted(self._struck.items()))

    def strike(self, method: str) -> Fault | None:
        """The trouble that hits this request, if any; it is used up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.method not in {"", method} or (fault.kind in OF_NEWS) != (method == NEWS):
                    continue
                if self._dice.random() >= fault.probability:
                    continue
                if fault.count:
                    fault.left -= 1
                    if fault.left <= 0:
                        self._faults.remove(fault)
                self._struck[f"{method} {fault.kind}"] += 1
                return fault
        return None
