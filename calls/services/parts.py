"""Recordings on their way: a file in the data folder that grows until the whole has come.

A part outlives the worker that began it, so that the next try goes on from there; a lock of the
system keeps two workers from writing into one.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from obzvon_site.provider.fetching import Seen

CHUNK = 1024 * 1024
RESERVE = 300 * 1024**2  # bytes left to the database, whatever is fetched
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NotKept(Exception):
    """The disk does not take it: full, or broken. Nothing is wrong with the recording."""


class Busy(Exception):
    """Another worker is writing this very part."""


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "arriving"


def has_room(more: int = 0) -> bool:
    """Whether so many bytes fit beside what the database needs."""
    folder().mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder()).free >= RESERVE + more


class Part:
    """What has come of one file. See ``fetching.Sink``."""

    def __init__(self, path: Path, file: BinaryIO, url: str) -> None:
        self.path, self._file, self._url = path, file, url
        self.size, self.seen = 0, Seen()
        self._digest = hashlib.sha256()
        self._recall()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def expect(self, seen: Seen) -> None:
        self.seen = seen
        if not has_room(max(0, (seen.length or 0) - self.size)):
            raise NotKept("the disk is full")
        note = {"url": self._url, "validator": seen.validator, "length": seen.length}
        with _kept():
            self._note.write_text(json.dumps(note))

    def write(self, piece: bytes) -> None:
        with _kept():
            self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def restart(self) -> None:
        with _kept():
            self._file.seek(0)
            self._file.truncate()
            self._note.unlink(missing_ok=True)
        self.size, self.seen, self._digest = 0, Seen(), hashlib.sha256()

    def head(self, length: int) -> bytes:
        self._file.seek(0)
        return self._file.read(length)

    def drop(self) -> None:
        """Leave nothing of it."""
        for path in (self.path, self._note):
            path.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_suffix(".json")

    def _recall(self) -> None:
        """Go on where an earlier try ended, unless it was about another address."""
        try:
            note = json.loads(self._note.read_text())
            seen = Seen(str(note["validator"]), note["length"])
            is_ours = note["url"] == self._url
        except (OSError, ValueError, KeyError, TypeError):
            is_ours = False
        if not is_ours:
            self.restart()
            return
        self.seen = seen
        while piece := self._file.read(CHUNK):
            self._digest.update(piece)
            self.size += len(piece)


@contextmanager
def opened(call_pk: int, url: str) -> Iterator[Part]:
    """The part of one call's recording, held against other workers. Raises Busy or NotKept."""
    path = folder() / f"{call_pk}.part"
    with _kept():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab+", buffering=0)
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        if not _is_at(path, file.fileno()):
            raise Busy  # whoever held it has just finished with it
        file.seek(0)
        yield Part(path, file, url)


def forget(before: datetime) -> int:
    """Delete parts that nobody has gone on with since ``before``. Returns how many."""
    old = [path for path in folder().glob("*.*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def _kept() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotKept("the disk is full" if error.errno in FULL else str(error)) from error
