"""What differs between two documents, step by step. A step is the same while its id is."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.ivr.document import MALE, OWN_WEBHOOK, ROOT, Document, Sound, Step, Trigger, Webhook
from obzvon_site.common import phones

Facts = dict[str, str]  # name of a field: what it says, empty when it says nothing
Names = Mapping[int, str]  # of records, by primary key


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, in words; empty where there was or is nothing."""

    name: str
    before: str
    after: str


Fields = tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one step. A step that is both changed and moved has two of them."""

    kind: str  # added, changed, moved, removed
    step_id: str  # empty for the opening
    number: str  # «2.1» in the new document, in the old one for removed; empty for the opening
    title: str
    fields: Fields = ()


def difference(
    old: Document | None, new: Document, *, records: Names | None = None
) -> list[Change]:
    """The way from ``old`` (None: nothing) to ``new``: in the order of its tree, removed last.

    ``records`` maps primary keys to names; a record without one is told by its number.
    """
    return list(_changes(old, new, records or {}))


def summary(changes: Iterable[Change]) -> str:
    """«добавлено 2, изменён 1»."""
    counts = Counter(change.kind for change in changes)
    parts = [words(counts[kind]) for kind, words in _COUNTED.items() if counts[kind]]
    return ", ".join(parts) or _("без изменений")


def title(step: Step | None) -> str:
    """What a step is called: its label, else what leads to it. None: the opening."""
    return (step.label or trigger_words(step.trigger)) if step else _("Начало")


def trigger_words(trigger: Trigger) -> str:
    """«Клавиша 1», «Слова: да, хорошо», «Ждёт молча»."""
    if trigger.kind == "digit":
        digit = "?" if trigger.digit is None else trigger.digit
        return _("Клавиша %(digit)s") % {"digit": digit}
    if trigger.kind == "words":
        return _("Слова: %(words)s") % {"words": ", ".join(trigger.words)}
    return _("Ждёт молча")


def record_words(sound: Sound | None, records: Names) -> str:
    """The name of the record that is played; empty for a text and for silence."""
    if sound is None or sound.record is None:
        return ""
    return records.get(sound.record) or _("№ %(number)d") % {"number": sound.record}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step stands."""

    step: Step
    number: str
    parent: Step | None  # None: the first menu

    @property
    def menu(self) -> str:
        return self.parent.id if self.parent else ROOT


Places = dict[str, _Place]  # by id, in the order of the tree


def _changes(old: Document | None, new: Document, records: Names) -> Iterator[Change]:
    before, after = dict(_places(old.steps) if old else ()), dict(_places(new.steps))
    if fields := _of_openings(old, new, records):
        yield Change("changed" if old else "added", "", "", title(None), fields)
    moved = _moved(before, after)
    for step_id, place in after.items():
        if step_id not in before:
            yield _change("added", place, _compared({}, _facts(place.step, records)))
            continue
        past = before[step_id]
        if fields := _of_steps(past.step, place.step, records):
            yield _change("changed", place, fields)
        if step_id in moved:
            yield _change("moved", place, tuple(_move(past, place)))
    for step_id, place in before.items():
        if step_id not in after:
            yield _change("removed", place, _compared(_facts(place.step, records), {}))


def _change(kind: str, place: _Place, fields: Fields) -> Change:
    return Change(kind, place.step.id, place.number, title(place.step), fields)


def _places(
    steps: tuple[Step, ...], parent: Step | None = None, prefix: str = ""
) -> Iterator[tuple[str, _Place]]:
    for number, step in enumerate(steps, start=1):
        place = _Place(step, f"{prefix}{number}", parent)
        yield step.id, place
        yield from _places(step.steps, step, f"{place.number}.")


def _moved(before: Places, after: Places) -> set[str]:
    """Steps of another menu, and those that stand elsewhere among the siblings of both."""
    found, menus = set(), defaultdict(list)
    for step_id, place in after.items():
        if step_id in before and before[step_id].menu != place.menu:
            found.add(step_id)
        elif step_id in before:
            menus[place.menu].append(step_id)
    rank = {step_id: number for number, step_id in enumerate(before)}
    for siblings in menus.values():
        found |= set(siblings) - set(_still_in_order(siblings, rank))
    return found


def _still_in_order(ids: list[str], rank: Mapping[str, int]) -> list[str]:
    """As many of ``ids`` as stand in their old order: one that jumped over five moved alone."""
    runs: list[list[str]] = []  # the longest one that ends with each
    for step_id in ids:
        fitting = [run for run in runs if rank[run[-1]] < rank[step_id]]
        runs.append([*max(fitting, key=len, default=[]), step_id])
    return max(runs, key=len)


def _move(past: _Place, place: _Place) -> Iterator[FieldChange]:
    if past.menu != place.menu:
        yield FieldChange(_("Меню"), title(past.parent), title(place.parent))
    if past.number != place.number:
        yield FieldChange(_("Место"), past.number, place.number)


def _of_openings(old: Document | None, new: Document, records: Names) -> Fields:
    if old is None:
        return _compared({}, _opening_facts(new, records))
    off = _("нет")
    return _compared(_opening_facts(old, records, off), _opening_facts(new, records, off))


def _of_steps(old: Step, new: Step, records: Names) -> Fields:
    off = _("нет")
    return _compared(_facts(old, records, off), _facts(new, records, off))


def _compared(before: Facts, after: Facts) -> Fields:
    names = {**before, **after}
    fields = (FieldChange(name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(field for field in fields if field.before != field.after)


def _opening_facts(document: Document, records: Names, off: str = "") -> Facts:
    heard = _("да") if document.recognize else off
    return _sound_facts(document.opening, records) | {_("Распознавать речь"): heard}


def _facts(step: Step, records: Names, off: str = "") -> Facts:
    """What a step says. ``off`` is the word for a flag that is not set: none where a whole step
    is told, since it would be told of every step.
    """
    webhook = step.webhook or Webhook()
    return {
        _("Условие"): trigger_words(step.trigger),
        _("Название"): step.label,
        **_sound_facts(step.sound, records),
        _("СМС"): step.sms,
        _("Менеджер"): phones.shown(step.manager_phone),
        _("Вебхук"): _address(step.webhook),
        _("Параметры вебхука"): "; ".join(f"{name} = {said}" for name, said in webhook.parameters),
        _("Чёрный список"): _("да") if step.block else off,
        _("Распознавать речь"): _("да") if step.recognize else off,
    }


def _address(webhook: Webhook | None) -> str:
    if webhook is None:
        return ""
    return _("наш адрес") if webhook.url == OWN_WEBHOOK else webhook.url or _("без адреса")


def _sound_facts(sound: Sound | None, records: Names) -> Facts:
    text = "" if sound is None else sound.text
    voice = _("Мужской") if sound and sound.gender == MALE else _("Женский")
    return {
        _("Текст"): text,
        _("Голос"): voice if text else "",
        _("Ролик"): record_words(sound, records),
    }


_COUNTED: dict[str, Callable[[int], str]] = {
    "added": lambda n: ngettext("добавлен %(count)d", "добавлено %(count)d", n) % {"count": n},
    "changed": lambda n: ngettext("изменён %(count)d", "изменено %(count)d", n) % {"count": n},
    "moved": lambda n: ngettext("перемещён %(count)d", "перемещено %(count)d", n) % {"count": n},
    "removed": lambda n: ngettext("удалён %(count)d", "удалено %(count)d", n) % {"count": n},
}
