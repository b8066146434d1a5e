"""An account at the call service: where to ask, with which key, at what price."""

import ipaddress
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from obzvon_site.common.secrets import unseal

# Three missed refreshes: what is shown is no longer «now».
STALE = timedelta(minutes=3)


def webhook_token() -> str:
    """An unguessable part of a webhook address."""
    return secrets.token_urlsafe(24)


class ApiAccountQuerySet(models.QuerySet["ApiAccount"]):
    def active(self) -> Self:
        """Accounts that may call, the default first."""
        return self.filter(is_active=True).order_by("-is_default", "name")

    def default(self) -> "ApiAccount | None":
        """The account to offer first: the default one, else any that works."""
        return self.active().first()

    def ask_balance_soon(self) -> None:
        """Something has just cost money: the kept balance is no longer true."""
        self.update(balance_asked_at=None)

    def balance_due(self, asked_before: datetime) -> Self:
        """Active accounts not asked for their balance since ``asked_before``."""
        asked_long_ago = Q(balance_asked_at=None) | Q(balance_asked_at__lt=asked_before)
        return self.active().filter(asked_long_ago)


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
    connections = models.PositiveSmallIntegerField(_("запросов одновременно"), default=4)

    use_duty_phone = models.BooleanField(_("случайный дежурный номер"), default=False)
    default_phone = models.ForeignKey(
        "accounts.OutgoingPhone",
        verbose_name=_("номер по умолчанию"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    # Recordings older than so many days are deleted; None: they are kept for ever.
    recording_days = models.PositiveSmallIntegerField(
        _("хранить записи, дней"), null=True, blank=True
    )

    webhook_token = models.CharField(
        max_length=64, unique=True, default=webhook_token, editable=False
    )

    webhook_networks = models.TextField(
        _("откуда принимать вебхуки"), blank=True, default=""
    )  # one network a line; empty: from anywhere

    balance = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    balance_at = models.DateTimeField(null=True, editable=False)  # last success
    balance_asked_at = models.DateTimeField(null=True, editable=False)  # last try
    balance_error = models.TextField(blank=True, editable=False)  # of the last try, for people
    low_balance = models.DecimalField(
        _("предупреждать, если меньше, ₽"), max_digits=12, decimal_places=2, default=Decimal(500)
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiAccountQuerySet.as_manager()

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

    def get_absolute_url(self) -> str:
        return reverse("accounts:account", args=[self.pk])

    def api_key(self) -> str:
        """The key in the clear, for the client only. Raises ``common.secrets.Unreadable``."""
        return unseal(self.sealed_key)

    @property
    def masked_key(self) -> str:
        """What people see of the key: ``••••3f9a``."""
        return f"••••{self.key_tail}"

    def status_webhook_url(self, order_token: UUID) -> str:
        """Where the service reports the calls of one order."""
        return f"{settings.PUBLIC_URL}/hooks/{self.webhook_token}/status/{order_token}/"

    def step_webhook_url(self) -> str:
        """Where the service reports what a subscriber pressed or said."""
        return f"{settings.PUBLIC_URL}/hooks/{self.webhook_token}/step/"

    @property
    def is_emulator(self) -> bool:
        """Whether its service is on this very machine: nobody real is rung by it."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def calls_worth(self) -> int | None:
        """How many calls of one minute the balance pays for; None when nobody knows."""
        if self.balance is None or self.minute_price <= 0:
            return None
        return max(0, int(self.balance / self.minute_price))

    @property
    def is_low(self) -> bool:
        """Whether it is time to pay in."""
        return self.balance is not None and self.balance < self.low_balance

    def is_stale(self, now: datetime) -> bool:
        """Whether the balance shown is not the balance of these minutes."""
        return self.balance_at is None or now - self.balance_at > STALE


class OldWebhookAddress(models.Model):
    """A webhook address that was renewed. Orders already sent carry it: it is still accepted."""

    account = models.ForeignKey(
        ApiAccount, on_delete=models.CASCADE, related_name="old_webhook_addresses"
    )
    token = models.CharField(max_length=64, unique=True)
    renewed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("прежний адрес вебхуков")
        verbose_name_plural = _("прежние адреса вебхуков")

    def __str__(self) -> str:
        return f"{self.account} {self.renewed_at:%Y-%m-%d}"
