"""Recordings come home over real HTTP, or it is said why there are none."""

import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from calls.models import Call, Recording
from calls.services import parts, recordings
from obzvon_site.accounts.models import Exchange
from tests.calls.arriving import LATER, SOUND, arriving, make_due, serving
from tests.calls.makers import NOW, make_call, make_recording
from tests.calls.scenarios import key, make_scenario, make_version
from tests.calls.services.servers import file_answer, head_of, in_turn, server

pytestmark = pytest.mark.django_db


def fetch_until_over(call: Call) -> Recording:
    now = NOW
    for _try in range(30):
        recordings.fetch_due(now=now)
        now += timedelta(hours=1)
    call.refresh_from_db()
    assert call.recording_at is None
    return call.recording


def test_a_recording_is_kept_here():
    with serving(file_answer(SOUND)) as (call, heard):
        assert recordings.fetch_due(now=NOW) == 1
        assert recordings.fetch_due(now=LATER) == 0
    call.refresh_from_db()
    kept = call.recording
    with kept.file.open() as file:
        assert file.read() == SOUND
    assert (kept.content_type, kept.size, kept.state) == ("audio/wav", len(SOUND), "kept")
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert float(kept.seconds) == 0.5
    assert len(kept.peaks) == 800
    assert call.has_recording
    assert call.recording_at is None
    assert call.phone in kept.words
    assert call.events.filter(kind="recording").exists()
    assert heard[0].startswith(b"GET /r/1.wav ")
    assert arriving() == []


def test_the_key_is_not_sent_and_the_exchange_is_kept():
    with serving(file_answer(SOUND)) as (call, heard):
        recordings.fetch_due(now=NOW)
    assert call.campaign.account.api_key().encode() not in heard[0]
    assert Exchange.objects.get(method="sound").outcome == Exchange.Outcome.DONE


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html>not ready</html>", "веб-страницу"),
        (b'\n{"status": "error"}', "JSON"),
        (b"", "пустой"),
        (b"\0" * 100, "не звук"),
    ],
)
def test_what_is_no_sound_is_asked_for_again_and_then_given_up(content, word):
    with serving(file_answer(content)) as (call, heard):
        assert recordings.fetch_due(now=NOW) == 0
        call.refresh_from_db()
        assert call.recording_at == NOW + timedelta(seconds=10)
        recording = fetch_until_over(call)
    assert (recording.state, call.has_recording) == (Recording.State.MISSING, False)
    assert word in recording.problem
    assert len(heard) == len(recordings.WAITS) + 1
    assert arriving() == []


def test_a_file_that_is_not_there_is_given_up_with_a_reason():
    with serving(file_answer(b"", status="404 Not Found")) as (call, _heard):
        recording = fetch_until_over(call)
    assert "404" in recording.problem
    assert call.phone in recording.words


def test_two_gigabytes_announced_are_not_even_begun():
    with serving(file_answer(b"RIFF", length=2 * 1024**3)) as (call, heard):
        recordings.fetch_due(now=NOW)
        call.refresh_from_db()
        assert call.recording.state == Recording.State.MISSING
        assert "200" in call.recording.problem
        assert recordings.fetch_due(now=LATER) == 0
    assert len(heard) == 1
    assert arriving() == []


def test_what_is_larger_than_announced_to_nobody_is_left(monkeypatch):
    monkeypatch.setattr(recordings, "MAX_BYTES", 1000)
    with serving(file_answer(b"RIFF" * 1000, length=-1)) as (call, _heard):
        recordings.fetch_due(now=NOW)
    call.refresh_from_db()
    assert call.recording.state == Recording.State.MISSING
    assert arriving() == []


def test_an_endless_body_ends_at_the_deadline(monkeypatch):
    monkeypatch.setattr(recordings, "SECONDS", 0.3)
    is_gone = threading.Event()

    def drip(connection) -> bytes:
        heard = head_of(connection)
        connection.sendall(file_answer(b"RIFF", length=-1))
        try:
            while not is_gone.wait(0.01):
                connection.sendall(b"\0")
        except OSError:
            is_gone.set()
        return heard

    with server(drip) as (url, _heard):
        call = make_due(url)
        assert recordings.fetch_due(now=NOW) == 0
        assert is_gone.wait(10)
    call.refresh_from_db()
    assert (call.recording_tries, call.has_recording) == (1, False)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/r/1.wav",
        "http://localhost:{port}/r/1.wav",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:pass@127.0.0.1:{port}/r/1.wav",
        "file:///etc/passwd",
        "//10.0.0.1/r.wav",
    ],
)
def test_a_redirect_leads_nowhere_but_to_the_accounts_server(location):
    with server(in_turn(file_answer(SOUND))) as (elsewhere, never):
        location = location.format(port=elsewhere.rpartition(":")[2])
        answer = file_answer(b"", status="302 Found", Location=location)
        with serving(answer) as (call, heard):
            recordings.fetch_due(now=NOW)
    call.refresh_from_db()
    assert call.recording.state == Recording.State.MISSING
    assert (len(heard), never) == (1, [])


