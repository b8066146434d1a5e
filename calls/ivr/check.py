"""What is wrong with a scenario: errors forbid publishing, warnings do not.

``RULES`` is the one table of what can be wrong. The editor in the browser gets it as JSON and
finds the same problems by the same codes (``static/editor/check.js``); the cases in
``tests/calls/ivr/cases`` hold both to it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.ivr.document import (
    BYTES_MAX,
    DEPTH_MAX,
    OWN_WEBHOOK,
    STEPS_MAX,
    Document,
    Sound,
    Step,
    Webhook,
)
from obzvon_site.common import phones
from obzvon_site.provider import limits
from obzvon_site.provider.limits import LIMITS

DEPTH_ADVISED = 5
LABEL_MAX = 40
RESERVED = "call"  # the service itself puts it into a step's webhook


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the check must know of a record: can it be played, or what does it wait for."""

    name: str
    is_usable: bool  # at the service, not rejected
    is_waiting: bool = False  # on moderation
    is_sending: bool = False  # on its way to the service


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem: which field it concerns, how bad it is, and what it says."""

    field: str
    sentence: str | Promise
    level: str = "error"  # or warning


RULES: dict[str, Rule] = {
    "opening_empty": Rule("text", _("Введите текст или выберите ролик: с него начинается звонок.")),
    "text_empty": Rule("text", _("Введите текст или выберите ролик.")),
    "text_long": Rule("text", _("Текст длиннее %(limit)d символов на %(over)d.")),
    "record_none": Rule("record", _("Выберите ролик.")),
    "record_gone": Rule("record", _("Этого ролика больше нет. Выберите другой.")),
    "record_sending": Rule(
        "record", _("Ролик «%(name)s» ещё не передан сервису. Подождите немного.")
    ),
    "record_refused": Rule("record", _("Ролик «%(name)s» не принят сервисом. Выберите другой.")),
    "record_waiting": Rule(
        "record",
        _("Ролик «%(name)s» ещё на модерации. Звонки с ним не выйдут, пока его не одобрят."),
        "warning",
    ),
    "digit_none": Rule("digit", _("Выберите клавишу от 0 до 9.")),
    "digit_twice": Rule("digit", _("Клавиша %(digit)d стоит в этом меню дважды.")),
    "words_none": Rule("words", _("Введите хотя бы одно слово.")),
    "words_unheard": Rule(
        "words",
        _("Слова не услышат: включите распознавание речи в меню над этим ответом."),
        "warning",
    ),
    "silence_twice": Rule("trigger", _("«Ждёт молча» в меню может быть только одно.")),
    "label_long": Rule("label", _("Название длиннее %(limit)d символов на %(over)d.")),
    "sms_blank": Rule("sms", _("В СМС одни пробелы. Введите текст или сотрите.")),
    "sms_long": Rule("sms", _("СМС длиннее %(limit)d символов на %(over)d.")),
    "phone_signs": Rule("manager_phone", phones.SENTENCES["signs"]),
    "phone_count": Rule("manager_phone", phones.SENTENCES["count"]),
    "phone_start": Rule("manager_phone", phones.SENTENCES["start"]),
    "phone_empty": Rule("manager_phone", phones.SENTENCES["empty"]),
    "webhook_long": Rule("webhook", _("Адрес длиннее %(limit)d символов на %(over)d.")),
    "webhook_scheme": Rule("webhook", _("Адрес вебхука должен начинаться с https://")),
    "webhook_plain": Rule("webhook", _("Вебхук без шифрования: лучше https."), "warning"),
    "parameter_unnamed": Rule("parameters", _("У параметра вебхука нет имени.")),
    "parameter_reserved": Rule(
        "parameters", _("Имя «call» занято сервисом: назовите параметр иначе.")
    ),
    "parameter_twice": Rule("parameters", _("Параметр «%(name)s» повторяется.")),
    "step_idle": Rule("step", _("Этот ответ ничего не делает."), "warning"),
    "menu_unheard": Rule("steps", _("После соединения с менеджером меню не прозвучит."), "warning"),
    "depth_advised": Rule(
        "steps",
        _("Глубже %(depth)d уровней: абоненты обычно столько не слушают."),
        "warning",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``step_id`` is empty for the opening."""

    step_id: str
    code: str  # of RULES
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def field(self) -> str:
        return RULES[self.code].field

    @property
    def level(self) -> str:
        """``error`` or ``warning``."""
        return RULES[self.code].level

    @property
    def is_error(self) -> bool:
        return self.level == "error"

    @property
    def sentence(self) -> str:
        return str(RULES[self.code].sentence) % self.values


def limits_as_json() -> dict[str, dict[str, int]]:
    """Every limit a scenario is held to, for an editor in the browser."""
    ours = {
        "label": {"min": 0, "max": LABEL_MAX},
        "depth": {"min": 1, "max": DEPTH_MAX},
        "depth_advised": {"min": 1, "max": DEPTH_ADVISED},
        "steps": {"min": 0, "max": STEPS_MAX},
        "bytes": {"min": 0, "max": BYTES_MAX},
    }
    return limits.as_json() | ours


def rules_as_json() -> dict[str, dict[str, str]]:
    """The table of what can be wrong, in the language of the request."""
    return {
        code: {"field": rule.field, "level": rule.level, "sentence": str(rule.sentence)}
        for code, rule in RULES.items()
    }


