"""What people say about a recording: tags that all share, and comments, some at a moment of it."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from calls.models import Recording, RecordingComment, Tag
from calls.services import searching
from obzvon_site.accounts.models import User

MOST_OFFERED = 200  # tags to choose from


def offered() -> list[str]:
    """Tags that were used, to type less."""
    return list(Tag.objects.values_list("name", flat=True)[:MOST_OFFERED])


@transaction.atomic
def tag(recording: Recording, name: str) -> Tag:
    """Put a tag on it: small letters, single spaces, so that one word is one tag."""
    found, _is_new = Tag.objects.get_or_create(name=cleaned(name))
    recording.tags.add(found)
    searching.refresh(recording.pk)
    return found


@transaction.atomic
def untag(recording: Recording, tag_id: int) -> None:
    recording.tags.remove(tag_id)
    searching.refresh(recording.pk)


def cleaned(name: str) -> str:
    return " ".join(name.lower().split())[:40]


@transaction.atomic
def comment(
    recording: Recording, text: str, *, second: Decimal | None, author: User, now: datetime
) -> RecordingComment:
    """A remark at a moment of the recording, or (None) about the whole of it."""
    made = RecordingComment.objects.create(
        recording=recording, author=author, second=second, text=text, created_at=now
    )
    searching.refresh(recording.pk)
    return made


@transaction.atomic
def withdraw(comment_id: int, *, author: User) -> Recording | None:
    """Take back one's own remark. Returns what it was about; None: there is no such remark."""
    mine = RecordingComment.objects.filter(pk=comment_id, author=author)
    found = mine.select_related("recording").first()
    if found is None:
        return None
    found.delete()
    searching.refresh(found.recording_id)
    return found.recording
