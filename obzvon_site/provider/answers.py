"""Out of the envelope, or the error that the answer means."""

import re
from collections.abc import Mapping
from typing import Any

from obzvon_site.provider.errors import (
    BadRequest,
    NoMoney,
    NotFound,
    NotOffered,
    OnModeration,
    Refused,
    TooFast,
    WrongKey,
)
from obzvon_site.provider.values import Misread, text

WORDS_LENGTH = 500
SUCCESS = frozenset({"success", "ok"})
FAILURE = frozenset({"error", "fail", "failed"})
WRAPPING = frozenset({"status", "success", "result", "data", "message", "code"})

# Which code the service sends for what is a guess, and failures come with 200 too, so its
# words decide where the code does not. In order: the first that fits.
WORDS = (
    (WrongKey, r"api[\W_]?key|\bключ\w*|unauthori[sz]ed|unauthenticated"),
    (TooFast, r"too many|too fast|rate limit|throttl|слишком (?:част|много)"),
    (NoMoney, r"баланс|средств|денег|на сч[её]т|balance|funds|money|payment"),
    (OnModeration, r"модерац|moderat"),
    (NotFound, r"не найден|не существует|not found|no query results|does not exist"),
)
CODES = {401: WrongKey, 402: NoMoney, 403: WrongKey, 405: NotOffered, 429: TooFast}


def opened(answer: Any) -> Any:
    """The content of a successful answer, wrapped or bare.

    Raises Refused (or one of its kinds) when the answer says failure, also with HTTP 200, and
    ValueError when it is neither.
    """
    if not isinstance(answer, Mapping) or "id" in answer:
        return answer  # a record has a status of its own, so what has an id is bare content
    verdict = _verdict(answer)
    if verdict == "failure":
        if holds_ids(answer):
            raise Misread("failure and results at once")
        raise refusal(200, answer)
    if "data" in answer:
        return answer["data"]
    if verdict == "success" and set(answer) <= WRAPPING:
        raise Misread("success without data")
    return answer


def _verdict(answer: Mapping[str, Any]) -> str:
    word = next((answer[name] for name in ("status", "success", "result") if name in answer), None)
    lowered = str(word).lower()
    if lowered in FAILURE or word is False:
        return "failure"
    if lowered in SUCCESS or word is True:
        return "success"
    only_words = set(answer) <= {"message", "error", "errors", "code", "exception"}
    return "failure" if answer and only_words else ""


def holds_ids(answer: Any) -> bool:
    """Whether it names something done: a failure that does has not failed as a whole."""
    data = answer.get("data") if isinstance(answer, Mapping) else answer
    return isinstance(data, list) and any(
        isinstance(item, Mapping) and "id" in item for item in data
    )


def refusal(code: int, answer: Any, *, retry_after: float | None = None) -> Refused:
    """The error that a failed answer means. ``answer`` is its JSON, or None without one."""
    words, fields = said(answer)
    kind = _kind(code, words, fields, is_ours=_is_wrapped(answer))
    if kind is BadRequest:
        return BadRequest(words, fields=fields)
    if kind is TooFast:
        return TooFast(words, retry_after=retry_after)
    return kind(words)


def _kind(code: int, words: str, fields: Mapping[str, str], *, is_ours: bool) -> type[Refused]:
    if code in CODES:
        return CODES[code]
    if any(name.replace("_", "").lower() == "apikey" for name in fields):
        return WrongKey
    if fields:
        return BadRequest
    by_words = next((kind for kind, words_of in WORDS if re.search(words_of, words, re.I)), None)
    # The service's own «not found» is about a call or a record; a web server's is about the
    # address, which means that this reseller has no such method.
    if code == 404:
        is_about_route = by_words is NotFound and "route" not in words.lower()
        return NotFound if is_ours or (is_about_route and words != "Not Found") else NotOffered
    if by_words is not None:
        return by_words
    return BadRequest if code in (400, 422) else Refused


def _is_wrapped(answer: Any) -> bool:
    return isinstance(answer, Mapping) and str(answer.get("status")).lower() in FAILURE


def said(answer: Any) -> tuple[str, dict[str, str]]:
    """The words of a failed answer and, by name, what is wrong with which field.

    Looks wherever a known client looks: message, error, errors, data; text, a list, or
    Laravel's ``{"field": ["sentence", …]}``.
    """
    if isinstance(answer, str):
        return answer.strip()[:WORDS_LENGTH], {}
    if isinstance(answer, list):
        return (*_first(answer),)
    if not isinstance(answer, Mapping):
        return "", {}
    words, fields = "", {}
    for name in ("message", "errorMessage", "error", "errors", "data"):
        found = answer.get(name)
        if name != "message" and isinstance(found, Mapping) and _are_fields(found):
            fields = {str(field): _joined(value) for field, value in found.items()}
            continue
        inner_words, inner_fields = said(found)
        words, fields = words or inner_words, fields or inner_fields
    return words or _joined(list(fields.values()))[:WORDS_LENGTH], fields


def _first(items: list[Any]) -> tuple[str, dict[str, str]]:
    if items and all(isinstance(item, str) for item in items):
        return _joined(items)[:WORDS_LENGTH], {}
    return next((found for found in map(said, items) if found[0]), ("", {}))


def _are_fields(value: Mapping[str, Any]) -> bool:
    known = {"message", "error", "errors", "data", "status"}
    return bool(value) and not known & set(value)


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(text(item) for item in value)
    return text(value)