def problems(document: Document, *, records: Mapping[int, RecordFacts]) -> list[Problem]:
    """Everything wrong with ``document``, in the order of the tree."""
    return list(_problems(document, records))


def _problems(document: Document, records: Mapping[int, RecordFacts]) -> Iterator[Problem]:
    yield from _of_sound("", document.opening, records, is_opening=True)
    yield from _of_menu(document.steps, hears=document.recognize)
    for step, depth in document.walk():
        yield from _of_step(step, depth, records)
        yield from _of_menu(step.steps, hears=step.recognize)


def _of_sound(
    step_id: str, sound: Sound, records: Mapping[int, RecordFacts], *, is_opening: bool = False
) -> Iterator[Problem]:
    if sound.is_record:
        yield from _of_record(step_id, sound, records)
    elif not sound.text.strip():
        yield Problem(step_id, "opening_empty" if is_opening else "text_empty")
    else:
        yield from _of_length(step_id, "text_long", sound.text, LIMITS["text"].max)


def _of_record(step_id: str, sound: Sound, records: Mapping[int, RecordFacts]) -> Iterator[Problem]:
    if sound.record is None:
        yield Problem(step_id, "record_none")
        return
    facts = records.get(sound.record)
    if facts is None:
        yield Problem(step_id, "record_gone")
    elif facts.is_sending:
        yield Problem(step_id, "record_sending", {"name": facts.name})
    elif not facts.is_usable:
        yield Problem(step_id, "record_refused", {"name": facts.name})
    elif facts.is_waiting:
        yield Problem(step_id, "record_waiting", {"name": facts.name})


def _of_menu(steps: tuple[Step, ...], *, hears: bool) -> Iterator[Problem]:
    """What is wrong between the answers of one menu."""
    keys = Counter(step.trigger.digit for step in steps if step.trigger.kind == "digit")
    silences = [step for step in steps if step.trigger.kind == "silence"]
    for step in steps:
        digit = step.trigger.digit
        if step.trigger.kind == "digit" and digit is not None and keys[digit] > 1:
            yield Problem(step.id, "digit_twice", {"digit": digit})
        if step.trigger.kind == "words" and not hears:
            yield Problem(step.id, "words_unheard")
    for step in silences[1:]:
        yield Problem(step.id, "silence_twice")


def _of_step(step: Step, depth: int, records: Mapping[int, RecordFacts]) -> Iterator[Problem]:
    yield from _of_trigger(step)
    yield from _of_length(step.id, "label_long", step.label, LABEL_MAX)
    if step.sound:
        yield from _of_sound(step.id, step.sound, records)
    yield from _of_sms(step)
    yield from _of_phone(step)
    if step.webhook:
        yield from _of_webhook(step.id, step.webhook)
    acts = (step.sound, step.sms, step.manager_phone, step.webhook, step.block, step.steps)
    if not any(acts):
        yield Problem(step.id, "step_idle")
    if step.manager_phone and step.steps:
        yield Problem(step.id, "menu_unheard")
    if depth == DEPTH_ADVISED + 1:
        yield Problem(step.id, "depth_advised", {"depth": DEPTH_ADVISED})


def _of_trigger(step: Step) -> Iterator[Problem]:
    trigger, limit = step.trigger, LIMITS["digit"]
    if trigger.kind == "digit":
        if trigger.digit is None or not limit.min <= trigger.digit <= limit.max:
            yield Problem(step.id, "digit_none")
    elif trigger.kind == "words" and not any(word.strip() for word in trigger.words):
        yield Problem(step.id, "words_none")


def _of_sms(step: Step) -> Iterator[Problem]:
    if step.sms and not step.sms.strip():
        yield Problem(step.id, "sms_blank")
    else:
        yield from _of_length(step.id, "sms_long", step.sms, LIMITS["sms"].max)


def _of_phone(step: Step) -> Iterator[Problem]:
    if not step.manager_phone:
        return
    try:
        phones.normalise(step.manager_phone)
    except phones.NotAPhone as error:
        yield Problem(step.id, f"phone_{error.code}", error.values)


def _of_webhook(step_id: str, webhook: Webhook) -> Iterator[Problem]:
    limit, url = LIMITS["webhook_url"].max, webhook.url
    if len(url) > limit:
        yield from _of_length(step_id, "webhook_long", url, limit)
    elif url != OWN_WEBHOOK:
        scheme = _scheme(url)
        if not scheme:
            yield Problem(step_id, "webhook_scheme")
        elif scheme == "http":
            yield Problem(step_id, "webhook_plain")
    names = [name for name, _value in webhook.parameters]
    if "" in names:
        yield Problem(step_id, "parameter_unnamed")
    if RESERVED in names:
        yield Problem(step_id, "parameter_reserved")
    for name, number in Counter(names).items():
        if number > 1 and name:
            yield Problem(step_id, "parameter_twice", {"name": name})


def _of_length(step_id: str, code: str, text: str, limit: int) -> Iterator[Problem]:
    if over := max(0, len(text) - limit):
        yield Problem(step_id, code, {"limit": limit, "over": over})


def _scheme(url: str) -> str:
    """http or https of a usable address, else empty."""
    try:
        parts = urlsplit(url)
        _port = parts.port  # looked at only now: one out of range is an error too
    except ValueError:
        return ""
    is_whole = bool(parts.hostname) and not any(sign.isspace() for sign in url)
    return parts.scheme if parts.scheme in {"http", "https"} and is_whole else ""
