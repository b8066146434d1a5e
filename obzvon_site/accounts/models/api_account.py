"""An account at the call service: where to ask, with which key, at what price."""

import secrets
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def webhook_token() -> str:
    """An unguessable part of a webhook address."""
    return secrets.token_urlsafe(24)


class ApiAccount(models.Model):
    """An account at the call service. The key is kept sealed, see ``common.secrets``."""

    name = models.CharField(_("название"), max_length=80, unique=True)
    base_url = models.URLField(_("адрес API"), max_length=255)  # up to and including /apiCalls
    sealed_key = models.TextField(editable=False)
    key_tail = models.CharField(max_length=4, editable=False)  # for «••••3f9a»
    is_active = models.BooleanField(_("работает"), default=True)
    is_default = models.BooleanField(_("по умолчанию"), default=False)

    minute_price = models.DecimalField(
        _("цена минуты, ₽"), max_digits=8, decimal_places=2, default=Decimal("3.00")
    )
    sms_price = models.DecimalField(
        _("цена СМС, ₽"), max_digits=8, decimal_places=2, default=Decimal("4.10")
    )
    synthesis_price = models.DecimalField(
        _("цена синтеза, ₽"), max_digits=8, decimal_places=2, default=Decimal("0.40")
    )
    calls_per_minute = models.PositiveIntegerField(_("звонков в минуту"), default=600)
    phones_per_order = models.PositiveIntegerField(_("номеров в одном заказе"), default=50)

    use_duty_phone = models.BooleanField(_("случайный дежурный номер"), default=False)
    default_phone = models.ForeignKey(
        "accounts.OutgoingPhone",
        verbose_name=_("номер по умолчанию"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    webhook_token = models.CharField(
        max_length=64, unique=True, default=webhook_token, editable=False
    )

    balance = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    balance_at = models.DateTimeField(null=True, editable=False)  # last success
    balance_asked_at = models.DateTimeField(null=True, editable=False)  # last try
    balance_error = models.TextField(blank=True, editable=False)  # of the last try, for people
    low_balance = models.DecimalField(
        _("предупреждать, если меньше, ₽"), max_digits=12, decimal_places=2, default=Decimal(500)
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("учётная запись API")
        verbose_name_plural = _("учётные записи API")
        permissions = [("view_balance", "Can see the balance")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name
