"""A client, an order, and a server that does exactly what a test says."""

import json
import socket
import threading
from contextlib import contextmanager, suppress

from obzvon_site.provider import sessions
from obzvon_site.provider.client import ProviderClient
from obzvon_site.provider.payloads import CallOrder, Message, Sound

KEY = "Zx9" * 20  # 60 letters and digits, as the service's keys are
BASE = "https://service.example/apiCalls"
PHONE = "79000000001"


def make_client(base_url=BASE, **options) -> ProviderClient:
    options.setdefault("session", sessions.new_session())
    options.setdefault("deadline", 2.0)
    return ProviderClient(base_url, KEY, **options)


def make_order(*phones, **fields) -> CallOrder:
    fields.setdefault("message", Message(Sound(id=5)).as_json())
    fields.setdefault("outgoing_phone", "74950000001")
    return CallOrder(phones=phones or (PHONE,), **fields)


def wrapped(data) -> dict:
    return {"status": "success", "data": data}


def http(body, *, status="200 OK", length=None) -> bytes:
    """A whole answer as bytes; ``length`` lies about the body's when given."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    length = len(content) if length is None else length
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    return head.encode() + content


class Server:
    """Accepts connections and hands each to ``behave(connection, server)`` in turn."""

    def __init__(self, behave):
        self.requests = []  # bodies, in order of arrival
        self.connections = 0
        self.stopping = threading.Event()
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open = []
        self._threads[0].start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/apiCalls"

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        connection.settimeout(3)
        with connection:
            try:
                self._behave(connection, self)
            except OSError:
                return

    def read(self, connection) -> bytes:
        """One request's head and body; the body is kept in ``requests``."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                raise ConnectionError("the client hung up")
            data += piece
        head, body = data.split(b"\r\n\r\n", 1)
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(body)
        return head

    def stop(self):
        self.stopping.set()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()


@contextmanager
def serving(behave):
    server = Server(behave)
    try:
        yield server
    finally:
        server.stop()


def answering(*answers):
    """Behave as a keep-alive server that gives these answers in order, the last for ever."""

    def behave(connection, server):
        while not server.stopping.is_set():
            server.read(connection)
            connection.sendall(answers[min(len(server.requests), len(answers)) - 1])

    return behave
