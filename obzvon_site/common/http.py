"""What a view behind the login receives."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request that passed the login and the htmx middleware. For type hints only."""

    user: Any  # accounts.User, which this module is too low to name
    htmx: HtmxDetails


def row_id(text: str | None) -> int | None:
    """The number of a row out of an address, or None: some digits are no numbers, some too many."""
    is_number = text and text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if text and is_number else None
