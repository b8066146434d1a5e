"""What people do with records. Only rows and files: the background work finds them."""

import hashlib
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from obzvon_site.accounts.models import ApiAccount, AuditEvent
from records.audio import examine
from records.models import Record

NAME_WORDS, NAME_LENGTH = 7, 60


class TooLate(Exception):
    """The record has moved on since the page was drawn, so the deed no longer fits."""


class AlreadyThere(Exception):
    """The same file is in the library of this account; ``record`` is it."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.name)
        self.record = record


def upload(account: ApiAccount, file: File[Any], *, file_name: str, actor: Any) -> Record:
    """Keep a sound file and leave it for the worker. The record is named after the file.

    Raises ``audio.NotAudio`` with a sentence, and AlreadyThere.
    """
    sound = examine(
        file,  # type: ignore[arg-type]
        max_bytes=settings.UPLOAD_MEGABYTES * 1024**2,
        max_seconds=settings.UPLOAD_MINUTES * 60,
    )
    sha256 = _fingerprint(file)
    same = Record.objects.alive().filter(account=account, sha256=sha256).first()
    if same:
        raise AlreadyThere(same)
    shown = displayed(file_name)
    record = Record(
        account=account,
        name=PurePath(shown).stem.replace("_", " ").strip()[:120] or shown[:120],
        source=Record.Source.FILE,
        file_name=shown,
        kind=sound.kind,
        size=sound.size,
        seconds=sound.seconds,
        sha256=sha256,
        created_by=actor,
    )
    record.file.save(shown, file, save=False)
    with transaction.atomic():
        record.save(force_insert=True)
        AuditEvent.note(actor, "record.uploaded", record, account=str(account))
    return record


def speak(account: ApiAccount, *, text: str, gender: int, name: str, actor: Any) -> Record:
    """Keep a text to synthesise and leave it for the worker. Without a name: its first words."""
    record = Record(
        account=account,
        name=name or first_words(text),
        source=Record.Source.TEXT,
        text=text,
        gender=gender,
        created_by=actor,
    )
    with transaction.atomic():
        record.save(force_insert=True)
        AuditEvent.note(actor, "record.spoken", record, account=str(account))
    return record


def rename(record: Record, name: str, *, actor: Any) -> None:
    """Call it otherwise here; the service keeps the name it got.

    Raises TooLate while it is being sent or looked for: it is found by its name.
    """
    before = record.name
    settled = Record.objects.exclude(stage__in=[Record.Stage.SENDING, Record.Stage.UNKNOWN])
    with transaction.atomic():
        if not settled.filter(pk=record.pk).update(name=name):
            raise TooLate
        record.name = name
        AuditEvent.note(actor, "record.renamed", record, before=before, after=name)


def retry(record: Record, *, actor: Any) -> None:
    """Send again what was refused, or what may have arrived and nobody can tell.

    Raises TooLate when it is neither any more. The most that a repeat can do is a second copy
    at the service: no phone rings of it.
    """
    with transaction.atomic():
        rows = Record.objects.retriable().filter(pk=record.pk)
        waiting = {"stage": Record.Stage.WAITING, "tries": 0, "due_at": None}
        if not rows.update(**waiting, error="", lease="", lease_until=None):
            raise TooLate
        AuditEvent.note(actor, "record.retried", record, before=record.stage)


def users_of(record: Record) -> list[Any]:
    """Campaigns that play it, the newest first."""
    campaigns: Any = record.campaigns
    return list(campaigns.order_by("-created_at"))


def displayed(file_name: str) -> str:
    """A file's name as its owner knew it: without folders and invisible characters."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-255:] or "audio"


def first_words(text: str) -> str:
    """The beginning of a text as a name."""
    words = text.split()
    name = " ".join(words[:NAME_WORDS])[:NAME_LENGTH].rstrip(" ,.;:!?—-")
    is_whole = len(words) <= NAME_WORDS and len(" ".join(words)) <= NAME_LENGTH
    return name if is_whole and name else f"{name}…"


def _fingerprint(file: File[Any]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()
