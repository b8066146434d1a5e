"""Over https only a certificate of a known authority is spoken to, also beforehand."""

import datetime
import ipaddress
import socket
import ssl
import threading
from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from obzvon_site.provider.errors import NotSent
from tests.provider.makers import make_client, make_order


@pytest.fixture
def stranger(tmp_path):
    """A server with a certificate of its own making: its address, and what it was told."""
    told: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                connection.settimeout(5)
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                    told.append(tls.recv(100))

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/apiCalls", told
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def self_signed(path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, shape = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(encoding, shape, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(encoding))
    return path


@pytest.mark.parametrize("beforehand", [True, False])
def test_a_stranger_hears_nothing(stranger, beforehand):
    url, told = stranger
    client = make_client(url)
    if beforehand:
        client.connect()
    with pytest.raises(NotSent):
        client.create(make_order())
    assert b"".join(told) == b""
