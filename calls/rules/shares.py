"""Shares of a whole, how sure one may be of them, and whether two of them really differ."""

from dataclasses import dataclass
from math import ceil, erfc, sqrt

SURE = 1.959963984540054  # of 95 %: so many deviations to either side
POWER = 0.8416212335729143  # of 80 %: a difference that is there is found so often
FEWEST = 10  # in each group; of fewer nothing is said
SMALLEST = 0.01  # a difference below one per cent is no difference to a business


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between which values the true share lies in 95 cases of 100, by Wilson's formula.

        Unlike the textbook one it holds for few and for extreme shares, and stays within 0 to 1.
        """
        if not self.of:
            return 0.0, 1.0
        square = SURE**2
        middle = (self.value + square / (2 * self.of)) / (1 + square / self.of)
        spread = self.value * (1 - self.value) / self.of + square / (4 * self.of**2)
        half = SURE / (1 + square / self.of) * sqrt(spread)
        return max(0.0, middle - half), min(1.0, middle + half)


def chance(one: Share, other: Share) -> float:
    """How likely two groups of one and the same share differ as much as these, by chance.

    The two-sided test of two proportions with a common variance; 1 when nothing can be said.
    """
    if not one.of or not other.of:
        return 1.0
    common = (one.count + other.count) / (one.of + other.of)
    deviation = sqrt(common * (1 - common) * (1 / one.of + 1 / other.of))
    if not deviation:
        return 1.0
    return erfc(abs(one.value - other.value) / deviation / sqrt(2))


def needed(one: Share, other: Share) -> int | None:
    """How large each group must be for a difference like this one to be found; None: hopeless.

    At 95 % certainty and 80 % power.
    """
    difference = abs(one.value - other.value)
    if difference < SMALLEST:
        return None
    mean = (one.value + other.value) / 2
    if_same = SURE * sqrt(2 * mean * (1 - mean))
    own = one.value * (1 - one.value) + other.value * (1 - other.value)
    return ceil(((if_same + POWER * sqrt(own)) / difference) ** 2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison of A with B has shown so far."""

    winner: str = ""  # «a», «b», or empty: nobody yet
    missing: int | None = None  # this many more are needed; None: no use in waiting for more


def verdict(one: Share, other: Share) -> Verdict:
    """Which of the two is better, or about how many more it takes to tell."""
    if min(one.of, other.of) >= FEWEST and chance(one, other) < 0.05:
        return Verdict("a" if one.value > other.value else "b")
    wanted = needed(one, other)
    if wanted is None:
        return Verdict()
    wanted = max(wanted, FEWEST)
    missing = sum(max(0, wanted - share.of) for share in (one, other))
    # Large enough and still unclear: a few more may tip it.
    return Verdict(missing=_rounded(max(missing, FEWEST)))


def _rounded(number: int) -> int:
    """Up, to two digits that mean something."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return ceil(number / step) * step
