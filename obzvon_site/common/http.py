"""What a view behind the login receives."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request that passed the login and the htmx middleware. For type hints only."""

    user: Any  # accounts.User, which this module is too low to name
    htmx: HtmxDetails
