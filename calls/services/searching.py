"""What the search over recordings looks through: all words about one, in small letters.

They are written beside the recording whenever one of them changes, so that a search is one
question to one column; SQLite compares only Latin letters without regard to their size.
"""

import re
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from calls.models import Recording, Transcript
from calls.services.answering import answers

WORDS_MAX = 50_000  # characters


@transaction.atomic
def refresh(recording_pk: int) -> None:
    """Write the words of one recording anew. In the transaction that changes them."""
    rows = Recording.objects.select_related("call__campaign__scenario_version").defer("peaks")
    # Two remarks at once: the later one waits here, and so sees what the other has written.
    # Not for the key: each of them holds that already, by the row it has just added.
    rows = rows.select_for_update(of=("self",), no_key=True)
    recording = rows.filter(pk=recording_pk).first()
    if recording is not None:
        words = kept(" ".join(filter(None, _words(recording))))
        Recording.objects.filter(pk=recording_pk).update(words=words)


def kept(text: str) -> str:
    """What is kept of a text: each word once, since nobody asks for a word's neighbours.

    Less is read by a search then, and more of a long talk finds room.
    """
    return " ".join(dict.fromkeys(plain(text).split()))[:WORDS_MAX]


def found(recordings: QuerySet[Recording], text: str) -> QuerySet[Recording]:
    """Those with every word of ``text`` somewhere in theirs, or with the phone that it may be."""
    digits, as_said = _digits(text), has_all(text)  # «24.11» is a day as well as part of a phone
    return recordings.filter(_has(digits) | as_said if digits else as_said)


def has_all(text: str) -> Q:
    """Each word of ``text`` is somewhere among those of the recording."""
    return Q(*(_has(word) for word in plain(text).split()))


def _has(word: str) -> Q:
    """Both sides are plain: the bytes may be looked for in whichever way costs less."""
    if connection.vendor == "sqlite":
        return Q(words__contains=word)
    return Q(GreaterThan(StrIndex(F("words"), Value(word)), 0))


def plain(text: str) -> str:
    """As it is compared: small letters, е for ё, and no NUL, which PostgreSQL does not keep."""
    return text.lower().replace("ё", "е").replace("\x00", "")


def _digits(text: str) -> str:
    """The digits of a phone or of a part of one, however it is written; empty for other texts."""
    if re.search(r"[^\s0-9()+.\-–—]", text):
        return ""
    digits = re.sub(r"[^0-9]", "", text)
    return "7" + digits[1:] if len(digits) == 11 else digits


def _words(recording: Recording) -> Iterator[str]:
    call = recording.call
    yield from (call.phone, call.name, call.campaign.name, recording.manager_phone)
    for answer in answers(call):
        yield f"{answer.text} {answer.label}"
    if recording.state == Recording.State.REMOVED:
        return  # what was said in it is gone with it
    yield from recording.tags.values_list("name", flat=True)
    yield from recording.comments.values_list("text", flat=True)
    transcript = Transcript.objects.filter(recording=recording).first()
    if transcript is not None:
        yield from (part["text"] for part in transcript.parts)
