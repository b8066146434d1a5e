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
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from calls.models.contact import ContactList
from calls.models.scenario import ScenarioVersion
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from obzvon_site.common.money import summed
from records.models import Record

COUNTERS = ("waiting", "live", "doubtful", "finished", "busy", "canceled", "failed")
# How deep accepted calls went: somebody took it, heard the message out, answered, got a manager.
DEPTHS = ("answered", "listened", "keyed", "connected")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> Self:
        return self.filter(state=Campaign.State.RUNNING)

    def sendable(self, now: datetime) -> Self:
        """Running, and not held back for a reason that still holds."""
        return self.running().filter(Q(hold_reason="") | Q(hold_until__lte=now))

    def to_prepare(self) -> Self:
        """Launched, and their calls not all written yet."""
        return self.filter(state=Campaign.State.PREPARING).order_by("pk")

    def needing_eyes(self) -> Self:
        """Held until a person decides: budget, balance, a guard, a pilot that waits."""
        return self.running().exclude(hold_reason="").filter(hold_until=None)


class Campaign(models.Model):
    """What is said, from which number, and how far it has come.

    Counters are kept by increments in the transaction that moves a call, and add up to
    ``total``: waiting (ours, not sent), live (at the service, not final), doubtful, finished,
    busy, canceled, failed (refused, blocked, not confirmed, taken back, too late). A person who is
    called again has several calls: ``total`` is ``people`` and the ``retried`` calls together.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("Готовится")
        RUNNING = "running", _("Идёт")
        PAUSED = "paused", _("Пауза")
        STOPPED = "stopped", _("Остановлен")
        DONE = "done", _("Завершён")

    class Message(models.TextChoices):
        RECORD = "record", _("Аудиоролик")
        TEXT = "text", _("Текст")
        SCENARIO = "scenario", _("Сценарий")

    class Hold(models.TextChoices):
        """Who holds it back: each is lifted in its own way."""

        SERVICE = "service", _("Сервис звонков")
        BALANCE = "balance", _("Баланс")
        BUDGET = "budget", _("Бюджет")
        GUARD = "guard", _("Предохранитель")
        PILOT = "pilot", _("Пробная часть")

    # Made with the empty form: a second submit of the same form finds the first one's campaign.
    launch_token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(_("название"), max_length=120)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)

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
    ends_at = models.DateTimeField(null=True)  # nothing is sent from then on

    # Whom: kept by name too, since a list may be removed while its campaign goes on.
    contact_list = models.ForeignKey(
        ContactList, null=True, on_delete=models.SET_NULL, related_name="campaigns"
    )
    list_name = models.CharField(max_length=120, blank=True)
    answers = models.JSONField(default=dict)  # the wizard's forms, to copy it from
    prepare_cursor = models.BigIntegerField(default=0)  # the last contact looked at
    # The last one there was at the launch: who came into the list later was not agreed to.
    prepare_until = models.BigIntegerField(default=0)
    # Whoever was called in so many days is left out; None: nobody is.
    skip_called_days = models.PositiveSmallIntegerField(null=True)
    set_aside = models.JSONField(default=dict)  # reason → contacts that are not called
    # Paused while its calls were being prepared: it waits for a person when they are.
    starts_paused = models.BooleanField(default=False)

    # The rules it keeps, see calls.rules. Without hours it may call at any: the emulator's, or
    # one's own number.
    purpose = models.CharField(max_length=12, default="service")
    hours = models.JSONField(null=True)
    limits = models.JSONField(default=dict)
    retries = models.JSONField(default=dict)
    consent_waiver = models.TextField(blank=True)  # the ground for calling without a consent

    calls_per_minute = models.PositiveIntegerField(null=True)
    concurrent = models.PositiveIntegerField(null=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    day_budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    call_price = models.DecimalField(max_digits=10, decimal_places=2, null=True)  # at most, ≈
    forecast = models.JSONField(default=dict)  # {"low": "…", "high": "…", "answered": 0.6}
    listen_seconds = models.PositiveIntegerField(default=0)  # of the opening; 0: nobody knows
    pilot_size = models.PositiveIntegerField(null=True)  # calls before a person has to approve
    is_pilot_approved = models.BooleanField(default=False)
    guards = models.JSONField(default=dict)  # {"answered": 20, "errors": 30, "of": 50}

    people = models.PositiveIntegerField(default=0)
    retried = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    listened = models.PositiveIntegerField(default=0)
    keyed = models.PositiveIntegerField(default=0)
    connected = models.PositiveIntegerField(default=0)
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
    hold_kind = models.CharField(max_length=7, choices=Hold, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)  # last time a counter moved
    ordered_at = models.DateTimeField(null=True)  # last order: who has waited longest goes first

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("обзвон")
        verbose_name_plural = _("обзвоны")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="campaign_newest"),
            # A few of many: whose turn it is to send is asked all the time.
            models.Index(
                fields=["account"], condition=models.Q(state="running"), name="campaign_running"
            ),
        ]

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
    def people_total(self) -> int:
        """Whom it calls; also of campaigns older than ``people``."""
        return self.total - self.retried

    @property
    def people_done(self) -> int:
        """People whose last call will not move again."""
        return self.done - self.retried

    @property
    def ended(self) -> int:
        """Calls that the service has finished with."""
        return self.finished + self.busy + self.canceled

    @property
    def answered_percent(self) -> int | None:
        """Of the ended calls; None while there are none."""
        return round(100 * self.answered / self.ended) if self.ended else None

    @cached_property
    def letters(self) -> "dict[str, Variant]":
        """Its messages by their letters when it compares two; else none. They never change."""
        return {variant.letter: variant for variant in self.variants.all()}

    @property
    def is_over(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_held(self) -> bool:
        return bool(self.hold_reason) and not self.is_over

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
        return summed(self.calls.aggregate(sum=Sum("cost"))["sum"])


class Variant(models.Model):
    """One of the messages of a campaign that compares two. Its depths are counted like the
    campaign's own; what is heard stands in the same fields."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="variants")
    letter = models.CharField(max_length=1)  # «a» or «b»
    message = models.CharField(max_length=8, choices=Campaign.Message)
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=1024, blank=True)
    gender = models.PositiveSmallIntegerField(choices=Record.Gender, default=Record.Gender.FEMALE)
    scenario_version = models.ForeignKey(
        ScenarioVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    payload = models.JSONField()
    listen_seconds = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)  # calls the service has finished with
    answered = models.PositiveIntegerField(default=0)
    listened = models.PositiveIntegerField(default=0)
    keyed = models.PositiveIntegerField(default=0)
    connected = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("вариант сообщения")
        verbose_name_plural = _("варианты сообщений")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "letter"], name="variant_letter_once"),
        ]

    def __str__(self) -> str:
        return self.letter.upper()


def seconds_for_quiet(quiet: timedelta) -> int:
    """The longer nothing has changed, the rarer a page asks."""
    if quiet < timedelta(minutes=2):
        return 5
    return 10 if quiet < timedelta(minutes=10) else 30
