"""A recording that comes in pieces, and a disk that takes no more."""

import errno
import hashlib
from datetime import timedelta

import pytest

from calls.models import Call, Recording
from calls.services import parts, recordings
from tests.calls.arriving import LATER, SOUND, arriving, serving
from tests.calls.makers import NOW
from tests.calls.services.servers import file_answer
from tests.records.makers import wav

pytestmark = pytest.mark.django_db

# Cut and continued


def cut(body: bytes, whole: int, **headers) -> bytes:
    return file_answer(body, length=whole, **headers)


def rest(body: bytes, first: int, whole: int, **headers) -> bytes:
    span = f"bytes {first}-{first + len(body) - 1}/{whole}"
    return file_answer(body, status="206 Partial Content", Content_Range=span, **headers)


def test_what_was_cut_is_continued():
    size, half = len(SOUND), len(SOUND) // 2
    answers = (
        cut(SOUND[:half], size, ETag='"a"'),
        rest(SOUND[half:], half, size, ETag='"a"'),
    )
    with serving(*answers) as (call, heard):
        assert recordings.fetch_due(now=NOW) == 0
        assert recordings.fetch_due(now=LATER) == 1
    assert f"Range: bytes={half}-".encode() in heard[1]
    assert b'If-Range: "a"' in heard[1]
    kept = Recording.objects.get(call=call)
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    with kept.file.open() as file:
        assert file.read() == SOUND


def test_a_part_that_is_shorter_than_asked_for_is_not_taken_for_the_rest():
    size, half = len(SOUND), len(SOUND) // 2
    answers = (
        cut(SOUND[:half], size, ETag='"a"'),
        rest(SOUND[half : half + 100], half, size, ETag='"a"'),
        rest(SOUND[half + 100 :], half + 100, size, ETag='"a"'),
    )
    with serving(*answers) as (call, _heard):
        recordings.fetch_due(now=NOW)
        assert recordings.fetch_due(now=LATER) == 0
        assert recordings.fetch_due(now=LATER + timedelta(hours=1)) == 1
    assert Recording.objects.get(call=call).sha256 == hashlib.sha256(SOUND).hexdigest()


OTHER = wav(0.4)
HALF = len(SOUND) // 2


@pytest.mark.parametrize(
    "second",
    [
        (file_answer(OTHER, ETag='"b"'),),  # all of it, since it is another
        (rest(SOUND[HALF:], HALF, len(SOUND), ETag='"b"'), file_answer(OTHER, ETag='"b"')),
        (rest(SOUND[HALF:], HALF, len(SOUND) + 1, ETag='"a"'), file_answer(OTHER)),
        (rest(SOUND[1:], 1, len(SOUND), ETag='"a"'), file_answer(OTHER)),
        (file_answer(b"", status="416 Range Not Satisfiable"), file_answer(OTHER)),
    ],
)
def test_what_changed_between_two_tries_is_fetched_anew(second):
    first = cut(SOUND[:HALF], len(SOUND), ETag='"a"')
    with serving(first, *second) as (call, _heard):
        recordings.fetch_due(now=NOW)
        assert recordings.fetch_due(now=LATER) == 1
    kept = Recording.objects.get(call=call)
    with kept.file.open() as file:
        assert file.read() == OTHER
    assert kept.sha256 == hashlib.sha256(OTHER).hexdigest()


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"a"'}])
def test_without_proof_that_it_is_the_same_it_is_fetched_anew(headers):
    with serving(cut(SOUND[:HALF], len(SOUND), **headers), file_answer(SOUND)) as (_call, heard):
        recordings.fetch_due(now=NOW)
        assert recordings.fetch_due(now=LATER) == 1
    assert b"Range:" not in heard[1]


def test_another_address_is_another_file():
    answers = (cut(SOUND[:HALF], len(SOUND), ETag='"a"'), file_answer(OTHER, ETag='"a"'))
    with serving(*answers) as (call, heard):
        recordings.fetch_due(now=NOW)
        Call.objects.update(recording_url="/r/2.wav")
        assert recordings.fetch_due(now=LATER) == 1
    assert b"Range:" not in heard[1]
    assert Recording.objects.get(call=call).size == len(OTHER)


# The disk


def test_a_full_disk_leaves_no_part_and_costs_no_try(monkeypatch, caplog):
    def full(_self, _piece):
        raise parts.NotKept("the disk is full")

    with serving(file_answer(SOUND)) as (call, _heard):
        with monkeypatch.context() as patched:
            patched.setattr(parts.Part, "write", full)
            assert recordings.fetch_due(now=NOW) == 0
        call.refresh_from_db()
        assert (call.recording_tries, call.recording_at) == (0, NOW + recordings.DISK_WAIT)
        assert arriving() == []
        assert len([line for line in caplog.records if line.levelname == "ERROR"]) == 1
        assert recordings.fetch_due(now=LATER) == 1


def test_no_space_left_is_known_by_the_systems_error(tmp_path):
    class Full:
        def write(self, _piece):
            raise OSError(errno.ENOSPC, "No space left on device")

    with parts.opened(1, "/r/1.wav") as part:
        part._file = Full()
        with pytest.raises(parts.NotKept, match="full"):
            part.write(b"1")


def test_without_room_nothing_is_asked(monkeypatch, caplog):
    monkeypatch.setattr(parts, "RESERVE", 2**62)
    with serving(file_answer(SOUND)) as (call, heard):
        recordings.fetch_due(now=NOW)
        recordings.fetch_due(now=NOW)
    call.refresh_from_db()
    assert (call.recording_at, call.recording_tries) == (NOW + recordings.DISK_WAIT, 0)
    assert heard == []
    assert len([line for line in caplog.records if line.levelname == "ERROR"]) == 1


def test_what_does_not_fit_is_not_begun(monkeypatch):
    monkeypatch.setattr(parts, "has_room", lambda more=0: more == 0)
    with serving(file_answer(SOUND)) as (call, _heard):
        recordings.fetch_due(now=NOW)
    call.refresh_from_db()
    assert (call.recording_tries, call.has_recording) == (0, False)
    assert arriving() == []
