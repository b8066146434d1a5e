"""People: who they are, what they may, what they like."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import User
from obzvon_site.accounts.roles import OPERATOR, ROLE_NAMES
from obzvon_site.common.forms import Form, ModelForm, PhoneField


class ProfileForm(ModelForm):
    """What everybody may change about themselves."""

    phone = PhoneField(
        label=_("Мой телефон"),
        required=False,
        help_text=_("Для пробных звонков: на него позвонит сценарий, который вы проверяете."),
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "language", "theme", "letter_shortcuts"]
        labels = {"first_name": _("Имя"), "last_name": _("Фамилия")}
        help_texts = {
            "letter_shortcuts": _(
                "Например, g и j — к журналу. Мешают экранному диктору — выключите."
            ),
        }


class PersonForm(ModelForm):
    """Somebody to invite."""

    role = forms.ChoiceField(label=_("Роль"), choices=list(ROLE_NAMES.items()), initial=OPERATOR)

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "language"]
        labels = {
            "username": _("Имя для входа"),
            "first_name": _("Имя"),
            "last_name": _("Фамилия"),
        }
        help_texts = {"username": _("Буквы, цифры и знаки @ . + - _")}

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Такой человек уже есть. Выберите другое имя."))
        return username


class RoleForm(Form):
    """Another role for somebody."""

    role = forms.ChoiceField(label=_("Роль"), choices=list(ROLE_NAMES.items()))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"role": person.role}, **kwargs)
