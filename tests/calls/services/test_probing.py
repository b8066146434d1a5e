"""A test of a webhook goes out once, to public addresses alone, and never hangs."""

import ipaddress
import json
import socket
import time

import pytest

from calls.services.probing import host_of, probe
from obzvon_site.common import reaching
from tests.calls.services.servers import OK, answering, request_of, server
from tests.provider.test_trust import stranger  # noqa: F401  # a server nobody vouches for


@pytest.fixture
def private(settings):
    """The tests' servers stand in the own network."""
    settings.WEBHOOK_TEST_PRIVATE = True


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(reaching, "LOOKUP_SECONDS", 0.3)
    monkeypatch.setattr(reaching, "EXCHANGE_SECONDS", 0.6)


def found_at(*addresses: str):
    """A resolver that knows one name at ``addresses``."""

    def resolve(_host, port, **_kwargs):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    return resolve


def test_it_posts_what_the_service_would_post(private):
    with server(answering(OK)) as (url, heard):
        told = probe(f"{url}/crm/да?a=1&b=я", {"order": "42", "имя": "Ольга"})
    assert (told.is_ok, told.status, told.answer) == (True, 200, "ok")
    assert "200" in told.sentence
    assert 0 <= told.milliseconds < 5000
    head, _empty, body = heard[0].decode().partition("\r\n\r\n")
    assert head.startswith("POST /crm/%D0%B4%D0%B0?a=1&b=%D1%8F HTTP/1.1")
    assert f"Host: {url.removeprefix('http://')}" in head
    assert "User-Agent: obzvon" in head
    assert "Content-Type: application/json" in head
    assert "cookie" not in head.lower()
    call = {"phone": "79000000000", "answer": 1}
    assert json.loads(body) == {"call": call, "order": "42", "имя": "Ольга"}
    assert len(heard) == 1


def test_the_services_own_part_cannot_be_replaced(private):
    with server(answering(OK)) as (url, heard):
        probe(url, {"call": "mine"})
    assert json.loads(heard[0].partition(b"\r\n\r\n")[2])["call"]["phone"] == "79000000000"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "Запрос дошёл"),
        (b"HTTP/1.1 400 Bad\r\n\r\n", "не приняли: ответ 400"),
        (b"HTTP/1.1 403 No\r\n\r\n", "Проверьте ключ"),
        (b"HTTP/1.1 404 No\r\n\r\n", "такого адреса на нём нет"),
        (b"HTTP/1.1 405 No\r\n\r\n", "не принимает POST"),
        (b"HTTP/1.1 500 Oops\r\n\r\nsorry", "не справился: ответ 500"),
        (b"HTTP/1.1 777 Odd\r\n\r\n", "Неожиданный ответ 777"),
    ],
)
def test_each_answer_is_explained(private, said, words):
    with server(answering(said)) as (url, _heard):
        told = probe(url, {})
    assert words in told.sentence
    assert told.is_ok == (told.status == 204)


def test_a_redirect_is_told_of_and_not_followed(private):
    with server(answering(OK)) as (elsewhere, never):
        said = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/x\r\nContent-Length: 0\r\n\r\n"
        with server(answering(said.encode())) as (url, heard):
            told = probe(url, {})
    assert (told.is_ok, told.status, len(heard), never) == (False, 302, 1, [])
    assert f"Впишите сразу {elsewhere}/x" in told.sentence


def test_of_a_long_answer_the_first_is_read_and_shown_on_one_line(private):
    text = "я\x00\x1b[31m\r\n  \u202eб " + "ю" * 5000
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + text.encode()
    with server(answering(said)) as (url, _heard):
        told = probe(url, {})
    assert told.answer.startswith("я[31m б юю")
    assert len(told.answer) == 300
    assert told.answer.isprintable()


@pytest.mark.parametrize("charset", ["windows-1251", "nonsense", "idna"])
def test_an_answer_in_another_alphabet_is_read_or_does_no_harm(private, charset):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    with server(answering(head.encode() + "да".encode("cp1251"))) as (url, _heard):
        told = probe(url, {})
    assert told.is_ok
    assert (told.answer == "да") == (charset == "windows-1251")


def drip(connection) -> bytes:
    heard = request_of(connection)
    for sign in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200:
        connection.sendall(bytes([sign]))
        time.sleep(0.1)
    return heard


def drip_the_body(connection) -> bytes:
    heard = request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _second in range(200):
        connection.sendall(b"x")
        time.sleep(0.1)
    return heard


def stay_silent(connection) -> bytes:
    heard = request_of(connection)
    time.sleep(2)
    return heard


@pytest.mark.parametrize("talk", [drip, drip_the_body, stay_silent])
def test_a_server_that_drips_or_is_silent_does_not_hold_us(private, hasty, talk):
    with server(talk) as (url, _heard):
        began = time.monotonic()
        told = probe(url, {})
        assert time.monotonic() - began < 1.5
    assert (told.is_ok, told.status) == (False, None)
    assert "не ответил" in told.sentence


def test_a_handshake_that_drips_does_not_hold_us(private, hasty):
    def talk(connection) -> bytes:
        connection.recv(4096)
        for sign in b"\x16\x03\x03\x40\x00" + b"\x02" * 200:
            connection.sendall(bytes([sign]))
            time.sleep(0.1)
        return b""

    with server(talk) as (url, _heard):
        began = time.monotonic()
        told = probe(url.replace("http:", "https:"), {})
        assert time.monotonic() - began < 1.5
    assert "не ответил" in told.sentence


