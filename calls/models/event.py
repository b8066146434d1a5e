"""What happened to calls, and what came by webhook, exactly as it came."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call
from obzvon_site.accounts.models import ApiAccount

# News of a call that nobody knows are kept and looked up so long.
STRAY_AGE = timedelta(days=30)


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
        EXPIRED = "expired", _("Не успели до конца обзвона")
        PUT_OFF = "put_off", _("Отложен")
        RETRY = "retry", _("Назначена ещё попытка")
        STATUS = "status", _("Статус")
        STEP = "step", _("Ответ абонента")
        RECORDING = "recording", _("Запись разговора")

    # Its timeline's index serves the key, too.
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events", db_index=False)
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
    def to_fold(self) -> Self:
        """New ones, oldest first."""
        return self.filter(state=WebhookEvent.State.NEW).order_by("pk")

    def replayable(self) -> Self:
        """Those that came to nothing, and may come to something now."""
        return self.filter(state__in=[WebhookEvent.State.BROKEN, WebhookEvent.State.UNMATCHED])

    def to_forget(self, now: datetime) -> Self:
        """Kept long enough: what was used and what was refused sooner than what was not."""
        used = models.Q(state__in=[WebhookEvent.State.FOLDED, WebhookEvent.State.REFUSED])
        kept = timedelta(days=settings.EXCHANGE_DAYS)
        long = max(kept, STRAY_AGE)
        return self.filter(received_at__lt=now - kept).filter(
            used | models.Q(received_at__lt=now - long)
        )


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
        REFUSED = "refused", _("Чужой адрес")

    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="+")
    order_token = models.UUIDField(null=True)  # from the address, when it had one
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    body = models.TextField()  # empty when it was refused
    problem = models.TextField(blank=True)
    received_at = models.DateTimeField()
    folded_at = models.DateTimeField(null=True)  # last try
    source = models.GenericIPAddressField(null=True)  # of a refused one
    times = models.PositiveIntegerField(default=1)  # refused ones of an hour are one row

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

    def get_absolute_url(self) -> str:
        return reverse("calls:webhook", args=[self.pk])

    @property
    def tone(self) -> str:
        """Of its state, for a badge."""
        return TONES.get(self.state, "warn")


TONES = {"new": "info", "folded": "ok", "broken": "bad", "refused": "bad"}


class StrayNews(models.Model):
    """News of a call that we do not know yet: by the service's id, or by the phone alone."""

    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="strays")
    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="+")
    service_order_id = models.BigIntegerField(null=True)
    phone = models.CharField(max_length=11, blank=True)
    look_at = models.DateTimeField()  # when to look for its call next

    class Meta:
        verbose_name = _("новость о неизвестном звонке")
        verbose_name_plural = _("новости о неизвестных звонках")
        indexes = [models.Index(fields=["look_at"], name="stray_look")]
        constraints = [
            models.UniqueConstraint(fields=["event", "service_order_id"], name="stray_once"),
        ]

    def __str__(self) -> str:
        return f"{self.service_order_id or self.phone}"