def test_a_redirect_on_the_accounts_server_is_followed():
    moved = file_answer(b"", status="302 Found", Location="/other/2.wav")
    with serving(moved, file_answer(SOUND)) as (_call, heard):
        assert recordings.fetch_due(now=NOW) == 1
    assert heard[1].startswith(b"GET /other/2.wav ")


def test_redirects_without_an_end_are_left():
    moved = file_answer(b"", status="302 Found", Location="/r/1.wav")
    with serving(moved) as (_call, heard):
        assert recordings.fetch_due(now=NOW) == 0
    assert len(heard) <= 6


def test_a_name_of_an_inner_network_is_not_asked(monkeypatch):
    with server(in_turn(file_answer(SOUND))) as (url, heard):
        port = url.rpartition(":")[2]
        call = make_due(f"http://calls.example:{port}")
        inner = [(2, 1, 6, "", ("127.0.0.1", int(port)))]
        monkeypatch.setattr("obzvon_site.provider.fetching.look_up", lambda *_a, **_k: inner)
        recordings.fetch_due(now=NOW)
    call.refresh_from_db()
    assert heard == []
    assert "внутренней сети" in call.recording.problem


# Workers


def test_two_workers_do_not_write_one_part():
    with serving(file_answer(SOUND)) as (call, heard), parts.opened(call.pk, "/r/1.wav"):
        assert recordings.fetch_due(now=NOW) == 0
        assert heard == []


def test_two_workers_do_not_fetch_the_same_recording():
    with serving(file_answer(SOUND)) as (_call, heard):
        seen_by_another = Call.objects.to_fetch(NOW).get()
        assert recordings.fetch_due(now=NOW) == 1
        assert recordings._take_turn(seen_by_another, NOW) is False
    assert len(heard) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_bring_one_recording():
    done = []

    def work() -> None:
        try:
            done.append(recordings.fetch_due(now=NOW))
        finally:
            connection.close()

    with serving(file_answer(SOUND)) as (call, _heard):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(done) == [0, 1]
    assert Recording.objects.filter(call=call, state="kept").count() == 1


def test_a_recording_whose_worker_died_is_fetched_later():
    with serving(file_answer(SOUND)) as (_call, _heard):
        assert recordings._take_turn(Call.objects.to_fetch(NOW).get(), NOW)
        assert recordings.fetch_due(now=NOW + timedelta(minutes=9)) == 0
        assert recordings.fetch_due(now=NOW + recordings.TURN) == 1


def test_a_copy_that_came_second_is_thrown_away(monkeypatch):
    with serving(file_answer(SOUND)) as (call, _heard):

        def meanwhile(_path):
            make_recording(Call.objects.get(pk=call.pk))
            return recordings.Measured(None, None)

        monkeypatch.setattr(recordings.peaks, "measure", meanwhile)
        assert recordings.fetch_due(now=NOW) == 0
    kept = Recording.objects.get(call=call)
    folder = kept.file.storage.path("recordings")
    names = {path.name for path in Path(folder).rglob("*.wav")}
    assert names == {kept.file.name.rpartition("/")[2]}


# Asked again


def test_what_was_given_up_may_be_asked_for_again():
    with serving(file_answer(b"", status="410 Gone")) as (call, _heard):
        fetch_until_over(call)
    with server(in_turn(file_answer(SOUND))) as (url, _heard):
        call.campaign.account.base_url = f"{url}/apiCalls"
        call.campaign.account.save(update_fields=["base_url"])
        assert recordings.ask_again(call, now=LATER)
        assert recordings.fetch_due(now=LATER) == 1
    kept = Recording.objects.get(call=call)
    assert (kept.state, kept.problem) == (Recording.State.KEPT, "")


def test_what_was_removed_is_never_fetched_again():
    with serving(file_answer(SOUND)) as (call, heard):
        make_recording(call, state=Recording.State.REMOVED)
        assert not recordings.ask_again(call, now=LATER)
        recordings.fetch_due(now=LATER)
    assert heard == []


def test_the_managers_phone_is_kept():
    version = make_version(make_scenario(key(1, manager_phone="79990000001")))
    with server(in_turn(file_answer(SOUND))) as (url, _heard):
        account = version.scenario.account
        account.use_duty_phone, account.base_url = True, f"{url}/apiCalls"
        account.save(update_fields=["use_duty_phone", "base_url"])
        make_call(account=account, message_kind="scenario", scenario_version=version)
        Call.objects.update(recording_url="/r.wav", recording_at=NOW, ivr_answers="|1|")
        assert recordings.fetch_due(now=NOW) == 1
    assert Recording.objects.get().manager_phone == "79990000001"


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
