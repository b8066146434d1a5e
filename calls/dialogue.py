"""A call as a conversation: what the robot said, what the subscriber answered, who joined."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from calls.ivr.answers import given, menu_of, passed
from calls.ivr.difference import record_words
from calls.ivr.document import Document, Sound, Step
from calls.models import Call, CallEvent
from calls.models.scenario import record_names
from calls.services.answering import version_of
from obzvon_site.common import phones


@dataclass(frozen=True)
class Line:
    """One turn; ``second`` of the recording where somebody knows it."""

    who: str  # robot, subscriber, manager, note
    text: str
    second: float | None = None
    label: str = ""  # what the scenario calls the answer

    @property
    def icon(self) -> str:
        icons = {"robot": "robot", "subscriber": "user", "manager": "headphones"}
        return icons.get(self.who, "info-circle")


def of(call: Call) -> list[Line]:
    """From the opening to the end, by the version that the call was made with."""
    version = version_of(call)
    if version is not None:
        return [*_scenario(call, version.tree()), *_ending(call)]
    source = call.campaign.letters.get(call.variant, call.campaign)
    opening = call.text or source.text
    if source.record is not None:
        opening = _clip(source.record.name)
    spoken = [Line("robot", opening, 0.0)] if opening else []
    return [*spoken, *(_answer(text, None, call) for text in given_by(call)), *_ending(call)]


def given_by(call: Call) -> list[str]:
    return given(call.ivr_answers, call.ivr_digit)


def _scenario(call: Call, document: Document) -> Iterator[Line]:
    names = record_names([document])
    yield Line("robot", _heard(document.opening, names), 0.0)
    moments = _Moments(call)
    steps = document.steps
    for text in given_by(call):
        way = passed(steps, text)
        second = moments.of(text)
        if not way:
            yield _answer(text, None, call, second)
            continue
        for step in way[:-1]:
            yield Line("note", _("Абонент промолчал"), label=step.label)
            yield from _actions(step, names)
        yield _answer(text, way[-1], call, second)
        yield from _actions(way[-1], names)
        steps = menu_of(way[-1])


def _answer(text: str, step: Step | None, call: Call, second: float | None = None) -> Line:
    said = _("Нажал %(key)s") if text.isdigit() else _("Сказал «%(key)s»")
    knows = call.campaign.scenario_version_id is None or step is not None
    label = step.label if step else "" if knows else _("такого ответа в сценарии нет")
    return Line("subscriber", said % {"key": text}, second, label)


def _actions(step: Step, names: dict[int, str]) -> Iterator[Line]:
    if step.sound:
        yield Line("robot", _heard(step.sound, names))
    if step.sms:
        yield Line("note", _("СМС абоненту: «%(text)s»") % {"text": step.sms})
    if step.block:
        yield Line("note", _("Номер внесён в чёрный список"))
    if step.manager_phone:
        shown = phones.shown(step.manager_phone)
        yield Line("note", _("Соединяем с менеджером %(phone)s") % {"phone": shown})


def _ending(call: Call) -> Iterator[Line]:
    if call.manager_answered_at:
        yield Line("manager", _("Менеджер ответил"), since_answer(call, call.manager_answered_at))


def _heard(sound: Sound, names: dict[int, str]) -> str:
    return sound.text or _clip(record_words(sound, names))


def _clip(name: str) -> str:
    return _("Ролик «%(name)s»") % {"name": name}


def since_answer(call: Call, at: datetime) -> float | None:
    """The second of the recording; it begins when the subscriber answers."""
    if call.answered_at is None:
        return None
    return max(0.0, round((at - call.answered_at).total_seconds(), 1))


class _Moments:
    """When each answer was given: steps come by webhook, in the order of the answers."""

    def __init__(self, call: Call) -> None:
        steps = call.events.filter(kind=CallEvent.Kind.STEP).order_by("at", "pk")
        self._call, self._left = call, list(steps)

    def of(self, text: str) -> float | None:
        for place, event in enumerate(self._left):
            if str(event.details.get("answer") or "").strip() == text:
                del self._left[: place + 1]
                return since_answer(self._call, event.at)
        return None
