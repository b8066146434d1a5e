"""Recordings as text, with an engine that hears what the test says."""

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from calls.models import Transcript
from calls.services import transcribing
from calls.services.transcribing import Said
from tests.calls.makers import NOW, make_recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def whisper(monkeypatch, settings, tmp_path) -> list[str]:
    """A stand-in for the package; the list tells what it was given."""
    given: list[str] = []

    class Model:
        def __init__(self, model, **options):
            given.append(model)

        def transcribe(self, path, **options):
            with open(path, "rb") as file:  # noqa: PTH123
                given.append(file.read().decode())
            return [SimpleNamespace(start=0.04, end=1.5, text=" Здравствуйте ")], None

    module = ModuleType(transcribing.PACKAGE)
    module.WhisperModel = Model
    monkeypatch.setitem(sys.modules, transcribing.PACKAGE, module)
    monkeypatch.setattr(transcribing, "find_spec", lambda _name: object())
    settings.SPEECH_MODEL = str(tmp_path)
    return given


def hearing(*said: Said):
    return lambda _path: iter(said)


def run(hear, now=NOW) -> bool:
    return transcribing.transcribe_next(hear, clock=lambda: now)


def test_without_the_package_it_is_said_how_to_add_it(monkeypatch):
    monkeypatch.setattr(transcribing, "find_spec", lambda _name: None)
    assert "faster-whisper" in transcribing.missing()
    with pytest.raises(transcribing.NoEngine):
        transcribing.ask(make_recording(), now=NOW)
    assert not Transcript.objects.exists()


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_without_a_model_it_is_said_too(whisper, settings, folder):
    settings.SPEECH_MODEL = folder
    assert "OBZVON_SPEECH_MODEL" in transcribing.missing()


def test_the_engine_hears_the_file(whisper, settings):
    recording = make_recording(content=b"RIFFsound")
    transcribing.ask(recording, now=NOW)
    assert run(transcribing.engine())
    row = Transcript.objects.get()
    assert whisper == [settings.SPEECH_MODEL, "RIFFsound"]
    assert (row.state, row.done_at) == ("done", NOW)
    assert row.parts == [{"start": 0.0, "end": 1.5, "text": "Здравствуйте"}]


def test_its_words_are_found_by_search(whisper):
    recording = make_recording()
    transcribing.ask(recording, now=NOW)
    run(hearing(Said(0, 1, "Хочу Отказаться")))
    recording.refresh_from_db()
    assert "хочу отказаться" in recording.words


def test_asking_twice_is_asking_once(whisper):
    recording = make_recording()
    transcribing.ask(recording, now=NOW)
    run(hearing(Said(0, 1, "слово")))
    again = transcribing.ask(recording, now=NOW + timedelta(hours=1))
    assert again.state == "done"
    assert not run(hearing())


def test_a_failure_is_told_and_may_be_tried_again(whisper):
    recording = make_recording()
    transcribing.ask(recording, now=NOW)

    def broken(_path):
        raise ValueError("boom")

    assert run(broken)
    row = Transcript.objects.get()
    assert row.state == "failed"
    assert "ValueError" in row.problem
    assert "boom" not in row.problem
    assert transcribing.ask(recording, now=NOW).state == "waiting"
    assert run(hearing())


def test_a_file_that_is_gone_is_told(whisper):
    recording = make_recording()
    recording.file.storage.delete(recording.file.name)
    transcribing.ask(recording, now=NOW)
    run(hearing())
    assert Transcript.objects.get().problem == "Файл записи не прочитался."


def test_two_processes_do_not_hear_the_same(whisper):
    transcribing.ask(make_recording(), now=NOW)

    def other(_path):
        assert not run(hearing())
        return iter([Said(0, 1, "раз")])

    assert run(other)
    assert Transcript.objects.get().parts[0]["text"] == "раз"


def test_what_a_dead_process_began_is_begun_again(whisper):
    transcribing.ask(make_recording(), now=NOW)
    assert transcribing._take(NOW)
    assert not run(hearing(), NOW + timedelta(minutes=119))
    assert run(hearing(), NOW + transcribing.TURN)


def test_a_late_answer_of_the_first_does_not_undo_the_second(whisper):
    transcribing.ask(make_recording(), now=NOW)
    first = transcribing._take(NOW)
    run(hearing(Said(0, 1, "второй")), NOW + transcribing.TURN)
    transcribing._keep(first, [], NOW + transcribing.TURN)
    assert Transcript.objects.get().parts[0]["text"] == "второй"


def test_the_command_works_through_the_queue(whisper):
    for _ in range(2):
        transcribing.ask(make_recording(), now=NOW)
    call_command("transcribe", "--once")
    assert Transcript.objects.filter(state="done").count() == 2


def test_the_command_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(transcribing, "find_spec", lambda _name: None)
    with pytest.raises(CommandError, match="faster-whisper"):
        call_command("transcribe", "--once")
