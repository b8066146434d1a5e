"""Rows of a text file, block by block, from any byte on: never more than a block in memory."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress, islice
from typing import IO

Rows = tuple[Sequence[int], list[list[str]]]  # the number of the first line of each, and cells

MAX_LINES_A_ROW = 50  # a cell that goes on for longer was opened by a stray quote
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole rows, and where the file goes on after them."""

    lines: Sequence[int]  # the number of each row's first line
    rows: list[list[str]]
    cursor: int  # bytes
    line: int  # lines before ``cursor``


class Reader:
    """Reads blocks of rows. Lines without a letter are counted, and passed over.

    ``encoding`` is one in which an end of line is the byte \\n: all but UTF-16, see ``tables``.
    """

    def __init__(self, file: IO[bytes], encoding: str, separator: str) -> None:
        self._file = file
        self._encoding = encoding
        self._separator = separator
        self._blank = f'{separator}" \t\ufeff\xa0'
        self._nothing = f"{self._blank}\n"
        self._lengths: list[int] = []  # bytes of the lines taken for the block

    def block(self, cursor: int, line: int, size: int) -> Block:
        """About ``size`` bytes of rows from ``cursor`` on. The same cursor again: the end."""
        self._file.seek(cursor)
        self._lengths = []
        if cursor == 0 and self._file.read(3) == BYTE_ORDER_MARK:
            cursor = 3
        else:
            self._file.seek(cursor)
        texts = self._take(size)
        rows, used = self._rows(texts, line)
        return Block(*rows, cursor + sum(self._lengths[:used]), line + used)

    def _take(self, size: int) -> list[str]:
        """Whole lines of about ``size`` bytes, without their ends."""
        raw = self._file.readlines(size)
        self._lengths += map(len, raw)
        text = b"".join(raw).decode(self._encoding, "replace")
        if "\0" in text:
            text = text.replace("\0", "")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", " ")
        return text.split("\n")[: len(raw)]

    def _rows(self, texts: list[str], before: int) -> tuple[Rows, int]:
        """Rows, and how many lines they took: more than were given, if a cell goes on."""
        separator, count = self._separator, len(texts)
        if not any('"' in text for text in texts):
            return self._filled([text.split(separator) for text in texts], texts, before), count
        with suppress(csv.Error):
            rows = list(csv.reader(texts, delimiter=separator, strict=True))
            if len(rows) == count:  # a line each
                return self._filled(rows, texts, before), count
        return self._carefully(texts, before)

    def _filled(self, rows: list[list[str]], texts: list[str], before: int) -> Rows:
        """Rows that are a line each, without those that have no letter."""
        blank, lines = self._blank, range(before + 1, before + 1 + len(rows))
        filled = [
            bool(text) and (text[0] not in blank or bool(text.strip(blank))) for text in texts
        ]
        if all(filled):
            return lines, rows
        return list(compress(lines, filled)), list(compress(rows, filled))

    def _carefully(self, texts: list[str], before: int) -> tuple[Rows, int]:
        """Rows of lines among which a cell goes on in the next, or a quote is none."""
        lines, rows = list[int](), list[list[str]]()
        used, wanted = 0, len(texts)
        while used < wanted:
            for first, now, row in self._quoted(texts, used, wanted):
                used = now
                if any(cell.strip(self._nothing) for cell in row):
                    lines.append(before + first + 1)
                    rows.append(row)
            if used < wanted:
                # A quote in this line is no quote: the line is taken as it stands, alone.
                if texts[used].strip(self._blank):
                    lines.append(before + used + 1)
                    rows.append(texts[used].split(self._separator))
                used += 1
        return (lines, rows), used

    def _quoted(
        self, texts: list[str], start: int, wanted: int
    ) -> Iterator[tuple[int, int, list[str]]]:
        """Rows until ``wanted`` lines are used, or one is wrongly quoted.

        Of each: the lines before it, the lines up to its end, and its cells.
        """
        reader = csv.reader(self._fed(texts, start), delimiter=self._separator, strict=True)
        done = start
        with suppress(csv.Error):
            for row in reader:
                now = start + reader.line_num
                if now - done > MAX_LINES_A_ROW:
                    return
                yield done, now, row
                done = now
                if done >= wanted:
                    return

    def _fed(self, texts: list[str], start: int) -> Iterator[str]:
        """The lines; then those after the block, for a cell that goes on. They are remembered."""
        for text in islice(texts, start, None):
            yield f"{text}\n"
        for _ in range(MAX_LINES_A_ROW):
            further = self._take(1)
            texts += further
            yield from (f"{text}\n" for text in further)
