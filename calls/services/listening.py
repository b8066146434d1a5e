"""Recordings handed over: from where they are kept, and told to the audit log."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from calls.models import Listening, Recording
from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.common.phones import shown
from obzvon_site.common.streaming import OpenFile, Source

TOLD = timedelta(days=2)  # how long it is remembered that an hour was told


def source(recording: Recording) -> Source:
    """Where the sound can be read from in pieces: a bucket would open the whole.

    Raises FileNotFoundError when it is gone, OSError when the storage does not answer.
    """
    storage, name = recording.file.storage, str(recording.file.name)
    if hasattr(storage, "source"):  # a bucket: only what is asked for is read
        found: Source = storage.source(name)
        return found
    try:
        return OpenFile(storage.open(name))
    except (OSError, ValueError) as error:
        raise FileNotFoundError(name) from error


def pieces(recording: Recording) -> Iterator[bytes]:
    """The whole sound, read as it is asked for. Raises OSError, also on its way."""
    found = source(recording)
    try:
        yield from found.pieces(0, found.size)
    finally:
        found.close()


def is_gone(recording: Recording) -> bool:
    """Whether it should be here and is not; when the storage does not answer, nobody knows."""
    if recording.state != Recording.State.KEPT:
        return False
    try:
        return not recording.file.storage.exists(str(recording.file.name))
    except Exception:  # noqa: BLE001  # a bucket's library has errors of its own
        return False


def note_listening(recording: Recording, person: User, *, now: datetime) -> None:
    """Tell the audit log, once an hour: a player asks for a file in many pieces."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    same = {"recording": recording, "person": person, "hour": hour}
    if Listening.objects.filter(**same).exists():
        return
    try:
        with transaction.atomic():
            Listening.objects.create(**same)
            tell(person, "recording.listened", recording)
    except IntegrityError:
        return  # another piece of the same, at the same moment


def tell(person: User | None, verb: str, recording: Recording, **details: Any) -> None:
    """A deed about one recording, in words that stay when it is gone."""
    call = recording.call
    told = {"call": call.pk, "campaign": recording.campaign.name, **details}
    AuditEvent.note(person, verb, shown(call.phone), **told)


def forget(now: datetime) -> None:
    Listening.objects.filter(hour__lt=now - TOLD).delete()
