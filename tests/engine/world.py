"""A place for real workers: processes of their own around a database of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installation import ROOT, wait_for
from tests.postgres import running_postgres


class World:
    """A migrated database of its own, a folder for marks, and the workers of a test.

    Without an address the database is SQLite in the folder.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen] = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "obzvon_site.settings",
            "DATA_DIR": str(folder),
            **({"DATABASE_URL": url} if url else {}),
        }
        self.manage("migrate", "-v0")

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def python(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-v0", "-c", code)

    def worker(self, *arguments: str, command: str = "worker") -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "manage.py", command, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.workers.append(started)
        return started

    def wait_for_file(self, name: str, seconds: float = 90) -> Path:
        path = self.folder / name
        return wait_for(
            lambda: path if path.exists() and path.read_text() else None,
            seconds=seconds,
            else_say=(self.folder / "log").read_text,
        )

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


@contextmanager
def on_postgresql(folder: Path) -> Iterator[World]:
    with running_postgres() as url:
        if not url:
            pytest.skip("no PostgreSQL server here")
        world = World(url, folder)
        try:
            yield world
        finally:
            world.end()


@contextmanager
def on_sqlite(folder: Path) -> Iterator[World]:
    world = World("", folder)
    try:
        yield world
    finally:
        world.end()
