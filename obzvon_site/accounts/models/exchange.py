"""What was said to the call service and what it answered, without secrets."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models.api_account import ApiAccount


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def newest(self) -> Self:
        """The log as people read it."""
        return self.select_related("account").order_by("-sent_at", "-id")

    def expired(self, now: datetime) -> Self:
        """Older than ``EXCHANGE_DAYS``: to be forgotten."""
        return self.filter(sent_at__lt=now - timedelta(days=settings.EXCHANGE_DAYS))


class Exchange(models.Model):
    """One request to the service and its answer, masked; deleted after EXCHANGE_DAYS."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Ответ получен")
        NOT_SENT = "not_sent", _("Не отправлен")
        REFUSED = "refused", _("Отказ")
        UNKNOWN = "unknown", _("Ответ неизвестен")

    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="exchanges")
    method = models.CharField(max_length=40)  # create, get, …
    subject = models.CharField(max_length=40, blank=True)  # whom it was about: «order:12»
    outcome = models.CharField(max_length=8, choices=Outcome)
    http_status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    request = models.TextField()
    answer = models.TextField(blank=True)
    sent_at = models.DateTimeField()

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("обмен с API")
        verbose_name_plural = _("обмен с API")
        indexes = [
            models.Index(fields=["-sent_at", "-id"], name="exchange_newest"),
            models.Index(fields=["subject"], name="exchange_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.sent_at:%Y-%m-%d %H:%M:%S}"

    def get_absolute_url(self) -> str:
        return reverse("accounts:exchange", args=[self.pk])

    @property
    def tone(self) -> str:
        """The colour of the outcome's badge."""
        return {"done": "ok", "not_sent": "neutral", "refused": "warn"}.get(self.outcome, "bad")
