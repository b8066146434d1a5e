"""A whole installation in processes of its own: what `make run` starts, on free ports."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "demo-password-1"
_dice = random.SystemRandom()  # test processes begin with one and the same seed


class Installation:
    """A running supervisor with its children."""

    def __init__(self, process: subprocess.Popen, data: Path, port: int) -> None:
        self.process = process
        self.data = data
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.emulator_url = f"http://127.0.0.1:{port + 1}"
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def wait_for_line(self, pattern: str, *, seconds: float = 180) -> str:
        """Two busy cores take a minute for all migrations; whoever hangs is given up on later."""
        return wait_for(
            lambda: next((line for line in list(self.lines) if re.search(pattern, line)), ""),
            seconds=seconds,
            else_say=lambda: f"no line like {pattern!r} in:\n" + "\n".join(self.lines),
        )

    def pids(self, pattern: str) -> list[int]:
        """Living descendants whose command line has ``pattern`` in it."""
        return [pid for pid in descendants(self.process.pid) if pattern in command_of(pid)]

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Seconds until everything has ended."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=20)
        self._reader.join(timeout=5)
        self.process.stdout.close()
        return time.monotonic() - began


@contextmanager
def running_installation(data: Path, **environment: str) -> Iterator[Installation]:
    """Start `manage.py up` with demo people, whose password is PASSWORD; ready when yielded."""
    port = two_free_ports()
    process = start(data, port, **environment)
    installation = Installation(process, data, port)
    try:
        installation.wait_for_line("^obzvon ready: ")
        yield installation
    finally:
        installation.stop()


def start(data: Path, port: int, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "obzvon_site.settings",
            "PORT": str(port),
            "EMULATOR_PORT": str(port + 1),
            "DATA_DIR": str(data),
            "OBZVON_DEMO_PASSWORD": PASSWORD,
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def two_free_ports() -> int:
    """The first of two neighbouring ports that nobody holds.

    Not one of those that the system gives to whoever connects: it may be given away again before
    its server has started, and while one restarts.
    """
    while True:
        port = _dice.randrange(20_000, 32_000, 2)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def wait_for(probe, *, seconds: float, else_say=lambda: "it never happened"):
    """Ask ``probe`` until it answers something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(0.05)
    raise AssertionError(else_say())


def descendants(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *descendants(child)]
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
