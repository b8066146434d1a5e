"""Figures the product promises, beside their limits: ``make bench``.

One part alone: ``python -m tests.bench import``, with a name of PARTS.
Wall-clock figures of a noisy machine: compare runs, do not assert.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tests.bench_campaign import campaigns
from tests.bench_dispatch import dispatches
from tests.bench_editor import editor
from tests.bench_import import imports, journal, workbook
from tests.bench_prepare import prepares
from tests.bench_recordings import archive
from tests.bench_sync import syncs
from tests.bench_webhooks import webhooks
from tests.bench_workers import workers
from tests.emulator import running_emulator
from tests.installation import Installation, start, two_free_ports, wait_for

RUNS = 3


def main() -> None:
    asked = sys.argv[1:] or PARTS
    for name in asked:
        PARTS[name]()


def draw() -> None:
    if shutil.which("chromium"):
        editor(show)
    else:
        print("The editor is left out: no chromium here (Debian: apt install chromium)")


def contacts() -> None:
    imports(show)
    workbook(show)
    journal(show)


def start_and_stop() -> None:
    """From `make run` to the first page, first and later, and to the end of all children."""
    with tempfile.TemporaryDirectory() as folder:
        first, _ = once(Path(folder))
        later = [once(Path(folder)) for _ in range(RUNS)]
    warm = sorted(page for page, _ in later)
    stops = sorted(stop for _, stop in later)
    show("first start to the first page, s", first, "60 beyond the download")
    show("warm start to the first page, s (median)", warm[RUNS // 2], "3")
    show("everything stopped, s (worst)", stops[-1], "10")


def once(data: Path) -> tuple[float, float]:
    port = two_free_ports()
    began = time.monotonic()
    installation = Installation(start(data, port), data, port)
    wait_for(lambda: answers(f"{installation.url}/login/"), seconds=60)
    page = time.monotonic() - began
    installation.wait_for_line("^obzvon ready: ")
    return page, installation.stop()


def idle_calls() -> None:
    """200,000 calls in the emulator: what they cost to make, to ask about and to leave alone."""
    with running_emulator(speed=1) as emulator:
        body = {"apiKey": emulator.key, "dutyPhone": 1, "record": {"text": "а"}}
        emulator.control("balance", balance=10_000_000)
        began = time.monotonic()
        for order in range(40):
            phones = [f"79{order:02d}{number:07d}" for number in range(5000)]
            requests.post(f"{emulator.url}/create", json={**body, "phones": phones}, timeout=60)
        show("200,000 calls made, s", time.monotonic() - began, "–")
        ids = list(range(700_001, 700_501))
        began = time.monotonic()
        requests.post(
            f"{emulator.url}/get", json={"apiKey": emulator.key, "apiCallIdList": ids}, timeout=60
        )
        show("500 of them asked about, s", time.monotonic() - began, "–")
        before = cpu_of(emulator.process.pid)
        time.sleep(5)
        show("CPU while idle, % of a core", (cpu_of(emulator.process.pid) - before) / 5 * 100, "0")


def cpu_of(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def show(what: str, figure: float, limit: str) -> None:
    print(f"{what:45} {figure:8.2f}   limit {limit}", flush=True)


PARTS: dict[str, Callable[[], None]] = {
    "start": start_and_stop,
    "emulator": idle_calls,
    "import": contacts,
    "prepare": lambda: prepares(show),
    "campaign": lambda: campaigns(show),
    "sync": lambda: syncs(show),
    "dispatch": lambda: dispatches(show),
    "workers": lambda: workers(show),
    "webhooks": lambda: webhooks(show),
    "recordings": lambda: archive(show),
    "editor": draw,
}

if __name__ == "__main__":
    main()
