"""Sending beside its own ceiling: the same requests by the same pool, without a database.

``dispatches(show)`` for both databases; as a module inside one of them it prints a line of JSON.
The service is a stub in a process of its own that answers each ``create`` after 50 ms.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from obzvon_site.common import garbage
from tests.bench_import import Show, postgres, sqlite
from tests.installation import ROOT

ANSWER_SECONDS = 0.05
# connections, phones in an order, calls in all
SETTINGS = {"batches": (16, 100, 20_000), "singles": (32, 1, 2_000)}
# What is still ringing is not rung by another call: each kind has its own people.
FIRST_PHONE = {"batches": 79_000_000_000, "singles": 79_500_000_000}


def dispatches(show: Show) -> None:
    """Batches and single calls on each database, beside the ceiling of the same minute."""
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            for kind, goal in (("batches", "0.80"), ("singles", "0.75")):
                told = in_database(kind, environment)
                where = f"{name}, {kind}:"
                show(f"{where} theory, calls/s", told["theory"], "–")
                show(f"{where} ceiling without database", told["ceiling"], "–")
                show(f"{where} ours with the ledger", told["ours"], "–")
                show(f"{where} ours / ceiling", told["ours"] / told["ceiling"], goal)
                show(f"{where} CPU ms per call", told["cpu"], "0.1" if kind == "batches" else "–")
                show(f"{where} writing, share of time", told["writing"], "0.05")


def in_database(kind: str, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench_dispatch", kind]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def inside(kind: str) -> dict[str, float]:
    """Measure in the database that the environment names, and prove that each was rung once."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    garbage.look_seldom()  # as a worker does
    connections, size, calls = SETTINGS[kind]
    with stub() as url:
        account = account_of(url, connections, size, name=kind)
        first, warm = FIRST_PHONE[kind], connections * size
        # What a sender does once in its life, as reading the year's holidays, is no part of it.
        seconds_of_bare(account, connections, size, warm)
        seconds_of_ours(account, range(first, first + warm))
        ceiling = calls / seconds_of_bare(account, connections, size, calls)
        told = seconds_of_ours(account, range(first + warm, first + warm + calls))
    theory = connections * size / ANSWER_SECONDS
    return {"theory": theory, "ceiling": ceiling, **told}


def account_of(url: str, connections: int, size: int, **fields: Any) -> Any:
    from obzvon_site.common.secrets import seal  # noqa: PLC0415
    from tests.factories import make_account  # noqa: PLC0415

    return make_account(
        base_url=url,
        sealed_key=seal("K" * 56 + "test"),
        use_duty_phone=True,
        connections=connections,
        phones_per_order=size,
        calls_per_minute=10_000_000,
        **fields,
    )


def seconds_of_bare(account: Any, connections: int, size: int, calls: int) -> float:
    """The ceiling: our client and as many threads, and nothing is written."""
    from obzvon_site.accounts.clients import client_for  # noqa: PLC0415
    from obzvon_site.provider.payloads import CallOrder  # noqa: PLC0415

    notes: list[Any] = []
    client = client_for(account, keep=notes.append)
    orders = [
        CallOrder(
            phones=tuple(f"79{number:09d}" for number in range(start, start + size)),
            message={"record": {"text": "Здравствуйте!", "gender": 0}},
            webhook_url=account.step_webhook_url(),
        )
        for start in range(0, calls, size)
    ]
    with ThreadPoolExecutor(connections) as pool:
        began = time.monotonic()
        list(pool.map(client.create, orders))
        return time.monotonic() - began


def seconds_of_ours(account: Any, phones: range) -> dict[str, float]:
    from calls.models import Call  # noqa: PLC0415
    from calls.services import dispatch  # noqa: PLC0415
    from tests.calls.makers import counts_hold, make_campaign  # noqa: PLC0415

    # Moments of one launch; its clock is that of the tests.
    campaign, calls = make_campaign([str(phone) for phone in phones], account=account), len(phones)
    writing = spent_in(dispatch, ("take_some", "write_together", "write"))
    began, cpu = time.monotonic(), time.process_time()
    while Call.objects.filter(campaign=campaign, stage="planned").exists():
        dispatch.dispatch_due()
    seconds, spent = time.monotonic() - began, time.process_time() - cpu
    accepted = Call.objects.filter(campaign=campaign, stage="accepted")
    assert accepted.values("service_order_id").distinct().count() == calls
    assert counts_hold(campaign)
    return {
        "ours": calls / seconds,
        "cpu": spent * 1000 / calls,
        "writing": writing[0] / seconds,
    }


def spent_in(module: Any, names: tuple[str, ...]) -> list[float]:
    """Seconds spent in functions of a module, from now on."""
    spent = [0.0]

    def timed(function: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            began = time.monotonic()
            try:
                return function(*args, **kwargs)
            finally:
                spent[0] += time.monotonic() - began

        return run

    for name in names:
        setattr(module, name, timed(getattr(module, name)))
    return spent


@contextmanager
def stub() -> Iterator[str]:
    """A service that takes everything, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench_dispatch", "stub"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/apiCalls"
    finally:
        process.kill()
        process.wait()


class Answering(BaseHTTPRequestHandler):
    """Each phone gets a number: itself, so that a second call to it would be seen."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(ANSWER_SECONDS)
        entries = [{"id": int(phone), "phone": phone} for phone in asked["phones"]]
        body = json.dumps({"status": "success", "data": entries}).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def log_message(self, *_args: Any) -> None:
        pass


def serve() -> None:
    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Answering)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "stub":
        serve()
    else:
        print(json.dumps(inside(sys.argv[1])))
