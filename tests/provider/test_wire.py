"""Bad networks: what left, what may have left, how long it takes, and who sees the key."""

import io
import json
import socket
import time
import traceback

import pytest
import requests
import stamina

from obzvon_site.provider import limits, sessions
from obzvon_site.provider.errors import (
    Invalid,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unreachable,
)
from tests.provider.makers import (
    KEY,
    answering,
    http,
    make_client,
    make_order,
    serving,
    wrapped,
)

CREATED = http(wrapped([{"id": 700001, "phone": "79000000001"}]))


def drip(connection, server, data):
    """Send a byte at a time, for ever."""
    while not server.stopping.is_set():
        for byte in data:
            connection.sendall(bytes([byte]))
            if server.stopping.wait(0.02):
                return


def drip_body(connection, server):
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    drip(connection, server, b" ")


def drip_head(connection, server):
    server.read(connection)
    drip(connection, server, b"HTTP/1.1 200 OK\r\n")


def drip_endless_body(connection, server):
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n[]")
    drip(connection, server, b" ")


def silent(connection, server):
    server.read(connection)
    server.stopping.wait(5)


def reset(connection, server):
    server.read(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def hang_up(connection, server):
    server.read(connection)


def truncated(connection, server):
    server.read(connection)
    connection.sendall(CREATED[:-10])


@pytest.mark.parametrize("behave", [silent, drip_body, drip_head, drip_endless_body])
def test_a_slow_server_does_not_hold_us_past_the_deadline(behave):
    with serving(behave) as server:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            make_client(server.url, deadline=0.3).create(make_order())
        assert time.monotonic() - began < 1
        assert len(server.requests) == 1


@pytest.mark.parametrize("behave", [reset, hang_up, truncated])
def test_a_broken_answer_to_create_is_unknown_and_sent_once(behave):
    with serving(behave) as server:
        with pytest.raises(OutcomeUnknown):
            make_client(server.url).create(make_order())
        assert len(server.requests) == 1


def test_an_oversize_answer_is_dropped(monkeypatch):
    monkeypatch.setattr(limits, "ANSWER_BYTES", 1000)
    too_long = answering(http({"data": "x" * 2000}))
    with serving(too_long) as server, pytest.raises(OutcomeUnknown, match="over 1000 bytes"):
        make_client(server.url).create(make_order())


def test_a_refused_connection_never_left():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable):
        make_client(f"http://127.0.0.1:{port}/apiCalls").create(make_order())


def test_a_name_that_does_not_resolve_never_left(monkeypatch):
    def fail(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(Unreachable):
        make_client("http://nowhere.example/apiCalls").create(make_order())


@pytest.mark.parametrize("url", ["", "ftp://service.example", "http://", "http://[::1/apiCalls"])
def test_an_impossible_address_never_left(url):
    with pytest.raises(Unreachable):
        make_client(url).create(make_order())


def test_a_plain_server_at_an_https_address_never_got_the_request():
    with serving(answering(CREATED)) as server:
        with pytest.raises(Unreachable):
            make_client(server.url.replace("http:", "https:"), deadline=0.2).create(make_order())
        assert server.requests == []


def test_connections_are_kept_between_exchanges():
    with serving(answering(CREATED)) as server:
        client = make_client(server.url)
        for _ in range(3):
            client.create(make_order())
        assert (len(server.requests), server.connections) == (3, 1)


def test_a_kept_connection_that_died_leaves_create_unknown():
    def one_answer_then_reset(connection, server):
        server.read(connection)
        connection.sendall(CREATED)
        reset(connection, server)

    with serving(one_answer_then_reset) as server:
        client = make_client(server.url)
        client.create(make_order())
        with pytest.raises(OutcomeUnknown):
            client.create(make_order())
        assert len(server.requests) == 2  # never a third


def test_an_exchange_that_is_over_does_not_cut_the_next_one_on_its_connection():
    session = sessions.new_session()
    with serving(answering(CREATED)) as server:
        with sessions.watched(60) as first:
            session.post(server.url)
        with sessions.watched(60) as second:
            session.post(server.url)
            first.cut()
            assert session.post(server.url).status_code == 200
        assert server.connections == 1
        assert second.is_connected


def test_a_connection_made_beforehand_carries_the_next_request():
    with serving(answering(CREATED)) as server:
        client = make_client(server.url)
        client.connect()
        client.connect()
        assert server.requests == []
        client.create(make_order())
        assert server.connections == 1


def test_who_asks_is_told_right_before_the_first_byte_leaves():
    with serving(answering(CREATED)) as server:
        told = []
        client = make_client(server.url)
        client.create(make_order(), begin=lambda: told.append(len(server.requests)))
        assert told == [0]


def test_what_cannot_be_noted_does_not_leave():
    def full():
        raise OSError("no space")

    with serving(answering(CREATED)) as server:
        with pytest.raises(NotSent):
            make_client(server.url).create(make_order(), begin=full)
        assert server.requests == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "https://127.0.0.1:9", "http://[", "ftp://a"]
)
def test_nowhere_to_connect_is_said_by_the_request_alone(url):
    make_client(url).connect()


