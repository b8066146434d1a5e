"""A week of calling hours as a table of times."""

from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.rules.hours import DAY, Hours, Span
from calls.rules.words import DAYS

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")


class HoursWidget(forms.MultiWidget):
    """From and to for each weekday and for holidays: ``NAME_mon_from``, … ``NAME_holiday_to``.

    Two empty times: nobody is rung. Midnight as the end is the end of that day.
    """

    template_name = "calls/rules/_hours.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {}
        for key, day in zip(DAY_NAMES, DAYS, strict=True):
            widgets[f"{key}_from"] = _input(format_lazy(_("{day}, с"), day=day))
            widgets[f"{key}_to"] = _input(format_lazy(_("{day}, до"), day=day))
        super().__init__(widgets, attrs)

    def decompress(self, value: Any) -> list[str]:
        hours = Hours.from_json(value) if isinstance(value, dict) else value
        if not hours:
            return [""] * 16
        return [text for span in (*hours.days, hours.holiday) for text in _times(span)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        inputs = context["widget"]["subwidgets"]
        pairs = zip(inputs[::2], inputs[1::2], strict=True)
        context["days"] = [(day, *pair) for day, pair in zip(DAYS, pairs, strict=True)]
        return context


class HoursField(forms.Field):
    """Cleaned to ``calls.rules.hours.Hours``; None when it is not required and left empty."""

    widget = HoursWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("template_name", "calls/rules/_hours_field.html")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Hours | None:
        if value is None or isinstance(value, Hours):
            return value
        texts = [str(text or "").strip() for text in value]
        if not any(texts):
            return None
        spans: list[Span | None] = []
        errors: list[str] = []
        for day, start, end in zip(DAYS, texts[::2], texts[1::2], strict=True):
            try:
                spans.append(_read(start, end))
            except ValueError as error:
                errors.append(f"{day}: {error}")
        if errors:
            raise ValidationError(errors)
        return Hours(tuple(spans[:7]), spans[7])

    def validate(self, value: Hours | None) -> None:
        if value is None and self.required:
            raise ValidationError(_("Оставьте хотя бы один день со временем."), "required")
        if value is not None and value.is_never:
            raise ValidationError(_("Оставьте хотя бы один день недели со временем."), "never")


def _input(label: Promise) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "time", "aria-label": label})


def _times(span: Span | None) -> tuple[str, str]:
    if span is None:
        return "", ""
    start, end = (f"{minute // 60 % 24:02d}:{minute % 60:02d}" for minute in span)
    return start, end


def _read(start: str, end: str) -> Span | None:
    """Two times as they came. Raises ValueError with what is wrong with them."""
    if not start and not end:
        return None
    if not start or not end:
        raise ValueError(gettext("укажите и начало, и конец, или сотрите оба."))
    first, last = _minute(start), _minute(end) or DAY
    if first >= last:
        raise ValueError(gettext("конец должен быть позже начала."))
    return first, last


def _minute(text: str) -> int:
    try:
        at = time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            gettext("«%(text)s» — не время. Нужно, например, 09:00.") % {"text": text}
        ) from error
    return at.hour * 60 + at.minute
