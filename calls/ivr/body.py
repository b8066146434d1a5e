"""From the body of ``create``, as people write it, to a scenario document as JSON.

Whatever is not understood becomes a note with its place in the tree. Values never stand in notes:
among them may be a key. Source: API document, «Запрос на звонок».
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from calls.ivr.check import LABEL_MAX
from calls.ivr.document import (
    DEPTH_MAX,
    FEMALE,
    MALE,
    OWN_WEBHOOK,
    STEPS_MAX,
    VERSION,
    NotADocument,
)
from calls.ivr.exports import MASKED_WEBHOOK, PAYLOAD
from obzvon_site.common import phones
from obzvon_site.common.redact import masked

ORDER = {  # of one order, not of a scenario
    *("apiKey", "phone", "phones", "outgoingPhone", "dutyPhone", "plannedAt"),
    *("needRecording", "webhookUrl"),
}
LABELS = ("label", "name", "comment")
WORDS = ("keyWords", "keywords")
STEP = {
    *("id", "digit", "recognize", "needBlock", "record", "managerPhone", "smsText"),
    *("webhookUrl", "webhookParameters", "ivrs"),
}
FILE = {"format", "v", "document", "name", "label"}  # known, and read elsewhere
NAMES_SHOWN = 10

_NAME = re.compile(r"[\w.\- ]{1,40}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")

Json = dict[str, Any]


class BodyReader:
    """Reads one body. ``records`` maps ids at the service to our keys; ``notes`` gathers."""

    def __init__(self, records: Mapping[int, int]) -> None:
        self.notes: list[str] = []
        self._records = records
        self._count = 0  # of steps

    def document(self, data: Mapping[str, Any]) -> Json:
        """The body as a document's JSON. Raises NotADocument when it is too large."""
        place = opening_place()
        if not ORDER.isdisjoint(data):
            self.notes.append(_("Ключ, номера, время и вебхук звонка пропущены: они не сценарий."))
        self._unknown("", data, {*PAYLOAD, *ORDER, *FILE})
        opening = self._sound(place, data.get("record"))
        if opening is None:
            self._note(place, _("нет ни ролика, ни текста."))
        return {
            "v": VERSION,
            "opening": opening or {},
            "recognize": self._flag(place, data, "recognize"),
            "steps": self._menu(place, data.get("ivrs"), "", 1),
        }

    def _menu(self, place: str, value: Any, prefix: str, depth: int) -> list[Json]:
        steps: list[Json] = []
        entries = self._entries(place, value)
        if entries and depth > DEPTH_MAX:
            raise NotADocument(
                _("Меню вложены глубже %(max)d уровней. Сделайте дерево проще.")
                % {"max": DEPTH_MAX}
            )
        for entry in entries:
            steps += self._steps(entry, f"{prefix}{len(steps) + 1}", depth)
        return steps

    def _entries(self, place: str, value: Any) -> list[Mapping[str, Any]]:
        """The objects of a menu, however they are held together."""
        if value in (None, "", [], {}):
            return []
        if isinstance(value, Mapping):
            self._note(place, _("ответы записаны не списком, прочитаны по порядку."))
            is_list = all(str(name).isdecimal() for name in value)
            value = list(value.values()) if is_list else [value]
        if not isinstance(value, list):
            self._note(place, _("ответы меню не прочитаны."))
            return []
        entries = [entry for entry in value if isinstance(entry, Mapping)]
        if len(entries) < len(value):
            self._note(place, _("в меню пропущено то, что не похоже на ответ."))
        return entries

    def _steps(self, data: Mapping[str, Any], number: str, depth: int) -> list[Json]:
        """One entry as a step, or as two: ours are led to by a key or by words, not by both."""
        place = step_place(number)
        before = self._count
        self._counted(1)
        triggers = self._triggers(place, data)
        step = {
            "id": str(data["id"]) if isinstance(data.get("id"), str | int) else "",
            "label": self._label(place, data),
            "trigger": triggers[0],
            "recognize": self._flag(place, data, "recognize"),
            "block": self._flag(place, data, "needBlock"),
            "sound": self._sound(place, data.get("record")),
            "manager_phone": self._phone(place, data.get("managerPhone")),
            "sms": self._text(place, "smsText", data.get("smsText")),
            "webhook": self._webhook(place, data),
            "steps": self._menu(place, data.get("ivrs"), f"{number}.", depth + 1),
        }
        self._unknown(place, data, {*STEP, *WORDS, *LABELS})
        if len(triggers) == 1:
            return [step]
        self._note(place, _("стояли и клавиша, и слова: теперь это два ответа."))
        self._counted(self._count - before)
        return [step, {**step, "id": "", "trigger": triggers[1]}]

    def _counted(self, more: int) -> None:
        # Counted on the way: two answers out of one, on each level, would double without end.
        self._count += more
        if self._count > STEPS_MAX:
            raise NotADocument(
                _("В сценарии больше %(max)d шагов. Разделите его на несколько.")
                % {"max": STEPS_MAX}
            )

    def _triggers(self, place: str, data: Mapping[str, Any]) -> list[Json]:
        words = [word for name in WORDS for word in self._words(place, data.get(name))]
        triggers: list[Json] = []
        given = data.get("digit")
        if not (given is None or (isinstance(given, str) and not given.strip())):
            digit = _whole(given)
            if digit is None:
                self._note(place, _("клавиша не понята. Выберите её."))
            triggers.append({"kind": "digit", "digit": digit})
        if words:
            triggers.append({"kind": "words", "words": words})
        return triggers or [{"kind": "silence"}]

    def _words(self, place: str, value: Any) -> list[str]:
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            value = " ".join(value)
        return self._text(place, "keyWords", value).replace(",", " ").split()

    def _label(self, place: str, data: Mapping[str, Any]) -> str:
        labels = [text for name in LABELS if (text := self._text(place, name, data.get(name)))]
        if len(labels) > 1:
            self._note(place, _("названий несколько, взято первое."))
        label = labels[0] if labels else ""
        if len(label) > LABEL_MAX:
            self._note(place, _("название обрезано до %(max)d символов.") % {"max": LABEL_MAX})
        return label[:LABEL_MAX]

    def _sound(self, place: str, value: Any) -> Json | None:
        """A text or a record; None where there is neither."""
        if not isinstance(value, Mapping):
            if value in (None, "", []):
                return None
            return self._record(place, value)
        self._unknown(place, value, {"id", "text", "gender"})
        text = self._text(place, "text", value.get("text"))
        if value.get("id") not in (None, "", 0, "0"):
            if text:
                self._note(place, _("были и ролик, и текст: взят ролик."))
            return self._record(place, value["id"])
        gender = self._gender(place, value)
        return {"kind": "text", "text": text, "gender": gender} if text else None

    def _record(self, place: str, value: Any) -> Json:
        service_id = _whole(value)
        record = None if service_id is None else self._records.get(service_id)
        if service_id is None:
            self._note(place, _("номер ролика не понят. Выберите ролик."))
        elif record is None:
            text = _("ролика с номером %(id)s здесь нет. Выберите другой.")
            self._note(place, text % {"id": service_id})
        return {"kind": "record", "record": record}

    def _gender(self, place: str, data: Mapping[str, Any]) -> int:
        given = data.get("gender")
        if given not in (None, "", FEMALE, MALE, "0", "1"):
            self._note(place, _("голос не понят, взят женский."))
        return MALE if given in (MALE, "1") else FEMALE

    def _phone(self, place: str, value: Any) -> str:
        typed = self._text(place, "managerPhone", value).strip()
        if not typed:
            return ""
        try:
            return phones.normalise(typed)
        except phones.NotAPhone as error:
            text = _("номер менеджера оставлен как есть. %(problem)s.")
            self._note(place, text % {"problem": error})
            return typed

    def _webhook(self, place: str, data: Mapping[str, Any]) -> Json | None:
        url = self._text(place, "webhookUrl", data.get("webhookUrl")).strip()
        parameters = self._parameters(place, data.get("webhookParameters"))
        if not url:
            if parameters:
                self._note(place, _("параметры вебхука без адреса пропущены."))
            return None
        return {"url": OWN_WEBHOOK if url == MASKED_WEBHOOK else url, "parameters": parameters}

    def _parameters(self, place: str, value: Any) -> dict[str, str]:
        if isinstance(value, str) and value.strip():
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                value = False
        if value in (None, "", [], {}) or (isinstance(value, str) and not value.strip()):
            return {}
        if not isinstance(value, Mapping):
            self._note(place, _("параметры вебхука не прочитаны."))
            return {}
        if not all(isinstance(each, str) for each in value.values()):
            self._note(place, _("не все параметры вебхука были текстом: проверьте их."))
        return {name: _plain(each) for name, each in value.items()}

    def _flag(self, place: str, data: Mapping[str, Any], name: str) -> bool:
        given = data.get(name)
        given = given.strip().lower() if isinstance(given, str) else given
        if given not in (None, "", 0, 1, "0", "1", "false", "true"):
            self._note(place, _("поле «%(name)s» не понято.") % {"name": name})
        return given in (1, "1", "true")

    def _text(self, place: str, name: str, value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._note(place, _("поле «%(name)s» не понято.") % {"name": name})
        return ""

    def _unknown(self, place: str, data: Mapping[str, Any], known: Iterable[str]) -> None:
        names = [str(name) for name in data if name not in set(known)]
        if not names:
            return
        # A name that does not look like one may be anything, a key too.
        shown = [masked(name) for name in names if _NAME.fullmatch(name)][:NAMES_SHOWN]
        rest = len(names) - len(shown)
        text = _("пропущены незнакомые поля: %(names)s.")
        listed = [f"«{name}»" for name in shown] + ([_("и ещё %(n)d") % {"n": rest}] * bool(rest))
        self._note(place or _("Запрос"), text % {"names": ", ".join(listed)})

    def _note(self, place: str, sentence: str) -> None:
        self.notes.append(f"{place}: {sentence}")


def opening_place() -> str:
    return _("Начало")


def step_place(number: str) -> str:
    return _("Ответ %(number)s") % {"number": number}


def _whole(value: Any) -> int | None:
    """A whole number written as one, or None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | str) and not isinstance(value, bool):
        text = str(value).strip()
        return int(text) if _WHOLE.fullmatch(text) else None
    return None


def _plain(value: Any) -> str:
    """A value of a parameter as text; lists and objects as their JSON."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)
