"""A request to an address that others chose, kept away from the network around our server.

The name is looked up once, every address behind it has to be public, and the connection goes to
the very address that was checked. No redirects, no proxies, no cookies, and never for long.
"""

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from urllib.parse import quote, urlsplit

import certifi
from django.utils.translation import gettext as _

Resolve = Callable[..., Any]  # as socket.getaddrinfo

LOOKUP_SECONDS = 2.5  # to find the host's addresses
EXCHANGE_SECONDS = 5.0  # from the first try to connect to the last byte read
ADDRESSES_TRIED = 3
ANSWER_BYTES = 2048
PORTS = {"http": 80, "https": 443}


class NotAnAddress(Exception):
    """It cannot or must not be asked; the message is a sentence for the operator."""


class NotPublic(NotAnAddress):
    """It is this machine or one of the network around it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A typed address taken apart."""

    is_secure: bool
    host: str  # as it goes on the wire: ASCII, without brackets
    port: int
    path: str  # with the query
    host_header: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises NotAnAddress for anything but a usable http or https address."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode()
            default = PORTS[parts.scheme]
            port = default if parts.port is None else parts.port
        except (ValueError, KeyError):
            host = ""
        if not host or not url.isprintable() or " " in url:
            raise NotAnAddress(
                _("Это не адрес: он начинается с https:// или http://, без пробелов и опечаток.")
            )
        if parts.username is not None:
            raise NotAnAddress(_("Уберите из адреса имя и пароль: передайте ключ параметром."))
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        if parts.query:
            path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]")
        name = f"[{host}]" if ":" in host else host
        header = name if port == default else f"{name}:{port}"
        return cls(parts.scheme == "https", host, port, path, header)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it was read."""

    status: int
    location: str
    body: bytes
    charset: str


def addresses_of(target: Target, *, resolve: Resolve, is_private_allowed: bool) -> list[str]:
    """Where the host is. Raises NotAnAddress unless each of its addresses may be asked."""
    values = {"host": target.host}
    try:
        rows = _looked_up(partial(resolve, target.host, target.port, type=socket.SOCK_STREAM))
    except queue.Empty as error:
        raise NotAnAddress(
            _("Не удалось узнать, где «%(host)s»: служба имён не отвечает. Повторите.") % values
        ) from error
    except (OSError, ValueError) as error:
        raise NotAnAddress(
            _("Адрес «%(host)s» не найден: проверьте, нет ли в нём опечатки.") % values
        ) from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not is_private_allowed and not all(map(_may_be_asked, addresses)):
        raise NotPublic(
            _(
                "«%(host)s» — адрес внутренней сети или этого сервера, туда проверка не ходит. "
                "Сервис звонков до него тоже не дойдёт: нужен адрес, открытый в интернет."
            )
            % values
        )
    return addresses[:ADDRESSES_TRIED]


def _looked_up(look: Callable[[], Any]) -> Any:
    """What ``look`` finds. Raises its error, or queue.Empty: the system's lookup has no limit."""
    found: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            found.put((look(), None))
        except Exception as error:  # noqa: BLE001  # raised again below, in the asking thread
            found.put(([], error))

    threading.Thread(target=run, daemon=True).start()
    rows, error = found.get(timeout=LOOKUP_SECONDS)
    if error is not None:
        raise error
    return rows


def _may_be_asked(address: str) -> bool:
    return is_public(ipaddress.ip_address(address)) and not _is_here(address)


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is one machine on the internet, and no inner one in an IPv6 disguise."""
    if isinstance(ip, ipaddress.IPv6Address):
        if inner := ip.ipv4_mapped or ip.sixtofour:
            return is_public(inner)
        if ip.is_site_local:  # given up, and still routed inside some networks
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _is_here(address: str) -> bool:
    """Whether it is our own public address: from here, what a firewall hides there is open."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as routed:
        routed.connect((address, 9))  # sends nothing: only picks the address we would send from
        return str(routed.getsockname()[0]) == address
    return False


def post(
    target: Target, addresses: list[str], *, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Send once and read the first of the answer.

    Raises OSError (TimeoutError when the time is over), HTTPException or ValueError.
    """
    with asked(
        target, addresses, "POST", headers=headers, body=body, seconds=EXCHANGE_SECONDS
    ) as answer:
        return Answer(
            status=answer.status,
            location=answer.getheader("Location", ""),
            body=answer.read(ANSWER_BYTES),
            charset=answer.headers.get_content_charset("utf-8"),
        )


@contextmanager
def asked(
    target: Target,
    addresses: list[str],
    verb: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    seconds: float,
) -> Iterator[http.client.HTTPResponse]:
    """Send once; the answer may be read inside the block, all of it within ``seconds``.

    Raises OSError (TimeoutError when the time is over), HTTPException or ValueError, also for
    what is read inside the block.
    """
    deadline = time.monotonic() + seconds
    is_over = threading.Event()
    try:
        with ExitStack() as stack:
            wire = stack.enter_context(_connected(addresses, target.port, deadline))
            stack.enter_context(_cut_at(deadline, wire, is_over))
            if target.is_secure:
                # The same authorities as requests trusts, and the name that was typed.
                context = ssl.create_default_context(cafile=certifi.where())
                wire = stack.enter_context(context.wrap_socket(wire, server_hostname=target.host))
            yield stack.enter_context(_exchange(target, wire, verb, headers, body))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if is_over.is_set():
            raise TimeoutError from error
        raise
    if is_over.is_set():
        raise TimeoutError


def _connected(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first address that takes one. Raises OSError of the last."""
    failure = OSError("no address")
    for tried, address in enumerate(addresses):
        seconds = (deadline - time.monotonic()) / (len(addresses) - tried)
        try:
            wire = socket.create_connection((address, port), timeout=max(0.1, seconds))
        except OSError as error:
            failure = error
        else:
            wire.settimeout(max(0.1, deadline - time.monotonic()))
            return wire
    raise failure


@contextmanager
def _cut_at(deadline: float, wire: socket.socket, is_over: threading.Event) -> Iterator[None]:
    """Shut the connection at the deadline. A timeout is only the wait between two reads: a server
    that drips a byte a second would hold us for ever."""
    handle = wire.dup()  # TLS takes the socket away from its first owner

    def cut() -> None:
        is_over.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        handle.close()


def _exchange(
    target: Target,
    wire: socket.socket,
    verb: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = wire  # so that it looks up and connects to nothing itself
    whole = {"Host": target.host_header, "Connection": "close", **headers}
    connection.request(verb, target.path, body=body, headers=whole)
    return connection.getresponse()
