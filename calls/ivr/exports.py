"""A scenario as a file: our document, and beside it what the service would get."""

from collections.abc import Mapping
from typing import Any

from calls.ivr.document import Document

FORMAT = "obzvon.scenario"
VERSION = 1
MASKED_WEBHOOK = "https://…/hooks/••••/step/"  # a file goes to others, the secret does not
PAYLOAD = ("record", "recognize", "ivrs")


def exported(name: str, document: Document, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is written into the file. ``payload`` is the body of the request, or a sketch of it."""
    sent = {key: payload[key] for key in PAYLOAD if key in payload}
    return {
        "format": FORMAT,
        "v": VERSION,
        "name": name,
        "document": document.as_json(),
        **sent,
    }
