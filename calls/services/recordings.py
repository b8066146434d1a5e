"""Recordings of conversations, fetched to us, so that a browser never goes to the service."""

import logging
import tempfile
from datetime import datetime, timedelta

from django.core.files import File

from calls.models import Call, CallEvent
from obzvon_site.accounts.clients import client_for
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import ProviderError

logger = logging.getLogger(__name__)

MAX_BYTES = 100 * 1024 * 1024
BATCH = 30
# Longer than fetching the longest takes; if its worker dies, somebody tries again then.
TURN = timedelta(minutes=10)
# Waits before the 2nd, 3rd, … try; after the last there is no recording.
WAITS = tuple(map(timedelta, (0,) * 5, (10, 30, 60, 300, 900)))
# How a file of each kind begins; a page with an error message begins otherwise.
SIGNATURES = (
    (b"RIFF", "audio/wav", ".wav"),
    (b"ID3", "audio/mpeg", ".mp3"),
    (b"\xff\xfb", "audio/mpeg", ".mp3"),
    (b"\xff\xf3", "audio/mpeg", ".mp3"),
    (b"\xff\xf2", "audio/mpeg", ".mp3"),
    (b"OggS", "audio/ogg", ".ogg"),
)


class NotSound(Exception):
    """What came is no sound that a browser plays."""


def fetch_due(*, now: datetime) -> int:
    """Fetch recordings that are due. Returns how many arrived."""
    due = Call.objects.to_fetch(now).select_related("campaign__account").order_by("recording_at")
    return sum(_fetch(call, now) for call in due[:BATCH] if _take_turn(call, now))


def _take_turn(call: Call, now: datetime) -> bool:
    """Whether nobody else is fetching this one."""
    mine = Call.objects.filter(pk=call.pk, recording_at=call.recording_at)
    return bool(mine.update(recording_at=now + TURN))


def _fetch(call: Call, now: datetime) -> bool:
    try:
        with tempfile.TemporaryFile() as file:
            client = client_for(call.campaign.account, subject=f"recording:{call.pk}")
            client.fetch_sound(call.recording_url, file, max_bytes=MAX_BYTES)
            file.seek(0)
            kind, ending = kind_of(file.read(16))
            file.seek(0)
            call.recording.save(f"{call.pk}{ending}", File(file), save=False)
    except (ProviderError, Unreadable, NotSound, OSError) as error:
        logger.warning("recording of call %s: %s", call.pk, error)
        _later(call, now)
        return False
    Call.objects.filter(pk=call.pk).update(
        recording=call.recording.name, recording_type=kind, recording_at=None, changed_at=now
    )
    CallEvent.objects.create(call=call, kind=CallEvent.Kind.RECORDING, at=now)
    return True


def _later(call: Call, now: datetime) -> None:
    """Try again after a while, a few times."""
    tries = call.recording_tries
    again = now + WAITS[tries] if tries < len(WAITS) else None
    Call.objects.filter(pk=call.pk).update(
        recording_tries=tries + 1, recording_at=again, changed_at=now
    )


def kind_of(head: bytes) -> tuple[str, str]:
    """Content type and file ending by the first bytes. Raises NotSound."""
    for signature, kind, ending in SIGNATURES:
        if head.startswith(signature):
            return kind, ending
    if head[4:8] == b"ftyp":
        return "audio/mp4", ".m4a"
    raise NotSound("the file is no sound")
