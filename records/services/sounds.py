"""What a record sounds like: our own file, or what the service has made of a text."""

import logging
import tempfile
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files import File

from obzvon_site.accounts.clients import client_for
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import ProviderError
from records.audio import NotAudio, examine
from records.models import Record

logger = logging.getLogger(__name__)


class NoSound(Exception):
    """There is nothing to play."""


def open_sound(record: Record) -> BinaryIO:
    """The open file of a record, fetched from the service the first time.

    Raises NoSound, ProviderError, Unreadable or NotAudio.
    """
    if not record.file:
        if not record.service_path:
            raise NoSound
        _bring(record)
    if not record.file:  # removed meanwhile
        raise NoSound
    try:
        return cast("BinaryIO", record.file.storage.open(str(record.file.name)))
    except OSError as error:
        raise NoSound from error


def bring_quietly(record: Record) -> None:
    """Fetch the sound of a text that has just been sent, so that its length is known.

    When it is not there yet, the first listener fetches it.
    """
    if record.file or not record.service_path:
        return
    try:
        _bring(record)
    except (ProviderError, Unreadable, NotAudio, OSError) as error:
        logger.info("the sound of record %s is not there yet: %s", record.pk, error)


def _bring(record: Record) -> None:
    """Keep the service's sound as ours. Of two at once, the second's copy is thrown away."""
    limit = settings.UPLOAD_MEGABYTES * 1024**2
    with tempfile.TemporaryFile() as file:
        client = client_for(record.account, subject=f"record:{record.pk}")
        client.fetch_sound(record.service_path, file, max_bytes=limit)
        sound = examine(file, max_bytes=limit, max_seconds=settings.UPLOAD_MINUTES * 60)
        record.kind = sound.kind
        record.file.save("sound", File(file), save=False)
    kept = Record.objects.filter(pk=record.pk, file="").exclude(stage=Record.Stage.REMOVED)
    fields = {"kind": sound.kind, "size": sound.size, "seconds": sound.seconds}
    if not kept.update(file=record.file.name, **fields):
        record.file.storage.delete(str(record.file.name))
    record.refresh_from_db()
