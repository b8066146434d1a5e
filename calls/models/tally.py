"""What a campaign's pages read instead of counting its calls: kept by increments, like counters."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.campaign import Campaign


class CampaignMinute(models.Model):
    """What happened to a campaign's calls in one minute: for speed, charts, day budgets, guards."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="minutes", db_index=False
    )
    minute = models.DateTimeField()  # its beginning, UTC
    sent = models.PositiveIntegerField(default=0)  # calls that went into an order
    ended = models.PositiveIntegerField(default=0)  # calls the service has finished with
    answered = models.PositiveIntegerField(default=0)  # of the ended: somebody took it
    failed = models.PositiveIntegerField(default=0)  # refused, or sent without a usable answer
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # roubles

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "minute"], name="campaign_minute_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.minute:%Y-%m-%d %H:%M}"


class AnswerCount(models.Model):
    """How many calls of a campaign have answered so: ``|2|1|``."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="answer_counts", db_index=False
    )
    variant = models.CharField(max_length=1, default="a")
    answers = models.CharField(max_length=200)
    number = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "variant", "answers"], name="answer_count_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answers}: {self.number}"


class CampaignEvent(models.Model):
    """One line of a campaign's history, written in the transaction that changed it."""

    class Kind(models.TextChoices):
        LAUNCHED = "launched", _("Запущен")
        PREPARED = "prepared", _("Звонки подготовлены")
        PAUSED = "paused", _("Приостановлен")
        RESUMED = "resumed", _("Продолжен")
        STOPPED = "stopped", _("Остановлен")
        HELD = "held", _("Отправка остановлена")
        PILOT = "pilot", _("Пробная часть закончена")
        APPROVED = "approved", _("Пробная часть одобрена")
        BUDGET = "budget", _("Бюджет изменён")
        PACE = "pace", _("Темп изменён")
        REPEATED = "repeated", _("Неотправленные повторены")
        DONE = "done", _("Завершён")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # None: the system itself
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("событие обзвона")
        verbose_name_plural = _("события обзвонов")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"
