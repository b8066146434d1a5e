"""The doctor's words about the public address; small servers stand in for nginx."""

import socket

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import WebhookEvent
from obzvon_site.common import reaching
from obzvon_site.doctor.address import EXPECTED, PROBE, address
from tests.calls.services.servers import answering, request_of, server
from tests.factories import make_account

pytestmark = pytest.mark.django_db
OURS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"


def found(settings, url: str, **options) -> dict[str, tuple[str, str]]:
    settings.PUBLIC_URL = url
    findings = address(timezone.now(), **options)
    return {one.code: (one.state, f"{one.sentence} {one.advice}") for one in findings}


def reply(code: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *lines, "", ""])
    return head.encode() + body


def test_nobodys_webhook_is_answered_by_our_own_view_and_kept_nowhere():
    answer = Client().post(PROBE, b"{}", content_type="application/json")
    assert (answer.status_code, answer.content) == EXPECTED
    assert not WebhookEvent.objects.exists()


def test_our_own_answer_is_recognised(settings):
    with server(answering(OURS)) as (url, heard):
        told = found(settings, url)
    assert told["address.answers"][0] == "ok"
    assert heard[0].startswith(b"POST /hooks/doctor/step/ ")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (reply(200, b"hello"), "/hooks/"),
        (reply(301, Location="https://elsewhere.example/"), "https://elsewhere.example/"),
        (reply(400), "OBZVON_HOSTS"),
        (reply(502), "веб-процесс"),
        (reply(404, b"<h1>nginx</h1>"), "/hooks/"),
    ],
)
def test_somebody_elses_answer_is_bad_and_says_what_to_look_at(settings, said, words):
    with server(answering(said)) as (url, _):
        state, sentence = found(settings, url)["address.answers"]
    assert state == "bad"
    assert words in sentence


def test_a_silent_address_ends_at_its_deadline(settings, monkeypatch):
    monkeypatch.setattr(reaching, "EXCHANGE_SECONDS", 0.2)

    def silent(connection) -> bytes:
        heard = request_of(connection)
        connection.recv(1)  # until the doctor has gone
        return heard

    with server(silent) as (url, _):
        state, sentence = found(settings, url)["address.answers"]
    assert state == "bad"
    assert "не отвечает" in sentence


def test_a_closed_port_is_a_sentence(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert found(settings, f"http://127.0.0.1:{port}")["address.answers"][0] == "bad"


def test_an_address_that_only_the_inside_hears_is_no_trouble_when_news_come(settings):
    account = make_account(base_url="https://api.example.com/apiCalls")
    WebhookEvent.objects.create(
        account=account, kind="status", body="{}", received_at=timezone.now()
    )
    with server(answering(b"nonsense")) as (url, _):
        assert found(settings, url)["address.answers"][0] == "warning"


def test_the_emulator_needs_no_public_address(settings):
    make_account(base_url="http://127.0.0.1:9/apiCalls")
    with server(answering(OURS)) as (url, _):
        told = found(settings, url)
    assert {code: state for code, (state, _) in told.items()} == {
        "address.public": "ok",
        "address.answers": "ok",
    }


def test_a_real_service_cannot_reach_a_private_address(settings):
    make_account(base_url="https://api.example.com/apiCalls")
    with server(answering(OURS)) as (url, _):
        state, sentence = found(settings, url)["address.public"]
    assert state == "bad"
    assert "PUBLIC_URL" in sentence


def test_http_outside_of_this_machine_is_a_warning(settings, monkeypatch):
    def resolve(*_args, **_kwargs):
        return [(2, 1, 6, "", ("93.184.216.34", 80))]

    monkeypatch.setattr(reaching, "post", lambda *_a, **_k: reaching.Answer(404, "", b"", "utf-8"))
    told = found(settings, "http://calls.example.com", resolve=resolve)
    assert told["address.public"][0] == "ok"
    assert told["address.https"][0] == "warning"
    told = found(settings, "https://calls.example.com", resolve=resolve)
    assert "address.https" not in told


def test_a_name_that_is_not_found_is_a_sentence(settings):
    def resolve(*_args, **_kwargs):
        raise OSError

    told = found(settings, "https://nowhere.example.com", resolve=resolve)
    assert told["address.public"][0] == "bad"
    assert "nowhere.example.com" in told["address.public"][1]
