"""Outgoing numbers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from obzvon_site.common.forms import Form, ModelForm, PhoneField


class PhoneForm(ModelForm):
    """A number typed in by hand."""

    account = forms.ModelChoiceField(
        label=_("Учётная запись"),
        queryset=ApiAccount.objects.active(),
        initial=ApiAccount.objects.default,
        empty_label=None,
    )
    phone = PhoneField(label=_("Номер"))

    class Meta:
        model = OutgoingPhone
        fields = ["account", "phone", "label"]
        labels = {"label": _("Подпись")}
        help_texts = {"label": _("Для своих: «Продажи», «Поддержка»")}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        same = OutgoingPhone.objects.filter(account=data.get("account"), phone=data.get("phone"))
        if same.exists():
            self.add_error("phone", ValidationError(_("Этот номер уже есть в списке.")))
        return data


class LabelForm(ModelForm):
    """What people call a number."""

    class Meta:
        model = OutgoingPhone
        fields = ["label"]


class TakePhonesForm(Form):
    """Whose numbers to take from the service."""

    account = forms.ModelChoiceField(
        label=_("Учётная запись"), queryset=ApiAccount.objects.active(), empty_label=None
    )
