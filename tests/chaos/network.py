"""Network namespaces: machines of their own, each on one cable to the database."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.installation import ROOT


class Machine:
    """A network of its own. ``gateway`` is where it finds the database."""

    def __init__(self, number: int) -> None:
        self.name = f"chaos{os.getpid() % 10000}-{number}"
        self.cable = f"cz{os.getpid() % 10000}a{number}"
        self.gateway = f"10.{77 + number}.{os.getpid() % 250}.1"
        self.own = self.gateway.removesuffix("1") + "2"

    def build(self) -> None:
        _ip("netns", "add", self.name)
        far = f"{self.cable}b"
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", far, "netns", self.name)
        _ip("addr", "add", f"{self.gateway}/30", "dev", self.cable)
        _ip("link", "set", self.cable, "up")
        _ip("-n", self.name, "addr", "add", f"{self.own}/30", "dev", far)
        _ip("-n", self.name, "link", "set", far, "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self.name)

    def plug(self, *, is_in: bool) -> None:
        _ip("link", "set", self.cable, "up" if is_in else "down")

    def start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command], cwd=ROOT, env=environment
        )

    def reach(self, port: int, folder: Path) -> list[subprocess.Popen]:
        """Relays to a port of this machine's loopback, by a door that no cable closes."""
        door = folder / f"{self.name}-{port}"
        here = [sys.executable, "-m", "tests.chaos.relay", f"unix:{door}", f"tcp:127.0.0.1:{port}"]
        there = [*here[:3], f"tcp:127.0.0.1:{port}", f"unix:{door}"]
        return [subprocess.Popen(here, cwd=ROOT), self.start(there, {**os.environ})]


@contextmanager
def machines(number: int) -> Iterator[list[Machine]]:
    """So many; none where networks may not be made."""
    found = [Machine(place) for place in range(number)]
    if os.geteuid() != 0 or not shutil.which("ip"):
        yield []
        return
    try:
        try:
            for machine in found:
                machine.build()
        except subprocess.CalledProcessError:
            yield []
        else:
            yield found
    finally:
        for machine in found:
            machine.remove()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
