"""A person who signs in."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with a role (one of three groups) and tastes."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("Как в системе")
        LIGHT = "light", _("Светлая")
        DARK = "dark", _("Тёмная")

    language = models.CharField(
        _("язык"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    theme = models.CharField(_("тема"), max_length=5, choices=Theme, default=Theme.AUTO)
    letter_shortcuts = models.BooleanField(_("однобуквенные клавиши"), default=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username
