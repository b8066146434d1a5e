"""Signing in and choosing a password."""

from typing import Any

from django.contrib.auth import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class LoginForm(django_forms.AuthenticationForm):
    """Name and password. One message for whatever did not fit."""

    error_messages = {
        "invalid_login": _("Имя или пароль не подошли. Проверьте раскладку и Caps Lock."),
        "inactive": _("Имя или пароль не подошли. Проверьте раскладку и Caps Lock."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Имя для входа")
        _dress(self)


class NewPasswordForm(django_forms.SetPasswordForm):  # type: ignore[type-arg]
    """A first password, chosen by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("Новый пароль")
        self.fields["new_password2"].label = _("Ещё раз")
        _dress(self)


class PasswordForm(django_forms.PasswordChangeForm):
    """Another password instead of the current one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Текущий пароль")
        self.fields["new_password1"].label = _("Новый пароль")
        self.fields["new_password2"].label = _("Ещё раз")
        _dress(self)

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        if not self.user.check_password(password):
            raise ValidationError(_("Это не текущий пароль. Введите тот, с которым вошли."))
        return password


def _dress(form: Any) -> None:
    form.label_suffix = ""
    for field in form.fields.values():
        field.widget.attrs["class"] = "inp"
