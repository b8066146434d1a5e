"""What a view behind the login receives."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


class Request(HttpRequest):
    """A request that passed the login and the htmx middleware. For type hints only."""

    user: "AbstractUser"  # type: ignore[assignment]
    htmx: HtmxDetails
