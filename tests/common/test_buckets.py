"""Recordings in a bucket: a small server stands for it. Left out where the library is not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile
from django.test import RequestFactory

pytest.importorskip("storages")
pytest.importorskip("boto3")

from botocore.exceptions import EndpointConnectionError, ResponseStreamingError
from botocore.httpsession import URLLib3Session
from botocore.response import StreamingBody

from obzvon_site.common.buckets import BucketStorage
from obzvon_site.common.streaming import in_ranges

SOUND = bytes(range(256)) * 100


class Bucket(BaseHTTPRequestHandler):
    """Objects in memory, whole or in ranges."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes] = {}
    asked: list[tuple[str, str]] = []

    def do_PUT(self):
        length = int(self.headers["Content-Length"])
        self.objects[self._key] = self.rfile.read(length)
        self._say(200)

    def do_GET(self):
        self.asked.append((self._key, self.headers.get("Range", "")))
        body = self.objects.get(self._key)
        if body is None:
            self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        elif asked := self.headers.get("Range"):
            first, last = (int(part) for part in asked.removeprefix("bytes=").split("-"))
            span = {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
            self._say(206, body[first : last + 1], span)
        else:
            self._say(200, body)

    def do_HEAD(self):
        body = self.objects.get(self._key)
        self._say(404 if body is None else 200, body or b"")

    def do_DELETE(self):
        self.objects.pop(self._key, None)
        self._say(204)

    @property
    def _key(self) -> str:
        return self.path.partition("?")[0]

    def _say(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None):
        self.send_response(status)
        known = {"Content-Length": str(len(body)), "Last-Modified": "Mon, 23 Nov 2026 09:00:00 GMT"}
        for name, value in {**known, "ETag": '"1"', **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_words):
        pass


@pytest.fixture
def storage():
    Bucket.objects, Bucket.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = BucketStorage(
        bucket_name="calls",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        access_key="key",
        secret_key="secret",
        region_name="us-east-1",
        addressing_style="path",
        signature_version="s3v4",
        file_overwrite=False,
        default_acl=None,
    )
    yield made
    made.connection.meta.client.close()
    server.shutdown()
    server.server_close()
    thread.join(10)


def ask(source, range_: str):
    request = RequestFactory().get("/", headers={"Range": range_})
    return in_ranges(request, source, "audio/wav", tag="abc")


def test_a_file_is_kept_and_deleted(storage):
    name = storage.save("recordings/2026/11/1.wav", ContentFile(SOUND))
    assert Bucket.objects == {"/calls/recordings/2026/11/1.wav": SOUND}
    assert storage.exists(name)
    storage.delete(name)
    assert not storage.exists(name)


def test_only_the_range_that_is_asked_for_leaves_the_bucket(storage):
    name = storage.save("1.wav", ContentFile(SOUND))
    answer = ask(storage.source(name), "bytes=1000-1999")
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 1000-1999/{len(SOUND)}"
    assert b"".join(answer.streaming_content) == SOUND[1000:2000]
    assert Bucket.asked == [("/calls/1.wav", "bytes=1000-1999")]


def test_a_range_outside_asks_for_nothing(storage):
    name = storage.save("1.wav", ContentFile(SOUND))
    assert ask(storage.source(name), f"bytes={len(SOUND)}-").status_code == 416
    assert Bucket.asked == []


def test_what_is_not_there_is_not_found(storage):
    with pytest.raises(FileNotFoundError):
        storage.source("nothing.wav")


def test_what_went_meanwhile_is_not_found(storage):
    name = storage.save("1.wav", ContentFile(SOUND))
    source = storage.source(name)
    Bucket.objects.clear()
    with pytest.raises(FileNotFoundError):
        source.pieces(0, 10)


def test_a_service_that_is_not_there_is_an_error_of_files(storage, monkeypatch):
    """What reads a folder's file knows OSError; what botocore raises, nobody knows."""

    def lost(*_args, **_kwargs):
        raise EndpointConnectionError(endpoint_url="http://bucket")

    name = storage.save("1.wav", ContentFile(SOUND))
    source = storage.source(name)
    monkeypatch.setattr(URLLib3Session, "send", lost)
    with pytest.raises(OSError, match="Could not connect"):
        source.pieces(0, 10)
    with pytest.raises(OSError, match="Could not connect"):
        storage.source(name)


def test_a_body_that_breaks_off_is_an_error_of_files(storage, monkeypatch):
    name = storage.save("1.wav", ContentFile(SOUND))
    pieces = storage.source(name).pieces(0, len(SOUND))

    def broken(*_args):
        raise ResponseStreamingError(error="reset")

    monkeypatch.setattr(StreamingBody, "read", broken)
    with pytest.raises(OSError, match="reset"):
        next(pieces)
