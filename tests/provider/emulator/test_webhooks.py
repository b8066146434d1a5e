"""What befalls news on their way from the emulator."""

import json

import pytest

from obzvon_site.provider.emulator.faults import Faults
from obzvon_site.provider.emulator.methods import Service
from obzvon_site.provider.emulator.store import Store, clock
from obzvon_site.provider.emulator.webhooks import Poster
from tests.calls.services.servers import OK, answering, server


@pytest.fixture
def service(tmp_path):
    store = Store(tmp_path / "emulator.sqlite3", 1000)
    yield Service(store, tmp_path, "key", speed=1)
    store.close()


def statuses(heard) -> list[str]:
    """What was posted of the only call, in the order of its arrival."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in heard]
    return [body["apiCalls"][0]["calls"][0]["status"] for body in bodies]


@pytest.mark.parametrize(
    ("faults", "posted"),
    [
        ("", ["started", "finished"]),
        ("lost,count=1", ["finished"]),
        ("repeated,count=1", ["started", "started", "finished"]),
        ("late,count=1,seconds=60", ["finished", "started"]),
    ],
)
def test_news_come_as_the_trouble_wants(service, faults, posted):
    poster = Poster(service, Faults(faults, seed=1))
    with server(answering(OK)) as (url, heard):
        body = {"apiKey": "key", "dutyPhone": 1, "record": {"text": "Да", "gender": 0}}
        service.answer("create", {**body, "phone": "79000000001", "webhookUrl": url}, None)
        poster.post_due(clock() + 0.5)
        poster.post_due(clock() + 300)
    assert statuses(heard) == posted
