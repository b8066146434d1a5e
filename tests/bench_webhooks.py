"""Webhooks taken by our server at 32 connections, beside a bare view of the same server.

The load is wrk's where it is installed (Debian: apt install wrk); its own process anyway.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.bench_import import Show, postgres, sqlite
from tests.installation import ROOT, two_free_ports, wait_for

SECONDS = 4
ROUNDS = 2
CONNECTIONS = 32
ORDER = "5e0ff4c5-2b3a-4a0e-9c3f-0d6f3c1d7f11"
SCRIPT = """
local said = '%s'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  local id = tostring(math.random(700001, 900000))
  return wrk.format(nil, nil, nil, (said:gsub("ID", id)))
end
"""
BODY = (
    '{"apiCalls": [{"id": ID, "plannedAt": null, "needRecording": 1, "webhookTry": 1, '
    '"webhookSent": 0, "comment": "' + "x" * 700 + '", "calls": [{"id": ID, '
    '"phone": "79000000001", "status": "finished", "ivrDigit": 2, "ivrAnswers": "|2|", '
    '"startedAt": 1763890004, "answeredAt": 1763890015, "finishedAt": 1763890049, '
    '"hangupCause": "NORMAL_CLEARING", "cost": "2.50", "createdAt": 1763890000, '
    '"updatedAt": 1763890049}]}]}'
)


def webhooks(show: Show) -> None:
    if shutil.which("wrk") is None:
        print("Webhooks are left out: no wrk here (Debian: apt install wrk)")
        return
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            measure(show, name, environment)


def measure(show: Show, name: str, environment: dict[str, str]) -> None:
    """In turns, so that a busy moment of the machine meets both."""
    token = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", MAKE],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    waits: list[tuple[float, float]] = []
    refused = 0
    with serving(environment) as url:
        paths = {"bare": "/bare/", "ours": f"/hooks/{token}/status/{ORDER}/"}
        for path in paths.values():
            load(url + path, 1)
        for _ in range(ROUNDS):
            for what, path in paths.items():
                told = load(url + path, SECONDS)
                rates[what].append(told["rate"])
                refused += int(told["refused"])
                if what == "ours":
                    waits.append((told["p50"], told["p99"]))
    bare, ours = (sum(found) / ROUNDS for found in rates.values())
    show(f"{name}: webhooks taken, requests/s", ours, "–")
    show(f"{name}: the bare view, requests/s", bare, "–")
    show(f"{name}: taken / bare", ours / bare, ">= 0.35")
    show(f"{name}: p50, ms", min(p50 for p50, _ in waits), "–")
    show(f"{name}: p99, ms", max(p99 for _, p99 in waits), "150")
    show(f"{name}: answers that are no 2xx, or none", refused, "0")


MAKE = (
    "from obzvon_site.accounts.models import ApiAccount as A;"
    "print(A.objects.create(name='bench', base_url='http://127.0.0.1:9/apiCalls').webhook_token)"
)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Gunicorn as the product starts it: one process, eight threads."""
    port = two_free_ports()
    command = [
        *(sys.executable, "-m", "gunicorn", "tests.bench_webhooks_site:application"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"),
        *("--worker-class", "gthread", "--keep-alive", "65", "--log-level", "error"),
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(url), seconds=60)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        return requests.post(f"{url}/bare/", b"{}", timeout=2).ok
    except requests.RequestException:
        return False


def load(url: str, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT % BODY)
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
        done = subprocess.run(
            [*command, "--latency", "-s", str(script), url],
            check=True,
            capture_output=True,
            text=True,
        )
    time.sleep(0.5)  # what still writes has ended before the next
    told = done.stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),  # type: ignore[index]
        "p50": milliseconds(told, "50%"),
        "p99": milliseconds(told, "99%"),
        "refused": int(errors[1] if errors else 0) + sum(map(int, lost.groups() if lost else ())),
    }


def milliseconds(told: str, part: str) -> float:
    found = re.search(rf"{part}\s+([\d.]+)(us|ms|s)", told)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0.0