def test_a_connection_made_too_late_is_not_used():
    session = sessions.new_session()
    with serving(answering(CREATED)) as server, sessions.watched(60) as watch:
        watch.cut()
        with pytest.raises(requests.ConnectionError) as caught:
            session.post(server.url)
        assert sessions.never_left(caught.value, watch)
        assert server.requests == []


def test_a_hung_try_of_a_question_leaves_time_for_another():
    def hang_once(connection, server):
        server.read(connection)
        if len(server.requests) == 1:
            server.stopping.wait(5)
        connection.sendall(http(wrapped({"balance": "7"})))

    with serving(hang_once) as server, stamina.set_testing(True, attempts=3):
        assert make_client(server.url, deadline=0.6).user_info().balance == 7
        assert len(server.requests) == 2


def test_proxies_and_cookies_are_ignored(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    heads = []

    def behave(connection, server):
        for _ in range(2):
            heads.append(server.read(connection))
            head, body = CREATED.split(b"\r\n", 1)
            connection.sendall(head + b"\r\nSet-Cookie: session=1\r\n" + body)

    with serving(behave) as server:
        client = make_client(server.url)
        client.create(make_order())
        client.create(make_order())
    assert all(b"cookie" not in head.lower() for head in heads)


def test_a_file_is_streamed_as_a_form():
    class Spy(io.BytesIO):
        largest = 0

        def read(self, size=-1):
            assert size > 0  # never all at once
            self.largest = max(self.largest, size)
            return super().read(size)

    audio = Spy(b"skip" + b"RIFF" * 100_000)
    audio.seek(4)
    notes = []
    with serving(answering(http(wrapped({"id": 9})))) as server:
        client = make_client(server.url, on_exchange=notes.append)
        assert client.create_record("Привет", file=audio, file_name='а"b.wav').id == 9
    body = server.requests[0]
    assert b'name="apiKey"\r\n\r\n' + KEY.encode() in body
    assert 'name="name"\r\n\r\nПривет'.encode() in body
    assert b'name="source"\r\n\r\nfile' in body
    assert 'filename="а%22b.wav"'.encode() in body
    assert b"\r\n\r\n" + b"RIFF" * 100_000 + b"\r\n--" in body
    assert KEY not in notes[0].request


def leaks(error):
    """Everything that a log or an error page could show of an error and its causes."""
    seen = []
    while error is not None:
        seen += [repr(error), str(error), repr(vars(error)), repr(error.args)]
        error = error.__cause__ or error.__context__
    return "".join(seen)


@pytest.mark.parametrize(
    "answer",
    [
        http({"message": f"bad key {KEY}"}, status="403 Forbidden"),
        http({"errors": {"phone": [KEY]}}, status="422 X"),
        http(f"<html>{KEY}</html>".encode()),
        http({"data": [{"id": KEY}]}),
        CREATED[:-5],
    ],
)
def test_the_key_is_nowhere_to_be_seen(answer, caplog):
    def behave(connection, server):
        server.read(connection)
        connection.sendall(answer)

    notes = []
    caplog.set_level("DEBUG")
    with serving(behave) as server:
        client = make_client(server.url, on_exchange=notes.append)
        with pytest.raises(Exception) as caught:  # noqa: PT011
            client.create(make_order())
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + leaks(caught.value) + caplog.text + repr(notes) + repr(client)
    assert caught.value.__context__ is None or "requests" not in type(caught.value).__module__


def test_an_exchange_is_noted_with_its_outcome():
    notes = []
    with serving(answering(CREATED, http({}, status="403 X"), http("?"))) as server:
        client = make_client(server.url, on_exchange=notes.append)
        client.create(make_order())
        for _ in range(2):
            with pytest.raises(Exception):  # noqa: B017, PT011
                client.create(make_order())
    with pytest.raises(Unreachable):
        client.create(make_order())
    assert [(note.outcome, note.http_status) for note in notes] == [
        ("done", 200),
        ("refused", 403),
        ("unknown", 200),
        ("not_sent", None),
    ]
    assert json.loads(notes[0].request)["phones"] == ["79000000001"]
    assert "700001" in notes[0].answer
    assert notes[0].milliseconds >= 0
    assert notes[0].sent_at.tzinfo is not None


def test_a_note_that_cannot_be_kept_does_not_lose_the_answer(caplog):
    def fail(note):
        raise RuntimeError("the database is away")

    with serving(answering(CREATED)) as server:
        created = make_client(server.url, on_exchange=fail).create(make_order())
    assert created.calls[0].id == 700001
    assert "could not be kept" in caplog.text


SOUND = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 4\r\n\r\nRIFF"


def test_a_sound_is_fetched_without_the_key():
    heads, into = [], io.BytesIO()

    def behave(connection, server):
        heads.append(server.read(connection))
        connection.sendall(SOUND)

    with serving(behave) as server:
        url = server.url.replace("/apiCalls", "/files/1.wav")
        kind = make_client(server.url).fetch_sound(url, into, max_bytes=10)
    assert (kind, into.getvalue()) == ("audio/wav", b"RIFF")
    assert heads[0].startswith(b"GET /files/1.wav ")
    assert KEY.encode() not in heads[0]


def test_a_relative_address_of_a_sound_is_on_the_accounts_server():
    into = io.BytesIO()
    with serving(answering(SOUND)) as server:
        make_client(server.url).fetch_sound("/files/1.wav", into, max_bytes=10)
    assert into.getvalue() == b"RIFF"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/1.wav",
        "//other.example/1.wav",
        "https://service.example.other.example/1.wav",
        "https://service.example@other.example/1.wav",
        "https://user:pass@service.example/1.wav",
        "https://service.example:22/1.wav",
        "file:///etc/passwd",
        "ftp://service.example/1.wav",
        "https://[::1/1.wav",
        "https://service.example:port/1.wav",
    ],
)
def test_a_sound_elsewhere_is_not_fetched(url):
    with pytest.raises(Invalid):
        make_client().fetch_sound(url, io.BytesIO(), max_bytes=10)


def test_a_sound_too_large_or_missing_is_an_error():
    with serving(answering(SOUND, http({}, status="404 Not Found"))) as server:
        client = make_client(server.url)
        with pytest.raises(OutcomeUnknown, match="over 3 bytes"):
            client.fetch_sound(server.url, io.BytesIO(), max_bytes=3)
        with pytest.raises(NotFound):
            client.fetch_sound(server.url, io.BytesIO(), max_bytes=10)
