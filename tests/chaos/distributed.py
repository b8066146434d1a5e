"""The distributed mode: PostgreSQL, and workers on machines of their own beside the first one."""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.chaos.network import Machine, machines
from tests.chaos.run import leave_out
from tests.chaos.troubles import Troubles
from tests.chaos.world import World, small_disk
from tests.installation import ROOT
from tests.postgres import Server, server_in

NETWORKS = "10.0.0.0/8"
FAR = 2  # workers behind cables
NEAR = 1  # more workers beside those of `manage.py up`


class Engine:
    """The database and the machines around it."""

    def __init__(self, server: Server, far: list[Machine], *, is_small_disk: bool) -> None:
        self.server = server
        self.url = server.url
        self.far = far
        self.is_small_disk = is_small_disk
        self.dice = random.Random(1)
        self.keepers: list[Keeper] = []
        self._turn = threading.Lock()

    def join(self, world: World, doing: Troubles) -> None:
        """Start the further workers, and say how the database is tormented."""
        keys = {
            "SECRET_KEY": (world.data / "secret-key").read_text().strip(),
            "OBZVON_FIELD_KEYS": (world.data / "field-key").read_text().strip(),
        }
        for place, machine in enumerate([*self.far, *([None] * NEAR)]):
            folder = world.folder / f"machine-{place}"
            folder.mkdir()
            environment = {**os.environ, **world.environment, **keys, "DATA_DIR": str(folder)}
            if machine is not None:
                environment["DATABASE_URL"] = self.url.replace("127.0.0.1", machine.gateway)
                for emulator in world.emulators:
                    port = int(emulator.root.rpartition(":")[2])
                    world.others += machine.reach(port, world.folder)
            log = world.folder / f"machine-{place}.log"
            self.keepers.append(Keeper(world, machine, environment, log))
        for keeper in self.keepers:
            keeper.start()
        doing.restart_database = self.restart
        doing.drop_connections = self.drop
        doing.cut = self.cut if self.far else None
        if self.is_small_disk:
            doing.disks.append(self.server.folder)
            doing.after_disk = self.revive

    def restart(self) -> None:
        with self._turn, suppress(subprocess.CalledProcessError):
            self.server.restart()  # where the disk is full it fails, and is revived afterwards

    def revive(self) -> None:
        """What a person does after a disk was full: starts the database again if it has died."""
        with self._turn:
            if not self.server.is_running():
                self.server.restart()

    def drop(self) -> int:
        """End every third session, whatever it is doing."""
        with suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True) as own:
            sessions = own.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid"
            ).fetchall()
            chosen = self.dice.sample(sessions, (len(sessions) + 2) // 3)
            for (pid,) in chosen:
                own.execute("SELECT pg_terminate_backend(%s)", [pid])
            return len(chosen)
        return 0

    def cut(self, seconds: float) -> bool:
        """Both far machines lose the database; the service they still reach."""
        for machine in self.far:
            machine.plug(is_in=False)
        time.sleep(seconds)
        for machine in self.far:
            machine.plug(is_in=True)
        return True

    def end(self) -> None:
        for keeper in self.keepers:
            keeper.stopped.set()
        for keeper in self.keepers:
            keeper.join()


class Keeper(threading.Thread):
    """Keeps one worker of another machine alive, as its own system would."""

    def __init__(
        self, world: World, machine: Machine | None, environment: dict[str, str], log: Path
    ) -> None:
        super().__init__(daemon=True)
        self.world, self.machine, self.environment = world, machine, environment
        self.log = log
        self.stopped = threading.Event()

    def run(self) -> None:
        command = worker_command("calls")
        while not self.stopped.is_set():
            with self.log.open("ab") as log:
                prefix = ["ip", "netns", "exec", self.machine.name] if self.machine else []
                process = subprocess.Popen(
                    [*prefix, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
                )
            self.world.others.append(process)
            while process.poll() is None and not self.stopped.wait(0.2):
                pass
            self.stopped.wait(1)
        process.kill()
        process.wait()


def worker_command(queue: str) -> list[str]:
    """How one worker is started."""
    return [sys.executable, "manage.py", "worker", "--queues", queue]


@contextmanager
def engine() -> Iterator[Engine | None]:
    """A server on a small disk and a few networks; None where there is no server."""
    with tempfile.TemporaryDirectory(prefix="obzvon-chaos-pg-") as name, machines(FAR) as far:
        folder = Path(name)
        with small_disk(folder, "600m") as is_small:
            server = server_in(folder)
            if server is None:
                yield None
                return
            server.make(networks=NETWORKS)
            server.start(listen="0.0.0.0", safe=True)  # noqa: S104  # for our own networks
            found = Engine(server, far, is_small_disk=is_small)
            if not far:
                leave_out("workers in networks of their own: none may be made here (it needs root)")
            try:
                yield found
            finally:
                found.end()
                server.stop()
