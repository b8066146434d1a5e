"""Numbers for the blacklist, how long and for whom, and the reason for taking one off."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import BlockedPhone, Campaign
from calls.services import numbers
from obzvon_site.common.forms import DayField, Form

Source = BlockedPhone.Source
MAX_FILE = 10 * 1024 * 1024
MAX_NUMBERS = 200_000
SHOWN_ERRORS = 20


class BlockForm(Form):
    """Numbers to block, typed or in a file. ``cleaned_data["numbers"]``: 11 digits, each once."""

    marks_optional = False
    numbers = forms.CharField(
        label=_("Номера"),
        required=False,
        max_length=300_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    file = forms.FileField(
        label=_("Или файл с номерами"),
        required=False,
        help_text=_("TXT или CSV, по номеру в строке. До 10 МБ."),
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.csv,text/plain,text/csv"}),
    )
    reason = forms.CharField(label=_("Причина"), max_length=200)
    is_complaint = forms.BooleanField(label=_("Это жалоба абонента"), required=False)
    until = DayField(label=_("По какой день"), required=False, help_text=_("Пусто — навсегда."))
    campaign = forms.ModelChoiceField(
        label=_("Где не звонить"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=_("Нигде и никогда"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unfinished = Campaign.objects.exclude(state=Campaign.State.DONE)
        latest = unfinished.order_by("-created_at", "-pk").values("pk")[:50]
        offered = Campaign.objects.filter(pk__in=latest).order_by("-created_at", "-pk")
        self.fields["campaign"].queryset = offered  # type: ignore[attr-defined]

    def clean_numbers(self) -> list[str]:
        return _read(self.cleaned_data["numbers"])

    def clean_file(self) -> list[str]:
        file = self.cleaned_data["file"]
        if file is None:
            return []
        if (file.size or 0) > MAX_FILE:
            raise ValidationError(_("Файл больше 10 МБ. Разделите его на части."))
        return _read(_numbers_of(_text_of(file.read())))

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(_("Этот день уже прошёл. Выберите более поздний."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        both = dict.fromkeys([*cleaned.get("numbers", []), *cleaned.get("file", [])])
        if not both and not self.errors.keys() & {"numbers", "file"}:
            self.add_error("numbers", _("Введите номера или выберите файл с ними."))
        if len(both) > MAX_NUMBERS:
            self.add_error(
                "file",
                ValidationError(
                    _("За раз — не больше %(max)d номеров, здесь %(count)d. Разделите список."),
                    params={"max": MAX_NUMBERS, "count": len(both)},
                ),
            )
        return {**cleaned, "numbers": list(both)}

    @property
    def source(self) -> str:
        """Where the numbers come from, for a valid form."""
        if self.cleaned_data["is_complaint"]:
            return Source.COMPLAINT
        return Source.IMPORT if self.cleaned_data["file"] else Source.HAND

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day, for a valid form; None: never."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class UnblockForm(Form):
    """Why a number may be called again."""

    reason = forms.CharField(
        label=_("Почему убираем"),
        max_length=200,
        help_text=_("Останется в аудите вместе с вашим именем."),
    )


def _read(text: str) -> list[str]:
    """The numbers of a text. Raises ValidationError with what is wrong in which line."""
    pasted = numbers.read(text)
    if not pasted.bad:
        return pasted.phones
    errors = [
        ValidationError(
            _("Строка %(line)s: %(reason)s"), params={"line": bad.line, "reason": bad.reason}
        )
        for bad in pasted.bad[:SHOWN_ERRORS]
    ]
    if (more := len(pasted.bad) - SHOWN_ERRORS) > 0:
        errors.append(
            ValidationError(_("И ещё строк с ошибками: %(count)d"), params={"count": more})
        )
    raise ValidationError(errors)


def _numbers_of(table: str) -> str:
    """A table as programs write it, without its quotes and its heading; lines keep their places."""
    lines = table.replace('"', "").splitlines()
    if lines and not any(map(str.isdigit, lines[0])):
        lines[0] = ""
    return "\n".join(lines)


def _text_of(content: bytes) -> str:
    """The text of a file of digits. Raises ValidationError for what is no text."""
    if b"\x00" in content or content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise ValidationError(
            _("Это не текст. Сохраните номера как CSV или TXT, по одному в строке.")
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", "replace")
