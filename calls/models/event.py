"""What happened to calls, and what came by webhook, exactly as it came."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call
from obzvon_site.accounts.models import ApiAccount


class CallEvent(models.Model):
    """One line of a call's timeline, written in the transaction that changed the call."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("Поставлен в очередь")
        SENDING = "sending", _("Отправляем сервису")
        ACCEPTED = "accepted", _("Сервис принял")
        REFUSED = "refused", _("Сервис отказал")
        RETURNED = "returned", _("Не ушёл, вернули в очередь")
        UNKNOWN = "unknown", _("Ответа не было, проверяем")
        LOST = "lost", _("Не подтверждён")
        BLOCKED = "blocked", _("Номер в чёрном списке")
        TAKEN_BACK = "taken_back", _("Отменён")
        STATUS = "status", _("Статус")
        STEP = "step", _("Ответ абонента")
        RECORDING = "recording", _("Запись разговора")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("событие звонка")
        verbose_name_plural = _("события звонков")
        indexes = [models.Index(fields=["call", "at", "id"], name="event_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def to_fold(self, now: datetime) -> Self:
        """New ones, and for an hour those whose call was not known yet, oldest first."""
        waits = Q(
            state=WebhookEvent.State.UNMATCHED,
            received_at__gt=now - timedelta(hours=1),
            folded_at__lt=now - timedelta(seconds=20),
        )
        return self.filter(Q(state=WebhookEvent.State.NEW) | waits).order_by("pk")


class WebhookEvent(models.Model):
    """A webhook exactly as it came: stored first, answered 200, folded later."""

    class Kind(models.TextChoices):
        STATUS = "status", _("Статус")
        STEP = "step", _("Шаг сценария")

    class State(models.TextChoices):
        NEW = "new", _("Не разобран")
        FOLDED = "folded", _("Учтён")
        UNMATCHED = "unmatched", _("Звонок не найден")
        BROKEN = "broken", _("Не прочитан")

    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="+")
    order_token = models.UUIDField(null=True)  # from the address, when it had one
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    body = models.TextField()
    problem = models.TextField(blank=True)
    received_at = models.DateTimeField()
    folded_at = models.DateTimeField(null=True)  # last try

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("вебхук")
        verbose_name_plural = _("вебхуки")
        indexes = [
            models.Index(fields=["state", "id"], name="webhook_new"),
            models.Index(fields=["-received_at", "-id"], name="webhook_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.received_at:%Y-%m-%d %H:%M:%S}"
