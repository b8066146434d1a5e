"""What is wrong with a scenario: errors forbid publishing, warnings do not."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
from obzvon_site.common.phones import normalise
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
class Problem:
    """One thing to mend. ``step_id`` is empty for the opening."""

    step_id: str
    field: str
    level: str  # error or warning
    sentence: str

    @property
    def is_error(self) -> bool:
        return self.level == "error"


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
        return
    limit = LIMITS["text"]
    if not sound.text.strip():
        sentence = _("Введите текст или выберите ролик: с него начинается звонок.")
        if not is_opening:
            sentence = _("Введите текст или выберите ролик.")
        yield Problem(step_id, "text", "error", sentence)
    elif over := max(0, len(sound.text) - limit.max):
        yield Problem(step_id, "text", "error", _too_long(_("Текст"), limit.max, over))


def _of_record(step_id: str, sound: Sound, records: Mapping[int, RecordFacts]) -> Iterator[Problem]:
    if sound.record is None:
        yield Problem(step_id, "record", "error", _("Выберите ролик."))
        return
    facts = records.get(sound.record)
    level, sentence = "error", ""
    if facts is None:
        sentence = _("Этого ролика больше нет. Выберите другой.")
    elif facts.is_sending:
        sentence = _("Ролик «%(name)s» ещё не передан сервису. Подождите немного.")
    elif not facts.is_usable:
        sentence = _("Ролик «%(name)s» не принят сервисом. Выберите другой.")
    elif facts.is_waiting:
        level = "warning"
        sentence = _(
            "Ролик «%(name)s» ещё на модерации. Звонки с ним не выйдут, пока его не одобрят."
        )
    if sentence:
        name = facts.name if facts else ""
        yield Problem(step_id, "record", level, sentence % {"name": name})


def _of_menu(steps: tuple[Step, ...], *, hears: bool) -> Iterator[Problem]:
    """What is wrong between the answers of one menu."""
    keys = Counter(step.trigger.digit for step in steps if step.trigger.kind == "digit")
    silences = [step for step in steps if step.trigger.kind == "silence"]
    for step in steps:
        digit = step.trigger.digit
        if step.trigger.kind == "digit" and digit is not None and keys[digit] > 1:
            sentence = _("Клавиша %(digit)s стоит в этом меню дважды.") % {"digit": digit}
            yield Problem(step.id, "digit", "error", sentence)
        if step.trigger.kind == "words" and not hears:
            yield Problem(
                step.id,
                "words",
                "warning",
                _("Слова не услышат: включите распознавание речи в меню над этим ответом."),
            )
    for step in silences[1:]:
        yield Problem(step.id, "trigger", "error", _("«Ждёт молча» в меню может быть только одно."))


def _of_step(step: Step, depth: int, records: Mapping[int, RecordFacts]) -> Iterator[Problem]:
    yield from _of_trigger(step)
    if len(step.label) > LABEL_MAX:
        over = len(step.label) - LABEL_MAX
        yield Problem(step.id, "label", "error", _too_long(_("Название"), LABEL_MAX, over))
    if step.sound:
        yield from _of_sound(step.id, step.sound, records)
    yield from _of_sms(step)
    yield from _of_phone(step)
    if step.webhook:
        yield from _of_webhook(step.id, step.webhook)
    acts = (step.sound, step.sms, step.manager_phone, step.webhook, step.block, step.steps)
    if not any(acts):
        yield Problem(step.id, "step", "warning", _("Этот ответ ничего не делает."))
    if step.manager_phone and step.steps:
        yield Problem(
            step.id, "steps", "warning", _("После соединения с менеджером меню не прозвучит.")
        )
    if depth == DEPTH_ADVISED + 1:
        yield Problem(
            step.id,
            "steps",
            "warning",
            _("Глубже %(depth)d уровней: абоненты обычно столько не слушают.")
            % {"depth": DEPTH_ADVISED},
        )


def _of_trigger(step: Step) -> Iterator[Problem]:
    trigger, limit = step.trigger, LIMITS["digit"]
    if trigger.kind == "digit":
        if trigger.digit is None or not limit.min <= trigger.digit <= limit.max:
            yield Problem(step.id, "digit", "error", _("Выберите клавишу от 0 до 9."))
    elif trigger.kind == "words" and not any(word.strip() for word in trigger.words):
        yield Problem(step.id, "words", "error", _("Введите хотя бы одно слово."))


def _of_sms(step: Step) -> Iterator[Problem]:
    limit = LIMITS["sms"]
    if step.sms and not step.sms.strip():
        yield Problem(step.id, "sms", "error", _("В СМС одни пробелы. Введите текст или сотрите."))
    elif over := max(0, len(step.sms) - limit.max):
        yield Problem(step.id, "sms", "error", _too_long(_("СМС"), limit.max, over))


def _of_phone(step: Step) -> Iterator[Problem]:
    if not step.manager_phone:
        return
    try:
        normalise(step.manager_phone)
    except ValueError as error:
        yield Problem(step.id, "manager_phone", "error", str(error))


def _of_webhook(step_id: str, webhook: Webhook) -> Iterator[Problem]:
    limit, url = LIMITS["webhook_url"], webhook.url
    if over := max(0, len(url) - limit.max):
        yield Problem(step_id, "webhook", "error", _too_long(_("Адрес"), limit.max, over))
    elif url != OWN_WEBHOOK:
        scheme = _scheme(url)
        if not scheme:
            sentence = _("Адрес вебхука должен начинаться с https://")
            yield Problem(step_id, "webhook", "error", sentence)
        elif scheme == "http":
            sentence = _("Вебхук без шифрования: лучше https.")
            yield Problem(step_id, "webhook", "warning", sentence)
    names = [name for name, _value in webhook.parameters]
    if "" in names:
        sentence = _("У параметра вебхука нет имени.")
        yield Problem(step_id, "parameters", "error", sentence)
    if RESERVED in names:
        sentence = _("Имя «call» занято сервисом: назовите параметр иначе.")
        yield Problem(step_id, "parameters", "error", sentence)
    for name, number in Counter(names).items():
        if number > 1 and name:
            sentence = _("Параметр «%(name)s» повторяется.") % {"name": name}
            yield Problem(step_id, "parameters", "error", sentence)


def _scheme(url: str) -> str:
    """http or https of a usable address, else empty."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_whole = bool(parts.hostname) and not any(sign.isspace() for sign in url)
    return parts.scheme if parts.scheme in {"http", "https"} and is_whole else ""


def _too_long(what: str, limit: int, over: int) -> str:
    return ngettext(
        "%(what)s длиннее %(limit)d символов на %(over)d.",
        "%(what)s длиннее %(limit)d символов на %(over)d.",
        over,
    ) % {"what": what, "limit": limit, "over": over}
