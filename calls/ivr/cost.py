"""What a call is likely to cost: an estimate by the cheapest and the dearest way through it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from calls.ivr.document import Document, Sound, Step

CHARACTERS_A_SECOND = 13


@dataclass(frozen=True, slots=True)
class Prices:
    """Roubles: for a minute of talk, for one SMS, for synthesising one text."""

    minute: Decimal
    sms: Decimal
    synthesis: Decimal


@dataclass(frozen=True, slots=True)
class CostRange:
    """Roubles for one call."""

    low: Decimal
    high: Decimal

    def times(self, number: int) -> "CostRange":
        return CostRange(self.low * number, self.high * number)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way through the tree, summed up; exactly, since it is rounded up at the end."""

    seconds: Fraction = Fraction(0)
    messages: int = 0
    syntheses: int = 0

    def plus(self, other: "_Way") -> "_Way":
        return _Way(
            self.seconds + other.seconds,
            self.messages + other.messages,
            self.syntheses + other.syntheses,
        )

    def price(self, prices: Prices) -> Decimal:
        """Whole kopecks, in roubles, rounded up."""
        talk = self.seconds * Fraction(prices.minute) / 60
        rest = self.messages * prices.sms + self.syntheses * prices.synthesis
        return Decimal(ceil((talk + Fraction(rest)) * 100)).scaleb(-2)


def estimate(
    document: Document, prices: Prices, *, record_seconds: Mapping[int, Decimal]
) -> CostRange:
    """The range from the shortest to the dearest way for a call that is answered.

    ``record_seconds`` maps our records to their length; an unknown one counts as nothing.
    """
    opening = _played(document.opening, record_seconds)
    ends = [opening.plus(way) for way in _ways(document.steps, record_seconds)]
    costs = [way.price(prices) for way in (opening, *ends)]
    return CostRange(min(costs), max(costs))


def _ways(steps: tuple[Step, ...], record_seconds: Mapping[int, Decimal]) -> list[_Way]:
    """What each way beyond a menu adds, to any depth."""
    found = []
    for step in steps:
        here = _Way(messages=1 if step.sms else 0)
        if step.sound:
            here = here.plus(_played(step.sound, record_seconds))
        found.append(here)
        found += [here.plus(way) for way in _ways(step.steps, record_seconds)]
    return found


def _played(sound: Sound, record_seconds: Mapping[int, Decimal]) -> _Way:
    if sound.is_record:
        return _Way(seconds=Fraction(record_seconds.get(sound.record or 0) or 0))
    seconds = Fraction(len(sound.text), CHARACTERS_A_SECOND)
    return _Way(seconds=seconds, syntheses=1 if sound.text else 0)
