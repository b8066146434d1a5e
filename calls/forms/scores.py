"""Which days the report of scores is about."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.scores_report import Period
from obzvon_site.common.forms import DayField, Form

SPAN = timedelta(days=29)  # before the last day, until somebody chooses
LONGEST = timedelta(days=366)


class PeriodForm(Form):
    """Both days may stay empty: then the last thirty."""

    marks_optional = False
    first = DayField(label=_("С"), required=False)
    last = DayField(label=_("По"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        last: date = data.get("last") or timezone.localdate()
        first: date = data.get("first") or last - SPAN
        if first > last:
            raise forms.ValidationError(_("Первый день позже последнего. Поменяйте их местами."))
        if last - first > LONGEST:
            raise forms.ValidationError(_("Больше года сразу не показываем. Сузьте период."))
        return {"first": first, "last": last}

    @property
    def period(self) -> Period:
        """What was chosen; the last thirty days when it cannot be read."""
        if self.is_valid():
            return Period(self.cleaned_data["first"], self.cleaned_data["last"])
        return usual()


def usual() -> Period:
    """The last thirty days."""
    today = timezone.localdate()
    return Period(today - SPAN, today)
