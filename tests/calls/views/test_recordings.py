"""One recording: handed over in ranges, told to the audit log, drawn, asked for again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from calls.models import Call, Listening, Recording
from calls.services import listening
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_call, make_recording
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SOUND = b"RIFF0123456789"


@pytest.fixture
def recording(db) -> Recording:
    return make_recording(content=SOUND, sha256="a" * 64)


def address(name: str, found: Recording | Call) -> str:
    return reverse(f"calls:{name}", args=[getattr(found, "call_id", found.pk)])


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def told(verb: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=verb))


# Listening


def test_the_sound_has_a_tag_by_which_a_browser_keeps_it(operator, recording):
    answer = operator.get(address("call-recording", recording))
    assert body(answer) == SOUND
    again = operator.get(
        address("call-recording", recording), headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


def test_a_player_that_goes_on_with_another_file_gets_all_of_it(operator, recording):
    headers = {"Range": "bytes=4-6", "If-Range": '"old"'}
    answer = operator.get(address("call-recording", recording), headers=headers)
    assert (answer.status_code, body(answer)) == (200, SOUND)


def test_a_listener_is_told_once_an_hour(operator, recording):
    for start in range(5):
        headers = {"Range": f"bytes={start}-"}
        body(operator.get(address("call-recording", recording), headers=headers))
    [event] = told("recording.listened")
    assert event.actor.username == "operator"
    assert event.details["call"] == recording.call_id


def test_each_person_recording_and_hour_is_told(recording):
    one, two, other = make_user(), make_user(), make_recording()
    for person, heard, hours in ((one, recording, 0), (two, recording, 0), (one, other, 0)):
        listening.note_listening(heard, person, now=NOW + timedelta(hours=hours))
    listening.note_listening(recording, one, now=NOW + timedelta(minutes=59))
    assert len(told("recording.listened")) == 3
    listening.note_listening(recording, one, now=NOW + timedelta(minutes=60))
    assert len(told("recording.listened")) == 4


def test_nothing_handed_over_is_nothing_told(operator, recording):
    url = address("call-recording", recording)
    operator.get(url, headers={"Range": "bytes=99-"})
    assert told("recording.listened") == []


def test_a_browser_asks_each_time_and_listening_to_its_own_copy_is_told(operator, recording):
    url = address("call-recording", recording)
    answer = operator.get(url, headers={"If-None-Match": f'"{"a" * 64}"'})
    assert (answer.status_code, answer["Cache-Control"]) == (304, "private, no-cache")
    assert len(told("recording.listened")) == 1


def test_old_hours_are_forgotten(recording):
    listening.note_listening(recording, make_user(), now=NOW)
    listening.forget(NOW + timedelta(days=1))
    assert Listening.objects.exists()
    listening.forget(NOW + timedelta(days=3))
    assert not Listening.objects.exists()


# A file that is gone


def test_a_file_that_is_gone_is_not_found_and_the_page_says_so(manager, recording):
    recording.file.storage.delete(recording.file.name)
    Call.objects.update(recording_url="/r.wav", is_final=True, status="finished")
    assert manager.get(address("call-recording", recording)).status_code == 404
    assert told("recording.listened") == []
    page = manager.get(address("call", recording)).content.decode()
    assert "пропал из хранилища" in page
    assert "Запросить ещё раз" in page
    assert address("recording-retry", recording) in page

    assert manager.post(address("recording-retry", recording)).status_code == 302
    recording.refresh_from_db()
    call = recording.call
    assert (recording.state, call.has_recording) == (Recording.State.MISSING, False)
    assert call.recording_at is not None


# Download


def test_a_download_has_a_name_and_is_told(manager, recording):
    Recording.objects.update(content_type="audio/mpeg")
    answer = manager.get(address("recording-download", recording))
    assert body(answer) == SOUND
    at = timezone.localtime(recording.at)
    name = f"{at:%Y-%m-%d_%H-%M}_{recording.call.phone}"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{name}')
    assert answer["Content-Disposition"].endswith('.mp3"')
    body(manager.get(address("recording-download", recording), headers={"Range": "bytes=4-"}))
    assert len(told("recording.downloaded")) == 2


def test_who_may_only_listen_may_not_download(operator, recording):
    assert operator.get(address("recording-download", recording)).status_code == 403
    assert told("recording.downloaded") == []


# The picture


def test_peaks_come_as_numbers_and_are_kept_by_the_browser(operator, recording):
    Recording.objects.update(peaks=bytes([0, 128, 255]), seconds="3.50")
    answer = operator.get(address("recording-peaks", recording))
    assert answer.json() == {"seconds": 3.5, "peaks": [0, 128, 255]}
    assert "max-age" in answer["Cache-Control"]
    again = operator.get(
        address("recording-peaks", recording), headers={"If-None-Match": answer["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_what_could_not_be_decoded_has_no_peaks(operator, recording):
    answer = operator.get(address("recording-peaks", recording))
    assert answer.json() == {"seconds": None, "peaks": []}


@pytest.mark.parametrize("name", ["call-recording", "recording-download", "recording-peaks"])
@pytest.mark.parametrize("state", ["missing", "removed"])
def test_what_is_not_kept_is_not_found(manager, name, state):
    recording = make_recording(state=state)
    assert manager.get(address(name, recording)).status_code == 404


# Missing


def test_the_page_says_why_there_is_none_and_asks_again(manager):
    call = make_call()
    Call.objects.update(recording_url="/r.wav", is_final=True, status="finished")
    recording = make_recording(call, state="missing", problem="Сервис прислал страницу.")
    page = manager.get(address("call", call)).content.decode()
    assert "Сервис прислал страницу." in page
    manager.post(address("recording-retry", recording))
    call.refresh_from_db()
    assert (call.recording_tries, call.recording_at is None) == (0, False)
    assert "Запись готовится" in manager.get(address("call", call)).content.decode()


def test_an_operator_reads_why_and_may_not_ask(operator):
    call = make_call()
    Call.objects.update(recording_url="/r.wav", is_final=True, status="finished")
    recording = make_recording(call, state="missing", problem="Сервис прислал страницу.")
    page = operator.get(address("call", call)).content.decode()
    assert "Сервис прислал страницу." in page
    assert address("recording-retry", recording) not in page
    assert operator.post(address("recording-retry", recording)).status_code == 403


def test_a_removed_recording_is_not_fetched_again(manager):
    call = make_call()
    Call.objects.update(recording_url="/r.wav", is_final=True, status="finished")
    recording = make_recording(call, state="removed", removed_at=NOW)
    page = manager.get(address("call", call)).content.decode()
    assert "Запись удалена" in page
    manager.post(address("recording-retry", recording))
    call.refresh_from_db()
    assert call.recording_at is None
