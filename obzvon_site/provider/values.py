"""Read the service's loose JSON: numbers as strings, flags as 0/1, names in two cases."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from obzvon_site.common import moments, phones
from obzvon_site.common.money import roubles

T = TypeVar("T")

BIGGEST_ID = 2**63 - 1  # what a database column holds
MOST_MONEY = 10**8  # the same, of a call's cost


class Misread(ValueError):
    """The service sent something that cannot be what the name says."""


class Entry:
    """One JSON object being read, field by field.

    A field is found by any of its names, in camel or snake case. What nobody asked for, and
    what could not be read, stays in ``rest()``.
    """

    def __init__(self, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise Misread(f"an object was expected, not {type(data).__name__}")
        self._data = dict(data)
        self._names = _names(tuple(data))

    def take(self, read: Callable[[Any], T], *names: str) -> T | None:
        """The first readable value under ``names``; None if there is none."""
        for name in names:
            key = self._names.get(_plain(name))
            if key is None or key not in self._data:
                continue
            if self._data[key] is None or self._data[key] == "":
                del self._data[key]
                continue
            try:
                value = read(self._data[key])
            except ValueError:
                continue
            del self._data[key]
            return value
        return None

    def need(self, read: Callable[[Any], T], *names: str) -> T:
        """Like ``take``, but raises ValueError when nothing readable is there."""
        value = self.take(read, *names)
        if value is None:
            raise Misread(f"no readable {names[0]}")
        return value

    def rest(self) -> dict[str, Any]:
        """What was not taken, under the names it came with."""
        return dict(self._data)


@lru_cache(maxsize=256)  # thousands of entries have the same names
def _names(given: tuple[str, ...]) -> Mapping[str, str]:
    """The names as they came, by their plain forms."""
    return {_plain(name): name for name in given}


@lru_cache(maxsize=1024)  # the same few names in every entry
def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def number(value: Any) -> int:
    """A whole number, also as a string. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Misread(f"not a number: {type(value).__name__}")
    return int(value)


def identifier(value: Any) -> int:
    """A positive id that fits a database column. Raises ValueError."""
    found = number(value)
    if not 0 < found <= BIGGEST_ID:
        raise Misread(f"not an id: {found}")
    return found


def flag(value: Any) -> bool:
    """True for 1, "1", true, "true"; False for their opposites. Raises ValueError."""
    word = str(value).strip().lower()
    if word in ("1", "true", "yes"):
        return True
    if word in ("0", "false", "no"):
        return False
    raise Misread("not a flag")


def text(value: Any) -> str:
    """Text as it is, a number in digits, anything else as JSON."""
    if isinstance(value, str):
        # No database keeps halves of characters, and PostgreSQL no NUL.
        found = value if value.isascii() else value.encode("utf-8", "replace").decode()
        return found.replace("\x00", "").strip()
    return json.dumps(value, ensure_ascii=False, default=str)


def phone(value: Any) -> str:
    """11 digits where possible; the service's own notation where not. Raises ValueError.

    Comes as text, as a number, or (cabinet API) as an object with the phone inside.
    """
    if isinstance(value, Mapping):
        return Entry(value).need(phone, "phone")
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Misread("not a phone")
    found = text(value)
    if not found:
        raise Misread("not a phone")
    try:
        return phones.normalise(found)
    except ValueError:
        return found


def moment(value: Any) -> datetime | None:
    """Unix seconds, None for 0. Raises ValueError."""
    if isinstance(value, bool):
        raise Misread("not a moment")
    return moments.from_seconds(value)


def money(value: Any) -> Decimal:
    """Roubles. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Misread("not money")
    found = roubles(value)
    # copy_abs, since abs() counts, and fails with what no sum can hold.
    if found.copy_abs() >= MOST_MONEY:
        raise Misread("not money: too much")
    return found
