"""Making things go wrong: each trouble of the plan is one function here."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.chaos.plan import NEWS, SHARE, VICTIMS, Trouble
from tests.chaos.world import World

HOLD_LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
time.sleep(float(sys.argv[2]))
database.execute("ROLLBACK")
"""
# Seconds of a processor: whoever dies before has only begun to start, however slow the machine is.
GROWN_UP = {"web": 0.8}
GROWN_UP_WORKER = 2.0
KILL_WAITS = 60.0
KILL_ANY = 20.0  # seconds without a victim of its kind; then anybody of those there is
MEGABYTE = b"\0" * 1024 * 1024


class Troubles:
    """The plan on its way. ``done`` counts what has really happened."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(f"victims {seed}")
        self.done: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.killed: set[int] = set()
        self._counting = threading.Lock()
        self.threads: list[threading.Thread] = []
        self.restart_database: Callable[[], None] | None = None
        self.drop_connections: Callable[[], int] | None = None
        self.cut: Callable[[float], bool] | None = None
        self.disks = [world.data] if world.is_small_disk else []
        self.after_disk: Callable[[], None] | None = None

    def begin(self, trouble: Trouble) -> None:
        """Make it happen now, beside everything else."""
        act = getattr(self, f"_{trouble.kind}")
        if trouble.kind != "faults":
            thread = threading.Thread(target=self._safely, args=(act, trouble), daemon=True)
            self.threads.append(thread)
            thread.start()
        else:
            self._safely(act, trouble)

    def end(self) -> None:
        """Everything is as it should be again."""
        for thread in self.threads:
            thread.join()
        self.world.clock.write_text("0")
        for emulator in self.world.emulators:
            emulator.control("clear")

    def _safely(self, act: Callable[[Trouble], bool | str], trouble: Trouble) -> None:
        try:
            happened = act(trouble)
            counter = self.done if happened else self.left_out
        except Exception as error:  # noqa: BLE001  # a trouble that fails must be told, not end the run
            counter, happened = self.left_out, False
            print(f"  ! {trouble}: {type(error).__name__}: {error}", flush=True)
        with self._counting:
            who = f" {happened or trouble.what}" if trouble.kind == "kill" else ""
            counter[trouble.kind + who] += 1

    @property
    def kills(self) -> int:
        """How many there have been."""
        return sum(number for name, number in self.done.items() if name.startswith("kill"))

    def kill_on(self, number: int) -> None:
        """Make up for kills of the plan that found nobody, until there have been so many."""
        for thread in self.threads:
            thread.join()
        for _try in range(2 * number):
            if self.kills >= number:
                return
            self._safely(self._kill, Trouble(0.0, "kill", 0.0, self.dice.choice(VICTIMS)))

    def _faults(self, trouble: Trouble) -> bool:
        for emulator in self.world.emulators:
            emulator.control("clear")
            for kind in trouble.what.split(","):
                for method in ("create", "get"):
                    seconds = 2.0 if kind in {"delay", "drip"} else 1.0
                    emulator.control(
                        "faults", kind=kind, method=method, probability=SHARE, seconds=seconds
                    )
            for kind in NEWS:
                emulator.control("faults", kind=kind, probability=SHARE, seconds=3.0)
        return True

    def _kill(self, trouble: Trouble) -> str:
        """One of the living; returns of which kind it was, or nothing.

        None lives while the last one killed is not back: then it waits, and in the end takes
        one of another kind.
        """
        began = time.monotonic()
        while (waited := time.monotonic() - began) < KILL_WAITS:
            kinds = [trouble.what] if waited < KILL_ANY else sorted(set(VICTIMS))
            with self._counting:
                found = sorted((pid, kind) for kind in kinds for pid in self._grown_up(kind))
                if found:
                    with suppress(ProcessLookupError):
                        pid, kind = self.dice.choice(found)
                        self.killed.add(pid)
                        os.kill(pid, signal.SIGKILL)
                        return kind
            time.sleep(0.1)
        return ""

    def _grown_up(self, kind: str) -> set[int]:
        least = GROWN_UP.get(kind, GROWN_UP_WORKER)
        alive = set(self.world.pids(kind)) - self.killed
        return {pid for pid in alive if _worked(pid) > least}

    def _clock(self, trouble: Trouble) -> bool:
        self.world.clock.write_text(trouble.what)
        time.sleep(trouble.seconds)
        self.world.clock.write_text("0")
        return True

    def _disk(self, trouble: Trouble) -> bool:
        """Fill the disks to the last byte, wait, and free them."""
        ballasts = [disk / "ballast" for disk in self.disks]
        deadline = time.monotonic() + trouble.seconds
        try:
            while time.monotonic() < deadline:
                for ballast in ballasts:
                    _fill(ballast)
                time.sleep(0.05)
        finally:
            for ballast in ballasts:
                ballast.unlink(missing_ok=True)
        if self.after_disk is not None:
            self.after_disk()
        return bool(ballasts)

    def _lock(self, trouble: Trouble) -> bool:
        """Another process holds SQLite's only right to write."""
        path = self.world.data / "obzvon.sqlite3"
        command = [sys.executable, "-c", HOLD_LOCK, str(path), str(trouble.seconds)]
        return not subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode

    def _restart(self, trouble: Trouble) -> bool:
        if self.restart_database is None:
            return False
        self.restart_database()
        return True

    def _connections(self, trouble: Trouble) -> bool:
        return self.drop_connections is not None and self.drop_connections() > 0

    def _cut(self, trouble: Trouble) -> bool:
        return self.cut is not None and self.cut(trouble.seconds)


def _worked(pid: int) -> float:
    """Seconds of a processor that it has used; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fill(ballast: Path) -> None:
    """Write until nothing more goes in, at last page by page."""
    with ballast.open("ab", buffering=0) as file:
        for piece in (MEGABYTE, MEGABYTE[:4096]):
            with suppress(OSError):
                while file.write(piece):
                    pass


def is_anywhere(folder: Path, words: list[bytes]) -> list[str]:
    """Files under ``folder`` with any of the words in them."""
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file() and any(word in path.read_bytes() for word in words):
                found.append(str(path))
    return found
