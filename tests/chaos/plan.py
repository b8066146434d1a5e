"""What goes wrong and when: drawn from the seed before anything starts, so it can be repeated."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

ANSWERS = ("delay", "500", "429", "html", "refuse", "reset", "truncated", "envelope", "drip")
NEWS = ("lost", "repeated", "late")
SHARE = 0.2  # of the requests are hit by each kind that is on
TOGETHER = 3  # kinds of answers that are on at once; all nine at once would let nothing through
# Started again it needs seconds, and waits the longer the oftener it dies: whoever is killed all
# the time sends nothing that could go wrong.
VICTIMS = ("calls", "calls", "poll", "web", "calls", "bulk", "poll", "web")
QUIET = 0.04  # of the time, before the first trouble


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that goes wrong, ``at`` so many seconds after the start."""

    at: float
    kind: str
    seconds: float = 0.0
    what: str = ""

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:7.1f} s  {self.kind}{lasting}{' ' + self.what if self.what else ''}"


def draw(
    seed: int, *, seconds: float, kills: int, is_distributed: bool, small: bool = False
) -> list[Trouble]:
    """The whole plan in order of time. The same arguments give the same plan."""
    dice = random.Random(f"{seed} {seconds} {kills} {is_distributed}")
    troubles = [*_faults(dice, seconds), *_kills(dice, seconds, kills)]
    troubles += _some(dice, seconds, "clock", 2 if small else 8, (3, 8), _jump)
    troubles += _some(dice, seconds, "disk", 1 if small else 3, (3, 6) if small else (5, 12))
    if is_distributed:
        troubles += _some(dice, seconds, "restart", 1 if small else 4, (0, 0))
        troubles += _some(dice, seconds, "connections", 3 if small else 15, (0, 0))
        troubles += _some(dice, seconds, "cut", 1 if small else 4, (4, 8) if small else (5, 30))
        if not small:
            # Longer than a lease: who comes back then must not write over what others found out.
            troubles.append(Trouble(dice.uniform(0.3, 0.6) * seconds, "cut", 75.0))
    else:
        troubles += _some(dice, seconds, "lock", 1 if small else 5, (3, 8))
        if not small:
            # Longer than anybody waits for it.
            troubles.append(Trouble(dice.uniform(0.3, 0.7) * seconds, "lock", 25.0))
    return sorted(troubles, key=lambda trouble: (trouble.at, trouble.kind, trouble.what))


def told(troubles: list[Trouble]) -> Iterator[str]:
    """The plan in lines, the kinds counted first."""
    counts = Counter(trouble.kind for trouble in troubles)
    yield ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items()))
    yield from map(str, troubles)


def _faults(dice: random.Random, seconds: float) -> list[Trouble]:
    """Rounds of a few kinds; every kind comes about equally often, in an order of the seed."""
    rounds = 6 if seconds < 120 else 18
    length, deck, found = seconds / rounds, [], []
    for number in range(rounds):
        kinds: set[str] = set()
        while len(kinds) < TOGETHER:
            deck = deck or dice.sample(ANSWERS, len(ANSWERS))
            kinds.add(deck.pop())
        found.append(Trouble(number * length, "faults", length, ",".join(sorted(kinds))))
    return found


def _kills(dice: random.Random, seconds: float, number: int) -> list[Trouble]:
    """Each kind of process gets its share, in an order of the seed."""
    victims = [VICTIMS[place % len(VICTIMS)] for place in range(number)]
    dice.shuffle(victims)
    part = (1 - QUIET) * seconds / number
    return [
        Trouble(QUIET * seconds + part * (place + dice.random()), "kill", 0.0, victim)
        for place, victim in enumerate(victims)
    ]


def _some(
    dice: random.Random,
    seconds: float,
    kind: str,
    number: int,
    lasting: tuple[float, float],
    what: "object" = None,
) -> list[Trouble]:
    """So many, one in each equal part of the time, so that two of a kind do not meet."""
    part = (1 - QUIET) * seconds / number
    return [
        Trouble(
            QUIET * seconds + part * (place + dice.random() * 0.5),
            kind,
            dice.uniform(*lasting),
            what(dice) if callable(what) else "",
        )
        for place in range(number)
    ]


def _jump(dice: random.Random) -> str:
    """Some within what is allowed for between two clocks, some far beyond it."""
    return str(dice.choice((-1, 1)) * dice.choice((45, 100, 200, 400)))
