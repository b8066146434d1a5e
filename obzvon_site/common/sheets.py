"""Tables for spreadsheet programs, a line at a time."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PHONE = re.compile(r"\+?[\d\s()\-–—.]+$")


class _Line:
    """Where csv writes: it hands back what it was given."""

    def write(self, text: str) -> str:
        return text


def as_csv(table: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines for a spreadsheet, which must not take a cell for a formula."""
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff"
    for cells in table:
        yield writer.writerow([_harmless(text) for text in cells])


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _PHONE.match(text) else text
