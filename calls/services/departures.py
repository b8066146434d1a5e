"""The last moment before the first byte: whether a killed process had begun to send.

Each sending process keeps a file: its own random name, then the lease of every request it begins,
34 bytes an order. A killed process leaves the file as it was, and writing it costs microseconds.
Only who has seen the process die may trust it: after a crash of the machine it says nothing.
"""

import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.crypto import get_random_string


@dataclass(frozen=True, slots=True)
class Departures:
    """What a dead process has left: the beginning of all its leases, and those it had begun."""

    owner: str
    begun: frozenset[str]


OWNER = 20  # letters of a process's name
_files: dict[int, tuple[str, int]] = {}  # pid → name and open file; a fork opens its own
_opening = threading.Lock()  # threads of one process share its file; each line is one write


def new_lease() -> str:
    """A lease of this process. Raises OSError when its departure could not be noted."""
    owner, _file = _mine()
    return owner + get_random_string(12)


def begin(lease: str) -> None:
    """The next byte belongs to the request of ``lease``. Raises OSError: then it must not leave."""
    _owner, file = _mine()
    _write(file, lease)


def left_by(pid: int) -> Departures | None:
    """What the dead process of this machine has left; None: nobody can tell."""
    try:
        owner, *begun = _path(pid).read_text().split()
    except (OSError, ValueError):
        return None
    if len(owner) != OWNER:
        return None  # half a name may be the beginning of a living process's
    return Departures(owner, frozenset(begun))


def forget(pid: int) -> None:
    """Remove what the dead process has left."""
    _path(pid).unlink(missing_ok=True)


def clear() -> None:
    """Remove what processes of earlier days have left, before any starts."""
    shutil.rmtree(_path(0).parent, ignore_errors=True)


def _mine() -> tuple[str, int]:
    pid = os.getpid()
    with _opening:
        if pid not in _files:
            owner, path = get_random_string(OWNER), _path(pid)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            try:
                _write(file, owner)
            except OSError:
                os.close(file)  # or a disk full for long would cost us every file we may open
                raise
            _files[pid] = owner, file
        return _files[pid]


def _write(file: int, word: str) -> None:
    # A full disk may have cut the line before: this one begins anew.
    line = f"\n{word}\n".encode()
    if os.write(file, line) < len(line):
        raise OSError("no space for a departure")


def _path(pid: int) -> Path:
    return Path(settings.DATA_DIR) / "departures" / str(pid)
