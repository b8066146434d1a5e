"""A relay between two addresses, so that a process in a network of its own reaches the service.

``python -m tests.chaos.relay tcp:127.0.0.1:8001 unix:/some/path``: a socket in the file system is
the one door between two network namespaces, and no cable that is cut closes it.
"""

import os
import socket
import sys
import threading
from contextlib import suppress


def main(here: str, there: str) -> None:
    listener = listening(here)
    while True:
        one, _address = listener.accept()
        threading.Thread(target=serve, args=(one, there), daemon=True).start()


def listening(address: str) -> socket.socket:
    kind, _, place = address.partition(":")
    if kind == "unix":
        with suppress(FileNotFoundError):
            os.unlink(place)  # noqa: PTH108  # no path is needed here
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(place)
        listener.listen(128)
        return listener
    host, _, port = place.rpartition(":")
    return socket.create_server((host, int(port)), backlog=128)


def connected(address: str) -> socket.socket:
    kind, _, place = address.partition(":")
    if kind == "unix":
        found = socket.socket(socket.AF_UNIX)
        found.connect(place)
        return found
    host, _, port = place.rpartition(":")
    return socket.create_connection((host, int(port)))


def serve(one: socket.socket, there: str) -> None:
    with suppress(OSError), one, connected(there) as other:
        back = threading.Thread(target=pump, args=(other, one), daemon=True)
        back.start()
        pump(one, other)
        back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until one side ends; a reset is passed on as an end."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(*sys.argv[1:3])
