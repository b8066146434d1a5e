"""A PostgreSQL server of our own: a free port, a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import two_free_ports


class Server:
    """One server: where it answers, and how it is started anew."""

    def __init__(self, binaries: Path, owner: tuple[int, int], folder: Path) -> None:
        self.folder = folder
        self.port = two_free_ports()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._binaries = binaries
        self._data = f"{folder}/data"
        self._as_owner = {
            "user": owner[0],
            "group": owner[1],
            "cwd": folder,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }

    def make(self, *, networks: str = "") -> None:
        """An empty database; ``networks`` may reach it from outside."""
        options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
        self._run("initdb", "-D", self._data, *options)
        if networks:
            with Path(f"{self._data}/pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {networks} trust\n")

    def start(self, *, listen: str = "127.0.0.1", safe: bool = False) -> None:
        """``safe``: what was committed survives the server's own death."""
        options = f"-p {self.port} -h {listen} -k {self.folder}"
        options += "" if safe else " -c fsync=off -c full_page_writes=off"
        self._control("-l", f"{self.folder}/log", "-o", options, "start")

    def restart(self) -> None:
        """As after a crash: nobody is waited for. It is started again too where it has died."""
        self._control("-m", "immediate", "-l", f"{self.folder}/log", "restart")

    def is_running(self) -> bool:
        return not self._control("status", check=False)

    def stop(self) -> None:
        self._control("-m", "immediate", "stop", check=False)

    def _control(self, *arguments: str, check: bool = True) -> int:
        return self._run("pg_ctl", "-D", self._data, "-w", *arguments, check=check)

    def _run(self, name: str, *arguments: str, check: bool = True) -> int:
        command = [self._binaries / name, *arguments]
        return subprocess.run(command, check=check, **self._as_owner).returncode


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield its DATABASE_URL; yield "" where there are no server binaries."""
    with tempfile.TemporaryDirectory(prefix="obzvon-pg-") as folder:
        server = server_in(Path(folder))
        if server is None:
            yield ""
            return
        server.make()
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def server_in(folder: Path) -> Server | None:
    """A server that will live in an empty folder; None where there are no server binaries."""
    binaries, owner = _binaries(), _owner()
    if binaries is None or owner is None:
        return None
    os.chown(folder, *owner)
    return Server(binaries, owner, folder)


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _owner() -> tuple[int, int] | None:
    """The server refuses to run as root: then it runs as the package's own user."""
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return user.pw_uid, user.pw_gid
