"""Campaigns: calls launched together. A single call is a campaign of one."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.scenario import ScenarioVersion
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from records.models import Record

COUNTERS = ("waiting", "live", "doubtful", "finished", "busy", "canceled", "failed")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> Self:
        return self.filter(state=Campaign.State.RUNNING)

    def sendable(self, now: datetime) -> Self:
        """Running, and not held back for a reason that still holds."""
        return self.running().filter(Q(hold_reason="") | Q(hold_until__lte=now))


class Campaign(models.Model):
    """What is said, from which number, and how far it has come.

    Counters are kept by increments in the transaction that moves a call, and add up to
    ``total``: waiting (ours, not sent), live (at the service, not final), doubtful, finished,
    busy, canceled, failed (refused, blocked, not confirmed, taken back).
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Идёт")
        STOPPED = "stopped", _("Остановлен")
        DONE = "done", _("Завершён")

    class Message(models.TextChoices):
        RECORD = "record", _("Аудиоролик")
        TEXT = "text", _("Текст")
        SCENARIO = "scenario", _("Сценарий")

    # Made with the empty form: a second submit of the same form finds the first one's campaign.
    launch_token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(_("название"), max_length=120)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)

    message = models.CharField(max_length=8, choices=Message)
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=1024, blank=True)
    gender = models.PositiveSmallIntegerField(choices=Record.Gender, default=Record.Gender.FEMALE)
    scenario_version = models.ForeignKey(
        ScenarioVersion, null=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    payload = models.JSONField()  # record, recognize, ivrs as they go to the service, frozen
    # Records that the payload plays, so that none is removed under a live campaign.
    plays = models.ManyToManyField(Record, related_name="campaigns")

    outgoing_phone = models.ForeignKey(
        OutgoingPhone, null=True, on_delete=models.PROTECT, related_name="+"
    )  # None: a random duty number
    need_recording = models.BooleanField(default=True)
    planned_at = models.DateTimeField(null=True)  # None: as soon as possible

    total = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    live = models.PositiveIntegerField(default=0)
    doubtful = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0)
    busy = models.PositiveIntegerField(default=0)
    canceled = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    # Why nothing is sent now, for people; until ``hold_until``, or (None) until a person resumes.
    hold_reason = models.TextField(blank=True)
    hold_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)  # last time a counter moved

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("обзвон")
        verbose_name_plural = _("обзвоны")
        indexes = [models.Index(fields=["-created_at", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("calls:campaign", args=[self.pk])

    @property
    def done(self) -> int:
        """Calls that will not move again."""
        return self.total - self.waiting - self.live - self.doubtful

    @property
    def sent(self) -> int:
        """Calls that the service has."""
        return self.live + self.finished + self.busy + self.canceled

    @property
    def has_retryable(self) -> bool:
        """Whether some did not go out and may be ordered again by a person."""
        return self.calls.retryable().exists()

    @property
    def is_over(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_held(self) -> bool:
        return bool(self.hold_reason) and not self.is_over

    @property
    def minutes_left(self) -> int | None:
        """At the pace so far; None while there is none, or less than a minute is left."""
        begun = max(self.planned_at or self.created_at, self.created_at)
        passed = (self.changed_at - begun).total_seconds()
        if self.is_over or self.is_held or not self.done or passed <= 0:
            return None
        return round(passed / self.done * (self.total - self.done) / 60) or None

    @property
    def poll_seconds(self) -> int | None:
        """How often a page should ask again; None: never, everything is final."""
        return None if self.is_over else seconds_for_quiet(timezone.now() - self.changed_at)

    def recount(self) -> dict[str, int]:
        """The counters counted from the calls themselves, to compare with the kept ones."""
        from calls.models.call import Call  # noqa: PLC0415  # a call knows its campaign

        totals = dict.fromkeys(COUNTERS, 0)
        groups = self.calls.values("stage", "status").annotate(number=Count("pk"))
        for group in groups:
            totals[Call.counter_of(group["stage"], group["status"])] += group["number"]
        return totals

    def recount_cost(self) -> Decimal:
        """The sum of what its calls have cost, in roubles."""
        return self.calls.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)


def seconds_for_quiet(quiet: timedelta) -> int:
    """The longer nothing has changed, the rarer a page asks."""
    if quiet < timedelta(minutes=2):
        return 5
    return 10 if quiet < timedelta(minutes=10) else 30
