"""What stands in the body of a webhook, and what has become of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from calls.models import WebhookEvent
from calls.services import ledger, news
from obzvon_site.common.phones import normalise
from obzvon_site.provider.replies import (
    ApiCall,
    StepAnswer,
    read_status_webhook,
    read_step_webhook,
)

State = WebhookEvent.State
MOST_PROBLEM = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Reading:
    """One event being folded."""

    event: WebhookEvent
    items: Sequence[ApiCall] = ()
    step: StepAnswer | None = None
    broken: list[str] = field(default_factory=list)  # what is wrong with it
    missing: list[tuple[int | None, str]] = field(default_factory=list)  # ids or phones unknown

    def hear(self, item: ApiCall, failure: Exception | None) -> None:
        """What folding one of its items came to."""
        if isinstance(failure, ledger.Stale):
            self.missing.append((item.id, ""))
        elif failure is not None:
            self.broken.append(f"apiCall {item.id} could not be folded: {failure!r}"[:200])

    @property
    def state(self) -> str:
        if self.broken:
            return State.BROKEN
        return State.UNMATCHED if self.missing else State.FOLDED

    @property
    def problem(self) -> str:
        if self.broken:
            return "; ".join(self.broken)[:MOST_PROBLEM]
        numbers = [f"apiCall {number}" if number else f"phone {p}" for number, p in self.missing]
        return ", ".join(numbers)[:MOST_PROBLEM]


def read(event: WebhookEvent) -> Reading:
    """Read an event's body. What cannot be read says why."""
    try:
        body = json.loads(event.body)
        if event.kind == WebhookEvent.Kind.STEP:
            return Reading(event, step=read_step_webhook(body))
        unread: list[str] = []
        items = read_status_webhook(body, unread)
        believed = [news.believed(item, event.received_at) for item in items]
        return Reading(event, items=believed, broken=unread)
    except RecursionError:
        return Reading(event, broken=["nested too deeply"])
    except Exception as error:  # noqa: BLE001  # whatever a body provokes, the others are read
        return Reading(event, broken=[str(error) or repr(error)])


def ids_in(event: WebhookEvent) -> list[int]:
    """The service's ids that it names."""
    reading = read(event)
    if reading.step is not None:
        return [reading.step.order_id] if reading.step.order_id else []
    return [item.id for item in reading.items]


def moment_of(item: ApiCall) -> datetime:
    """When the service changed it last, to fold news in their order."""
    latest = news.newest(item)
    return (latest.updated_at if latest else None) or LONG_AGO


def digits(phone: str) -> str:
    try:
        return normalise(phone)
    except ValueError:
        return phone


def cleaned(value: Any) -> Any:
    """A JSON value without what a database does not keep: zero bytes, half characters, NaN."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and value - value != 0:  # NaN and infinities
        return None
    if isinstance(value, dict):
        return {cleaned(str(name)): cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [cleaned(inner) for inner in value]
    return value
