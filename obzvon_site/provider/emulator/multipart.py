"""Forms with a file, read piece by piece: the file goes to disk and never whole into memory."""

import re
from pathlib import Path
from typing import IO, Any, Protocol

from obzvon_site.provider.emulator.demands import Upload

CHUNK = 64 * 1024


def read_form(
    source: "_Readable", length: int, kind: str, target: Path
) -> tuple[dict[str, Any], Upload | None]:
    """Read ``length`` bytes of multipart/form-data. Raises ValueError when they are none."""
    match = re.search(r'boundary="?([^";]+)"?', kind)
    if match is None:
        raise ValueError("no boundary in the content type")
    edge = b"--" + match[1].encode()
    stream = _Stream(source, length)
    stream.read_until(edge)
    fields: dict[str, Any] = {}
    upload: Upload | None = None
    while stream.take(2) != b"--":
        head = stream.read_until(b"\r\n\r\n").decode("utf-8", "replace")
        name = re.search(r'\bname="([^"]*)"', head)
        file_name = re.search(r'filename="([^"]*)"', head)
        if name is None:
            raise ValueError("a part without a name")
        if file_name is None:
            fields[name[1]] = stream.read_until(b"\r\n" + edge).decode("utf-8", "replace")
        else:
            with target.open("wb") as file:
                size = stream.copy_until(b"\r\n" + edge, file)
            upload = Upload(target, file_name[1], size)
    return fields, upload


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Stream:
    """Bytes of a known number, with a look ahead as long as the edge that is sought."""

    def __init__(self, source: _Readable, length: int) -> None:
        self._source = source
        self._left = length
        self._buffer = b""

    def _more(self) -> bool:
        chunk = self._source.read(min(CHUNK, self._left)) if self._left else b""
        self._left -= len(chunk)
        self._buffer += chunk
        return bool(chunk)

    def take(self, number: int) -> bytes:
        while len(self._buffer) < number:
            if not self._more():
                raise ValueError("the form ends in the middle")
        taken, self._buffer = self._buffer[:number], self._buffer[number:]
        return taken

    def read_until(self, edge: bytes) -> bytes:
        while (place := self._buffer.find(edge)) < 0:
            if not self._more():
                raise ValueError("the form ends in the middle")
        found, self._buffer = self._buffer[:place], self._buffer[place + len(edge) :]
        return found

    def copy_until(self, edge: bytes, target: IO[bytes]) -> int:
        size = 0
        while (place := self._buffer.find(edge)) < 0:
            safe = max(0, len(self._buffer) - len(edge))
            size += target.write(self._buffer[:safe])
            self._buffer = self._buffer[safe:]
            if not self._more():
                raise ValueError("the form ends in the middle")
        size += target.write(self._buffer[:place])
        self._buffer = self._buffer[place + len(edge) :]
        return size
