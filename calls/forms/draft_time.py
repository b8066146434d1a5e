"""Step 3 of the wizard: from which number, for what purpose, when and how often."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from calls.forms import draft_retries
from calls.forms.calls import callers_of, first_caller
from calls.forms.draft_steps import StepForm
from calls.forms.hours import HoursField
from calls.models import ContactList
from calls.rules.purposes import OFFERED, Preset
from calls.rules.retries import RESULTS
from calls.services import rules_in_force
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import LocalDateTimeField
from obzvon_site.common.http import row_id

PERIODS = {"day": _("в день"), "week": _("в неделю"), "month": _("в месяц")}
NEEDING_GROUND = ("emergency",)


def number(label: Any, most: int, **options: Any) -> forms.IntegerField:
    """A whole number that may be left out."""
    between = _("Введите число от 1 до %(most)d") % {"most": most}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", **options.pop("attrs", {})}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), between),
        **options,
    )


class TimeFields(StepForm):
    """What the step asks for, and what it offers."""

    step = "time"
    account = forms.ModelChoiceField(
        label=_("Учётная запись"), queryset=ApiAccount.objects.none(), empty_label=None
    )
    caller = forms.ChoiceField(
        label=_("С какого номера"),
        error_messages={"invalid_choice": _("Этого номера у учётной записи нет. Выберите другой.")},
    )
    purpose = forms.ChoiceField(
        label=_("Цель обзвона"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Выберите цель: от неё зависят часы и число попыток")},
    )
    ground = forms.CharField(
        label=_("Основание оповещения"),
        required=False,
        max_length=500,
        help_text=_("Кто и каким документом объявил угрозу. Останется в журнале аудита."),
    )
    consent = forms.ChoiceField(
        label=_("Согласие абонентов"),
        choices=[
            ("required", _("Звонить только тем, чьё согласие записано в списке")),
            ("waived", _("Звонить и остальным: основание есть")),
        ],
        widget=forms.RadioSelect,
        initial="required",
    )
    consent_waiver = forms.CharField(
        label=_("На каком основании"),
        required=False,
        max_length=500,
        help_text=_("Например: «договор № 14 от 3 марта, пункт 7». Останется в обзвоне."),
    )
    any_time = forms.BooleanField(
        label=_("Эмулятор: звонить в любое время"),
        required=False,
        initial=True,
        help_text=_("Настоящие телефоны не зазвонят, поэтому часы можно не ждать."),
    )
    hours_kind = forms.ChoiceField(
        label=_("Часы звонков"),
        choices=[("whole", _("Все часы, что разрешены цели")), ("own", _("Свои часы"))],
        widget=forms.RadioSelect,
        initial="whole",
    )
    hours = HoursField(label=_("Свои часы"), required=False)
    start = forms.ChoiceField(
        label=_("Когда начать"),
        choices=[("now", _("Сразу")), ("planned", _("В назначенное время"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    starts_at = LocalDateTimeField(label=_("Начать"), required=False)
    ends_at = LocalDateTimeField(
        label=_("Закончить"),
        required=False,
        help_text=_("После этого не звоним, даже если кто-то остался. Пусто — пока не закончим."),
    )
    calls_per_minute = number(_("Звонков в минуту, не больше"), 100_000)
    concurrent = number(_("Одновременно, не больше"), 100_000)
    limit_day = number(_("В день"), 1000)
    limit_week = number(_("В неделю"), 1000)
    limit_month = number(_("В месяц"), 1000)
    skip_called_days = number(
        _("Пропустить тех, кому звонили за последние дни"),
        365,
        help_text=_("Сколько дней. Пусто — не пропускать."),
    )

    def __init__(
        self,
        *args: Any,
        account: ApiAccount | None = None,
        contact_list: ContactList | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.contact_list = contact_list
        self.used_account = account
        rows = draft_retries.fields()
        self.fields.update(rows)
        for name, field in rows.items():
            if not name.endswith("_other"):
                field.widget.attrs["class"] = "inp"
        self._offer()

    def _offer(self) -> None:
        fields: Any = self.fields
        used = self.used_account
        fields["account"].queryset = ApiAccount.objects.active()
        fields["account"].initial = used
        fields["caller"].choices = callers_of(used)
        fields["purpose"].choices = [(preset.key, preset.name) for preset in self.presets]
        if used is not None:
            fields["caller"].initial = first_caller(used)
            fields["calls_per_minute"].widget.attrs["placeholder"] = used.calls_per_minute
        if (preset := self.preset) is not None:
            for period in PERIODS:
                limit = getattr(preset.limits, period)
                fields[f"limit_{period}"].widget.attrs["placeholder"] = limit or "—"
            self._fill_hours(preset)

    def _fill_hours(self, preset: Preset) -> None:
        """Begin the table of own hours with the purpose's, until somebody has changed it."""
        table = self.fields["hours"].widget
        given = table.value_from_datadict(self.data, {}, "hours")
        if self.is_bound and (self["hours_kind"].value() != "own" or not any(given)):
            texts = dict(zip(given_names(table), table.decompress(preset.hours), strict=True))
            data = MultiValueDict(self.data)
            for name, text in texts.items():
                data[name] = text
            self.data = data

    @cached_property
    def presets(self) -> list[Preset]:
        """The purposes to choose from, with the rules in force."""
        return rules_in_force.presets()

    @cached_property
    def preset(self) -> Preset | None:
        """The chosen purpose."""
        chosen = self["purpose"].value()
        return rules_in_force.preset(chosen) if chosen in OFFERED else None

    @property
    def may_any_time(self) -> bool:
        return self.used_account is not None and self.used_account.is_emulator

    @property
    def needs_ground(self) -> bool:
        return self.preset is not None and self.preset.key in NEEDING_GROUND

    def retry_rows(self) -> list[dict[str, Any]]:
        """The fields about retries, a row for each result."""
        return [
            {
                "name": draft_retries.NAMES[result],
                "numbers": [self[f"{result}_times"], self[f"{result}_after"]],
                "other": self[f"{result}_other"],
            }
            for result in RESULTS
        ]


def account_of(answers: Any) -> ApiAccount | None:
    """The account of a draft: the chosen one while it works, else the default one."""
    values: Sequence[str] = (answers.get("time") or {}).get("account") or [""]
    chosen = row_id(str(values[-1]))
    found = ApiAccount.objects.active().filter(pk=chosen).first() if chosen else None
    return found or ApiAccount.objects.default()


def given_names(table: forms.Widget) -> list[str]:
    """The names of the inputs of a table of hours."""
    return [f"hours{name}" for name in table.widgets_names]  # type: ignore[attr-defined]
