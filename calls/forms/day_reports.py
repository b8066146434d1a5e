"""Which day of which account to compare."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import DayField, Form

OLDEST = timedelta(days=366)


class DayForm(Form):
    """A day that is over, or goes on."""

    account = forms.ModelChoiceField(
        ApiAccount.objects.order_by("-is_default", "name"),
        label=_("Учётная запись"),
        empty_label=None,
    )
    day = DayField(label=_("День"), error_messages={"required": _("Выберите день.")})

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Этот день ещё не наступил."))
        if day < timezone.localdate() - OLDEST:
            raise forms.ValidationError(_("Так давно сервис звонков уже не помнит."))
        return day
