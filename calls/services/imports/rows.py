"""Rows of a file as contacts, or as what is wrong with them. No database: see ``writing``."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from json.encoder import encode_basestring

from calls.models import BadRow
from calls.rules.zones import zone_named, zone_of
from calls.services.imports.columns import Common, Mapping
from obzvon_site.common.phones import NotAPhone, normalise

NAME, SOURCE, DOCUMENT, VARIABLE = 200, 120, 200, 500  # characters that are kept of each
KEPT_CELL, KEPT_CELLS = 500, 100  # of a bad row
_PASSED_OVER = " ()-+.\t\u00a0\u2011\u202f–—"
_CELL = 200  # characters of a cell that name a zone or a day
_EMPTY = '""'
_SPECIAL = re.compile(r'[\x00-\x1f"\\]')  # what JSON writes otherwise
_DAY_FIRST = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:\s?г\.?)?(?:[ T,].*)?", re.ASCII
)
_YEAR_FIRST = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[ T].*)?", re.ASCII)
# What stands under «Согласие» of somebody who gave none.
_NO = {"нет", "no", "0", "false", "отказ", "-", "–", "—"}
# «Asia/Omks», «UTC+15», «+99»: no small town is written so.
_AS_ZONE = re.compile(r"/|\b(?:utc|gmt|мск|msk)(?![^\W\d_])|^\W*\d", re.IGNORECASE)
_FORMULAS = ("'=", "'+", "'-", "'@")  # how spreadsheets are told that a cell is a text

Rows = list[list[str]]  # cells
# phone, name, variables as JSON, zone, consent: day (ISO), source, document; line
Made = tuple[str, str, str, str, str | None, str, str, int]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that gave no contact. ``first_line``: where its number stood before."""

    line: int
    reason: str
    cells: list[str]
    first_line: int | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A row whose number stood in an earlier row of the same batch."""

    line: int
    phone: str
    cells: list[str]
    first_line: int


@dataclass
class Batch:
    """What some rows came to: each is in ``made``, in ``bad`` or in ``again``, once."""

    made: list[Made] = field(default_factory=list)
    # Beside ``made``: the line and the cells of each as they came, and each variable's values.
    lines: Sequence[int] = ()
    cells: list[list[str]] = field(default_factory=list)
    values: list[list[str]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    again: list[Again] = field(default_factory=list)

    def drop(self, places: set[int]) -> None:
        """Leave some out of ``made`` and what stands beside it."""
        if places:
            kept = [at not in places for at in range(len(self.made))]
            self.made = list(compress(self.made, kept))
            self.lines = list(compress(self.lines, kept))
            self.cells = list(compress(self.cells, kept))
            self.values = [list(compress(texts, kept)) for texts in self.values]

    def sort(self) -> None:
        """Put ``made`` in the order of phones, which is that of the index they go into."""
        order = sorted(range(len(self.made)), key=self.made.__getitem__)
        self.made = [self.made[at] for at in order]
        self.lines = [self.lines[at] for at in order]
        self.cells = [self.cells[at] for at in order]
        self.values = [[texts[at] for at in order] for texts in self.values]

    def part(self, start: int, stop: int) -> "Batch":
        """Some of ``made`` with the repeats of their numbers; bad rows go with the first."""
        made = self.made[start:stop]
        phones = {row[0] for row in made} if self.again else set()
        return Batch(
            made,
            self.lines[start:stop],
            self.cells[start:stop],
            [texts[start:stop] for texts in self.values],
            [] if start else self.bad,
            [again for again in self.again if again.phone in phones],
        )

    def __len__(self) -> int:
        """How many rows it came from."""
        return len(self.made) + len(self.bad) + len(self.again)


class Maker:
    """Makes contacts of rows: column by column, since that is how Python is quick."""

    def __init__(self, mapping: Mapping, common: Common, today: date) -> None:
        self.mapping = mapping
        self.common = common
        self._today = today.isoformat()
        self._day = common.consent_on.isoformat() if common.consent_on else None
        self._keys = [f"{encode_basestring(key)}: " for key in mapping.variables]

    def batch(self, lines: Sequence[int], rows: Rows) -> Batch:
        """Contacts of rows, and what is wrong with others. Of two with one number: the first."""
        wrong: dict[int, str] = {}  # place in ``rows`` → reason
        mapping, common = self.mapping, self.common
        phones = phones_of(column(rows, mapping.phone), wrong)
        values = [texts_of(rows, at, VARIABLE, wrong) for at in mapping.variables.values()]
        without = self._refusals(rows)
        documents = texts_of(rows, mapping.consent_document, DOCUMENT, wrong)
        made: list[Made] = list(
            zip(
                phones,
                texts_of(rows, mapping.name, NAME, wrong),
                self._variables(values, len(rows)),
                self._zones(rows, phones, wrong),
                self._days(rows, without, wrong),
                texts_of(rows, mapping.consent_source, SOURCE, wrong, common.consent_source),
                filled(documents, common.consent_document, without),
                lines,
                strict=True,
            )
        )
        batch = Batch(made, lines, rows, values)
        batch.bad = [Bad(lines[at], wrong[at], cut(rows[at])) for at in sorted(wrong)]
        batch.drop({*wrong, *_repeated(batch, wrong)})
        return batch

    def _variables(self, values: list[list[str]], count: int) -> list[str]:
        """The variables of each row as JSON, without empty ones."""
        if not values:
            return ["{}"] * count
        keys, encoded = self._keys, list(map(quoted, values))
        if any("" in texts for texts in values):
            found = []
            for texts in zip(*encoded, strict=True):
                pairs = zip(keys, texts, strict=True)
                filled = [key + text for key, text in pairs if text != _EMPTY]
                found.append(f"{{{', '.join(filled)}}}")
            return found
        head = f"{{{keys[0]}"
        found = [head + text for text in encoded[0]]
        for key, column_ in zip(keys[1:], encoded[1:], strict=True):
            middle = f", {key}"
            found = [before + middle + text for before, text in zip(found, column_, strict=True)]
        return [before + "}" for before in found]

    def _zones(self, rows: Rows, phones: list[str], wrong: dict[int, str]) -> list[str]:
        """What a cell says, else what holds for all, else what the number says."""
        at, common = self.mapping.zone, self.common.zone
        if at is None:
            return [common] * len(rows) if common else list(map(zone_of, phones))
        zones = by_text(column(rows, at), zone_of_cell, BadRow.Reason.ZONE, wrong)
        if common:
            return [zone or common for zone in zones]
        return [zone or zone_of(phone) for zone, phone in zip(zones, phones, strict=True)]

    def _days(
        self, rows: Rows, without: Collection[int], wrong: dict[int, str]
    ) -> list[str | None]:
        """The day of each consent; what holds for all does not hold ``without`` one."""
        at = self.mapping.consent_on
        days = [""] * len(rows)
        if at is not None:
            days = by_text(column(rows, at), self._past_day, BadRow.Reason.DATE, wrong)
        return [day or None for day in filled(days, self._day or "", without)]

    def _past_day(self, text: str) -> str | None:
        """As ``day_of_cell``; nobody has consented on a day that is still to come."""
        day = day_of_cell(text)
        return None if day and day > self._today else day

    def _refusals(self, rows: Rows) -> set[int]:
        """The places of rows whose own cell says that there is no consent."""
        at = self.mapping.consent_source
        texts = column(rows, at)
        no = {text for text in set(texts) if text.strip().removeprefix("'").casefold() in _NO}
        return {place for place, text in enumerate(texts) if text in no} if no else set()


def quoted(texts: list[str]) -> list[str]:
    """Texts as JSON has them. Nearly all need only the quotes."""
    if _SPECIAL.search("".join(texts)):
        return list(map(encode_basestring, texts))
    return [f'"{text}"' for text in texts]


def column(rows: Rows, at: int | None) -> list[str]:
    """The cells of a column; a short row ends in empty ones, and so does a file without it."""
    if at is None:
        return [""] * len(rows)
    try:
        return [row[at] for row in rows]
    except IndexError:
        return [row[at] if at < len(row) else "" for row in rows]


def _repeated(batch: Batch, wrong: dict[int, str]) -> list[int]:
    """Note the rows whose number an earlier row of the batch has. Returns their places."""
    seen: dict[str, int] = {}
    found = []
    for at, row in enumerate(batch.made):
        if at not in wrong and (first := seen.setdefault(row[0], at)) != at:
            cells = cut(batch.cells[at])
            batch.again.append(Again(batch.lines[at], row[0], cells, batch.lines[first]))
            found.append(at)
    return found


def phones_of(texts: list[str], wrong: dict[int, str]) -> list[str]:
    """Exactly what phones.normalise says of each, quickly; empty where it is no phone."""
    phones: list[str] = []
    add = phones.append
    for at, digits in enumerate(_digits(texts)):
        if len(digits) == 11 and digits.isdigit() and digits.isascii():
            if digits[0] == "7":
                add(digits)
                continue
            if digits[0] == "8" and "+" not in texts[at]:
                add("7" + digits[1:])
                continue
        try:
            add(phone_of(texts[at]))
        except NotAPhone as error:
            wrong[at] = error.code
            add("")
    return phones


def _digits(texts: list[str]) -> list[str]:
    """Texts without what phones.normalise passes over in a number: all in one, then apart."""
    whole = "\n".join(texts)
    for sign in _PASSED_OVER:
        if sign in whole:
            whole = whole.replace(sign, "")
    digits = whole.split("\n")
    return digits if len(digits) == len(texts) else texts  # an end of line inside a cell


def phone_of(text: str) -> str:
    """A cell as a phone. Raises NotAPhone."""
    return normalise(text[1:] if text.startswith(_FORMULAS) else text)


def texts_of(
    rows: Rows, at: int | None, longest: int, wrong: dict[int, str], common: str = ""
) -> list[str]:
    """A column as texts of one line, ``common`` where it is empty or there is none."""
    if at is None:
        return [common] * len(rows)
    texts = list(map(str.strip, column(rows, at)))
    whole = "\0".join(texts)
    if "\n" in whole:
        texts = [" ".join(text.split()) if "\n" in text else text for text in texts]
    if "'" in whole:
        texts = [text[1:] if text.startswith(_FORMULAS) else text for text in texts]
    if max(map(len, texts), default=0) > longest:
        for place, text in enumerate(texts):
            if len(text) > longest:
                wrong.setdefault(place, BadRow.Reason.LONG)
    return filled(texts, common, ())


def filled(texts: list[str], common: str, without: Collection[int]) -> list[str]:
    """Texts, and ``common`` where they are empty, but for the places ``without`` it."""
    if not common:
        return texts
    if not without:
        return [text or common for text in texts]
    return [text or ("" if place in without else common) for place, text in enumerate(texts)]


def by_text(
    texts: list[str], read: Callable[[str], str | None], reason: str, wrong: dict[int, str]
) -> list[str]:
    """What ``read`` makes of each text: asked once for those that are alike. None: ``reason``."""
    known = {text: read(text.strip()[:_CELL]) for text in set(texts)}
    if None in known.values():
        for at, text in enumerate(texts):
            if known[text] is None:
                wrong.setdefault(at, reason)
    return [known[text] or "" for text in texts]


def zone_of_cell(text: str) -> str | None:
    """The zone a cell names; empty for an empty cell, and for a place that nobody here knows:
    then the number tells. None: it is written as a zone, and is none.
    """
    zone = zone_named(text) if text else ""
    return "" if zone is None and not _AS_ZONE.search(text) else zone


def day_of_cell(text: str) -> str | None:
    """The day a cell names, as ISO has it; empty for an empty cell, None if not understood."""
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None if text else ""
    try:
        found = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
    return found.isoformat() if 1990 <= found.year < 2100 else None


def cut(cells: list[str]) -> list[str]:
    """As much of a row as is kept to be looked at."""
    return [cell[:KEPT_CELL] for cell in cells[:KEPT_CELLS]]
