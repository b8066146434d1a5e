"""An uploaded file on its way to the disk: counted, fingerprinted, and judged."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from calls.models import ListImport
from calls.services.imports import sniffing, tables
from calls.services.imports.errors import NotAList
from calls.services.imports.reading import Reader
from calls.services.imports.sheet import SEPARATOR

LONGEST_LINE = 1024 * 1024  # bytes; no list has such lines, and a line is read into memory
_PIECE = 64 * 1024


@dataclass
class Written:
    """What is known of a file when its last byte has been written."""

    size: int = 0
    sha256: str = ""
    longest: int = 0  # bytes without a \\n, about
    longest_piece: int = 0  # bytes without a \\n or a \\r, about


def megabytes(size: int) -> str:
    """A size for people: «2,1 ГБ», «35 МБ»."""
    if size >= 1024**3:
        return _("%s ГБ") % f"{size / 1024**3:.1f}".replace(".", ",")
    return _("%d МБ") % max(1, round(size / 1024**2))


def check_size(size: int) -> None:
    """Raise NotAList for a file that is too large. A page asks before it accepts the bytes."""
    most = settings.LIST_MEGABYTES * 1024**2
    if size > most:
        raise NotAList(
            _("Файл %(size)s, а можно до %(most)s. Разделите его или уберите лишние столбцы.")
            % {"size": megabytes(size), "most": megabytes(most)}
        )


def written(source: Any, target: IO[bytes]) -> Written:
    """Copy piece by piece, counting. Raises NotAList as soon as it is too large."""
    about, digest = Written(), hashlib.sha256()
    since_n = since_any = 0
    for piece in _pieces(source):
        about.size += len(piece)
        check_size(about.size)
        digest.update(piece)
        target.write(piece)
        last = piece.rfind(b"\n")
        since_n = since_n + len(piece) if last < 0 else len(piece) - last
        last = max(last, piece.rfind(b"\r"))
        since_any = since_any + len(piece) if last < 0 else len(piece) - last
        about.longest = max(about.longest, since_n)
        about.longest_piece = max(about.longest_piece, since_any)
    target.flush()
    about.sha256 = digest.hexdigest()
    return about


def _pieces(source: Any) -> Iterator[bytes]:
    if hasattr(source, "chunks"):
        source.seek(0)
        yield from source.chunks(_PIECE)
        return
    yield from iter(lambda: source.read(_PIECE), b"")


@contextmanager
def scratch() -> Any:
    """A temporary file beside the uploads, gone afterwards."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".list-") as file:
        yield file


def judge(imported: ListImport, file: IO[bytes], about: Written) -> None:
    """Set format, encoding and separator of a file. Raises NotAList."""
    file.seek(0)
    head = file.read(sniffing.SAMPLE)
    names = tables.members(file)
    imported.format = sniffing.format_of(head, names)
    if names is not None:
        tables.check_unpacked(file)
    if imported.format == ListImport.Format.CSV:
        if about.longest_piece > LONGEST_LINE:
            raise NotAList(_("В файле строка длиннее 1 МБ: это не список. %s") % sniffing.needed())
        imported.encoding = sniffing.encoding_of(head)


def needs_table(imported: ListImport, head: bytes, about: Written | None = None) -> bool:
    """Whether the file can not be read line by line as it is."""
    if imported.format != ListImport.Format.CSV or imported.encoding == "utf-16":
        return True
    only_returns = b"\r" in head and b"\n" not in head
    return only_returns or (about is not None and about.longest > LONGEST_LINE)


def make_table(imported: ListImport) -> None:
    """Write ``table`` anew, if the file needs one; the one before stays. Raises NotAList."""
    with imported.file.open("rb") as source:
        head = source.read(sniffing.SAMPLE)
        if not needs_table(imported, head):
            imported.table = ""
        else:
            with scratch() as target:
                _fill(imported, source, head, Path(target.name))
                target.seek(0)
                imported.table.save(
                    f"{Path(imported.file.path).name}.csv", File(target), save=False
                )
    with opened(imported) as file:
        imported.length = file.seek(0, 2)


def _fill(imported: ListImport, source: IO[bytes], head: bytes, target: Path) -> None:
    if imported.format == ListImport.Format.CSV:
        codec = sniffing.codec_of(imported.encoding, head)
        return tables.from_text(source, codec, target)
    imported.sheets, imported.sheet = tables.from_book(
        Path(imported.file.path), imported.sheet, target
    )
    return None


def drop(name: str | None) -> None:
    """Delete a table that another has taken the place of, if there is one."""
    if name:
        with suppress(OSError):
            default_storage.delete(name)


def forget(imported: ListImport) -> None:
    """Delete what was uploaded and what was made of it: people are in both."""
    for field in (imported.file, imported.table):
        if field.name:
            field.storage.delete(field.name)


def opened(imported: ListImport) -> IO[bytes]:
    """What is read: the file itself, or the table made of it."""
    return (imported.table or imported.file).open("rb")


def reader_of(imported: ListImport, file: IO[bytes]) -> Reader:
    """A reader of what ``opened`` returned."""
    encoding = "utf-8" if imported.table else imported.encoding
    separator = imported.separator or SEPARATOR
    return Reader(file, encoding, separator)
