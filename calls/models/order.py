"""Orders: the outbox. Each is one ``create`` request, written before it is sent."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.campaign import Campaign


class OrderQuerySet(models.QuerySet["Order"]):
    def sending(self) -> Self:
        """Orders that somebody is asking for, or died asking for."""
        return self.filter(state=Order.State.SENDING)

    def expired(self, now: datetime) -> Self:
        """Orders whose sender stopped between asking and hearing. Ask about, never resend."""
        return self.sending().filter(lease_until__lt=now)

    def to_ask(self, now: datetime) -> Self:
        """Orders in doubt that are due to be looked up."""
        return self.filter(state=Order.State.UNKNOWN, ask_at__lte=now).order_by("sent_at", "pk")


class Order(models.Model):
    """One ``create`` request for the phones of its calls, sent at most once.

    sending → answered, refused, not_sent (its calls go back to planned) or unknown;
    unknown → answered or lost. Nothing ever leads back to sending.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("Отправляем")
        ANSWERED = "answered", _("Принят")
        REFUSED = "refused", _("Отказ")
        NOT_SENT = "not_sent", _("Не отправлен")
        UNKNOWN = "unknown", _("Проверяем")
        LOST = "lost", _("Не подтверждён")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="orders")
    # In the order's own webhook address: an event proves which order it belongs to.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.SENDING)
    lease = models.CharField(max_length=32, blank=True)  # of its sender, see services.departures
    lease_until = models.DateTimeField()
    error = models.TextField(blank=True)  # for people
    sent_at = models.DateTimeField()  # when «sending» was committed
    answered_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True)  # when to ask about an unknown one
    size = models.PositiveIntegerField(default=0)  # calls it went out with
    asked = models.PositiveIntegerField(default=0)  # full listings that did not show it

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("заказ")
        verbose_name_plural = _("заказы")
        indexes = [
            models.Index(fields=["state", "lease_until"], name="order_lease"),
            models.Index(fields=["state", "ask_at"], name="order_ask"),
            models.Index(fields=["campaign", "sent_at"], name="order_pace"),
            models.Index(fields=["sent_at"], name="order_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def subject(self) -> str:
        """How the exchange log names it."""
        return f"order:{self.pk}"
