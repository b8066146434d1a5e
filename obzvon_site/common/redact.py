"""Mask keys in text that is kept or logged, and phones in what is logged."""

import json
import logging
import re
from typing import Any

MASK = "•••"
# The service's keys are 60 letters and digits; anything that long and unbroken is taken for one.
_KEY = re.compile(r"\b[A-Za-z0-9]{40,}\b")
# Whoever knows the address of a webhook may post to it.
_HOOK = re.compile(r"(/hooks/)[^/\s\"']+")
PHONE = re.compile(r"(?<!\d)[78]\d{10}(?!\d)")
_SECRET_NAMES = frozenset({"apikey", "api_key", "key", "token", "password", "authorization"})


def masked(text: str, *secrets: str) -> str:
    """Replace the given secrets, and whatever looks like a service key, by a mask."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return _KEY.sub(MASK, text)


def masked_json(value: Any) -> Any:
    """A copy of a JSON value with the values of secret names masked."""
    if isinstance(value, dict):
        return {
            name: MASK if str(name).lower() in _SECRET_NAMES else masked_json(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [masked_json(inner) for inner in value]
    return value


def as_text(value: Any) -> str:
    """A JSON value as one line of text, without the values of secret names."""
    return json.dumps(masked_json(value), ensure_ascii=False, default=str)


class RedactFilter(logging.Filter):
    """Masks keys, phones and secret addresses in every log line and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _logged(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:  # what a handler writes, and does not make again
            record.exc_text = _logged(record.exc_text)
        return True


_FORMATTER = logging.Formatter()


def _logged(text: str) -> str:
    return PHONE.sub(MASK, _HOOK.sub(rf"\1{MASK}", masked(text)))
