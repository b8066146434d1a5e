"""The emulator in a process of its own, for tests that speak real HTTP."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
KEY = "E" * 56 + "test"


@dataclass
class RunningEmulator:
    """Where it answers, and its controls."""

    url: str  # up to and including /apiCalls
    key: str
    process: subprocess.Popen

    @property
    def root(self) -> str:
        return self.url.removesuffix("/apiCalls")

    def control(self, action: str, **values: Any) -> Any:
        """Change something: ``control("faults", kind="reset", method="create", count=1)``."""
        answer = requests.post(f"{self.root}/control/{action}", json=values, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def counts(self) -> dict[str, int]:
        """How often each phone was ordered to be called."""
        return requests.get(f"{self.root}/control/counts", timeout=10).json()

    def orders(self) -> list[dict[str, Any]]:
        """The bodies of create, without the key."""
        return requests.get(f"{self.root}/control/orders", timeout=10).json()


@contextmanager
def running_emulator(
    *, port: int = 0, data: Path | None = None, speed: float = 1000, **options: Any
) -> Iterator[RunningEmulator]:
    """Start it on a free port; options are those of its command line."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "obzvon_site.provider.emulator"]
        given = {"port": port, "data": data or folder, "key": KEY, "speed": speed, **options}
        for name, value in given.items():
            command += [f"--{name}", str(value)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        try:
            line = process.stdout.readline().strip()
            assert line.startswith("emulator ready: "), line
            yield RunningEmulator(line.removeprefix("emulator ready: "), KEY, process)
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()
