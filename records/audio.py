"""What an uploaded file really is: its kind by content, its length, and whether it is whole."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

import miniaudio
from django.utils.translation import gettext as _
from tinytag import TinyTag, TinyTagException

from records import containers
from records.containers import Broken

logger = logging.getLogger(__name__)

HEAD = 16
SHORTEST = Decimal("0.3")  # seconds: less is a click
RATE = 8000  # frames a second to decode into: only their number matters
# An mp3's header also counts the padding that no decoder gives back, up to 0.2 s.
PADDING, SHARE = Decimal("0.3"), Decimal("0.1")


class NotAudio(Exception):
    """The file cannot be a record; the text is a sentence for the person who chose it."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A checked file."""

    kind: str  # wav, mp3, ogg or m4a
    seconds: Decimal
    size: int  # bytes


def examine(file: BinaryIO, *, max_bytes: int, max_seconds: int) -> Sound:
    """Find out by content what the file is. Leaves it at its beginning.

    Raises NotAudio with what is wrong: empty, too big, no audio, damaged, too short or too long.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if not size:
        raise NotAudio(_("Файл пустой. Выберите другой."))
    if size > max_bytes:
        raise NotAudio(
            _("Файл больше %(limit)d МБ. Сожмите его в mp3 или сократите.")
            % {"limit": max_bytes // 1024**2}
        )
    kind = recognise(file)
    try:
        seconds = _length(file, kind, size, max_seconds)
    except Broken as error:
        raise NotAudio(str(error) or _damaged()) from error
    finally:
        file.seek(0)
    if seconds < SHORTEST:
        raise NotAudio(_("В файле нет звука: он короче половины секунды."))
    if seconds > max_seconds:
        raise NotAudio(
            _("Запись длиннее %(limit)d мин. Сократите её.") % {"limit": max_seconds // 60}
        )
    return Sound(kind, seconds.quantize(Decimal("0.01")), size)


def recognise(file: BinaryIO) -> str:
    """wav, mp3, ogg or m4a by how the file begins. Raises NotAudio."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"OggS":
        return "ogg"
    if head[4:8] == b"ftyp":
        return "m4a"
    if head[:3] == b"ID3" or containers.is_mp3_frame(head):
        return "mp3"
    raise NotAudio(_("Это не аудио. Нужен файл wav, mp3, ogg или m4a."))


def _length(file: BinaryIO, kind: str, size: int, max_seconds: int) -> Decimal:
    """Seconds of sound. Raises Broken when the file is damaged, cut off or no sound at all."""
    is_decodable = containers.CHECKS[kind](file, size)
    if not is_decodable:  # its own structure has to do
        return _promised(file)
    heard = _heard(file, kind, max_seconds)
    if kind == "mp3" and _says_length(file):
        promised = _promised(file)
        if heard < promised - max(PADDING, promised * SHARE):
            raise containers.cut_off()
    return heard


def _promised(file: BinaryIO) -> Decimal:
    """Seconds of sound by what the file says of itself. Raises Broken."""
    file.seek(0)
    try:
        tag = TinyTag.get(file_obj=file, tags=False)
    except (TinyTagException, ValueError, OverflowError, ArithmeticError) as error:
        raise Broken from error
    return Decimal(str(round(tag.duration or 0, 3)))


def _says_length(file: BinaryIO) -> bool:
    file.seek(0)
    return containers.promises_length(file.read(64 * 1024))


def _heard(file: BinaryIO, kind: str, max_seconds: int) -> Decimal:
    """Seconds that can be decoded, counted up to a little over ``max_seconds``. Raises Broken.

    Never holds the whole sound: a few megabytes may hold days of silence.
    """
    formats = miniaudio.FileFormat
    forms = {"wav": formats.WAV, "mp3": formats.MP3, "ogg": formats.VORBIS}
    file.seek(0)
    frames = 0
    try:
        for block in miniaudio.stream_any(
            _Source(file), forms[kind], nchannels=1, sample_rate=RATE, frames_to_read=RATE
        ):
            frames += len(block)
            if frames > max_seconds * RATE:
                break
    except miniaudio.MiniaudioError as error:
        logger.info("%s cannot be decoded: %s", kind, error)
        raise Broken from error
    return Decimal(frames) / RATE


class _Source(miniaudio.StreamableSource):  # type: ignore[misc]
    """An open file, as the decoder wants it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, num_bytes: int) -> bytes:
        return self._file.read(num_bytes)

    def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
        self._file.seek(offset, 1 if origin == miniaudio.SeekOrigin.CURRENT else 0)
        return True


def _damaged() -> str:
    return _("Файл повреждён: звук из него не читается. Сохраните его заново.")
