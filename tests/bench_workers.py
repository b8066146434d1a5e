"""The same campaign sent by 1, 2 and 4 workers of the distributed mode: more must not be slower.

Real processes (``manage.py worker``) on a PostgreSQL of their own; the service is the stub of
``bench_dispatch``, 50 ms an answer. Every worker gets a pass of its own, so that all of them want
the same rows at once. ``workers(show)``; as a module inside the database it prints JSON.
"""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench_dispatch import FIRST_PHONE, account_of, stub
from tests.bench_import import Show, postgres
from tests.installation import ROOT, wait_for

# connections, phones in an order, calls in all
SETTINGS = {"batches": (16, 100, 20_000), "singles": (32, 1, 2_000)}
WORKERS = (1, 2, 4)
ROUNDS = 2
_campaigns = itertools.count()


def workers(show: Show) -> None:
    """Rounds in turn, so that a busy moment of the machine meets all; of each the best."""
    with postgres() as environment:
        if not environment:
            print("Workers are left out: no PostgreSQL server here")
            return
        for kind in SETTINGS:
            rates = measured(kind, environment)
            for number, rate in rates.items():
                show(f"{kind}, {number} worker(s): calls/s", rate, "–")
            show(f"{kind}: 4 workers / 1", rates[4] / rates[1], ">= 1")


def measured(kind: str, environment: dict[str, str]) -> dict[int, float]:
    """Calls a second by number of workers."""
    command = [sys.executable, "-m", "tests.bench_workers", kind]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return {int(name): rate for name, rate in json.loads(done.stdout.splitlines()[-1]).items()}


def inside(kind: str) -> dict[int, float]:
    """Measure in the database that the environment names."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    found: dict[int, list[float]] = {number: [] for number in WORKERS}
    with stub() as url:
        for turn in range(ROUNDS):
            for number in WORKERS:
                found[number].append(rate_of(number, kind, url, f"{kind} {turn} {number}"))
    return {number: max(rates) for number, rates in found.items()}


def rate_of(number: int, kind: str, url: str, name: str) -> float:
    """Send one campaign by so many workers, and prove that each was rung once."""
    from calls.models import Call  # noqa: PLC0415
    from calls.tasks import dispatch_due  # noqa: PLC0415
    from obzvon_site.accounts.models import ApiAccount  # noqa: PLC0415
    from tests.calls.makers import counts_hold, make_campaign  # noqa: PLC0415

    connections, size, calls = SETTINGS[kind]
    account = account_of(url, connections, size, name=name)
    # A phone that rings already would have to wait: both kinds are measured in one database.
    first = FIRST_PHONE[kind] + 100_000 * next(_campaigns)
    campaign = make_campaign([str(first + place) for place in range(calls)], account=account)
    rows = Call.objects.filter(campaign=campaign)
    switch = ApiAccount.objects.filter(pk=account.pk)
    switch.update(is_active=False)  # until all workers are there
    with running(number):
        switch.update(is_active=True)
        began = time.monotonic()

        def is_sent() -> bool:
            """A pass ends after a while: then all of them begin another, as by the clock."""
            if not rows.filter(stage__in=["planned", "sending"]).exists():
                return True
            if not waiting().exists():
                for _ in range(number):
                    dispatch_due.enqueue()
            return False

        wait_for(is_sent, seconds=300)
        seconds = time.monotonic() - began
    accepted = rows.filter(stage="accepted")
    assert accepted.values("service_order_id").distinct().count() == calls
    assert counts_hold(campaign)
    campaign.refresh_from_db()
    return calls / seconds


def waiting() -> Any:
    """Jobs of the workers that have not ended."""
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    return ProcrastinateJob.objects.filter(queue_name="calls", status__in=["todo", "doing"])


@contextmanager
def running(number: int) -> Iterator[None]:
    """So many workers that have begun to look for work; nothing else waits for them."""
    from django.utils import timezone  # noqa: PLC0415

    from obzvon_site.accounts.models import Heartbeat  # noqa: PLC0415

    processes: list[subprocess.Popen[Any]] = [
        subprocess.Popen([sys.executable, "manage.py", "worker", "--queues", "calls"], cwd=ROOT)
        for _ in range(number)
    ]
    try:
        wait_for(lambda: Heartbeat.objects.alive(timezone.now()).count() == number, seconds=120)
        wait_for(lambda: not waiting().exists(), seconds=120)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(120)


if __name__ == "__main__":
    print(json.dumps(inside(sys.argv[1])))
