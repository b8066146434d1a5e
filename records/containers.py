"""The structure of sound files: whether a file is whole, and whether we can decode it.

Each check leaves the file anywhere, returns whether the decoder knows the sound inside, and
raises Broken, with a sentence when it can say more than «damaged».
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _


class Broken(Exception):
    """The file is damaged, cut off or holds something else than sound."""


def cut_off() -> Broken:
    """The file ends before its end."""
    return Broken(_("Файл обрывается: скопирован или скачан не до конца. Загрузите его целиком."))


# Codes of what a wav holds: PCM, ADPCM, float, A-law, mu-law, IMA ADPCM, extensible.
WAV_CODES = {1, 2, 3, 6, 7, 17, 0xFFFE}
# A program that wrote into a pipe could not know the length beforehand.
UNKNOWN_LENGTHS = {0, 0xFFFFFFFF}


def check_wav(file: BinaryIO, size: int) -> bool:
    """Chunks «fmt » and «data», the latter whole."""
    file.seek(12)
    codes: set[int] = set()
    while len(header := file.read(8)) == 8:
        name, length = header[:4], int.from_bytes(header[4:], "little")
        if name == b"data":
            if not codes:
                break
            if not codes <= WAV_CODES:
                raise Broken(_("Звук в этом wav сжат незнакомым способом. Сохраните его в mp3."))
            # Some recorders count a few bytes too many, and every player forgives it.
            if length not in UNKNOWN_LENGTHS and size - file.tell() < length * 0.9:
                raise cut_off()
            return True
        if name == b"fmt ":
            codes.add(int.from_bytes(file.read(2), "little"))
            length -= 2
        file.seek(length + length % 2, 1)
    raise Broken


def check_mp3(_file: BinaryIO, _size: int) -> bool:
    """Nothing to check before decoding: an mp3 is frames, and only frames."""
    return True


def check_ogg(file: BinaryIO, size: int) -> bool:
    """Whole pages up to one that says it is the last."""
    file.seek(0)
    first, position, is_last = b"", 0, False
    while position < size:
        header = file.read(27)
        if len(header) < 27:
            raise cut_off()
        if header[:4] != b"OggS":
            raise Broken
        lengths = file.read(header[26])
        body = sum(lengths)
        position += 27 + header[26] + body
        if position > size:
            raise cut_off()
        first = first or file.read(min(body, 16)).ljust(1)
        file.seek(position)
        is_last = bool(header[5] & 4)
    if not is_last:
        raise cut_off()
    if first[:8] == b"OpusHead":
        return False
    if first[:7] != b"\x01vorbis":
        raise Broken(_("В этом ogg нет звука, который мы понимаем. Сохраните его в mp3."))
    return True


def check_m4a(file: BinaryIO, size: int) -> bool:
    """Whole boxes, a table of tracks among them, with sound and without pictures."""
    boxes = dict(_boxes(file, size))
    if not {b"moov", b"mdat"} <= boxes.keys():
        raise Broken
    file.seek(boxes[b"moov"].start)
    table = file.read(len(boxes[b"moov"]))
    tracks = set(re.findall(rb"hdlr.{8}(soun|vide)", table, re.DOTALL))
    if b"vide" in tracks:
        raise Broken(_("Это видео. Сохраните из него только звук, в mp3 или m4a."))
    if not tracks:
        raise Broken(_("В файле нет звуковой дорожки. Выберите другой."))
    return False


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, range]]:
    """Name and place of each outer box. Raises Broken."""
    position = 0
    while position < size:
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            raise cut_off()
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 0:  # up to the end of the file
            length = size - position
        elif length == 1:  # too long for four bytes
            length = int.from_bytes(header[8:16], "big")
        if length < 8:
            raise Broken
        if position + length > size:
            raise cut_off()
        yield name, range(position, position + length)
        position += length


CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "wav": check_wav,
    "mp3": check_mp3,
    "ogg": check_ogg,
    "m4a": check_m4a,
}


def is_mp3_frame(head: bytes) -> bool:
    """Whether four bytes are the header of an MPEG layer III frame."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in {0, 15} and rate != 3


def promises_length(head: bytes) -> bool:
    """Whether the beginning of an mp3 says how many frames follow."""
    return b"Xing" in head or b"Info" in head
