"""Workers that are killed in the middle of an import, for real: nothing is lost or doubled."""

import json
import signal
import subprocess
import sys

import pytest

from tests.bench_import import postgres, sqlite
from tests.calls.services.imports.makers import many
from tests.installation import ROOT, wait_for

pytestmark = pytest.mark.slow
ROWS, AGAIN, WRONG = 40_000, 100, 3


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.calls.services.imports.killed", *words]


def told(environment: dict[str, str]) -> dict:
    asked = command("told", "-")
    pipe = subprocess.PIPE
    answer = subprocess.run(asked, cwd=ROOT, env=environment, check=True, stdout=pipe)
    return json.loads(answer.stdout)


def kill_after(rows: int, environment: dict[str, str]) -> None:
    """Let a worker begin, and kill it when it has got some way."""
    with subprocess.Popen(command("run", "100"), cwd=ROOT, env=environment) as worker:
        try:
            wait_for(lambda: told(environment)["added"] > rows, seconds=120)
        finally:
            worker.send_signal(signal.SIGKILL)
    assert worker.returncode == -signal.SIGKILL


@pytest.mark.parametrize("database", [sqlite, postgres])
def test_killed_workers_lose_and_double_nothing(database, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Телефон;Имя\n" + many(ROWS) + many(AGAIN) + "12;нет\n" * WRONG)
    with database() as environment:
        if not environment:
            pytest.skip("no server of this kind here")
        subprocess.run(command("upload", str(file)), cwd=ROOT, env=environment, check=True)
        kill_after(0, environment)
        first = told(environment)
        kill_after(first["added"] + 300, environment)
        second = told(environment)
        for half in (first, second):
            assert half["state"] == "running"
            assert half["contacts"] == half["added"] < ROWS
        subprocess.run(command("run", "20000"), cwd=ROOT, env=environment, check=True)
        assert told(environment) == {
            "state": "done",
            "rows": ROWS + AGAIN + WRONG,
            "added": ROWS,
            "bad": WRONG,
            "repeats": AGAIN,
            "contacts": ROWS,
            "bad_rows": AGAIN + WRONG,
        }
