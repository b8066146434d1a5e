"""A person who signs in."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.roles import ADMIN, ROLE_NAMES, role_of


class UserQuerySet(models.QuerySet["User"]):
    def listed(self) -> Self:
        """Everybody, those who may sign in first."""
        return self.prefetch_related("groups").order_by("-is_active", "username")

    def admins(self) -> Self:
        """People who may change everything and may sign in."""
        return self.filter(is_active=True, groups__name=ADMIN)


class People(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager of users with our questions."""

    use_in_migrations = False


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
    phone = models.CharField(_("мой телефон"), max_length=11, blank=True)  # 11 digits
    letter_shortcuts = models.BooleanField(_("однобуквенные клавиши"), default=True)

    objects: ClassVar[People] = People()

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_absolute_url(self) -> str:
        return reverse("accounts:person", args=[self.pk])

    @property
    def role(self) -> str:
        """``operator``, ``manager``, ``admin``, or empty."""
        return role_of(self)

    @property
    def role_name(self) -> str:
        """The role in words."""
        return str(ROLE_NAMES.get(self.role, _("Без роли")))
