"""One HTTP exchange: under a deadline, with a cap on its answer, noted without secrets."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import requests
from urllib3.exceptions import HTTPError

from obzvon_site.common.redact import as_text, masked
from obzvon_site.provider import limits, sessions
from obzvon_site.provider.errors import (
    BadRequest,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Refused,
    Unreachable,
)

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
NOTE_LENGTH = 20_000  # characters of a request or an answer that are kept


@dataclass(frozen=True, slots=True)
class ExchangeNote:
    """One request and its answer, masked, for the log of exchanges."""

    method: str
    sent_at: datetime  # aware, UTC
    milliseconds: int
    http_status: int | None
    outcome: str  # done, not_sent, refused, unknown
    request: str
    answer: str


@dataclass(slots=True)
class Exchange:
    """An exchange under way: what its note will say."""

    method: str
    request: str
    http_status: int | None = None
    answer: str = ""


class Wire:
    """The account's way to the service: its session, its key to be hidden, its log."""

    def __init__(
        self,
        session: requests.Session,
        secret: str,
        on_exchange: Callable[[ExchangeNote], None] | None,
    ) -> None:
        self.session = session
        self._secret = secret
        self._on_exchange = on_exchange

    @contextmanager
    def exchange(self, method: str, request: Any) -> Iterator[Exchange]:
        """Note what happens inside the block, whatever it is, and mask the error it raises."""
        running = Exchange(method, request if isinstance(request, str) else as_text(request))
        sent_at, began = datetime.now(UTC), time.monotonic()
        outcome = "unknown"
        try:
            yield running
            outcome = "done"
        except ProviderError as error:
            outcome = outcome_of(error)
            error.method = method
            self._hide(error)
            raise
        finally:
            self._note(
                ExchangeNote(
                    method=method,
                    sent_at=sent_at,
                    milliseconds=round((time.monotonic() - began) * 1000),
                    http_status=running.http_status,
                    outcome=outcome,
                    request=self.hidden(running.request)[:NOTE_LENGTH],
                    answer=self.hidden(running.answer)[:NOTE_LENGTH],
                )
            )

    def send(
        self,
        running: Exchange,
        verb: str,
        url: str,
        into: BinaryIO,
        *,
        seconds: float,
        **parts: Any,
    ) -> requests.Response:
        """Send once and read the answer's body into ``into``, all within ``seconds``.

        ``parts``: ``max_bytes`` for the answer, ``begin`` to be called before the first byte,
        the rest for requests. Raises NotSent when no connection was made and OutcomeUnknown for
        everything later.
        """
        max_bytes = parts.pop("max_bytes", limits.ANSWER_BYTES)
        begin = parts.pop("begin", None)
        failure: ProviderError
        with sessions.watched(seconds, begin) as watch:
            try:
                answer = self.session.request(
                    verb,
                    url,
                    timeout=(min(sessions.CONNECT_SECONDS, seconds), seconds),
                    allow_redirects=False,  # the key does not follow to another address
                    stream=True,
                    **parts,
                )
                with answer:
                    running.http_status = answer.status_code
                    _copy(answer, into, max_bytes)
                if not watch.is_over:
                    return answer
                failure = OutcomeUnknown(detail="deadline")
            except OutcomeUnknown as error:
                failure = error
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                name = "deadline" if watch.is_over else type(error).__name__
                was_sent = not sessions.never_left(error, watch)
                failure = OutcomeUnknown(detail=name) if was_sent else Unreachable(detail=name)
        # Raised out here so that requests' error, which carries the body with the key, is not
        # chained to ours.
        raise failure

    def _hide(self, error: ProviderError) -> None:
        error.words = self.hidden(error.words)
        error.detail = self.hidden(error.detail)
        error.args = (error.words,)
        if isinstance(error, BadRequest):
            error.fields = {
                self.hidden(name): self.hidden(words) for name, words in error.fields.items()
            }

    def hidden(self, text: str) -> str:
        """The text without the key, and without NUL, which PostgreSQL does not keep."""
        return masked(text.replace("\x00", ""), self._secret)

    def _note(self, note: ExchangeNote) -> None:
        if self._on_exchange is None:
            return
        try:
            self._on_exchange(note)
        except Exception:  # an answer must not be lost because its log is
            log.exception("an exchange of %s could not be kept", note.method)


def outcome_of(error: ProviderError) -> str:
    """The word of the note for an error."""
    if isinstance(error, NotSent):
        return "not_sent"
    return "refused" if isinstance(error, Refused) else "unknown"


def _copy(answer: requests.Response, into: BinaryIO, max_bytes: int) -> None:
    size = 0
    for piece in answer.iter_content(CHUNK):
        size += len(piece)
        if size > max_bytes:
            raise OutcomeUnknown(detail=f"answer over {max_bytes} bytes")
        into.write(piece)


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises ValueError that does not quote it."""
    try:
        return json.loads(body, parse_constant=lambda _name: None)  # NaN is not JSON
    except (ValueError, RecursionError):
        pass
    raise ValueError("not JSON")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of Retry-After; None without them (a date is not read)."""
    try:
        return max(0.0, float(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
