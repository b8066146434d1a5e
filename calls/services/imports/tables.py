"""Files that can not be read line by line, turned into one that can: UTF-8, lines by \\n."""

import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from calls.services.imports import sheet
from calls.services.imports.errors import NotAList

SECONDS = 90  # that a spreadsheet may take to open
ENTRIES = 10_000  # parts of a zipped spreadsheet; a large one has dozens
UNPACKED = 1024**3  # bytes that a zipped spreadsheet may have inside
_PIECE = 1024 * 1024


def members(file: IO[bytes]) -> list[str] | None:
    """Names inside a zip; None if it is none, or a broken one that nobody can read."""
    file.seek(0)
    if file.read(2) != b"PK":
        return None
    if _entries(file) > ENTRIES:
        raise NotAList(_("В файле слишком много частей: таблица так не выглядит. Сохраните CSV."))
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NotAList(_("Файл повреждён: таблица не открывается. Сохраните её заново.")) from error


def _entries(file: IO[bytes]) -> int:
    """How many parts a zip says to have, without reading their names; 0 when it does not say."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 10 : at + 12], "little") if at >= 0 else 0


def check_unpacked(file: IO[bytes]) -> None:
    """Raise NotAList for a file that unpacks to more than there is room for.

    It is counted, since the sizes written in a zip may lie.
    """
    total = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            for size in _unpacked(file, member):
                total += size
                if total > UNPACKED:
                    raise NotAList(
                        _("Таблица распаковывается больше чем в 1 ГБ. Сохраните её как CSV.")
                    )


def _unpacked(file: IO[bytes], member: zipfile.ZipInfo) -> Iterator[int]:
    """Sizes of the pieces that a member really unpacks to."""
    if member.compress_type == zipfile.ZIP_STORED:
        yield member.compress_size
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise NotAList(_("Таблица сжата необычно и не открывается. Сохраните её как CSV."))
    file.seek(member.header_offset + 26)
    lengths = file.read(4)
    file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    left, inflate = member.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left > 0 and (packed := file.read(min(_PIECE, left))):
            left -= len(packed)
            while packed:
                yield len(inflate.decompress(packed, _PIECE))
                packed = inflate.unconsumed_tail
    except zlib.error as error:
        raise NotAList(_("Файл повреждён: таблица не открывается. Сохраните её заново.")) from error


def from_book(book: Path, name: str, target: Path) -> tuple[list[str], str]:
    """Write a sheet of a spreadsheet to ``target``. Returns all sheets' names, and its own.

    Without ``name``: the first that is not empty. Raises NotAList.
    """
    command = [sys.executable, "-I", sheet.__file__, book, name, target]
    most = settings.LIST_MEGABYTES * 1024**2
    try:
        done = subprocess.run(  # noqa: S603  # our own module, no shell
            [*map(str, command), str(most)], capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotAList(_("Таблица открывается слишком долго. Сохраните её как CSV.")) from None
    if done.returncode == sheet.LOCKED:
        raise NotAList(_("Таблица закрыта паролем. Снимите пароль и загрузите её ещё раз."))
    if done.returncode == sheet.UNREADABLE:
        raise NotAList(_("Файл повреждён: таблица не открывается. Сохраните её заново."))
    if done.returncode:
        raise NotAList(_("Таблица слишком большая. Удалите лишние листы или сохраните её как CSV."))
    about = json.loads(done.stdout)
    return about["sheets"], about["sheet"]


def from_text(source: IO[bytes], codec: str, target: Path) -> None:
    """Write a text of another encoding, or with other ends of lines, as UTF-8 with \\n."""
    source.seek(0)
    text = io.TextIOWrapper(source, codec, errors="replace", newline=None)
    with target.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        while piece := text.read(_PIECE):
            file.write(piece)
    text.detach()
