"""Recordings come home, or it is said that there are none."""

from datetime import timedelta

import pytest

from calls.models import Call
from calls.services import recordings
from obzvon_site.provider import errors
from tests.calls.makers import NOW, make_call

pytestmark = pytest.mark.django_db
WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32


class Sounds:
    def __init__(self, content=WAV, trouble=None):
        self.content, self.trouble, self.urls = content, trouble, []

    def __call__(self, account, *, subject=""):
        return self

    def fetch_sound(self, url, into, *, max_bytes):
        self.urls.append(url)
        if self.trouble:
            raise self.trouble
        into.write(self.content)
        return "audio/wav"


@pytest.fixture
def call(db):
    call = make_call()
    Call.objects.update(
        recording_url="http://service/r.wav", recording_at=NOW, is_final=True, status="finished"
    )
    return call


def fetch(monkeypatch, sounds, now=NOW):
    monkeypatch.setattr(recordings, "client_for", sounds)
    return recordings.fetch_due(now=now)


def test_a_recording_is_kept_here(call, monkeypatch):
    assert fetch(monkeypatch, Sounds()) == 1
    call.refresh_from_db()
    with call.recording.open() as kept:
        assert kept.read() == WAV
    assert (call.recording_type, call.recording_at) == ("audio/wav", None)
    assert call.events.filter(kind="recording").exists()
    assert fetch(monkeypatch, Sounds()) == 0


def test_a_page_instead_of_sound_is_not_kept_and_asked_for_again(call, monkeypatch):
    assert fetch(monkeypatch, Sounds(b"<html>not ready</html>")) == 0
    call.refresh_from_db()
    assert not call.recording
    assert call.recording_at == NOW + timedelta(seconds=10)


def test_after_enough_tries_there_is_no_recording(call, monkeypatch):
    sounds, now = Sounds(trouble=errors.NotFound()), NOW
    for _ in range(20):
        fetch(monkeypatch, sounds, now)
        now += timedelta(hours=1)
    call.refresh_from_db()
    assert call.recording_at is None
    assert len(sounds.urls) == len(recordings.WAITS) + 1


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF0000WAVE", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"OggS\0\0", "audio/ogg"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
    ],
)
def test_sound_is_known_by_how_it_begins(head, kind):
    assert recordings.kind_of(head)[0] == kind


@pytest.mark.parametrize("head", [b"", b"<html>", b"PK\x03\x04", b"\0" * 16])
def test_what_begins_otherwise_is_no_sound(head):
    with pytest.raises(recordings.NotSound):
        recordings.kind_of(head)


def test_two_workers_do_not_fetch_the_same_recording(call, monkeypatch):
    class Slow(Sounds):
        def fetch_sound(self, url, into, *, max_bytes):
            assert recordings.fetch_due(now=NOW) == 0
            return super().fetch_sound(url, into, max_bytes=max_bytes)

    seen_by_another = Call.objects.to_fetch(NOW).get()
    assert fetch(monkeypatch, Slow()) == 1
    assert recordings._take_turn(seen_by_another, NOW) is False


def test_a_recording_whose_worker_died_is_fetched_later(call, monkeypatch):
    assert recordings._take_turn(Call.objects.to_fetch(NOW).get(), NOW)
    assert fetch(monkeypatch, Sounds(), NOW + timedelta(minutes=9)) == 0
    assert fetch(monkeypatch, Sounds(), NOW + recordings.TURN) == 1
