"""Child processes: started, restarted when they die, stopped within seconds."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

STOP_SECONDS = 8.0  # then SIGKILL; the promise is 10 s, unless an order waits for its answer
LOOK_SECONDS = 0.02
RESTART_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)  # waits before the 1st, 2nd, … restart in a row
CALM_SECONDS = 30.0  # alive that long: the next death is a first one again


@dataclass
class Child:
    """One process that should always run."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    queue: str = ""  # of a worker
    patience: float = STOP_SECONDS  # from SIGTERM to SIGKILL
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0  # time.monotonic()
    deaths: int = 0
    due: float = 0.0  # when to start again, time.monotonic()
    dead: int = 0  # pid of a process that has died, until somebody has seen to what it left

    def start(self) -> None:
        """Start in a session of its own, so that Ctrl+C reaches the supervisor alone."""
        self.process = subprocess.Popen(  # noqa: S603  # our own commands
            list(self.command),
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # the supervisor has one thread
        )
        self.started = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep(self, now: float) -> str:
        """Restart when dead and due. Returns a line for the console when something happened."""
        if self.is_running:
            return ""
        if self.process is not None:
            code = self.process.returncode
            self.dead, self.process = self.process.pid, None
            self.deaths = 1 if now - self.started > CALM_SECONDS else self.deaths + 1
            wait = RESTART_SECONDS[min(self.deaths, len(RESTART_SECONDS)) - 1]
            self.due = now + wait
            return f"{self.name} stopped ({_ending(code)}), starting it again in {wait:g} s"
        if now >= self.due:
            self.start()
        return ""


def stop_all(children: Sequence[Child], *, is_hurried: Callable[[], bool] = lambda: False) -> None:
    """Ask every child to stop, then make the deaf ones: when their time is over, or in a hurry."""
    began = time.monotonic()
    for child in children:
        if child.process and child.is_running:
            child.process.send_signal(signal.SIGTERM)
    while alive := [child for child in children if child.is_running]:
        passed = time.monotonic() - began
        for child in alive:
            if child.process and (passed >= child.patience or is_hurried()):
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        time.sleep(LOOK_SECONDS)
    for child in children:
        if child.process and child.process.returncode:
            child.dead = child.process.pid


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _die_with_parent() -> None:
    """On Linux a killed supervisor takes its children along, so none is left holding a port."""
    pr_set_pdeathsig = 1
    try:
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    except (AttributeError, OSError):
        return
