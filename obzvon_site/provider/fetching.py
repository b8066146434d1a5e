"""A file of the account's own server, brought in one try or in several.

What other sides say is not believed: the name is looked up once and the connection goes to the
address that was checked, a redirect may lead nowhere but to the same server, and neither size nor
time is without an end. A cut file is continued only where the server proves that it is the same.
"""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Protocol
from urllib.parse import urljoin

from obzvon_site.common import reaching
from obzvon_site.common.reaching import Target
from obzvon_site.provider.errors import ProviderError

CHUNK = 64 * 1024
REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})


look_up = socket.getaddrinfo  # here, so that a test may answer for the name service


class TooLarge(ProviderError):
    """The file is larger than any recording. Repeating will not help."""


class Cut(ProviderError):
    """The file came in part. The part is kept, the next try goes on from there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server said of a file: by this one knows whether it is still the same."""

    validator: str = ""  # a strong ETag, else Last-Modified; empty: nothing to go by
    length: int | None = None  # of the whole

    def is_same(self, other: "Seen") -> bool:
        lengths = {self.length, other.length} - {None}
        return bool(self.validator) and self.validator == other.validator and len(lengths) < 2


class Sink(Protocol):
    """Where the file is written. It raises no OSError of its own: those are the wire's."""

    size: int
    seen: Seen

    def expect(self, seen: Seen) -> None:
        """What comes is a file of this kind, from where the sink's content ends."""

    def write(self, piece: bytes) -> None: ...

    def restart(self) -> None:
        """Forget what was written."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """How far one try may go."""

    max_bytes: int
    seconds: float
    is_private_allowed: bool


class Answered(Exception):
    """It answered, but neither with the file nor with a redirect."""

    def __init__(self, status: int, headers: Message) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers


def bring(url: str, into: Sink, how: Fetch, *, own: Callable[[str], str]) -> int:
    """Write the file at ``url`` into ``into``, going on where it ends. Returns the HTTP status.

    ``own`` turns an address into an allowed one or raises. Raises TooLarge, Cut, Answered,
    NotAnAddress, OSError, HTTPException, ValueError, and whatever the sink raises.
    """
    end = time.monotonic() + how.seconds
    target = Target.of(own(url))
    addresses = reaching.addresses_of(
        target, resolve=look_up, is_private_allowed=how.is_private_allowed
    )
    for _step in range(REDIRECTS + 2):  # one more: a file that changed is asked for again
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        headers = _headers(into)
        with reaching.asked(target, addresses, "GET", headers=headers, seconds=seconds) as answer:
            if answer.status in MOVED:
                url = own(urljoin(url, answer.getheader("Location", "")))
                found = Target.of(url)
                if target.is_secure and not found.is_secure:
                    raise Answered(answer.status, answer.headers)
                target = found  # the same host, or ``own`` had raised: the same addresses
                continue
            if answer.status not in (200, 206) and not (answer.status == 416 and into.size):
                raise Answered(answer.status, answer.headers)
            if _begins_anew(answer, into):
                into.restart()
                if answer.status != 200:
                    continue
            _take(answer, into, how.max_bytes)
            return answer.status
    raise Cut(detail="too many redirects")


def _headers(into: Sink) -> dict[str, str]:
    common = {"User-Agent": "obzvon", "Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
    if into.size and not into.seen.validator:
        into.restart()
    if not into.size:
        return common
    return {**common, "Range": f"bytes={into.size}-", "If-Range": into.seen.validator}


def _begins_anew(answer: http.client.HTTPResponse, into: Sink) -> bool:
    """Whether what we have is of no use: the server sends all of it, or another file's end."""
    if answer.status != 206:
        return True
    first, total = _range(answer)
    said = Seen(_validator(answer), total)
    # A server that repeats no validator with a part has honoured If-Range all the same.
    is_same = into.seen.is_same(said if said.validator else Seen(into.seen.validator, total))
    return not into.size or first != into.size or not is_same


def _take(answer: http.client.HTTPResponse, into: Sink, max_bytes: int) -> None:
    """Read the body. Raises TooLarge, or Cut when it ends before its announced end."""
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise Cut(detail="compressed, though nobody asked for it")
    start = into.size
    whole = _whole(answer, start)
    if whole is not None and whole > max_bytes:
        raise TooLarge(detail=f"{whole} bytes are announced")
    validator = _validator(answer) or (into.seen.validator if start else "")
    into.expect(Seen(validator, whole))
    try:
        while piece := answer.read1(CHUNK):
            if into.size + len(piece) > max_bytes:
                raise TooLarge(detail=f"over {max_bytes} bytes")
            into.write(piece)
    except http.client.IncompleteRead as error:
        raise Cut(detail=f"cut at {into.size} bytes") from error
    if whole is not None and into.size != whole:
        raise Cut(detail=f"cut at {into.size} of {whole} bytes")


def _whole(answer: http.client.HTTPResponse, start: int) -> int | None:
    """The size of the whole file; a part may be shorter than what was asked for."""
    total = _range(answer)[1] if answer.status == 206 else None
    if total is not None:
        return total
    announced = _length(answer)
    return None if announced is None else start + announced


def _validator(answer: http.client.HTTPResponse) -> str:
    tag = answer.getheader("ETag", "")
    if tag and not tag.startswith("W/"):  # a weak one does not promise the same bytes
        return tag[:200]
    return answer.getheader("Last-Modified", "")[:80]


def _length(answer: http.client.HTTPResponse) -> int | None:
    said = answer.getheader("Content-Length", "")
    return int(said) if said.isdecimal() and answer.length is not None else None


def _range(answer: http.client.HTTPResponse) -> tuple[int, int | None]:
    """The first byte and the size of the whole, of «bytes 100-199/200»; -1 for nonsense."""
    unit, _space, rest = answer.getheader("Content-Range", "").partition(" ")
    bounds, _slash, total = rest.partition("/")
    first = bounds.partition("-")[0]
    if unit != "bytes" or not first.isdecimal():
        return -1, None
    return int(first), int(total) if total.isdecimal() else None
