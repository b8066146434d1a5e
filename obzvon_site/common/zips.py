"""Zip files written while they are read: nothing of them is kept in memory or on disk."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

Entry = tuple[str, datetime, Iterable[bytes]]


class _Sink:
    """A file that cannot go back; what was written is handed on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of a zip with ``entries``: name, time (as its clock shows) and content.

    Sound does not shrink, so nothing is compressed. Entries may be of any size.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]  # it only writes
        for name, at, content in entries:
            info = ZipInfo(name, at.timetuple()[:6])
            with archive.open(info, "w", force_zip64=True) as entry:
                for part in content:
                    entry.write(part)
                    yield sink.take()
            yield sink.take()
    yield sink.take()
