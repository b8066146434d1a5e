"""Small servers for tests: each connection is served by a function of the test."""

import socket
import threading
from contextlib import contextmanager, suppress

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answering(said: bytes):
    """What a server does: hear the whole request, answer ``said``."""

    def talk(connection) -> bytes:
        heard = request_of(connection)
        connection.sendall(said)
        return heard

    return talk


def request_of(connection) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += more_from(connection)
    head, _empty, body = heard.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += more_from(connection)
    return head + b"\r\n\r\n" + body


def head_of(connection) -> bytes:
    """A request without a body."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += more_from(connection)
    return heard


def file_answer(body: bytes, *, status: str = "200 OK", length: int | None = None, **headers):
    """An answer with a file; ``length`` announces another than the body's, -1 announces none."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: audio/wav", "Connection: close"]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def in_turn(*answers: bytes):
    """What a server does: to each request without a body its answer, the last to all later ones."""
    left = list(answers)

    def talk(connection) -> bytes:
        heard = head_of(connection)
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])
        return heard

    return talk


def more_from(connection) -> bytes:
    piece = connection.recv(4096)
    if not piece:
        raise ConnectionError("gone")
    return piece


@contextmanager
def server(talk):
    """Serves each connection by ``talk``: its address, and the requests it heard."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                with suppress(OSError), connection:
                    connection.settimeout(10)
                    heard.append(talk(connection))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
