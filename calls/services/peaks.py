"""How loud a recording is over its time, for the picture of the player: worked out once."""

import logging
from array import array
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import miniaudio
from tinytag import TinyTag, TinyTagException

logger = logging.getLogger(__name__)

BUCKETS = 800
RATE = 8000  # frames a second to decode into
STEP = RATE // 100  # frames of the finest measure: 10 ms
MOST = 2 * BUCKETS  # measures held; with more, each two become one
LONGEST = 12 * 3600  # seconds that are decoded: a few megabytes may hold days of silence
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Measured:
    """``peaks``: a byte of loudness for each of BUCKETS equal parts; None: cannot be decoded."""

    seconds: Decimal | None
    peaks: bytes | None


def measure(path: Path) -> Measured:
    """Decode the sound in blocks: an hour of it takes no more memory than a minute."""
    loudness = _Loudness()
    try:
        for block in miniaudio.stream_file(
            str(path), nchannels=1, sample_rate=RATE, frames_to_read=RATE
        ):
            loudness.add(block)
            if loudness.frames > LONGEST * RATE:
                return Measured(_promised(path), None)
    except miniaudio.MiniaudioError as error:
        logger.info("%s cannot be decoded: %s", path.name, error)
        return Measured(_promised(path), None)
    if not loudness.frames:
        return Measured(_promised(path), None)
    return Measured((Decimal(loudness.frames) / RATE).quantize(CENT), loudness.buckets())


class _Loudness:
    """The loudest of each stretch of time; stretches grow with the sound."""

    def __init__(self) -> None:
        self.frames = 0
        self._loudest: list[int] = []
        self._per = 1  # finest measures in one of the list
        self._open: list[int] = []

    def add(self, block: "array[int]") -> None:
        self.frames += len(block)
        for start in range(0, len(block), STEP):
            piece = block[start : start + STEP]
            highest, lowest = max(piece), min(piece)
            self._open.append(max(highest, -lowest))
            if len(self._open) >= self._per:
                self._loudest.append(max(self._open))
                self._open.clear()
                if len(self._loudest) > MOST:
                    self._loudest = _paired(self._loudest)
                    self._per *= 2

    def buckets(self) -> bytes:
        found = self._loudest + ([max(self._open)] if self._open else [])
        number = len(found)
        starts = [place * number // BUCKETS for place in range(BUCKETS + 1)]
        parts = (found[start : max(end, start + 1)] for start, end in pairwise(starts))
        return bytes(min(255, max(part) * 255 // 32767) for part in parts)


def _paired(values: list[int]) -> list[int]:
    return [max(values[place : place + 2]) for place in range(0, len(values), 2)]


def _promised(path: Path) -> Decimal | None:
    """Seconds by what the file says of itself; None when it says nothing sensible."""
    try:
        with path.open("rb") as file:
            duration = TinyTag.get(file_obj=file, tags=False).duration
    except (TinyTagException, ValueError, OverflowError, ArithmeticError, OSError):
        return None
    if not duration or not 0 < duration < 10**6:
        return None
    return Decimal(str(round(duration, 2)))
