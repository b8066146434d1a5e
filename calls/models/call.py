"""Calls: one attempt to ring one phone."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.campaign import Campaign
from calls.models.order import Order
from obzvon_site.provider.replies import FINAL_STATUSES, KNOWN_STATUSES

# In these stages the service knows nothing of the call, or never will.
ENDED_BY_US = frozenset({"refused", "lost", "blocked", "taken_back", "expired"})
NOT_CALLED = models.Q(stage__in=sorted(ENDED_BY_US))
# In these it went out, or may have: it counts against the limits of attempts per person.
MAY_HAVE_RUNG = frozenset({"sending", "accepted", "unknown", "lost"})


def _index_of_given(name: str, index: str) -> models.Index:
    """Of a column that is empty in most rows: those are not in it."""
    given = models.Q((f"{name}__isnull", False))
    return models.Index(fields=[name], condition=given, name=index)


class CallQuerySet(models.QuerySet["Call"]):
    def due(self, now: datetime) -> Self:
        """Planned calls whose time has come, oldest first."""
        return self.filter(stage=Call.Stage.PLANNED, planned_at__lte=now).order_by(
            "planned_at", "pk"
        )

    def to_ask(self, now: datetime) -> Self:
        """Calls the service should be asked about, the longest waiting first."""
        return self.filter(sync_at__lte=now, service_order_id__isnull=False).order_by("sync_at")

    def called_since(self, moment: datetime) -> Self:
        """Ordered since ``moment``, without those that never went out and never will."""
        return self.filter(created_at__gte=moment).exclude(stage__in=ENDED_BY_US)

    def retryable(self) -> Self:
        """Those that did not go out, and that a person may order again."""
        return self.filter(stage__in=[Call.Stage.REFUSED, Call.Stage.LOST]).order_by("pk")

    def to_fetch(self, now: datetime) -> Self:
        """Calls whose recording is at the service and not yet with us."""
        return self.filter(recording_at__lte=now).exclude(recording_url="")


class Call(models.Model):
    """One attempt to reach one phone.

    Ours (``stage``): planned → sending → accepted, refused or unknown; unknown → accepted or
    lost; planned → blocked, taken_back or expired. The service's word for an accepted call is
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
        EXPIRED = "expired", _("Не успели")

    class Result(models.TextChoices):
        """How an accepted call ended, as far as retries care; empty until it has."""

        REACHED = "reached", _("Дослушал или ответил")
        BUSY = "busy", _("Занято")
        NO_ANSWER = "no_answer", _("Не ответил")
        EARLY = "early", _("Положил трубку сразу")
        NO_KEY = "no_key", _("Ничего не нажал")

    # Every index is paid for by each of a call's ten changes: these two have others to serve them.
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="calls", db_index=False
    )
    order = models.ForeignKey(
        Order, null=True, on_delete=models.SET_NULL, related_name="calls", db_index=False
    )
    phone = models.CharField(max_length=11)
    attempt = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=200, blank=True)  # of the contact
    zone = models.CharField(max_length=40, blank=True)  # the subscriber's; empty: nobody knows
    variant = models.CharField(max_length=1, default="a")  # which of the campaign's messages
    text = models.TextField(blank=True)  # its own text, when texts differ from call to call

    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PLANNED)
    status = models.CharField(max_length=40, blank=True)  # the service's word, kept as it came
    is_final = models.BooleanField(default=False)
    error = models.TextField(blank=True)  # for people: what happened and what to do
    planned_at = models.DateTimeField()  # not before
    sent_at = models.DateTimeField(null=True)  # when «sending» was committed; None: it is with us
    result = models.CharField(max_length=9, choices=Result, blank=True)
    # Another attempt has been planned after it; or none may be: the person's data was deleted.
    is_retried = models.BooleanField(default=False)

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
    has_recording = models.BooleanField(default=False)  # it is with us and can be heard
    recording_at = models.DateTimeField(null=True)  # when to fetch it next; None: not at all
    recording_tries = models.PositiveSmallIntegerField(default=0)

    sync_at = models.DateTimeField(null=True)  # when to ask the service next; None: never
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = CallQuerySet.as_manager()

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
            models.Index(
                fields=["campaign", "zone", "planned_at", "id"],
                condition=models.Q(stage="planned"),
                name="call_turn",
            ),
            # What a budget has to keep back for calls that are over and not yet charged.
            models.Index(
                fields=["campaign"],
                condition=models.Q(status="finished", cost__isnull=True),
                name="call_without_cost",
            ),
            models.Index(fields=["campaign"], condition=NOT_CALLED, name="call_not_called"),
            _index_of_given("order", "call_order"),
            _index_of_given("sync_at", "call_sync"),
            _index_of_given("recording_at", "call_recording"),
            _index_of_given("service_order_id", "call_service_order"),
            models.Index(fields=["status", "-created_at", "-id"], name="call_status_newest"),
            models.Index(fields=["phone", "-created_at", "-id"], name="call_phone_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("calls:call", args=[self.pk])

    @staticmethod
    def counter_of(stage: str, status: str) -> str:
        """The campaign's counter in which a call of this stage and status is counted."""
        if stage in ENDED_BY_US:
            return "failed"
        if stage == Call.Stage.UNKNOWN:
            return "doubtful"
        if stage != Call.Stage.ACCEPTED:
            return "waiting"
        return status if status in FINAL_STATUSES else "live"

    @property
    def counter(self) -> str:
        return self.counter_of(self.stage, self.status)

    @property
    def outcome(self) -> str:
        """One word for a badge: our stage until the service has it, then the service's status.

        planned, sending, unknown, refused, lost, blocked, taken_back; queued (accepted, no
        status yet), created, processed, started, answered, finished, busy, canceled; or other.
        """
        if self.stage != self.Stage.ACCEPTED:
            return self.stage
        if not self.status:
            return "queued"
        return self.status if self.status in KNOWN_STATUSES else "other"

    @property
    def talk_seconds(self) -> int | None:
        """From the answer to the end, or None when nobody answered or it still goes on."""
        if self.answered_at is None or self.finished_at is None:
            return None
        return max(0, int((self.finished_at - self.answered_at).total_seconds()))

    @property
    def poll_seconds(self) -> int | None:
        """How often a page should ask again; None: never."""
        now = timezone.now()
        if self.is_final:
            return 5 if self.recording_at is not None else None
        if self.status in {"started", "answered"}:
            return 3
        if self.planned_at - now > timedelta(minutes=10):
            return 60
        return 3 if now - self.changed_at < timedelta(minutes=2) else 10
