"""API accounts: where and with which key to ask, at what price and pace to call."""

from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from obzvon_site.accounts.services import hooks
from obzvon_site.common.forms import Form, ModelForm, MoneyField
from obzvon_site.common.phones import shown

SETTINGS = [
    "name",
    "minute_price",
    "sms_price",
    "synthesis_price",
    "low_balance",
    "calls_per_minute",
    "phones_per_order",
    "connections",
    "use_duty_phone",
]
LARGEST = {
    "calls_per_minute": 6000,
    "phones_per_order": 5000,  # the service never promised more
    "connections": 32,
}


class ConnectionForm(Form):
    """The address and the key: typed together, so that a kept key never goes elsewhere."""

    base_url = forms.URLField(
        label=_("Адрес API"),
        max_length=255,
        assume_scheme="https",
        help_text=_("До /apiCalls включительно: https://example.ru/apiCalls"),
    )
    key = forms.CharField(
        label=_("Ключ API"),
        min_length=8,
        max_length=255,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Хранится зашифрованным. Показать его потом нельзя, только заменить."),
    )

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"]).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise ValidationError(_("Адрес должен начинаться с https:// или http://"))
        if parts.username or parts.query or parts.fragment:
            raise ValidationError(_("Оставьте только адрес: без имени, «?» и «#»."))
        return url

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise ValidationError(
                _("В ключе только латинские буквы и цифры. Скопируйте его целиком.")
            )
        return key


class PhoneChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A number as people read it."""

    def label_from_instance(self, obj: Any) -> str:
        return " · ".join(part for part in (shown(obj.phone), obj.label) if part)


class AccountForm(ModelForm):
    """Name, prices, pace, and the number to call from."""

    minute_price = MoneyField(label=_("Минута разговора, ₽"))
    sms_price = MoneyField(label=_("СМС, ₽"))
    synthesis_price = MoneyField(label=_("Синтез текста, ₽"))
    low_balance = MoneyField(label=_("Предупреждать, когда на балансе меньше, ₽"))

    default_phone = PhoneChoice(
        label=_("Номер по умолчанию"),
        queryset=OutgoingPhone.objects.none(),
        required=False,
        empty_label=_("Не выбран"),
    )

    class Meta:
        model = ApiAccount
        fields = [*SETTINGS, "default_phone", "webhook_networks"]
        widgets = {"webhook_networks": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})}
        help_texts = {
            "calls_per_minute": _("Быстрее этого заказы не отправляем."),
            "phones_per_order": _("Столько номеров уходит одним запросом."),
            "webhook_networks": _(
                "Адрес или сеть на строке, например 203.0.113.0/24. Пусто: принимать отовсюду."
            ),
            "connections": _(
                "Не больше стольких запросов сразу. При сбоях сервиса их станет меньше само."
            ),
            "use_duty_phone": _("Сервис сам выбирает номер из дежурных."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, largest in LARGEST.items():
            self.fields[name].validators += [MinValueValidator(1), MaxValueValidator(largest)]
        if "default_phone" in self.fields:
            choice = cast("PhoneChoice", self.fields["default_phone"])
            choice.queryset = self.instance.phones.usable()

    def clean_webhook_networks(self) -> str:
        """One network a line, as we write it ourselves."""
        kept = []
        for line in str(self.cleaned_data["webhook_networks"]).splitlines():
            if not line.strip():
                continue
            try:
                kept.append(str(hooks.networks(line)[0]))
            except ValueError as error:
                text = _("«%(line)s» не адрес и не сеть. Пример: 203.0.113.0/24")
                raise ValidationError(text % {"line": line.strip()[:60]}) from error
        return "\n".join(kept)


class NewAccountForm(ConnectionForm, AccountForm):
    """Everything at once; numbers come after the account."""

    default_phone = None  # type: ignore[assignment]  # there are none yet
    webhook_networks = None  # off at first
    field_order = ["name", "base_url", "key"]

    class Meta(AccountForm.Meta):
        fields = [*SETTINGS]
