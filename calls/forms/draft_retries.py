"""Rows of a form about retries: after which result, how many, how much later."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.rules.retries import RESULTS, Retries, Rule

NAMES = {
    "busy": _("Занято"),
    "no_answer": _("Не ответил"),
    "early": _("Сразу положил трубку"),
    "no_key": _("Ничего не нажал"),
}
MOST_TIMES = 5
WEEK = 7 * 24 * 60
# result: how many more, minutes later, at another hour
DEFAULTS = {
    "busy": (2, 15, False),
    "no_answer": (2, 120, True),
    "early": (0, 60, True),
    "no_key": (0, 120, True),
}


def fields() -> dict[str, forms.Field]:
    """``busy_times``, ``busy_after``, ``busy_other`` and the same for each other result."""
    found: dict[str, forms.Field] = {}
    for result in RESULTS:
        name, (times, after, is_other) = NAMES[result], DEFAULTS[result]
        found[f"{result}_times"] = _number(_("%s: сколько раз"), name, 0, MOST_TIMES, times)
        found[f"{result}_after"] = _number(_("%s: через сколько минут"), name, 1, WEEK, after)
        found[f"{result}_other"] = forms.BooleanField(
            label=_("%s: в другой час") % name, required=False, initial=is_other
        )
    return found


def retries_of(cleaned: Mapping[str, Any]) -> Retries:
    """What the rows say; a result without attempts has no rule."""
    rules = {}
    for result in RESULTS:
        after = cleaned.get(f"{result}_after") or DEFAULTS[result][1]
        if times := cleaned.get(f"{result}_times"):
            rules[result] = Rule(times, after, bool(cleaned.get(f"{result}_other")))
    return Retries(rules)


def _number(label: Any, name: Any, least: int, most: int, initial: int) -> forms.IntegerField:
    between = _("Введите число от %(least)d до %(most)d") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label % name,
        required=False,
        min_value=least,
        max_value=most,
        initial=initial,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), between),
    )
