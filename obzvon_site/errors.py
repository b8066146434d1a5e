"""The page of our own fault: it must appear when nothing else works."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say sorry with a short code; the same code stands in the log beside the traceback."""
    code = secrets.token_hex(2).upper()
    logger.error("code %s: %s %s", code, request.method, request.path)
    try:
        text = str(render_to_string("500.html", {"code": code}))
    except Exception:  # noqa: BLE001 - whatever is broken, the code is said
        text = f"Ошибка на нашей стороне · Error on our side: {code}"
    return HttpResponse(text, status=500)
