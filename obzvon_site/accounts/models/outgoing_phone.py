"""Numbers that subscribers see."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models.api_account import ApiAccount


class OutgoingPhoneQuerySet(models.QuerySet["OutgoingPhone"]):
    def listed(self) -> Self:
        """Every number with its account, in the order of the page."""
        return self.select_related("account").order_by("account__name", "phone")

    def usable(self) -> Self:
        """Numbers the service has not declared unconfirmed."""
        return self.exclude(is_confirmed=False).order_by("phone")


class OutgoingPhone(models.Model):
    """A number to call from. It works only when the service has confirmed it."""

    class Source(models.TextChoices):
        HAND = "hand", _("Добавлен вручную")
        SERVICE = "service", _("Из сервиса")

    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="phones")
    phone = models.CharField(_("номер"), max_length=11)  # 11 digits
    label = models.CharField(_("подпись"), max_length=40, blank=True)
    is_confirmed = models.BooleanField(_("подтверждён"), null=True)  # None: nobody knows
    source = models.CharField(max_length=7, choices=Source, default=Source.HAND)
    seen_at = models.DateTimeField(null=True, editable=False)  # last time the service listed it
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingPhoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("исходящий номер")
        verbose_name_plural = _("исходящие номера")
        constraints = [
            models.UniqueConstraint(fields=["account", "phone"], name="phone_once_per_account"),
        ]

    def __str__(self) -> str:
        return self.phone
