"""A reader for JSON that is not quite JSON: hand-made, copied out of a program or a document.

It understands what a person would: a brace missing at the end or too many, ``{ {…}, {…} }`` where
a list is meant, commas too many or too few, quotes written as ``\\"``, and an object in the middle
of a program's text. It reads each sign once, so a large text takes no longer than its size.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from calls.ivr.document import NotADocument

NESTED_MAX = 60  # of braces and brackets; 20 menus take 40

_START = re.compile(r"""\{\s*(?:(?P<escaped>\\+)"|["']|[A-Za-z_]\w*\s*:)""")
_LITERAL = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)  # up to a quote without a backslash
_STRINGS = {quote: re.compile(rf"[^{quote}\\]*(?:\\.[^{quote}\\]*)*", re.DOTALL) for quote in "\"'"}
_SPACE = re.compile(r"[\s`]*")  # three backticks fence a sample in a letter
_WORD = re.compile(r"""[^\s,:;{}\[\]"'\\]+""")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_FRACTION = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NAMED = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Found:
    """An object found in a text, and whether it had to be mended."""

    data: dict[str, Any]
    is_mended: bool


def find(text: str, names: Collection[str]) -> Found | None:
    """The first object in ``text`` that has one of ``names``, or None.

    Raises NotADocument when something is nested too deep to be meant.
    """
    at = 0
    while match := _START.search(text, at):
        if match["escaped"] and (literal := _LITERAL.match(text, match.start())):
            at = literal.end()
            if found := find(_unquoted(literal[0]), names):
                return found
            continue
        reader = _Reader(text, match.start())
        data = reader.value(0)
        if isinstance(data, dict) and not data.keys().isdisjoint(names):
            return Found(data, not _is_json(text, match.start(), reader.at))
        at = reader.at
    return None


class _Reader:
    """Reads one value from ``at`` on. What is open where sense ends is closed there."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self._is_over = False
        self._closers: list[str] = []  # of what is open, the innermost last

    def value(self, depth: int) -> Any:
        sign = self._next()
        if sign not in ("{", "["):
            return self._string(sign) if sign in _STRINGS else self._plain()
        if depth >= NESTED_MAX:
            raise NotADocument(_("Это не сценарий: скобки вложены слишком глубоко."))
        self.at += 1
        if sign == "[":
            return self._list("]", depth + 1)
        # Braces around objects that have no names are a list.
        return self._list("}]", depth + 1) if self._next() == "{" else self._object(depth + 1)

    def _object(self, depth: int) -> dict[str, Any]:
        pairs = {}
        self._closers.append("}")
        while self._goes_on() and (name := self._name()) is not None:
            pairs[name] = self.value(depth)
        self._closers.pop()
        return pairs

    def _list(self, closers: str, depth: int) -> list[Any]:
        items: list[Any] = []
        self._closers.append(closers)
        while self._goes_on(is_first=not items, is_list=True):
            items.append(self.value(depth))
        self._closers.pop()
        return items

    def _goes_on(self, *, is_first: bool = True, is_list: bool = False) -> bool:
        """Step to the next member of what is open; False where it ends."""
        has_comma = is_first
        while sign := self._next():
            if sign in self._closers[-1]:
                self.at += 1
                return False
            if sign in "]}" and any(sign in closers for closers in self._closers):
                return False  # the end of something around this
            if sign not in ",]}":
                break
            has_comma = has_comma or sign == ","
            self.at += 1  # one comma too many, or a bracket that nothing has opened
        if is_list and not has_comma and sign not in ("{", "["):
            self._is_over = True
        return bool(sign) and not self._is_over

    def _name(self) -> str | None:
        """The name of a pair, and past its colon. Anything else is the end of all sense."""
        sign = self._next()
        name = self._string(sign) if sign in _STRINGS else self._word()
        if self._next() != ":":
            self._is_over = True
            return None
        self.at += 1
        return name

    def _plain(self) -> Any:
        """A number, true or false. Other words, such as a program's variables, are None."""
        word = self._word()
        if not word:
            self._is_over = True
        if _WHOLE.fullmatch(word):
            return int(word)
        return float(word) if _FRACTION.fullmatch(word) else _NAMED.get(word.lower())

    def _word(self) -> str:
        match = _WORD.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match[0] if match else ""

    def _string(self, quote: str) -> str:
        match = _STRINGS[quote].match(self.text, self.at + 1)
        inside = match[0] if match else ""
        self.at = min(self.at + len(inside) + 2, len(self.text))
        return _unescaped(inside)

    def _next(self) -> str:
        """The next sign that is no space; empty where the text or its sense has ended."""
        space = _SPACE.match(self.text, self.at)
        if self._is_over or space is None:
            return ""
        self.at = space.end()
        return self.text[self.at : self.at + 1]


def _is_json(text: str, start: int, end: int) -> bool:
    """Whether it was sound all along, and only stood among other words."""
    try:
        json.loads(text[start:end])
    except (ValueError, RecursionError):
        return False
    return not re.match(r"\s*[\]}]", text[end : end + 100])


def _unquoted(literal: str) -> str:
    r"""The content of a program's string: ``\"`` is a quote there."""
    return re.sub(r'\\(["\\])', r"\1", literal)


def _unescaped(inside: str) -> str:
    def sign(match: re.Match[str]) -> str:
        name = match[1]
        return chr(int(name[1:], 16)) if len(name) == 5 else _SIGNS.get(name, name)

    # Two escapes make one emoji; half of one is nothing.
    text = _ESCAPE.sub(sign, inside)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
