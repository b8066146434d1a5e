"""The scenario document: what an operator draws, as frozen dataclasses and as JSON.

Reading is strict about shapes and kind about content: a draft with mistakes must be kept, so an
empty text or a repeated key is read as it is and found by ``check``.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.utils.translation import gettext as _

VERSION = 1
OWN_WEBHOOK = "obzvon:"  # an address of a step that means ours
BYTES_MAX = 1024 * 1024
STEPS_MAX = 500
DEPTH_MAX = 20

FEMALE, MALE = 0, 1
ID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # of a step: it stands in the addresses of a page
ROOT = "root"  # no step's id: pages call the opening so
BIGGEST_KEY = 2**63 - 1  # what a database column holds


class NotADocument(ValueError):
    """The JSON is no scenario; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is played: one of our records, or a text to synthesise."""

    kind: str = "text"  # text, record
    text: str = ""
    gender: int = FEMALE
    record: int | None = None  # primary key of a Record; None: not chosen yet

    @property
    def is_record(self) -> bool:
        return self.kind == "record"

    def as_json(self) -> dict[str, Any]:
        if self.is_record:
            return {"kind": "record", "record": self.record}
        return {"kind": "text", "text": self.text, "gender": self.gender}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        data = _object(data)
        kind = data.get("kind", "text")
        if kind == "record":
            record = data.get("record")
            return cls("record", record=None if record in (None, "") else _key(record))
        if kind != "text":
            raise NotADocument(_("Это не сценарий: сообщение не текст и не ролик."))
        gender = MALE if data.get("gender") in (MALE, "1") else FEMALE
        return cls(text=_text(data.get("text")), gender=gender)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What leads to a step: a digit, spoken words, or silence."""

    kind: str = "silence"  # digit, words, silence
    digit: int | None = None
    words: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        if self.kind == "digit":
            return {"kind": "digit", "digit": self.digit}
        if self.kind == "words":
            return {"kind": "words", "words": list(self.words)}
        return {"kind": "silence"}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        data = _object(data)
        kind = data.get("kind")
        if kind == "digit":
            digit = data.get("digit")
            return cls("digit", digit=None if digit in (None, "") else _whole(digit))
        if kind == "words":
            return cls("words", words=tuple(map(_text, _list(data.get("words")))))
        if kind == "silence":
            return cls()
        raise NotADocument(_("У шага неизвестное условие: нужна клавиша, слова или молчание."))


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request the service makes at a step.

    ``parameters`` keep their order, and in a draft also names that repeat.
    """

    url: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        pairs = dict(self.parameters)
        if len(pairs) == len(self.parameters):
            return {"url": self.url, "parameters": pairs}
        return {"url": self.url, "parameters": [list(pair) for pair in self.parameters]}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        data = _object(data)
        given = data.get("parameters") or []
        pairs = given.items() if isinstance(given, Mapping) else _list(given)
        return cls(_text(data.get("url")), tuple(map(_pair, pairs)))


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the tree: what leads here, what happens, and what may follow."""

    id: str
    label: str = ""  # for reports, never sent
    trigger: Trigger = field(default_factory=Trigger)
    recognize: bool = False
    block: bool = False
    sound: Sound | None = None
    manager_phone: str = ""
    sms: str = ""
    webhook: Webhook | None = None
    steps: tuple["Step", ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": self.label,
            "trigger": self.trigger.as_json(),
            "recognize": self.recognize,
            "block": self.block,
            "sound": self.sound.as_json() if self.sound else None,
            "manager_phone": self.manager_phone,
            "sms": self.sms,
            "webhook": self.webhook.as_json() if self.webhook else None,
            "steps": [step.as_json() for step in self.steps],
        }

    @classmethod
    def from_json(cls, data: Any, depth: int = 1) -> Self:
        data = _object(data)
        if depth > DEPTH_MAX:
            raise NotADocument(_too_deep())
        sound, webhook = data.get("sound"), data.get("webhook")
        return cls(
            id=_text(data.get("id"))[:40],
            label=_text(data.get("label")),
            trigger=Trigger.from_json(data.get("trigger") or {"kind": "silence"}),
            recognize=data.get("recognize") in (True, 1, "1"),
            block=data.get("block") in (True, 1, "1"),
            sound=Sound.from_json(sound) if sound else None,
            manager_phone=_text(data.get("manager_phone")),
            sms=_text(data.get("sms")),
            webhook=Webhook.from_json(webhook) if webhook else None,
            steps=tuple(cls.from_json(step, depth + 1) for step in _list(data.get("steps") or [])),
        )


