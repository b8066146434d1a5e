"""The text of a recording on its call's page."""

import re

import pytest
from django.utils import timezone

from calls.models import Transcript
from calls.services import transcribing
from tests.calls.makers import make_recording

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def part_of(recording) -> str:
    return f"/calls/{recording.call_id}/transcript/"


def ask_for(recording) -> str:
    return f"/calls/{recording.call_id}/transcribe/"


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setattr(transcribing, "missing", lambda: "")


def test_where_nothing_can_listen_the_button_explains(manager, monkeypatch):
    monkeypatch.setattr(transcribing, "missing", lambda: "Нужна программа.")
    recording = make_recording()
    said = text_of(manager.get(recording.get_absolute_url()))
    assert "<summary>Расшифровать</summary>" in said
    assert "Нужна программа." in said
    assert "Нужна программа." in text_of(manager.post(ask_for(recording), follow=True))
    assert not Transcript.objects.exists()


def test_it_is_asked_for_and_waited_for(manager, engine):
    recording = make_recording()
    said = text_of(manager.post(ask_for(recording), headers={"HX-Request": "true"}))
    assert said.strip().startswith('<section id="call-transcript"')
    assert "Ждёт очереди" in said
    assert 'hx-trigger="every 5s"' in said
    Transcript.objects.update(started_at=timezone.now())
    assert "Расшифровываем" in text_of(manager.get(part_of(recording)))


def test_the_text_is_shown_and_nobody_polls_any_more(manager, engine):
    recording = make_recording()
    parts = [{"start": 65.2, "end": 70, "text": "Алло <b>"}]
    Transcript.objects.create(
        recording=recording, state="done", asked_at=timezone.now(), parts=parts
    )
    said = text_of(manager.get(part_of(recording)))
    assert 'data-seek="65.2">1:05</button> Алло &lt;b&gt;' in said
    assert "hx-trigger" not in said


def test_silence_is_said(manager, engine):
    recording = make_recording()
    Transcript.objects.create(recording=recording, state="done", asked_at=timezone.now())
    assert "не слышно слов" in text_of(manager.get(part_of(recording)))


def test_a_failure_is_told_with_another_try(manager, engine):
    recording = make_recording()
    Transcript.objects.create(
        recording=recording, state="failed", problem="Не вышло.", asked_at=timezone.now()
    )
    said = text_of(manager.get(part_of(recording)))
    assert "Не вышло." in said
    assert "Попробовать ещё раз" in said


def test_a_call_without_a_recording_has_no_text(manager):
    recording = make_recording(state="removed")
    assert manager.get(part_of(recording)).status_code == 404
    assert "call-transcript" not in text_of(manager.get(recording.get_absolute_url()))
