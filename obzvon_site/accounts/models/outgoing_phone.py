"""Numbers that subscribers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models.api_account import ApiAccount


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

    class Meta:
        verbose_name = _("исходящий номер")
        verbose_name_plural = _("исходящие номера")
        constraints = [
            models.UniqueConstraint(fields=["account", "phone"], name="phone_once_per_account"),
        ]

    def __str__(self) -> str:
        return self.phone
