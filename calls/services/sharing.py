"""Links to one recording for somebody without an account: made, opened, ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from calls.models import Recording, RecordingShare
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.phones import shown

TOKEN_BYTES = 24
TOKEN_MAX = 64  # characters of an address that may be one
DAYS = (1, 7, 30)  # for which a link may be given


@dataclass(frozen=True)
class NewShare:
    """A link just made. The token is told once and kept nowhere."""

    share: RecordingShare
    token: str


class NotKept(Exception):
    """There is no sound to share."""


@transaction.atomic
def share(recording: Recording, *, days: int, actor: Any, now: datetime) -> NewShare:
    """A link that opens ``recording`` for ``days``. Raises NotKept."""
    if recording.state != Recording.State.KEPT:
        raise NotKept
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = RecordingShare.objects.create(
        recording=recording,
        token_hash=_hash(token),
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    AuditEvent.note(actor, "recording.shared", subject_of(recording), days=days)
    return NewShare(made, token)


def find(token: str, *, now: datetime) -> RecordingShare | None:
    """The link behind ``token`` while it may be opened and there is something to hear."""
    if len(token) > TOKEN_MAX:
        return None
    rows = RecordingShare.objects.select_related("recording__call__campaign")
    found = rows.filter(token_hash=_hash(token)).first()
    if found is None or not found.is_open(now):
        return None
    return found if found.recording.state == Recording.State.KEPT else None


@transaction.atomic
def note_opening(found: RecordingShare, *, now: datetime) -> None:
    """Somebody opened the page of the link."""
    rows = RecordingShare.objects.filter(pk=found.pk)
    rows.update(opened=F("opened") + 1, opened_at=now)
    AuditEvent.note(None, "recording.share_opened", subject_of(found.recording), link=found.pk)


@transaction.atomic
def note_listening(found: RecordingShare, *, now: datetime) -> None:
    """Somebody listens by the link: told once an hour, since a player asks for many pieces."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    not_told = Q(heard_at=None) | Q(heard_at__lt=hour)
    if RecordingShare.objects.filter(not_told, pk=found.pk).update(heard_at=now):
        subject = subject_of(found.recording)
        AuditEvent.note(None, "recording.share_listened", subject, link=found.pk)


@transaction.atomic
def revoke(found: RecordingShare, *, actor: Any, now: datetime) -> bool:
    """End a link before its time. False when it has ended already."""
    open_ones = RecordingShare.objects.filter(pk=found.pk, revoked_at=None, expires_at__gt=now)
    if not open_ones.update(revoked_at=now):
        return False
    AuditEvent.note(actor, "recording.share_revoked", subject_of(found.recording), link=found.pk)
    return True


def subject_of(recording: Recording) -> str:
    """How the audit log names a recording."""
    return f"{shown(recording.call.phone)}, {recording.call_id}"


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
