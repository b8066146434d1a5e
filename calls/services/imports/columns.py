"""Which column of a file holds what: guessed by its title and by what stands in it."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from django.utils.translation import gettext as _

from calls.rules.texts import key_of
from obzvon_site.common.phones import NotAPhone, normalise

# In this order: a «дата согласия» is taken before any «согласие» is taken for its source.
FIELDS = ("phone", "name", "zone", "consent_on", "consent_source", "consent_document")
_WORDS: dict[str, re.Pattern[str]] = {
    "phone": re.compile(
        r"телефон|номер тел|^номер$|моб|сотов|абонент|phone|mobile|msisdn|^tel$|cell"
    ),
    "name": re.compile(
        r"^имя|фио|ф\.\s?и\.\s?о|клиент|должник|контакт|^name|full.?name|client|customer"
    ),
    "zone": re.compile(
        r"город|регион|область|часов|пояс|time.?zone|^zone|region|^city|\butc\b|\bмск\b"
    ),
    "consent_on": re.compile(r"дата.*соглас|соглас.*дата|consent.*(date|on)\b|date.*consent"),
    "consent_document": re.compile(
        r"(документ|договор|номер).*соглас|соглас.*(документ|№|номер)|consent.*doc"
    ),
    "consent_source": re.compile(r"(источник|способ|канал|откуда).*соглас|соглас|consent"),
}
_ORDER = ("phone", "zone", "consent_on", "consent_document", "consent_source", "name")
MAX_VARIABLES = 50
MAX_VARIABLE_NAME = 60


@dataclass(frozen=True)
class Mapping:
    """Columns by what they hold, counted from 0; the others become variables of their titles."""

    phone: int | None = None
    name: int | None = None
    zone: int | None = None
    consent_on: int | None = None
    consent_source: int | None = None
    consent_document: int | None = None
    variables: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        known = {name: kept.get(name) for name in FIELDS}
        return cls(**known, variables=dict(kept.get("variables", {})))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def problems(self, columns: int) -> list[str]:
        """Why nothing can be read by this, as sentences; empty: it will do."""
        used = [at for name in FIELDS if (at := getattr(self, name)) is not None]
        used += self.variables.values()
        if self.phone is None:
            return [_("Укажите столбец с номерами телефонов.")]
        if any(not 0 <= at < columns for at in used):
            return [_("В файле нет такого столбца: проверьте, что в каком столбце.")]
        if len(set(used)) < len(used):
            return [_("Один столбец выбран дважды: у каждого своё назначение.")]
        if any(not key or len(key) > MAX_VARIABLE_NAME for key in self.variables):
            return [_("Имя переменной — от 1 до %d знаков.") % MAX_VARIABLE_NAME]
        if len(self.variables) > MAX_VARIABLES:
            return [_("Переменных больше %d: лишние столбцы пропустите.") % MAX_VARIABLES]
        return []


@dataclass(frozen=True)
class Common:
    """What holds for rows that say nothing of their own."""

    zone: str = ""
    consent_on: date | None = None
    consent_source: str = ""
    consent_document: str = ""

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        values = {**kept}
        day = values.pop("consent_on", None)
        return cls(consent_on=date.fromisoformat(day) if day else None, **values)

    def as_json(self) -> dict[str, Any]:
        day = self.consent_on.isoformat() if self.consent_on else None
        return {**asdict(self), "consent_on": day}


def guess(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping:
    """What each column is likely to hold. ``rows`` are without the header."""
    taken: dict[str, int] = {}
    keys = [key_of(title) for title in titles]
    for name in _ORDER:
        fitting = [
            at
            for at, key in enumerate(keys)
            if _WORDS[name].search(key) and at not in taken.values()
        ]
        if fitting:
            taken[name] = fitting[0]
    looks = phone_column(rows, len(titles))
    if looks is not None and taken.get("phone") != looks:
        # What stands in a column says more than what it is called: «Телефон» may be empty.
        named = taken.get("phone")
        if named is None or share_of_phones(rows, named) < share_of_phones(rows, looks) / 2:
            taken = {name: at for name, at in taken.items() if at != looks} | {"phone": looks}
    return Mapping(**taken, variables=_variables(keys, set(taken.values())))


def phone_column(rows: Sequence[Sequence[str]], columns: int) -> int | None:
    """The column that holds most phones, if there is one in which they are no accident."""
    shares = [(share_of_phones(rows, at), -at) for at in range(columns)]
    share, at = max(shares, default=(0.0, 0))
    return -at if share >= 0.3 else None


def share_of_phones(rows: Sequence[Sequence[str]], at: int) -> float:
    cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
    return sum(map(is_phone, cells)) / len(cells) if cells else 0.0


def is_phone(text: str) -> bool:
    try:
        normalise(text)
    except NotAPhone:
        return False
    return True


def named(titles: Sequence[str]) -> list[str]:
    """Titles to show: those without words get the letter that spreadsheets call them by."""
    return [title.strip()[:100] or _("Столбец %s") % letter(at) for at, title in enumerate(titles)]


def letter(at: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    name = ""
    while at >= 0:
        name = chr(ord("A") + at % 26) + name
        at = at // 26 - 1
    return name


def _variables(keys: Sequence[str], taken: set[int]) -> dict[str, int]:
    """Columns that are nothing else, by their titles; the second of one title gets a number."""
    found: dict[str, int] = {}
    for at, title in enumerate(keys):
        if at in taken or len(found) == MAX_VARIABLES:
            continue
        key = re.sub(r"[{}]", "", title)[:MAX_VARIABLE_NAME].strip() or key_of(letter(at))
        number, own = 2, key
        while own in found:
            own = f"{key[: MAX_VARIABLE_NAME - 4]} {number}"
            number += 1
        found[own] = at
    return found
