"""The installation under test, and the service it calls, which no trouble may reach.

The emulators keep the truth on a disk of their own, with a clock that is right.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulator import RunningEmulator, running_emulator
from tests.installation import ROOT, Installation, command_of, descendants, start, two_free_ports

DISK = "400m"
ACCOUNTS = 2


@dataclass
class World:
    """Where everything is."""

    folder: Path
    data: Path  # of the installation: on a small disk where that is possible
    is_small_disk: bool
    environment: dict[str, str]
    emulators: list[RunningEmulator]
    port: int
    installations: list[Installation] = field(default_factory=list)
    others: list[subprocess.Popen] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)  # of what nobody has killed

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    @property
    def up(self) -> Installation:
        return self.installations[-1]

    def begin(self) -> None:
        """`manage.py up`, as a person starts it."""
        process = start(self.data, self.port, **self.environment)
        self.installations.append(Installation(process, self.data, self.port))
        self.up.wait_for_line("^obzvon ready: ", seconds=90)

    def pids(self, role: str) -> list[int]:
        """Processes of one kind: the web, or the workers of a queue."""
        words = {"web": "gunicorn"}.get(role, f" {role} ")  # among the words of its command
        own = [*self.up.pids(words)]
        for other in self.others:
            family = [other.pid, *descendants(other.pid)]
            own += [pid for pid in family if words in command_of(pid)]
        return own

    def lines(self) -> list[str]:
        """What was written to the console, and to the logs of other machines."""
        logs = [path.read_text(errors="replace") for path in self.folder.glob("machine-*.log")]
        own = [line for one in self.installations for line in one.lines]
        return own + [line for log in logs for line in log.splitlines()]

    def truth(self, place: int) -> list[sqlite3.Row]:
        """All calls that an emulator was ordered to make, from its own file."""
        path = self.folder / f"service-{place}" / "emulator.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(
                "SELECT call.*, message.body FROM call JOIN message ON message.id = message_id"
            ).fetchall()


@contextmanager
def running_world(environment: dict[str, str], speed: float) -> Iterator[World]:
    """Emulators and an empty data folder; ``begin`` starts the rest."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="obzvon-chaos-")))
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        is_small = stack.enter_context(small_disk(data))
        emulators = [
            stack.enter_context(
                running_emulator(
                    data=folder / f"service-{place}",
                    speed=speed,
                    seed=place + 1,
                    key=key_of(place),
                    balance=1_000_000,
                )
            )
            for place in range(ACCOUNTS)
        ]
        port = two_free_ports()
        (folder / "clock").write_text("0")
        world = World(
            folder,
            data,
            is_small,
            {
                **environment,
                "PYTHONPATH": str(Path(__file__).parent / "clock"),
                "CHAOS_CLOCK": str(folder / "clock"),
                "OBZVON_DEMO": "0",
            },
            emulators,
            port,
        )
        try:
            yield world
        finally:
            for process in world.others:
                process.kill()
                process.wait()
            for installation in world.installations:
                installation.stop()


def key_of(place: int) -> str:
    """A key that would be noticed anywhere."""
    return f"chaoskey{place}".ljust(60, "Q")


@contextmanager
def small_disk(folder: Path, size: str = DISK) -> Iterator[bool]:
    """A small file system at ``folder``; False where none may be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "obzvon-chaos", str(folder)]
    can_mount = os.geteuid() == 0 and shutil.which("mount")
    if not can_mount or subprocess.run(command, check=False, capture_output=True).returncode:
        yield False
        return
    try:
        yield True
    finally:
        # Lazily: somebody who was killed may still hold a file for a moment.
        subprocess.run(["umount", "-l", str(folder)], check=False)


def migrate(world: World) -> None:
    """Make the tables before anything starts, so that there is something to fill."""
    environment = {**os.environ, **world.environment, "DATA_DIR": str(world.data)}
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def show_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
