"""Two senders in processes of their own on one database: each phone is rung once."""

import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.bench_import import postgres, sqlite
from tests.installation import ROOT

PHONES = 120
LAUNCH = """
import sys, django; django.setup()
from tests.bench_dispatch import account_of
from tests.calls.makers import make_campaign
account = account_of(sys.argv[1], 8, 3)
for part in range(2):
    make_campaign([f"7900{part}{number:06d}" for number in range(60)], account=account)
"""
SEND = """
import sys, django; django.setup()
from calls.models import Call
from calls.services import dispatch
print("ready", flush=True); sys.stdin.readline()
while Call.objects.filter(stage="planned").exists():
    dispatch.dispatch_due()
"""
COUNT = """
import django; django.setup()
from calls.models import Call, Campaign
from tests.calls.makers import counts_hold
assert all(counts_hold(campaign) for campaign in Campaign.objects.all())
print(Call.objects.filter(stage="accepted").count())
"""


@contextmanager
def counting():
    """A service that takes everything and counts whom it was asked to ring."""
    rung: Counter[str] = Counter()
    lock = threading.Lock()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                rung.update(asked["phones"])
            entries = [{"id": int(phone), "phone": phone} for phone in asked["phones"]]
            body = json.dumps({"status": "success", "data": entries}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/apiCalls", rung
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def python(code: str, env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("database", [sqlite, postgres])
def test_two_senders_never_ring_a_phone_twice(database):
    with counting() as (url, rung), database() as env:
        if not env:
            pytest.skip("no server here")
        python(LAUNCH, env, url)
        command = [sys.executable, "-c", SEND]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        senders = [subprocess.Popen(command, cwd=ROOT, env=env, **pipes) for _ in "ab"]
        for sender in senders:
            assert sender.stdout.readline() == "ready\n"
        for sender in senders:
            sender.stdin.write("go\n")
            sender.stdin.flush()
        for sender in senders:
            sender.communicate(timeout=120)
            assert sender.returncode == 0
        assert int(python(COUNT, env)) == PHONES
    assert len(rung) == PHONES
    assert set(rung.values()) == {1}
