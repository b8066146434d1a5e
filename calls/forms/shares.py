"""For how long a link to a recording opens it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from calls.services.sharing import DAYS
from obzvon_site.common.forms import Form


class ShareForm(Form):
    """A few spans to choose from."""

    days = forms.TypedChoiceField(label=_("Ссылка открывает запись"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the language of whoever asks, which nobody knows when this module is read.
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (days, ngettext("%d день", "%d дней", days) % days) for days in DAYS
        ]
