"""Shared connections to the service, each exchange cut when its time is over."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.retry import Retry

CONNECTIONS = 64  # kept open per host
CONNECT_SECONDS = 5.0  # one attempt to connect; RETRIES allows two more

# Only an attempt that found no connection is repeated: once connected, the request may have
# arrived, and a second create calls people twice.
RETRIES = Retry(total=2, connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.1)

_owners = threading.Lock()
_here = threading.local()


class Watch:
    """The time of one exchange. When it is over, its socket is shut, whatever it is doing.

    A timeout of requests is only the wait between two reads; a server that drips a byte a
    second would hold us for ever.
    """

    def __init__(self, begin: Callable[[], None] | None = None) -> None:
        self._begin = begin
        self.is_stopped = False  # before the first byte
        self.is_connecting = False
        self.is_connected = False
        self.is_over = False
        self._connection: Any = None
        self._socket: Any = None

    def hold(self, connection: Any) -> None:
        """Take the connection, also from an exchange that has just ended."""
        with _owners:
            if self.is_over:
                raise ConnectTimeoutError("connected too late")
            self.is_connected = True
            self._connection, self._socket = connection, connection.sock
            connection.watch = self

    def begin(self) -> None:
        """The first byte is about to leave; who asked may stop it."""
        if self._begin is not None:
            try:
                self._begin()
            except BaseException:
                self.is_stopped = True
                raise

    def cut(self) -> None:
        """End the exchange, unless its connection already serves another."""
        with _owners:
            self.is_over = True
            # The socket itself: a connection forgets it when an answer without a length begins.
            if self._connection is not None and self._connection.watch is self:
                with suppress(OSError):  # closed meanwhile
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextmanager
def watched(seconds: float, begin: Callable[[], None] | None = None) -> Iterator[Watch]:
    """Cut whatever this thread exchanges inside the block after ``seconds``.

    ``begin`` is called before the first byte of a request leaves.
    """
    watch = Watch(begin)
    timer = threading.Timer(seconds, watch.cut)
    timer.daemon = True
    timer.start()
    _here.watch = watch
    try:
        yield watch
    finally:
        _here.watch = None
        timer.cancel()


def _watch() -> Watch:
    return getattr(_here, "watch", None) or Watch()


class _Connection(HTTPConnection):
    watch: Watch | None = None

    def connect(self) -> None:
        _watch().is_connecting = True
        super().connect()
        _watch().hold(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # kept from an earlier exchange
            _watch().hold(self)
        _watch().begin()
        super().request(*args, **kwargs)


class _SecureConnection(HTTPSConnection):
    watch: Watch | None = None

    def connect(self) -> None:
        _watch().is_connecting = True
        super().connect()
        _watch().hold(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _watch().hold(self)
        _watch().begin()
        super().request(*args, **kwargs)


class _Warm(HTTPConnectionPool):
    """A pool that can have its next connection ready."""

    def connect(self, seconds: float) -> None:
        connection = self._get_conn()
        try:
            if connection.is_closed:
                connection.timeout = seconds
                connection.connect()
        except BaseException:
            connection.close()  # half a handshake is no connection
            raise
        finally:
            self._put_conn(connection)


class _Pool(_Warm):
    ConnectionCls = _Connection


class _SecurePool(_Warm, HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def connect(self, request: requests.PreparedRequest) -> None:
        """Have the connection ready that ``request`` would use, trusted by the same authorities."""
        pool = self.get_connection_with_tls_context(request, verify=True)
        self.cert_verify(pool, request.url, verify=True, cert=None)  # type: ignore[no-untyped-call]
        if isinstance(pool, _Warm):
            pool.connect(CONNECT_SECONDS)


def new_session() -> requests.Session:
    """A session that keeps connections, and nothing else, between exchanges."""
    session = requests.Session()
    session.trust_env = False  # no proxies and no .netrc: the key goes to the account's address
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # accounts never mix
    session.headers.update({"Accept": "application/json", "User-Agent": "obzvon"})
    adapter = _Adapter(pool_maxsize=CONNECTIONS, max_retries=RETRIES)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


@lru_cache(maxsize=1)
def shared() -> requests.Session:
    """The one session of this process."""
    return new_session()


def connect(session: requests.Session, url: str) -> None:
    """Have an open connection to ``url`` in the session's pool, if one can be had."""
    with suppress(requests.RequestException, HTTPError, OSError, ValueError):
        adapter = session.get_adapter(url)
        if isinstance(adapter, _Adapter):
            adapter.connect(session.prepare_request(requests.Request("GET", url)))


def never_left(error: BaseException, watch: Watch) -> bool:
    """Whether the request cannot have arrived: no connection was made, or it was stopped."""
    if watch.is_stopped:
        return True
    if watch.is_connected or watch.is_connecting:
        return not watch.is_connected
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | ValueError):
        return True  # ValueError: an address or a header that cannot be sent
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
