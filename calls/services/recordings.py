"""Recordings of conversations, fetched to us, so that a browser never goes to the service."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import Call, CallEvent, Recording
from calls.services import listening, parts, peaks, searching
from calls.services.answering import manager_phone
from calls.services.parts import Busy, NotKept, Part
from calls.services.peaks import Measured
from obzvon_site.accounts.clients import client_for
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import Invalid, ProviderError, for_people
from obzvon_site.provider.fetching import TooLarge

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
MAX_BYTES = 200 * MEGABYTE
SECONDS = 120.0  # for one try; what has come by then is kept for the next
RUN_SECONDS = 180.0  # after so many others of the queue have their turn
BATCH = 30
# Longer than one try takes; if its worker dies, somebody tries again then.
TURN = timedelta(minutes=10)
# Waits before the 2nd, 3rd, … try; after the last there is no recording.
WAITS = tuple(map(timedelta, (0,) * 5, (10, 30, 60, 300, 900)))
DISK_WAIT = timedelta(minutes=10)  # until the disk is looked at again
HEAD = 1024
# How a file of each kind begins; a page with an error message begins otherwise.
SIGNATURES = (
    (b"RIFF", "audio/wav", ".wav"),
    (b"ID3", "audio/mpeg", ".mp3"),
    (b"\xff\xfb", "audio/mpeg", ".mp3"),
    (b"\xff\xfa", "audio/mpeg", ".mp3"),
    (b"\xff\xf3", "audio/mpeg", ".mp3"),
    (b"\xff\xf2", "audio/mpeg", ".mp3"),
    (b"OggS", "audio/ogg", ".ogg"),
)


class NotSound(Exception):
    """What came is no sound that a browser plays; the message is a sentence for people."""


def fetch_due(*, now: datetime) -> int:
    """Fetch recordings that are due. Returns how many arrived."""
    if not parts.has_room():
        _wait_for_room(now)
        return 0
    began, arrived = time.monotonic(), 0
    due = Call.objects.to_fetch(now).select_related("campaign__account").order_by("recording_at")
    for call in due[:BATCH]:
        if time.monotonic() - began > RUN_SECONDS:
            break
        if _take_turn(call, now):
            try:
                arrived += _fetch(call, now)
            except NotKept as error:
                logger.error("recordings cannot be written to disk: %s", error)  # noqa: TRY400
                Call.objects.filter(pk=call.pk).update(recording_at=now + DISK_WAIT)
                break
    return arrived


def ask_again(call: Call, *, now: datetime) -> bool:
    """Fetch anew what was given up, or whose file is gone. Whether there is anything to fetch."""
    recording = Recording.objects.filter(call=call).defer("peaks", "words").first()
    if not call.recording_url or recording is None:
        return False
    if listening.is_gone(recording):
        _lose(recording, now)
    waits = {"recording_at": now, "recording_tries": 0, "changed_at": now}
    missing = Call.objects.filter(pk=call.pk, recording__state=Recording.State.MISSING)
    return bool(Call.objects.filter(pk__in=missing).update(**waits))


@transaction.atomic
def _lose(recording: Recording, now: datetime) -> None:
    kept = Recording.objects.kept().filter(pk=recording.pk)
    lost = _("Файл записи пропал из хранилища.")
    if kept.update(state=Recording.State.MISSING, problem=lost, file=""):
        Call.objects.filter(pk=recording.call_id).update(has_recording=False, changed_at=now)


def _wait_for_room(now: datetime) -> None:
    due = Call.objects.to_fetch(now)
    if due.exists():
        logger.error("recordings wait: less than %d MB free", parts.RESERVE // MEGABYTE)
        due.update(recording_at=now + DISK_WAIT)


def _take_turn(call: Call, now: datetime) -> bool:
    """Whether nobody else is fetching this one."""
    mine = Call.objects.filter(pk=call.pk, recording_at=call.recording_at)
    return bool(mine.update(recording_at=now + TURN))


def _fetch(call: Call, now: datetime) -> bool:
    """One try. Whether the recording is here. Raises NotKept."""
    if Recording.objects.filter(call=call, state=Recording.State.REMOVED).exists():
        Call.objects.filter(pk=call.pk).update(recording_at=None)
        return False
    try:
        with parts.opened(call.pk, call.recording_url) as part:
            return _bring(call, part, now)
    except Busy:
        return False  # whoever has it will end it; else its turn comes again


def _bring(call: Call, part: Part, now: datetime) -> bool:
    before = part.size
    try:
        client = client_for(call.campaign.account, subject=f"recording:{call.pk}")
        client.fetch_recording(call.recording_url, part, max_bytes=MAX_BYTES, seconds=SECONDS)
        kind, ending = kind_of(part.head(HEAD))
    except NotKept:
        part.drop()
        raise
    except (Invalid, TooLarge) as error:
        part.drop()
        _give_up(call, _why(error), now)
        return False
    except (ProviderError, Unreadable, NotSound) as error:
        logger.warning("recording of call %s: %s", call.pk, error)
        if isinstance(error, NotSound):
            part.drop()
        _later(call, _why(error), now, is_counted=part.size - before < MEGABYTE)
        return False
    try:
        return _keep(call, part, kind, ending, now)
    finally:
        part.drop()


def _keep(call: Call, part: Part, kind: str, ending: str, now: datetime) -> bool:
    """Put the whole file into the archive. Whether it was still wanted. Raises NotKept."""
    recording = Recording.objects.filter(call=call).first() or Recording(call=call)
    recording.campaign, recording.account = call.campaign, call.campaign.account
    recording.state, recording.problem = Recording.State.KEPT, ""
    recording.at = call.finished_at or now
    recording.content_type, recording.size, recording.sha256 = kind, part.size, part.sha256
    recording.manager_phone = manager_phone(call)[:11]
    _measured(recording, peaks.measure(part.path))
    try:
        with part.path.open("rb") as file:
            recording.file.save(f"{call.pk}{ending}", _Moved(file, part.path), save=False)
    except Exception as error:  # a bucket's library has errors of its own
        raise NotKept(str(error)) from error
    try:
        if _written(recording, now):
            return True
    except BaseException:
        recording.file.storage.delete(str(recording.file.name))
        raise
    recording.file.storage.delete(str(recording.file.name))
    return False


def _measured(recording: Recording, found: Measured) -> None:
    recording.peaks = found.peaks
    recording.seconds = found.seconds
    if found.seconds is None:
        recording.seconds = recording.call.talk_seconds


@transaction.atomic
def _written(recording: Recording, now: datetime) -> bool:
    """Whether the call still waited for it: of two that fetched at once the first has it."""
    waiting = Call.objects.filter(pk=recording.call_id, has_recording=False)
    if not waiting.update(has_recording=True, recording_at=None, changed_at=now):
        return False
    recording.save()
    searching.refresh(recording.pk)
    CallEvent.objects.create(call=recording.call, kind=CallEvent.Kind.RECORDING, at=now)
    return True


class _Moved(File):  # type: ignore[type-arg]
    """A file that a folder may take over by its name, without a copy."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(file)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def _later(call: Call, problem: str, now: datetime, *, is_counted: bool = True) -> None:
    """Try again after a while, a few times; a try that has brought much does not count."""
    tries = call.recording_tries
    if tries >= len(WAITS):
        _give_up(call, problem, now)
        return
    Call.objects.filter(pk=call.pk).update(
        recording_tries=tries + is_counted, recording_at=now + WAITS[tries], changed_at=now
    )


