"""Ranges of a file, as players ask for them."""

from io import BytesIO

import pytest
from django.test import RequestFactory

from obzvon_site.common.streaming import CHUNK, ranged

SOUND = bytes(range(100))


def ask(range_: str = "", sound: bytes = SOUND):
    headers = {"Range": range_} if range_ else {}
    return ranged(RequestFactory().get("/", headers=headers), BytesIO(sound), "audio/wav")


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("range_", ["", "bytes=-", "bytes=a-b", "pages=1-2", "bytes=0-1,5-6"])
def test_the_whole_file_where_no_range_can_be_read(range_):
    answer = ask(range_)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "audio/wav"
    assert answer["Content-Length"] == "100"
    assert answer["Accept-Ranges"] == "bytes"
    assert body(answer) == SOUND


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [
        ("bytes=0-", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-500", 90, 99),
        ("bytes=-10", 90, 99),
        ("bytes=-500", 0, 99),
    ],
)
def test_a_range_is_answered_with_its_bytes(range_, first, last):
    answer = ask(range_)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/100"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == SOUND[first : last + 1]


@pytest.mark.parametrize("range_", ["bytes=100-", "bytes=20-10", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(range_):
    answer = ask(range_)
    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */100"


def test_a_long_range_comes_in_pieces():
    sound = b"x" * (CHUNK * 2 + 1)
    answer = ask("bytes=0-", sound)
    pieces = list(answer.streaming_content)
    assert max(map(len, pieces)) <= CHUNK
    assert b"".join(pieces) == sound