@dataclass(frozen=True, slots=True)
class Document:
    """A whole scenario."""

    opening: Sound = field(default_factory=Sound)
    recognize: bool = False
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "opening": self.opening.as_json(),
            "recognize": self.recognize,
            "steps": [step.as_json() for step in self.steps],
        }

    @classmethod
    def from_json(cls, data: Any) -> "Document":
        """Read a document. Raises NotADocument. Steps get unique ids where theirs are not."""
        data = _object(data)
        if data.get("v") != VERSION:
            raise NotADocument(_("Это не сценарий, или его версия неизвестна."))
        document = cls(
            opening=Sound.from_json(data.get("opening") or {}),
            recognize=data.get("recognize") in (True, 1, "1"),
            steps=tuple(Step.from_json(step) for step in _list(data.get("steps") or [])),
        )
        return with_unique_ids(sized(document))

    def walk(self) -> Iterator[tuple[Step, int]]:
        """Every step with its depth (1 for the first menu), parents before children."""
        return _walk(self.steps, 1)

    def find(self, step_id: str) -> Step | None:
        return next((step for step, _depth in self.walk() if step.id == step_id), None)

    def sounds(self) -> Iterator[Sound]:
        """Everything that is played."""
        yield self.opening
        yield from (step.sound for step, _depth in self.walk() if step.sound)

    def canonical(self) -> bytes:
        """The JSON in one agreed notation: equal documents have equal bytes."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    def sha256(self) -> str:
        """Of the canonical JSON: equal documents have equal sums."""
        return hashlib.sha256(self.canonical()).hexdigest()


def new_document() -> Document:
    """What a person starts from: an empty text."""
    return Document()


def parse(text: bytes) -> Document:
    """Read a document's JSON text. Raises NotADocument with a sentence."""
    if len(text) > BYTES_MAX:
        raise NotADocument(too_big())
    try:
        return Document.from_json(json.loads(text))
    except NotADocument:
        raise
    except (ValueError, RecursionError) as error:
        raise NotADocument(_("Это не JSON сценария: его не удалось прочитать.")) from error


def record_pks(document: Document) -> set[int]:
    """The records a document plays."""
    played = {sound.record for sound in document.sounds() if sound.is_record}
    return {record for record in played if record is not None}


def with_unique_ids(document: Document) -> Document:
    """Number the steps whose id is missing, odd or stands twice; the others keep theirs."""
    taken: set[str] = {ROOT}
    kept = {step.id for step, _depth in document.walk()}
    numbers = (f"s{number}" for number in range(1, STEPS_MAX * 3))

    def named(step: Step) -> Step:
        name = step.id
        if not ID.fullmatch(name) or name in taken:
            name = next(free for free in numbers if free not in taken and free not in kept)
        taken.add(name)
        return replace(step, id=name, steps=tuple(map(named, step.steps)))

    return replace(document, steps=tuple(map(named, document.steps)))


def sized(document: Document) -> Document:
    """The document as it is. Raises NotADocument when it is larger than any real one."""
    depths = [depth for _step, depth in document.walk()]
    if max(depths, default=0) > DEPTH_MAX:
        raise NotADocument(_too_deep())
    if len(depths) > STEPS_MAX:
        raise NotADocument(
            _("В сценарии больше %(max)d шагов. Разделите его на несколько.") % {"max": STEPS_MAX}
        )
    if len(document.canonical()) > BYTES_MAX:
        raise NotADocument(too_big())
    return document


def _too_deep() -> str:
    return _("Меню вложены глубже %(max)d уровней. Сделайте дерево проще.") % {"max": DEPTH_MAX}


def too_big() -> str:
    """What is said of a scenario larger than ``BYTES_MAX``."""
    return _("Сценарий больше 1 МБ. Сократите тексты или разделите его на несколько.")


def _walk(steps: tuple[Step, ...], depth: int) -> Iterator[tuple[Step, int]]:
    for step in steps:
        yield step, depth
        yield from _walk(step.steps, depth + 1)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise NotADocument(_("Это не сценарий: вместо объекта что-то другое."))
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise NotADocument(_("Это не сценарий: вместо списка что-то другое."))
    return list(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # Databases keep neither NUL nor half of a surrogate pair.
        return value.replace("\x00", "").encode(errors="ignore").decode()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise NotADocument(_("Это не сценарий: вместо текста что-то другое."))


def _whole(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise NotADocument(_("Это не сценарий: вместо числа что-то другое.")) from error


def _key(value: Any) -> int:
    key = _whole(value)
    if not 0 < key <= BIGGEST_KEY:
        raise NotADocument(_("Это не сценарий: такого ролика не может быть."))
    return key


def _pair(value: Any) -> tuple[str, str]:
    name, content = (*_list(value), "", "")[:2]
    return _text(name), _text(content)
