"""Step 4 of the wizard: how much it may cost, and what makes it stop by itself."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.draft_steps import StepForm
from calls.forms.draft_time import number
from calls.services.planning import Guards
from obzvon_site.common.forms import MoneyField

LEAST_BUDGET = Decimal(1)
FEWEST_CALLS = 50  # of which a share tells anything


class CheckForm(StepForm):
    """Budget, a pilot, guards; and whether talks are recorded."""

    step = "check"
    budget = MoneyField(
        label=_("Бюджет обзвона, ₽"),
        required=False,
        min_value=LEAST_BUDGET,
        help_text=_("Дойдём до него — остановимся и спросим. Пусто — без предела."),
    )
    day_budget = MoneyField(
        label=_("Бюджет на день, ₽"),
        required=False,
        min_value=LEAST_BUDGET,
        help_text=_("На следующий день обзвон продолжится сам."),
    )
    pilot_size = number(
        _("Сначала пробная часть, звонков"),
        100_000,
        help_text=_("После неё обзвон ждёт, пока вы посмотрите и разрешите остальное."),
    )
    guard_answered = number(
        _("Отвечают реже, чем, %"),
        100,
        initial=20,
        help_text=_("Доля ответивших среди последних звонков. Пусто — не следить."),
    )
    guard_errors = number(
        _("Ошибок больше, чем, %"),
        100,
        initial=30,
        help_text=_("Доля отказов сервиса. Пусто — не следить."),
    )
    guard_of = number(
        _("Смотреть на последние звонки"),
        10_000,
        initial=FEWEST_CALLS,
        help_text=_("Раньше, чем столько наберётся, не остановим."),
    )
    need_recording = forms.BooleanField(
        label=_("Записывать разговоры"), required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        budget, day = cleaned.get("budget"), cleaned.get("day_budget")
        if budget is not None and day is not None and day > budget:
            self.add_error("day_budget", _("На день больше, чем на весь обзвон. Уменьшите."))
        return cleaned

    @property
    def guards(self) -> Guards:
        data = self.cleaned_data
        answered, errors = data.get("guard_answered"), data.get("guard_errors")
        return Guards(answered, errors, data.get("guard_of") or FEWEST_CALLS)
