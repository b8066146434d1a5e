"""Calls: one attempt to ring one phone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.campaign import Campaign
from calls.models.order import Order


class Call(models.Model):
    """One attempt to reach one phone.

    Ours (``stage``): planned → sending → accepted, refused or unknown; unknown → accepted or
    lost; planned → blocked or taken_back. The service's word for an accepted call is
    ``status``; ``is_final`` says that neither will move again by itself.
    """

    class Stage(models.TextChoices):
        PLANNED = "planned", _("Готовим")
        SENDING = "sending", _("Отправляем")
        ACCEPTED = "accepted", _("Передан")
        REFUSED = "refused", _("Не отправлен")
        UNKNOWN = "unknown", _("Проверяем")
        LOST = "lost", _("Не подтверждён")
        BLOCKED = "blocked", _("В чёрном списке")
        TAKEN_BACK = "taken_back", _("Отменён")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="calls")
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="calls")
    phone = models.CharField(max_length=11)
    attempt = models.PositiveSmallIntegerField(default=1)

    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PLANNED)
    status = models.CharField(max_length=40, blank=True)  # the service's word, kept as it came
    is_final = models.BooleanField(default=False)
    error = models.TextField(blank=True)  # for people: what happened and what to do
    planned_at = models.DateTimeField()

    service_order_id = models.BigIntegerField(null=True)  # id of the apiCall
    service_call_id = models.BigIntegerField(null=True)  # id inside its «calls»
    service_updated_at = models.DateTimeField(null=True)  # updatedAt of the newest news folded in

    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    manager_started_at = models.DateTimeField(null=True)
    manager_answered_at = models.DateTimeField(null=True)
    manager_status = models.CharField(max_length=40, blank=True)
    finished_at = models.DateTimeField(null=True)
    hangup_cause = models.CharField(max_length=120, blank=True)
    ivr_digit = models.CharField(max_length=8, blank=True)
    ivr_answers = models.TextField(blank=True)  # as it came: |2|1|
    to_block = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    recording_url = models.TextField(blank=True)  # at the service; never shown to a browser
    recording = models.FileField(upload_to="recordings/%Y/%m/", blank=True)
    recording_type = models.CharField(max_length=40, blank=True)

    sync_at = models.DateTimeField(null=True)  # when to ask the service next; None: never
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("звонок")
        verbose_name_plural = _("звонки")
        permissions = [("listen_recording", "Can listen to recordings")]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "phone", "attempt"], name="phone_once_per_attempt"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="call_newest"),
            models.Index(fields=["campaign", "-created_at", "-id"], name="call_campaign_newest"),
            models.Index(fields=["stage", "planned_at"], name="call_due"),
            models.Index(fields=["is_final", "sync_at"], name="call_sync"),
            models.Index(fields=["status", "-created_at", "-id"], name="call_status_newest"),
            models.Index(fields=["phone", "-created_at", "-id"], name="call_phone_newest"),
            models.Index(fields=["service_order_id"], name="call_service_order"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
