"""What was said, as text: heard by a program on this machine, so that no sound leaves it.

The program (faster-whisper) and its model are an extra; without them everything else works.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from calls.models import Recording, Transcript
from calls.services import listening, searching

logger = logging.getLogger(__name__)

PACKAGE = "faster_whisper"
# Longer than the longest recording takes; if its process dies, it is begun again then.
TURN = timedelta(hours=2)
PARTS_MAX = 5000

Hear = Callable[[Path], Iterator["Said"]]


@dataclass(frozen=True, slots=True)
class Said:
    """A few words, and when they were said, in seconds."""

    start: float
    end: float
    text: str


class NoEngine(Exception):
    """Nothing here can listen; the text says how to add it."""


def missing() -> str:
    """What an administrator has to add before anything can be transcribed; empty: nothing."""
    if find_spec(PACKAGE) is None:
        return _(
            "Расшифровка не установлена. Администратор добавляет её так: "
            "pip install faster-whisper, затем OBZVON_SPEECH_MODEL=папка с моделью."
        )
    if not settings.SPEECH_MODEL:
        return _("Не выбрана модель речи. Укажите папку с ней в OBZVON_SPEECH_MODEL.")
    if not Path(settings.SPEECH_MODEL).is_dir():
        return _("Папки с моделью речи нет: проверьте OBZVON_SPEECH_MODEL.")
    return ""


def engine() -> Hear:
    """Load the model, once for a process. Raises NoEngine."""
    if reason := missing():
        raise NoEngine(reason)
    model = import_module(PACKAGE).WhisperModel(settings.SPEECH_MODEL, device="cpu")

    def hear(path: Path) -> Iterator[Said]:
        segments, _info = model.transcribe(str(path), language="ru", vad_filter=True)
        for one in segments:
            yield Said(round(one.start, 1), round(one.end, 1), one.text.strip())

    return hear


def ask(recording: Recording, *, now: datetime) -> Transcript:
    """Put a recording in the queue; again, when it failed before. Raises NoEngine."""
    if reason := missing():
        raise NoEngine(reason)
    row, is_new = Transcript.objects.get_or_create(recording=recording, defaults={"asked_at": now})
    if not is_new:
        failed = Transcript.objects.filter(pk=row.pk, state=Transcript.State.FAILED)
        failed.update(state=Transcript.State.WAITING, asked_at=now, started_at=None, problem="")
        row.refresh_from_db()
    return row


def transcribe_next(hear: Hear, *, clock: Callable[[], datetime]) -> bool:
    """Listen to the one that waits longest. False when nobody waits."""
    row = _take(clock())
    if row is None:
        return False
    try:
        parts = _heard(row.recording, hear)
    except Exception as error:
        logger.exception("recording %s could not be transcribed", row.recording_id)
        _fail(row, _in_words(error), clock())
        return True
    _keep(row, parts, clock())
    return True


def _take(now: datetime) -> Transcript | None:
    """The next one, held for a while. None when there is none."""
    is_free = Q(started_at=None) | Q(started_at__lte=now - TURN)
    waiting = Transcript.objects.filter(is_free, state=Transcript.State.WAITING)
    for row in waiting.select_related("recording").order_by("asked_at", "pk")[:20]:
        mine = Transcript.objects.filter(pk=row.pk, started_at=row.started_at, state=row.state)
        if mine.update(started_at=now):
            row.started_at = now
            return row
    return None


def _heard(recording: Recording, hear: Hear) -> list[dict[str, Any]]:
    """All that was said. The file may be in a bucket, so the engine gets a copy."""
    with tempfile.NamedTemporaryFile(suffix=Path(recording.file.name or "").suffix) as copy:
        copy.writelines(listening.pieces(recording))
        copy.flush()
        said = [one for one in hear(Path(copy.name)) if one.text]
    return [{"start": one.start, "end": one.end, "text": one.text} for one in said[:PARTS_MAX]]


@transaction.atomic
def _keep(row: Transcript, parts: list[dict[str, Any]], now: datetime) -> None:
    mine = Transcript.objects.filter(pk=row.pk, started_at=row.started_at)
    if mine.update(state=Transcript.State.DONE, parts=parts, done_at=now):
        searching.refresh(row.recording_id)


def _fail(row: Transcript, problem: str, now: datetime) -> None:
    mine = Transcript.objects.filter(pk=row.pk, started_at=row.started_at)
    mine.update(state=Transcript.State.FAILED, problem=problem, done_at=now)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError):
        return _("Файл записи не прочитался.")
    return _("Программа не разобрала эту запись: %s") % type(error).__name__
