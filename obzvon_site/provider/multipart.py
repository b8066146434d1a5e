"""A form with a file, sent without loading the file into memory."""

import os
import secrets
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from urllib3.fields import RequestField

CHUNK = 64 * 1024


class Multipart:
    """The body of a multipart request: fields first, the file last, read in pieces."""

    def __init__(self, fields: Mapping[str, str], file: BinaryIO, file_name: str) -> None:
        self._boundary = secrets.token_hex(16)
        head = b"".join(
            self._part(RequestField(name, value)) + value.encode() + b"\r\n"
            for name, value in fields.items()
        )
        audio = RequestField("file", b"", filename=file_name)
        self._head = head + self._part(audio, "application/octet-stream")
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self._file = file
        start = file.tell()
        self._length = len(self._head) + file.seek(0, os.SEEK_END) - start + len(self._tail)
        file.seek(start)

    def _part(self, field: RequestField, content_type: str | None = None) -> bytes:
        field.make_multipart(content_type=content_type)
        return f"--{self._boundary}\r\n{field.render_headers()}".encode()

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        while piece := self._file.read(CHUNK):
            yield piece
        yield self._tail
