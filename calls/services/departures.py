"""The last moment before the first byte: whether a killed process had begun to send.

Each sending thread keeps a file that names the lease of the request it has begun. A killed
process leaves it as it was, and writing it costs microseconds. Only who has seen the process die
may trust it: after a crash of the machine it says nothing.
"""

import os
import shutil
import threading
from pathlib import Path

from django.conf import settings

LENGTH = 32  # bytes, a lease's

_here = threading.local()


def prepare() -> None:
    """Open this thread's file. Raises OSError: then nothing may be sent."""
    if getattr(_here, "file", None) is None:
        folder().mkdir(parents=True, exist_ok=True)
        path = folder() / f"{os.getpid()}.{threading.get_ident()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.pwrite(file, bytes(LENGTH), 0)  # a full disk is noticed now
        _here.file = file


def begin(lease: str) -> None:
    """The next byte of this thread belongs to the request of ``lease``."""
    os.pwrite(_here.file, lease.encode().ljust(LENGTH, b"\0"), 0)


def begun(pid: int) -> set[str] | None:
    """The leases whose requests the dead process had last begun; None: nobody can tell."""
    try:
        files = [path.read_bytes() for path in _files(pid)]
    except OSError:
        return None
    return {file.rstrip(b"\0").decode() for file in files} if files else None


def forget(pid: int) -> None:
    """Remove what the dead process has left."""
    for path in _files(pid):
        path.unlink(missing_ok=True)


def clear() -> None:
    """Remove what processes of earlier days have left, before any starts."""
    shutil.rmtree(folder(), ignore_errors=True)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "departures"


def _files(pid: int) -> list[Path]:
    return list(folder().glob(f"{pid}.*"))
