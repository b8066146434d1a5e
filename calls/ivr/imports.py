"""A scenario out of a file or a pasted text: our own, or the body of a request to the service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from calls.ivr import mending
from calls.ivr.body import BodyReader, opening_place, step_place
from calls.ivr.document import BYTES_MAX, Document, NotADocument, Sound, Step
from obzvon_site.common.redact import masked

NOTES_MAX = 100
SECRET_MIN = 6  # what is shorter would be found in ordinary words
BODY = ("record", "ivrs")
BARE = ("opening", "steps")  # of a document without a file around it
KNOWN = (*BODY, *BARE, "document")


class TooLarge(NotADocument):
    """More bytes than any scenario has; it was not even read."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read. ``notes`` are sentences: what was dropped or mended, and where."""

    name: str  # may be empty
    document: Document
    notes: tuple[str, ...] = ()


def read(text: bytes | str, *, records: Mapping[int, int]) -> Imported:
    """Read a scenario. ``records`` maps ids at the service to the records of the account.

    Raises NotADocument with a sentence, TooLarge among them.
    """
    if len(text) > BYTES_MAX or len(_bytes(text)) > BYTES_MAX:
        raise TooLarge(_("Файл больше 1 МБ: таких сценариев не бывает. Выберите другой."))
    data, notes = _parsed(_decoded(text))
    if not isinstance(data, Mapping) or data.keys().isdisjoint(KNOWN):
        raise NotADocument(_("Здесь нет сценария: нужен файл сценария или запрос с record и ivrs."))
    document, more = _read(data, records)
    secret = data.get("apiKey")
    secrets = [secret] if isinstance(secret, str) and len(secret) >= SECRET_MIN else []
    said = tuple(masked(note, *secrets) for note in _few([*notes, *more]))
    return Imported(_name(data), document, said)


def _read(data: Mapping[str, Any], records: Mapping[int, int]) -> tuple[Document, list[str]]:
    if data.keys().isdisjoint({*BODY, "document"}):
        return _own(data, records)
    notes = []
    if "document" in data:
        try:
            return _own(data["document"], records)
        except NotADocument:
            if data.keys().isdisjoint(BODY):
                raise
        notes.append(_("Сценарий в файле не прочитан, взят запрос к сервису рядом с ним."))
    reader = BodyReader(records)
    document = Document.from_json(reader.document(data))
    return document, notes + reader.notes


def _own(data: Any, records: Mapping[int, int]) -> tuple[Document, list[str]]:
    """Our own document; records that the account has not got are to be chosen again."""
    document = Document.from_json(data)
    ours = set(records.values())
    notes: list[str] = []

    def sound(place: str, given: Sound) -> Sound:
        if given.record is None or given.record in ours:
            return given
        notes.append(_("%(place)s: ролика из файла здесь нет. Выберите другой.") % {"place": place})
        return replace(given, record=None)

    def steps(given: tuple[Step, ...], prefix: str) -> tuple[Step, ...]:
        return tuple(step(each, f"{prefix}{place}") for place, each in enumerate(given, start=1))

    def step(given: Step, number: str) -> Step:
        played = sound(step_place(number), given.sound) if given.sound else None
        return replace(given, sound=played, steps=steps(given.steps, f"{number}."))

    opening = sound(opening_place(), document.opening)
    return replace(document, opening=opening, steps=steps(document.steps, "")), notes


def _parsed(text: str) -> tuple[Any, list[str]]:
    """The JSON, mended where it is broken, and a note of that."""
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise NotADocument(_("Это не сценарий: скобки вложены слишком глубоко.")) from error
    except ValueError:
        data = text
    if not isinstance(data, str):
        return data, []
    found = mending.find(data, KNOWN)
    if found is None:
        raise NotADocument(_("Это не JSON сценария: его не удалось прочитать."))
    if found.is_mended:
        return found.data, [_("JSON был с ошибками и исправлен. Проверьте начало и все ответы.")]
    return found.data, [_("Сценарий взят из середины текста, остальное пропущено.")]


def _bytes(text: bytes | str) -> bytes:
    return text.encode(errors="replace") if isinstance(text, str) else text


def _decoded(text: bytes | str) -> str:
    """Files come in UTF-8, and from old Windows programs in others."""
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", errors="replace")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return text.decode("cp1251", errors="replace")


def _name(data: Mapping[str, Any]) -> str:
    """The first line of what names the scenario, without what databases cannot keep."""
    name = data.get("name") or data.get("label")
    if not isinstance(name, str):
        return ""
    clean = name.replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(clean.split())


def _few(notes: list[str]) -> list[str]:
    if len(notes) <= NOTES_MAX:
        return notes
    rest = _("И ещё замечаний: %(n)d.") % {"n": len(notes) - NOTES_MAX}
    return [*notes[:NOTES_MAX], rest]
