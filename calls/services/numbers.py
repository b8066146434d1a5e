"""Pasted phone numbers: any notation, any separators, and what is wrong in which line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from obzvon_site.common.phones import normalise

MAX_NUMBERS = 5000
_SEPARATORS = re.compile(r"[,;\t]")
_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\d{4}-\d{1,2}-\d{1,2}\b")
_OTHER = re.compile(r"[^0-9\s()+.\-–—]")  # what no number is written with


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
    lines: list[int] = field(default_factory=list)  # beside ``phones``
    bad: list[BadLine] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many numbers were meant, good and bad."""
        return len(self.phones) + len(self.bad) + len(self.repeats)


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
                found.lines.append(number)
    return found


def tokens(line: str) -> Iterator[str]:
    """The parts of a line that are meant as numbers."""
    cells = [cell.strip() for cell in _SEPARATORS.split(line) if cell.strip()]
    likely = [cell for cell in cells if sum(map(str.isdigit, cell)) >= 7 and not _DATE.match(cell)]
    for cell in likely or cells[:1]:
        yield from _apart(cell)


def _apart(cell: str) -> list[str]:
    """Whole numbers with only spaces between: «79…01 79…02», «+7 900 … 01 +7 900 … 02»."""
    digits = re.sub(r"[^0-9]", "", cell)
    numbers = [digits[start : start + 11] for start in range(0, len(digits), 11)]
    are_whole = all(len(number) == 11 and number[0] in "78" for number in numbers)
    return numbers if len(numbers) > 1 and are_whole and not _OTHER.search(cell) else [cell]
