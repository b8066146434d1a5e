"""Form renderer, base form and fields of our own."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from obzvon_site.common import money, phones

NOTHING_CHOSEN = forms.ModelChoiceField(queryset=None).empty_label  # dashes before Django 6.1
FIRST_YEAR, LAST_YEAR = 2000, 2100
PLAIN_INPUTS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class Renderer(TemplatesSetting):
    """Django's forms drawn by our templates."""

    field_template_name = "django/forms/field.html"


class Look:
    """Gives every widget the class of our inputs. For Form and ModelForm."""

    marks_optional = True  # say which fields may stay empty; filters do not, all of theirs may
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, PLAIN_INPUTS):
                classes = field.widget.attrs.get("class", "")
                field.widget.attrs["class"] = f"inp {classes}".strip()
            if getattr(field, "empty_label", None) == NOTHING_CHOSEN:
                field.empty_label = _("не выбрано")  # type: ignore[attr-defined]


class Form(Look, forms.Form):
    """The base of every form."""


class ModelForm(Look, forms.ModelForm):  # type: ignore[type-arg]
    """The base of every form for a row."""


class PhoneField(forms.CharField):
    """A phone in any notation; cleaned to 11 digits."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "type": "tel",
            "inputmode": "tel",
            "autocomplete": "off",
            "placeholder": "+7 (912) 345-67-89",
            "data-phone-input": "",
        }
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return phones.shown(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return phones.normalise(text)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


class MoneyField(forms.CharField):
    """Roubles with a comma or a point; cleaned to Decimal, or None when empty and not required."""

    def __init__(self, *, min_value: Decimal = Decimal(0), **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)
        self.min_value = min_value

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = money.roubles(text).quantize(money.KOPECK)
        except (ValueError, ArithmeticError) as error:
            raise ValidationError(_("Введите сумму в рублях, например 3,10"), "invalid") from error
        if amount < self.min_value:
            raise ValidationError(
                _("Сумма не может быть меньше %(min)s"), "min", {"min": self.min_value}
            )
        return amount


def in_our_time(day: date) -> None:
    """Refuse the ends of the calendar: a day before the first, or in another zone, is no date."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        said = _("Год может быть от %(first)s до %(last)s")
        raise ValidationError(said, "year", {"first": FIRST_YEAR, "last": LAST_YEAR})


class DayField(forms.DateField):
    """A browser's own date picker."""

    default_validators = [in_our_time]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class LocalDateTimeField(forms.DateTimeField):
    """A browser's own date and time picker, in the time zone of the screens."""

    default_validators = [in_our_time]

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "datetime-local"}
        kwargs.setdefault("widget", forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M"))
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
        super().__init__(**kwargs)
