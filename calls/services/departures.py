"""The last moment before the first byte: whether a killed process had begun to send.

Each sending process adds the lease of every request it begins to a file of its own, 33 bytes an
order. A killed process leaves the file as it was, and writing it costs microseconds. Only who has
seen the process die may trust it: after a crash of the machine it says nothing.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

_files: dict[int, int] = {}  # of this process: its pid → the open file; a fork opens its own


def prepare() -> None:
    """Open this process's file. Raises OSError: then nothing may be sent."""
    pid = os.getpid()
    if pid not in _files:
        path = _path(pid)
        path.parent.mkdir(parents=True, exist_ok=True)
        _files[pid] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def begin(lease: str) -> None:
    """The next byte belongs to the request of ``lease``. Raises OSError: then it must not leave."""
    line = f"{lease}\n".encode()
    if os.write(_files[os.getpid()], line) < len(line):
        raise OSError("no space for a departure")


def begun(pid: int) -> set[str] | None:
    """The leases of all requests the dead process had begun; None: nobody can tell."""
    try:
        return set(_path(pid).read_text().splitlines())
    except OSError:
        return None


def forget(pid: int) -> None:
    """Remove what the dead process has left."""
    _path(pid).unlink(missing_ok=True)


def clear() -> None:
    """Remove what processes of earlier days have left, before any starts."""
    shutil.rmtree(_path(0).parent, ignore_errors=True)


def _path(pid: int) -> Path:
    return Path(settings.DATA_DIR) / "departures" / str(pid)
