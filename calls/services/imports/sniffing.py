"""What a file is, judged by what stands in it and never by its name."""

import csv
from collections import Counter
from collections.abc import Sequence

import charset_normalizer
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.models import ListImport
from calls.services.imports.columns import is_phone, share_of_phones
from calls.services.imports.errors import NotAList

SAMPLE = 256 * 1024  # bytes that a judgement is made on
# What people may switch to; the names are Python's.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp866": "DOS (CP866)",
    "utf-16": "UTF-16",
}
SEPARATORS: dict[str, str | Promise] = {
    ";": gettext_lazy("точка с запятой"),
    ",": gettext_lazy("запятая"),
    "\t": gettext_lazy("табуляция"),
    "|": gettext_lazy("вертикальная черта"),
}
_SINGLE = ["cp1251", "koi8-r", "cp866"]
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"%PDF", "pdf"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"RIFF", "sound"),
    (b"{\\rtf", "text document"),
    (b"SQLite format 3", "database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_KINDS = {"picture", "program"}  # their signatures are short: a text may begin so too


def words_for(kind: str) -> str:
    """What a file that is no list is called."""
    return {
        "picture": _("Это картинка."),
        "pdf": _("Это документ PDF."),
        "program": _("Это программа."),
        "archive": _("Это архив: распакуйте его."),
        "sound": _("Это звук."),
        "text document": _("Это текстовый документ."),
        "database": _("Это база данных."),
    }.get(kind, _("Это не текст и не таблица."))


def needed() -> str:
    return _("Нужна таблица с номерами телефонов: CSV, XLSX, XLS или ODS.")


def format_of(head: bytes, names: Sequence[str] | None) -> str:
    """The format by the first bytes. ``names``: of a zip's members, None if it is no zip.

    Raises NotAList.
    """
    if not head.strip(b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise NotAList(_("Файл пустой. %s") % needed())
    if names is not None:
        return _format_of_zip(names)
    if head.startswith(_OLE):
        return str(ListImport.Format.XLS)
    for signature, kind in _KINDS:
        if head.startswith(signature) and (len(signature) > 2 or _is_binary(head)):
            raise NotAList(f"{words_for(kind)} {needed()}")
    if not _looks_wide(head) and _is_binary(head):
        raise NotAList(f"{words_for('')} {needed()}")
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise NotAList(_("Это веб-страница. %s") % needed())
    return str(ListImport.Format.CSV)


def _format_of_zip(names: Sequence[str]) -> str:
    if any(name.startswith("xl/") for name in names):
        return str(ListImport.Format.XLSX)
    if "content.xml" in names and "mimetype" in names:
        return str(ListImport.Format.ODS)
    if any(name.startswith("word/") for name in names):
        raise NotAList(f"{words_for('text document')} {needed()}")
    raise NotAList(f"{words_for('archive')} {needed()}")


def _is_binary(head: bytes) -> bool:
    """Whether signs stand in it that no text has."""
    odd = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32)))
    return odd > len(head) / 100 or (odd > 0 and len(head) < 100)


def _looks_wide(head: bytes) -> bool:
    """UTF-16: a mark in front, or every second byte from the same half of the table."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    even, odd = head[:2000:2], head[1:2000:2]
    high = min(even.count(0) + even.count(4), odd.count(0) + odd.count(4))
    low = max(even.count(0) + even.count(4), odd.count(0) + odd.count(4))
    return low > 0.7 * max(1, len(odd)) and high < 0.2 * max(1, len(odd))


def encoding_of(sample: bytes) -> str:
    """The encoding of a text: one of ENCODINGS."""
    if _looks_wide(sample):
        return "utf-16"
    cut = sample[: sample.rfind(b"\n") + 1] or sample  # a letter may be cut in two at the end
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(cut) == len(sample) and error.start > len(sample) - 4:
            return "utf-8"
    else:
        return "utf-8"
    letters = b"\n".join(line for line in cut.splitlines()[:2000] if not line.isascii())
    best = charset_normalizer.from_bytes(letters, cp_isolation=_SINGLE).best()
    return {"koi8_r": "koi8-r"}.get(best.encoding, best.encoding) if best else "cp1251"


def codec_of(encoding: str, head: bytes) -> str:
    """The exact codec: UTF-16 without a mark has one of two orders."""
    if encoding != "utf-16" or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return encoding
    even, odd = head[:2000:2], head[1:2000:2]
    return (
        "utf-16-be" if even.count(0) + even.count(4) > odd.count(0) + odd.count(4) else "utf-16-le"
    )


def separator_of(lines: Sequence[str]) -> str:
    """What stands between cells: what lays most phones bare, and cuts lines into equal parts."""
    scores = {separator: _fitness(lines[:200], separator) for separator in SEPARATORS}
    return max(scores, key=lambda separator: scores[separator])


def _fitness(lines: Sequence[str], separator: str) -> float:
    try:
        rows = [cells for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:  # a cell longer than anybody's
        return 0.0
    counts = Counter(map(len, rows))
    if not counts:
        return 0.0
    cells, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    phones = max(share_of_phones(rows, at) for at in range(min(cells, 30)))
    return float(phones + (times / len(rows)) ** 3 * min(cells - 1, 5) / 5)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: no phone stands in it, and it is made of words."""
    if not rows:
        return True
    first = rows[0]
    if any(map(is_phone, first)):
        return False
    if len(rows) == 1:
        return True
    filled = [cell for cell in first if cell.strip()]
    digits = [cell for cell in filled if any(map(str.isdigit, cell))]
    return bool(filled) and len(digits) <= len(filled) / 2
