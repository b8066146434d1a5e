"""Texts with variables: «Здравствуйте, {имя}! К оплате {сумма} рублей.»"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain

_NAME = re.compile(r"\{(?=\s*[^\s{}])([^{}\n]{1,60})\}")
NAMES = ("имя", "name")  # the contact's own name, unless a column is called so


class Missing(ValueError):
    """Variables that a contact has no value for."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(", ".join(names))


def key_of(name: str) -> str:
    """How a variable is compared and kept: the case and the spaces around do not matter."""
    return " ".join(name.casefold().split())


def names_in(template: str) -> list[str]:
    """The variables a text asks for, each once, in their order, as ``key_of``."""
    return list(dict.fromkeys(_apart(template)[1]))


def measured(template: str) -> tuple[int, list[str]]:
    """How many characters stand around the variables, and the variables as often as they stand."""
    around, names = _apart(template)
    return sum(map(len, around)), list(names)


def fill(template: str, variables: Mapping[str, str], name: str = "") -> str:
    """The text with values in it. ``variables`` are keyed as ``key_of``. Raises Missing."""
    around, names = _apart(template)
    inside = [variables.get(key, name if key in NAMES else "").strip() for key in names]
    if not all(inside):
        lacking = [key for key, value in zip(names, inside, strict=True) if not value]
        raise Missing(list(dict.fromkeys(lacking)))
    return "".join(chain.from_iterable(zip(around, (*inside, ""), strict=True)))


@lru_cache(maxsize=256)
def _apart(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before, between and after the variables; and the variables.

    Kept: a campaign fills one text for every contact.
    """
    parts = _NAME.split(template)
    return tuple(parts[::2]), tuple(map(key_of, parts[1::2]))
