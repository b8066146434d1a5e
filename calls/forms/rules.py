"""The rules of a purpose, as an admin sets them."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.forms.hours import HoursField
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS, Preset
from calls.rules.words import wider_days
from obzvon_site.common.forms import Form

PERIODS = {"day": _("В день"), "week": _("В неделю"), "month": _("В месяц")}
MOST = 1000  # attempts; more is a slip of the hand


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST)


class RulesForm(Form):
    """Hours and limits. To let more than the law's needs a ground and somebody who answers."""

    marks_optional = False  # a ground is needed at times, and limits may be left out on purpose
    hours = HoursField(label=_("Когда можно звонить"))
    day = _limit(PERIODS["day"])
    week = _limit(PERIODS["week"])
    month = _limit(PERIODS["month"])
    ground = forms.CharField(
        label=_("Основание"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Нужно, если правила станут мягче исходных: договор, закон, разъяснение — с номером "
            "и датой."
        ),
    )
    answers = forms.BooleanField(
        label=_("Беру ответственность за звонки по этим правилам"), required=False
    )

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.built_in = PRESETS[purpose]
        self.wider: list[str] = []

    @staticmethod
    def initial_of(preset: Preset) -> dict[str, Any]:
        """The form as it is filled for the rules in force."""
        return {"hours": preset.hours, **preset.limits.as_json(), "ground": preset.changed_for}

    @property
    def limits(self) -> Limits:
        """For a valid form."""
        return Limits(*(self.cleaned_data[name] for name in PERIODS))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.wider = self._wider()
        if self.wider and len(cleaned["ground"].split()) < 2:
            self.add_error("ground", _("Назовите основание: документ, номер, дату."))
        if self.wider and not cleaned["answers"]:
            self.add_error("answers", _("Без этой отметки правила мягче исходных не сохраним."))
        return cleaned

    def _wider(self) -> list[str]:
        """In what the rules let more than the built-in ones."""
        days = ", ".join(map(str, wider_days(self.cleaned_data["hours"], self.built_in.hours)))
        told = [gettext("Часы шире исходных: %(days)s.") % {"days": days.lower()}] if days else []
        allowed, asked = self.built_in.limits.as_json(), self.limits.as_json()
        for name, label in PERIODS.items():
            most, more = allowed[name], asked[name]
            if most is not None and (more is None or more > most):
                words = gettext("%(period)s: больше исходных %(most)d.")
                told.append(words % {"period": label, "most": most})
        return told
