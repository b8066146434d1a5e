"""A worker asked to stop while it sends: nothing new goes out, nothing comes into doubt."""

import json
import signal
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.engine.world import on_postgresql, on_sqlite
from tests.installation import wait_for

pytestmark = pytest.mark.slow
CONNECTIONS = 2
PEOPLE = 12

PREPARE = """
from calls.tasks import dispatch_due
from obzvon_site.common.secrets import seal
from tests.calls.makers import make_campaign
from tests.factories import make_account
account = make_account(base_url={url!r}, use_duty_phone=True, connections={connections},
    phones_per_order=1, calls_per_minute=1_000_000, sealed_key=seal("K" * 60))
make_campaign({people}, account=account)
dispatch_due.enqueue()
"""
TELL = """
import json
from calls.models import Call, Order
print(json.dumps([list(model.objects.values_list(name, flat=True)) for model, name in
    ((Call, "stage"), (Order, "state"))]))
"""


class Service:
    """Answers nobody until it is let go; knows who has asked."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.rung: list[str] = []


@contextmanager
def service():
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            phones = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["phones"]
            told.rung += phones
            assert told.go.wait(120)
            entries = [{"id": int(phone), "phone": phone} for phone in phones]
            body = json.dumps({"status": "success", "data": entries}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told, f"http://127.0.0.1:{server.server_address[1]}/apiCalls"
        finally:
            told.go.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("place", "how"),
    [
        (on_sqlite, {"command": "embedded_worker", "arguments": ["calls"]}),
        (on_postgresql, {"command": "worker", "arguments": ["--queues", "calls"]}),
    ],
    ids=["embedded", "distributed"],
)
def test_what_was_asked_is_heard_out_and_nothing_more_is_asked(tmp_path, place, how):
    with place(tmp_path) as world, service() as (told, url):
        world.python(PREPARE.format(url=url, connections=CONNECTIONS, people=PEOPLE))
        worker = world.worker(*how["arguments"], command=how["command"])
        wait_for(lambda: told.rung, seconds=90, else_say=(world.folder / "log").read_text)
        worker.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(1)  # it waits for answers
        told.go.set()
        assert worker.wait(60) == 0
        calls, orders = json.loads(world.python(TELL))
        assert len(told.rung) <= CONNECTIONS
        assert sorted(calls) == sorted(
            ["accepted"] * len(told.rung) + ["planned"] * (PEOPLE - len(told.rung))
        )
        assert set(orders) == {"answered"}
