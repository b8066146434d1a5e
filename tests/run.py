"""Run every test that this machine allows, and say loudly what was left out.

``python -m tests.run`` is `make test`. ``--all`` refuses to leave anything out (CI).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.postgres import running_postgres

ROOT = Path(__file__).resolve().parent.parent
FAST = ["-m", "not slow", "-n", "2"]
SLOW = ["-m", "slow", "-n", "2", "--dist", "loadfile"]


class Run:
    """Legs that passed, failed or were left out, with the reason."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []
        self.left_out: list[str] = []

    def leg(
        self, name: str, arguments: list[str], *, python: str = sys.executable, **env: str
    ) -> None:
        print(f"\n=== {name} ===", flush=True)
        began = time.monotonic()
        command = [python, "-m", "pytest", "-q", *arguments]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=False).returncode
        line = f"{name}, {time.monotonic() - began:.0f} s"
        (self.failed if code else self.passed).append(line)

    def leave_out(self, name: str, reason: str) -> None:
        self.left_out.append(f"{name}: {reason}")

    def report(self, *, refuse: bool) -> int:
        print("\n" + "=" * 78)
        for title, lines in (
            ("passed", self.passed),
            ("FAILED", self.failed),
            ("LEFT OUT", self.left_out),
        ):
            for line in lines:
                print(f"{title:9} {line}")
        print("=" * 78, flush=True)
        if self.left_out and refuse:
            print("Something was left out, and --all forbids that.")
        return 1 if self.failed or (self.left_out and refuse) else 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--all", action="store_true", help="fail if anything is left out")
    everything = arguments.parse_args().all
    run = Run()
    manage("messages")
    run.leg("SQLite", FAST)
    browser_leg(run)
    postgres_leg(run)
    next_leg(run)
    return run.report(refuse=everything)


def manage(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": folder},
            check=True,
        )


def browser_leg(run: Run) -> None:
    """Pages in a real browser, and whole processes; chromium comes from apt when we are root."""
    if not shutil.which("chromium") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("\nInstalling chromium with apt …", flush=True)
        for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, stdout=subprocess.DEVNULL)
    if shutil.which("chromium"):
        run.leg("Browser and processes", SLOW)
    else:
        run.leave_out("Pages in a browser", "no chromium here (Debian: apt install chromium)")
        run.leg("Processes", [*SLOW, "--ignore", "tests/pages"])


def postgres_leg(run: Run) -> None:
    """The same fast tests on PostgreSQL, on a server of our own in a temporary folder."""
    with running_postgres() as url:
        if url:
            run.leg("PostgreSQL", FAST, DATABASE_URL=url)
        else:
            run.leave_out("PostgreSQL", "no server here (Debian: apt install postgresql)")


def next_leg(run: Run) -> None:
    """The next Django on the next Python, where that Python is."""
    python = next_python()
    name = "Django 6.1 on Python 3.13"
    if not python:
        print(f"\n{name}: no Python 3.13 here, which is fine.")
        return
    folder = ROOT / ".venv-next"
    lock = ROOT / "requirements-next.lock"
    ready = folder / "ready"
    if not ready.is_file() or ready.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["./setup.sh", str(folder), str(lock), python], cwd=ROOT, check=True)
        ready.touch()
    run.leg(name, FAST, python=str(folder / "bin" / "python"))


def next_python() -> str:
    """A Python 3.13 that works: on the path, or kept by pyenv without being chosen."""
    candidates = [shutil.which("python3.13") or ""]
    candidates += map(str, Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"))
    for candidate in filter(None, candidates):
        if not subprocess.run([candidate, "-c", ""], check=False, capture_output=True).returncode:
            return candidate
    return ""


if __name__ == "__main__":
    sys.exit(main())
