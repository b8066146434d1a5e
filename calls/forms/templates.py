"""A scenario to be kept as a template."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from calls.ivr.document import Document, NotADocument
from calls.services.publishing import NAME_MAX
from calls.services.templates import ABOUT_MAX
from obzvon_site.common.forms import Form


class KeptField(forms.CharField):
    """A text out of JSON, without what databases do not keep: halves of surrogate pairs."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).encode(errors="ignore").decode()


class TemplateForm(Form):
    """What the editor sends: a name, a line about it, and the document as it stands there."""

    name = KeptField(
        label=_("Название"),
        max_length=NAME_MAX,
        error_messages={"required": _("Введите название шаблона.")},
    )
    about = KeptField(label=_("О чём"), max_length=ABOUT_MAX, required=False)
    document = forms.JSONField(
        error_messages={"required": _("Это не сценарий: его не удалось прочитать.")}
    )

    def clean_document(self) -> Document:
        try:
            return Document.from_json(self.cleaned_data["document"])
        except NotADocument as error:
            raise ValidationError(str(error)) from error

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")
