"""A PostgreSQL server of our own: a free port, a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield its DATABASE_URL; yield "" where there are no server binaries."""
    binaries = _binaries()
    owner = _owner()
    if binaries is None or owner is None:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="obzvon-pg-") as folder:
        os.chown(folder, *owner)
        port = _free_port()
        data = f"{folder}/data"
        as_owner = {
            "user": owner[0],
            "group": owner[1],
            "cwd": folder,
            "stdout": subprocess.DEVNULL,
        }
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            **as_owner,
        )
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off"
        control = [binaries / "pg_ctl", "-D", data, "-w"]
        subprocess.run(
            [*control, "-l", f"{folder}/log", "-o", options, "start"], check=True, **as_owner
        )
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, **as_owner)


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
