"""What the emulator posts is what our readers read; it repeats until 200."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from obzvon_site.provider.payloads import CallOrder, Message, Sound, Step
from obzvon_site.provider.replies import read_status_webhook, read_step_webhook
from tests.installation import wait_for


class Listener(HTTPServer):
    """Keeps what is posted and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.posted: list[tuple[str, dict]] = []
        self.refusals = 0
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def bodies(self, path: str) -> list[dict]:
        return [body for where, body in list(self.posted) if where == path]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posted.append((self.path, body))
        is_refused = self.server.refusals > 0
        self.server.refusals -= is_refused
        self.send_response(204 if is_refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        """Silence."""


@pytest.fixture
def listener():
    server = Listener()
    yield server
    server.shutdown()
    server.server_close()


def order(listener, *phones, steps=()):
    message = Message(Sound(text="Меню"), steps=steps).as_json()
    return CallOrder(phones=phones, message=message, webhook_url=f"{listener.url}/status")


def test_the_end_of_a_call_is_posted_and_read(client, listener):
    (made,) = client.create(order(listener, "79000000001")).calls

    def final():
        for body in listener.bodies("/status"):
            for item in read_status_webhook(body):
                if item.id == made.id and item.calls[0].is_final:
                    return item
        return None

    item = wait_for(final, seconds=10)
    assert item.phone == "79000000001"
    assert item.calls[0].status == "finished"


def test_one_request_carries_many_calls(client, listener):
    phones = [f"7900000{number:02d}01" for number in range(20)]
    client.create(order(listener, *phones))
    wait_for(
        lambda: any(len(body["apiCalls"]) > 1 for body in listener.bodies("/status")), seconds=10
    )


def test_it_is_repeated_until_the_answer_is_exactly_200(client, listener):
    listener.refusals = 2
    client.create(order(listener, "79000000001"))
    wait_for(lambda: len(listener.bodies("/status")) >= 3, seconds=15)
    tries = [body["apiCalls"][0]["webhookTry"] for body in listener.bodies("/status")]
    assert tries == sorted(tries)
    assert tries[-1] >= 2


def test_a_step_posts_its_parameters_and_the_answer(client, listener):
    step = Step(digit=3, webhook_url=f"{listener.url}/step", webhook_parameters={"deal": "7"})
    (made,) = client.create(order(listener, "79000000001", steps=(step,))).calls
    wait_for(lambda: listener.bodies("/step"), seconds=10)
    said = read_step_webhook(listener.bodies("/step")[0])
    assert (said.phone, said.answer, said.order_id) == ("79000000001", "3", made.id)
    assert said.parameters == {"deal": "7"}