@transaction.atomic
def _give_up(call: Call, problem: str, now: datetime) -> None:
    """There is no hope for it any more: the archive says why."""
    waiting = Call.objects.filter(pk=call.pk, has_recording=False)
    tried = {"recording_tries": call.recording_tries + 1}
    if not waiting.update(recording_at=None, changed_at=now, **tried):
        return
    recording, _is_new = Recording.objects.update_or_create(
        call=call,
        defaults={
            "campaign": call.campaign,
            "account": call.campaign.account,
            "at": call.finished_at or now,
            "state": Recording.State.MISSING,
            "problem": problem,
            "manager_phone": manager_phone(call)[:11],
        },
    )
    searching.refresh(recording.pk)


def _why(error: Exception) -> str:
    """For people: what was wrong the last time."""
    if isinstance(error, TooLarge):
        limit = {"limit": MAX_BYTES // MEGABYTE}
        return _("Файл записи больше %(limit)d МБ, такие не храним.") % limit
    if isinstance(error, Unreadable):
        return _("Ключ учётной записи не открывается, скачать запись нечем.")
    if isinstance(error, Invalid | NotSound):
        return str(error.args[0])
    if isinstance(error, ProviderError):
        said = for_people(error)
        return f"{said} ({error.detail})" if error.detail else said
    return str(error)


def kind_of(head: bytes) -> tuple[str, str]:
    """Content type and file ending by the first bytes. Raises NotSound."""
    for signature, kind, ending in SIGNATURES:
        if head.startswith(signature):
            return kind, ending
    if head[4:8] == b"ftyp":
        return "audio/mp4", ".m4a"
    raise NotSound(_instead(head.lstrip()))


def _instead(head: bytes) -> str:
    """What came instead of sound, in words."""
    if not head:
        return _("Вместо звука сервис прислал пустой файл.")
    if head.startswith(b"<"):
        return _("Вместо звука сервис прислал веб-страницу.")
    if head.startswith((b"{", b"[")):
        return _("Вместо звука сервис прислал текст ответа (JSON).")
    return _("То, что прислал сервис, не звук.")
