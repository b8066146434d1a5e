"""Ranges of a file, as players ask for them."""

from io import BytesIO

import pytest
from django.test import RequestFactory

from obzvon_site.common.streaming import CHUNK, OpenFile, in_ranges, ranged

SOUND = bytes(range(100))


def ask(range_: str = "", sound: bytes = SOUND, **headers):
    headers = ({"Range": range_} if range_ else {}) | headers
    if headers.pop("tag", None):
        request = RequestFactory().get("/", headers=headers)
        return in_ranges(request, OpenFile(BytesIO(sound)), "audio/wav", tag="abc")
    return ranged(RequestFactory().get("/", headers=headers), BytesIO(sound), "audio/wav")


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    "range_",
    ["", "bytes=-", "bytes=a-b", "pages=1-2", "bytes=0-1,5-6", "bytes=20-10", f"bytes={9**30}-"],
)
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


@pytest.mark.parametrize("range_", ["bytes=100-", "bytes=100-200", "bytes=-0"])
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


@pytest.mark.parametrize("said", ['"abc"', 'W/"abc"', '"old", "abc"', "*"])
def test_who_has_the_file_is_told_so(said):
    answer = ask(tag=True, **{"If-None-Match": said})
    assert answer.status_code == 304
    assert answer["ETag"] == '"abc"'


def test_a_range_of_the_same_file_is_given():
    answer = ask("bytes=1-2", tag=True, **{"If-Range": '"abc"'})
    assert (answer.status_code, body(answer)) == (206, SOUND[1:3])


@pytest.mark.parametrize("said", ['"old"', 'W/"abc"', "Mon, 23 Nov 2026 09:00:00 GMT"])
def test_a_range_of_another_file_is_all_of_this_one(said):
    answer = ask("bytes=1-2", tag=True, **{"If-Range": said})
    assert (answer.status_code, body(answer)) == (200, SOUND)


@pytest.mark.django_db
def test_the_file_is_closed_when_the_browser_goes_at_once():
    file = BytesIO(SOUND)
    answer = ranged(RequestFactory().get("/"), file, "audio/wav")
    answer.close()
    assert file.closed


def test_an_empty_file_is_given_whole_and_has_no_ranges():
    assert body(ask(sound=b"")) == b""
    assert ask("bytes=0-", sound=b"").status_code == 416