def test_a_lookup_that_hangs_does_not_hold_us(hasty):
    told = probe("https://slow.example/", {}, resolve=lambda *_a, **_k: time.sleep(1))
    assert "служба имён не отвечает" in told.sentence


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_explained(private, said):
    with server(answering(said)) as (url, _heard):
        told = probe(url, {})
    assert (told.is_ok, told.status) == (False, None)
    assert "не по HTTP" in told.sentence


def test_nobody_there_is_explained(private):
    with server(answering(OK)) as (url, _heard):
        pass
    told = probe(url, {})
    assert "никто не слушает" in told.sentence


def test_the_next_address_is_tried_when_the_first_takes_no_connection(private, monkeypatch):
    real = socket.create_connection

    def connect(address, **kwargs):
        if address[0] == "127.0.0.2":
            raise ConnectionRefusedError
        return real(address, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    with server(answering(OK)) as (url, heard):
        port = url.rpartition(":")[2]
        told = probe(f"http://crm.example:{port}/", {}, resolve=found_at("127.0.0.2", "127.0.0.1"))
    assert told.is_ok
    assert f"Host: crm.example:{port}".encode() in heard[0]


def test_a_certificate_nobody_vouches_for_is_refused_and_nothing_sent(private, stranger):  # noqa: F811
    url, told_to_server = stranger
    told = probe(url, {"secret": "1"})
    assert "Сертификат «127.0.0.1» не принят" in told.sentence
    assert told_to_server == []


def test_a_certificate_is_checked_against_the_typed_name(private, stranger, tmp_path, monkeypatch):  # noqa: F811
    """The name, not the address that the connection goes to."""
    url, told_to_server = stranger
    monkeypatch.setattr(reaching.certifi, "where", lambda: str(tmp_path / "server.pem"))
    other = url.replace("127.0.0.1", "crm.example")
    told = probe(other, {}, resolve=found_at("127.0.0.1"))
    assert "Сертификат «crm.example» не принят" in told.sentence
    assert told_to_server == []
    probe(url, {})
    assert told_to_server[0].startswith(b"POST /apiCalls HTTP/1.1")


def test_a_server_without_tls_is_explained(private):
    def talk(connection) -> bytes:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return connection.recv(4096)

    with server(talk) as (url, _heard):
        told = probe(url.replace("http:", "https:"), {})
    assert "там точно https?" in told.sentence


def test_a_name_that_is_not_there_is_explained():
    def resolve(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    assert "«crm.example» не найден" in probe("https://crm.example/", {}, resolve=resolve).sentence


INNER = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "10.0.0.1",
    "169.254.169.254",
    "[::1]",
    "0.0.0.0",  # noqa: S104
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "127.1",
    "①②⑦.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::]",
]


@pytest.mark.parametrize("host", INNER)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_inner_address_is_refused_in_any_notation(host, scheme, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: pytest.fail("connected"))
    told = probe(f"{scheme}://{host}:8000/x", {})
    assert (told.is_ok, told.status) == (False, None)
    assert "внутренней сети" in told.sentence or "не найден" in told.sentence


@pytest.mark.parametrize(
    "address",
    [
        *("192.168.1.1", "172.16.0.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::", "::1", "::127.0.0.1"),
        *("2002:7f00:1::1", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1"),
    ],
)
def test_a_name_that_leads_inside_is_refused(address):
    told = probe("https://crm.example/", {}, resolve=found_at(address))
    assert "внутренней сети" in told.sentence


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr(reaching, "_is_here", lambda _address: False)
    resolve = found_at("93.184.216.34", "10.0.0.1")
    assert "внутренней сети" in probe("https://crm.example/", {}, resolve=resolve).sentence


def test_our_own_public_address_is_refused_too(monkeypatch):
    monkeypatch.setattr(reaching, "is_public", lambda _ip: True)
    told = probe("https://crm.example/", {}, resolve=found_at("127.0.0.1"))
    assert "этого сервера" in told.sentence


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_a_public_addressis_public(address):
    assert reaching.is_public(ipaddress.ip_address(address))


def test_the_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(reaching, "_is_here", lambda _address: False)

    def resolve(host, port, **kwargs):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return found_at(address)(host, port, **kwargs)

    def connect(address, **_kwargs):
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    probe("https://crm.example/", {}, resolve=resolve)
    assert asked == ["crm.example", "93.184.216.34"]


def test_a_proxy_of_the_environment_is_not_used(private, monkeypatch):
    with server(answering(OK)) as (proxy, proxied), server(answering(OK)) as (url, heard):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        assert probe(url, {}).is_ok
    assert (proxied, len(heard)) == ([], 1)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "crm",
            "//crm.example",
            "file:///etc/passwd",
            "ftp://a.example",
            "gopher://a.example",
        ),
        *("http://", "http://[::1", "http://a.example:99999/", "http://a b.example/"),
        *(
            "http://a.example/\r\nX: 1",
            "http://a..example/",
            "http://a.example/\x00",
            "javascript:1",
        ),
    ],
)
def test_what_is_no_address_is_asked_nowhere(url):
    told = probe(url, {}, resolve=lambda *_a, **_k: pytest.fail("looked up"))
    assert (told.is_ok, told.status) == (False, None)
    assert "Это не адрес" in told.sentence
    assert host_of(url) == ""


def test_a_name_and_password_in_an_address_are_not_sent():
    told = probe("https://me:secret@crm.example/", {}, resolve=lambda *_a: pytest.fail("looked up"))
    assert "имя и пароль" in told.sentence


def test_of_an_address_only_the_host_is_told():
    assert host_of("https://crm.example:8443/hook?key=secret") == "crm.example"
    assert host_of("https://почта.рф/x") == "xn--80a1acny.xn--p1ai"
