"""What a person says of a call whose outcome nobody knows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from obzvon_site.common.forms import Form


class MadeForm(Form):
    """The call was made, and this is its number at the service."""

    number = forms.IntegerField(
        label=_("Номер звонка у сервиса"),
        min_value=1,
        max_value=2**63 - 1,
        error_messages={
            "required": _("Впишите номер звонка (id) из кабинета сервиса."),
            "invalid": _("Номер звонка — это число, например 700001."),
        },
    )
