"""Numbers for the blacklist, and the reason for taking one off."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from calls.forms import numbers
from obzvon_site.common.forms import Form


class BlockForm(Form):
    """Numbers to block. ``cleaned_data["numbers"]`` are 11 digits, each once."""

    numbers = forms.CharField(
        label=_("Номера"), max_length=300_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Причина"), max_length=200)

    def clean_numbers(self) -> list[str]:
        pasted = numbers.read(self.cleaned_data["numbers"])
        if pasted.bad:
            raise ValidationError(
                [
                    _("Строка %(line)s: %(reason)s") % {"line": bad.line, "reason": bad.reason}
                    for bad in pasted.bad[:20]
                ]
            )
        return pasted.phones


class UnblockForm(Form):
    """Why a number may be called again."""

    reason = forms.CharField(
        label=_("Почему убираем"),
        max_length=200,
        help_text=_("Останется в аудите вместе с вашим именем."),
    )
