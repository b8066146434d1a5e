"""Pasted phone numbers: any notation, any separators, and what is wrong in which line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from obzvon_site.common.phones import normalise

MAX_NUMBERS = 5000
_SEPARATORS = re.compile(r"[,;\t]")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that gives no number to call."""

    line: int  # from 1
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A number that stands in an earlier line already; it is called once."""

    line: int
    phone: str
    first_line: int


@dataclass(frozen=True)
class PastedNumbers:
    """What a paste holds. ``phones`` are 11 digits, each once, in the order of the lines."""

    phones: list[str] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)


def read(text: str) -> PastedNumbers:
    """Read a paste. Cells of a spreadsheet that hold no number (names, dates) are passed over."""
    seen: dict[str, int] = {}
    found = PastedNumbers()
    for number, line in enumerate(text.splitlines(), start=1):
        for token in tokens(line):
            try:
                phone = normalise(token)
            except ValueError as error:
                found.bad.append(BadLine(number, token[:60], str(error)))
                continue
            if phone in seen:
                found.repeats.append(Repeat(number, phone, seen[phone]))
            else:
                seen[phone] = number
                found.phones.append(phone)
    return found


def tokens(line: str) -> Iterator[str]:
    """The parts of a line that are meant as numbers."""
    cells = [cell.strip() for cell in _SEPARATORS.split(line) if cell.strip()]
    likely = [cell for cell in cells if sum(map(str.isdigit, cell)) >= 7]
    for cell in likely or cells[:1]:
        parts = cell.split()
        # «79…01 79…02»: several whole numbers with only spaces between.
        several = len(parts) > 1 and all(len(re.sub(r"\D", "", part)) == 11 for part in parts)
        yield from parts if several else [cell]
