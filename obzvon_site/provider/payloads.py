"""What is sent to the service. Each ambiguity of the document is decided here and nowhere else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from obzvon_site.common.moments import to_seconds
from obzvon_site.common.phones import normalise
from obzvon_site.provider.errors import Invalid
from obzvon_site.provider.limits import LIMITS

FEMALE = 0  # the document's meaning and its default; one client's comment says the reverse


@dataclass(frozen=True, slots=True)
class Sound:
    """A record by its id at the service, or a text to synthesise: exactly one of the two."""

    id: int | None = None
    text: str = ""
    gender: int | None = None  # 0 female, 1 male

    def as_json(self, field: str = "record") -> dict[str, Any]:
        """``{"id": …}`` or ``{"text": …, "gender": …}``. Raises Invalid."""
        if (self.id is None) == (not self.text):
            raise Invalid(field, _("Выберите ролик или введите текст"))
        if self.id is not None:
            return {"id": self.id}
        checked_length(f"{field}.text", self.text, "text")
        if self.gender is None:
            return {"text": self.text}
        return {"text": self.text, "gender": checked_gender(f"{field}.gender", self.gender)}


@dataclass(frozen=True, slots=True)
class Step:
    """One ``ivrs[]`` entry. Without a digit and words it is «stay on the line»."""

    digit: int | None = None
    words: tuple[str, ...] = ()
    recognize: bool = False
    need_block: bool = False
    sound: Sound | None = None
    manager_phone: str = ""
    sms_text: str = ""
    webhook_url: str = ""
    webhook_parameters: Mapping[str, Any] | None = None
    steps: tuple["Step", ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry as it goes on the wire, without what is not set. Raises Invalid."""
        return self._trigger() | self._actions() | self._webhook() | ivrs(self.steps)

    def _trigger(self) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        # The document says «digit empty = stay on the line»; its only example of that leaves
        # the name out, so null and "" are never sent. A step with words has no digit either.
        if self.digit is not None:
            if not LIMITS["digit"].min <= self.digit <= LIMITS["digit"].max:
                raise Invalid("ivrs.digit", _("Клавиша должна быть от 0 до 9"))
            entry["digit"] = self.digit
        # keyWords by the table of parameters, not keywords by the example: the example is not
        # valid JSON in two more places. The separator is the table's too: one space.
        if self.words:
            entry["keyWords"] = " ".join(self.words)
        if self.recognize:
            entry["recognize"] = 1
        return entry

    def _actions(self) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        if self.need_block:
            entry["needBlock"] = 1
        # The table has only record.id for steps; an example has record.text, so text may be
        # sent. No gender is documented for it, therefore it goes only when chosen.
        if self.sound is not None:
            entry["record"] = self.sound.as_json("ivrs.record")
        if self.manager_phone:
            entry["managerPhone"] = checked_phone("ivrs.managerPhone", self.manager_phone)
        if self.sms_text:
            entry["smsText"] = checked_length("ivrs.smsText", self.sms_text, "sms")
        return entry

    def _webhook(self) -> dict[str, Any]:
        if not self.webhook_url:
            return {}
        entry = {"webhookUrl": checked_url("ivrs.webhookUrl", self.webhook_url)}
        # Shown as an object in the document's example, but typed a string holding JSON; all
        # clients that work send the string.
        if self.webhook_parameters:
            entry["webhookParameters"] = json.dumps(
                dict(self.webhook_parameters), ensure_ascii=False
            )
        return entry


@dataclass(frozen=True, slots=True)
class Message:
    """What a subscriber hears, from the first word to the deepest step."""

    sound: Sound
    recognize: bool = False
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """``record``, ``recognize`` and, when there are steps, ``ivrs``. Raises Invalid."""
        record = self.sound.as_json()
        # gender is «required» and «0 by default» at once, and missing in every example.
        if "text" in record:
            record.setdefault("gender", FEMALE)
        return {"record": record, "recognize": int(self.recognize)} | ivrs(self.steps)


@dataclass(frozen=True, slots=True)
class CallOrder:
    """One ``create`` request: the same message to each phone."""

    phones: tuple[str, ...]
    message: Mapping[str, Any]  # Message.as_json(), frozen with the campaign
    outgoing_phone: str | None = None  # None: a random duty number
    need_recording: bool = False
    planned_at: datetime | None = None  # aware
    webhook_url: str = ""

    def as_json(self) -> dict[str, Any]:
        """The body of the request without the key. Raises Invalid."""
        if not self.message.get("record"):
            raise Invalid("record", _("Выберите ролик или введите текст"))
        # phones also for one number: the answer is a list in both cases.
        body = {**self.message, "phones": self._phones(), "needRecording": int(self.need_recording)}
        # One of the two always: what happens without both, or with both, nobody knows.
        if self.outgoing_phone is None:
            body["dutyPhone"] = 1
        else:
            body["outgoingPhone"] = checked_phone("outgoingPhone", self.outgoing_phone)
        if self.planned_at is not None:
            body["plannedAt"] = to_seconds(self.planned_at)
        if self.webhook_url:
            body["webhookUrl"] = checked_url("webhookUrl", self.webhook_url)
        return body

    def _phones(self) -> list[str]:
        phones = [checked_phone("phones", phone) for phone in self.phones]
        limit = LIMITS["phones"]
        if not limit.min <= len(phones) <= limit.max:
            raise Invalid(
                "phones",
                _("В одном заказе должно быть от 1 до %(max)d номеров") % {"max": limit.max},
            )
        # Answers are matched by phone, so a phone may stand in an order once.
        if len(set(phones)) != len(phones):
            raise Invalid("phones", _("Номер повторяется: оставьте его один раз"))
        return phones


def ivrs(steps: tuple[Step, ...]) -> dict[str, Any]:
    """``{"ivrs": […]}``, or nothing without steps. Raises Invalid for a repeated digit."""
    if not steps:
        return {}
    digits = [step.digit for step in steps if step.digit is not None]
    if len(set(digits)) != len(digits):
        raise Invalid("ivrs.digit", _("Клавиша повторяется: оставьте её один раз"))
    return {"ivrs": [step.as_json() for step in steps]}


def checked_phone(field: str, phone: str) -> str:
    """The phone as 11 digits. Raises Invalid with what is wrong."""
    try:
        return normalise(phone)
    except ValueError as error:
        raise Invalid(field, str(error)) from None


def checked_url(field: str, url: str) -> str:
    """An http or https address of allowed length. Raises Invalid."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise Invalid(field, _("Адрес должен начинаться с https:// или http://"))
    return checked_length(field, url, "webhook_url")


def checked_length(field: str, text: str, limit: str) -> str:
    """The text as it is. Raises Invalid when it is blank or longer than ``LIMITS[limit]``."""
    allowed = LIMITS[limit].max
    if not text.strip():
        raise Invalid(field, _("Введите текст"))
    if excess := max(0, len(text) - allowed):
        raise Invalid(
            field,
            ngettext(
                "Длиннее %(max)d символов на %(count)d: сократите",
                "Длиннее %(max)d символов на %(count)d: сократите",
                excess,
            )
            % {"max": allowed, "count": excess},
        )
    return text


def checked_gender(field: str, gender: int) -> int:
    """The gender as it is. Raises Invalid when it is neither female nor male."""
    if not LIMITS["gender"].min <= gender <= LIMITS["gender"].max:
        raise Invalid(field, _("Голос может быть женским или мужским"))
    return gender
