"""Files to a browser in ranges, so that a player can jump (RFC 9110, 13 and 14)."""

import re
from collections.abc import Iterator
from typing import IO, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK = 64 * 1024
HANDED_OVER = (200, 206)  # bytes are on their way
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


class Source(Protocol):
    """A file that can be read from any place."""

    size: int

    def pieces(self, first: int, length: int) -> Iterator[bytes]:
        """So many bytes from ``first`` on; an iterator that has begun, or OSError."""

    def close(self) -> None: ...


class OpenFile:
    """An open file as a source."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = file.seek(0, 2)

    def pieces(self, first: int, length: int) -> Iterator[bytes]:
        self._file.seek(first)
        return self._read(length)

    def close(self) -> None:
        self._file.close()

    def _read(self, length: int) -> Iterator[bytes]:
        while length > 0 and (piece := self._file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece


def ranged(request: HttpRequest, file: IO[bytes], content_type: str) -> HttpResponseBase:
    """Answer with the whole file, or with the one range that was asked for."""
    return in_ranges(request, OpenFile(file), content_type)


def in_ranges(
    request: HttpRequest, source: Source, content_type: str, *, tag: str = ""
) -> HttpResponseBase:
    """The same from any source. ``tag`` stands for the content: a browser that has it, and one
    that goes on with another file, are told so."""
    etag = f'"{tag}"' if tag else ""
    if etag and _is_among(etag, request.headers.get("If-None-Match", "")):
        source.close()
        return _common(HttpResponseNotModified(), etag)
    asked = _asked(request, etag, source.size)
    if asked is None:
        answer = _streamed(source, 0, source.size, content_type, 200)
    elif asked[0] > asked[1]:
        source.close()
        answer = HttpResponse(status=416, headers={"Content-Range": f"bytes */{source.size}"})
    else:
        first, last = asked
        answer = _streamed(source, first, last - first + 1, content_type, 206)
        answer["Content-Range"] = f"bytes {first}-{last}/{source.size}"
    return _common(answer, etag)


def _asked(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte asked for, in the wrong order for none of the file's.

    None for the whole: no range, several, nonsense, or one of a file that was another.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or not (match[1] or match[2]):
        return None
    condition = request.headers.get("If-Range", "")
    if condition and condition != etag:  # a date as well: we give none
        return None
    if not match[1]:  # «-500»: the last 500 bytes
        return (max(0, size - int(match[2])), size - 1) if int(match[2]) else (1, 0)
    first, last = int(match[1]), int(match[2] or size)
    if last < first and match[2]:
        return None
    return first, min(last, size - 1)


def _streamed(
    source: Source, first: int, length: int, content_type: str, status: int
) -> HttpResponseBase:
    try:
        pieces = source.pieces(first, length)
    except BaseException:
        source.close()
        raise
    answer = StreamingHttpResponse(pieces, status=status, content_type=content_type)
    # Also when the browser has gone before the first piece.
    answer._resource_closers.append(source.close)  # type: ignore[attr-defined]  # noqa: SLF001
    answer["Content-Length"] = str(length)
    return answer


def _common(answer: HttpResponseBase, etag: str) -> HttpResponseBase:
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, max-age=3600"
    if etag:
        answer["ETag"] = etag
    return answer


def _is_among(etag: str, tags: str) -> bool:
    """If-None-Match compares weakly: «W/» does not matter."""
    told = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    return etag in told or "*" in told
