"""Files to upload, texts to speak, names, and what to look for in the library."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import Form
from obzvon_site.provider.limits import LIMITS
from records.models import Record

MOST_FILES = 50
TEXT = LIMITS["text"]


class FilesInput(forms.FileInput):
    """A file input that takes several at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several. Cleaned to a list; what is in them is checked one by one, later."""

    widget = FilesInput

    def clean(self, data: Any, _initial: Any = None) -> Any:
        files = data if isinstance(data, list) else [data] if data else []
        if not files:
            raise ValidationError(_("Выберите файл: wav, mp3, ogg или m4a."))
        if len(files) > MOST_FILES:
            raise ValidationError(_("За раз — не больше 50 файлов. Остальные загрузите потом."))
        return files


class AccountForm(Form):
    """A form that asks for the account only where there is a choice."""

    account = forms.ModelChoiceField(
        label=_("Учётная запись"),
        queryset=ApiAccount.objects.none(),
        empty_label=None,
        error_messages={
            "required": _("Нет учётной записи API: её добавляет администратор."),
            "invalid_choice": _("Эта учётная запись выключена. Выберите другую."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account: Any = self.fields["account"]
        account.queryset = ApiAccount.objects.active()
        self.accounts = list(account.queryset)
        account.initial = self.accounts[0] if self.accounts else None
        if len(self.accounts) < 2:
            account.widget = forms.HiddenInput()


class UploadForm(AccountForm):
    """Sound files for one account."""

    sounds = FilesField(label=_("Файлы"))

    def chosen(self) -> list[UploadedFile[Any]]:
        """The files, once the form is valid."""
        return list(self.cleaned_data["sounds"])


class SpeakForm(AccountForm):
    """A text that the service speaks. Line breaks count as one character each."""

    text = forms.CharField(
        label=_("Текст"),
        strip=True,
        widget=forms.Textarea(attrs={"rows": 7, "data-counter": TEXT.max}),
        help_text=_("Так, как его услышит абонент. Числа и сокращения лучше писать словами."),
        error_messages={"required": _("Введите текст, который услышит абонент.")},
    )
    gender = forms.TypedChoiceField(
        label=_("Голос"),
        coerce=int,
        choices=Record.Gender.choices,
        initial=Record.Gender.FEMALE,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Название"),
        max_length=120,
        required=False,
        help_text=_("Если оставить пустым, возьмём первые слова текста."),
    )

    @property
    def prices(self) -> list[tuple[Decimal, list[ApiAccount]]]:
        """Roubles for one text, and the accounts that pay so much."""
        prices: dict[Decimal, list[ApiAccount]] = {}
        for account in self.accounts:
            prices.setdefault(account.synthesis_price, []).append(account)
        return list(prices.items())

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        if len(text) > TEXT.max:
            raise ValidationError(
                _("Текст длиннее %(most)d знаков на %(over)d. Сократите его."),
                params={"most": TEXT.max, "over": len(text) - TEXT.max},
            )
        return text


class NameForm(Form):
    """Another name for a record."""

    name = forms.CharField(
        label=_("Название"),
        max_length=120,
        error_messages={"required": _("Введите название.")},
    )


class LibraryFilter(Form):
    """What to show of the library. Whatever does not fit filters nothing."""

    q = forms.CharField(
        label=_("Название или текст"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=_("Состояние"),
        required=False,
        choices=[
            ("", _("Любое")),
            *Record.Moderation.choices,
            ("failed", _("Не отправлены")),
        ],
    )

    def chosen(self) -> QuerySet[Record]:
        self.is_valid()
        return Record.objects.newest().matching(
            text=self.cleaned_data.get("q", ""), state=self.cleaned_data.get("state", "")
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return any(self.cleaned_data.values())
