"""Audio records: clips to play to subscribers."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount
from records.moderation import READY, REJECTED, UNKNOWN, WAITING, ask_again_after

CONTENT_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
}
STAGE_TONES = {
    "waiting": "info",
    "sending": "info",
    "sent": "info",
    "refused": "bad",
    "unknown": "warn",
    "removing": "info",
    "removed": "neutral",
}
MODERATION_TONES = {READY: "ok", REJECTED: "bad", WAITING: "warn", UNKNOWN: "neutral"}


def _has(text: str) -> Q:
    """In the name or the text, whatever the case: SQLite folds that of Latin letters only."""
    found = Q()
    for form in {text, text.lower(), text.upper(), text.capitalize()}:
        found |= Q(name__icontains=form) | Q(text__icontains=form)
    return found


def random_path(record: "Record", _name: str) -> str:
    """Where the file lies: nothing that a person typed gets into a path."""
    folder = timezone.now().strftime("records/%Y/%m")
    return f"{folder}/{uuid4().hex}.{record.kind or 'bin'}"


class RecordQuerySet(models.QuerySet["Record"]):
    def kept(self) -> Self:
        """Those that people have not removed."""
        return self.exclude(stage=Record.Stage.REMOVED)

    def alive(self) -> Self:
        """Those at the service or on their way there, not rejected."""
        lost = [Record.Stage.REFUSED, Record.Stage.REMOVING, Record.Stage.REMOVED]
        return self.exclude(stage__in=lost).exclude(moderation=Record.Moderation.REJECTED)

    def retriable(self) -> Self:
        """Those that a person may send again, see ``Record.can_retry``."""
        in_doubt = Q(stage=Record.Stage.UNKNOWN, due_at=None)
        return self.filter(in_doubt | Q(stage=Record.Stage.REFUSED))

    def newest(self) -> Self:
        """The library as people see it, with the number of campaigns that play each."""
        rows = self.kept().select_related("account")
        return rows.annotate(uses=models.Count("campaigns")).order_by("-created_at", "-id")

    def matching(self, *, text: str, state: str) -> Self:
        """Those with ``text`` in the name or the text, at the service in the ``state``."""
        rows = self
        if text:
            rows = rows.filter(_has(text))
        if state == "failed":
            return rows.filter(stage__in=[Record.Stage.REFUSED, Record.Stage.UNKNOWN])
        if state:
            rows = rows.filter(stage=Record.Stage.SENT, moderation=state)
        return rows

    def usable(self, account: ApiAccount | None) -> Self:
        """What may be chosen for a call from ``account``: at the service and not rejected.

        A record on moderation is among them: calls with it do not go out until it is approved.
        """
        sent = self.filter(account=account, stage=Record.Stage.SENT, service_id__isnull=False)
        return sent.exclude(moderation=Record.Moderation.REJECTED)

    def to_send(self, now: datetime) -> Self:
        """Waiting for the background worker, the longest waiting first."""
        due = Q(due_at=None) | Q(due_at__lte=now)
        waiting = self.filter(due, stage=Record.Stage.WAITING, account__is_active=True)
        return waiting.select_related("account").order_by("created_at", "id")

    def abandoned(self, now: datetime) -> Self:
        """Asked for by a worker that never wrote down the answer."""
        return self.filter(stage=Record.Stage.SENDING, lease_until__lt=now)

    def to_remove(self, now: datetime) -> Self:
        """To be removed at the service."""
        due = Q(due_at=None) | Q(due_at__lte=now)
        return self.filter(due, stage=Record.Stage.REMOVING).select_related("account")

    def watched(self) -> Self:
        """Those about which the service still has news: moderation, or an unknown outcome."""
        undecided = [Record.Moderation.WAITING, Record.Moderation.UNKNOWN]
        asked = Q(stage=Record.Stage.SENT, moderation__in=undecided)
        return self.filter(asked | Q(stage=Record.Stage.UNKNOWN), due_at__isnull=False)


class Record(models.Model):
    """A clip: a file or a text to synthesise, and what the service says of it.

    Ours: waiting → sending → sent, refused or unknown; sent → removing → removed.
    """

    class Source(models.TextChoices):
        FILE = "file", _("Файл")
        TEXT = "text", _("Текст")

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Готовим")
        SENDING = "sending", _("Отправляем")
        SENT = "sent", _("Передан")
        REFUSED = "refused", _("Не принят")
        UNKNOWN = "unknown", _("Проверяем")
        REMOVING = "removing", _("Удаляем")
        REMOVED = "removed", _("Удалён")

    class Moderation(models.TextChoices):
        UNKNOWN = UNKNOWN, _("Модерация неизвестна")
        WAITING = WAITING, _("На модерации")
        READY = READY, _("Готов")
        REJECTED = REJECTED, _("Отклонён")

    class Gender(models.IntegerChoices):
        FEMALE = 0, _("Женский")
        MALE = 1, _("Мужской")

    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="records")
    name = models.CharField(_("название"), max_length=120)
    source = models.CharField(max_length=4, choices=Source)
    text = models.TextField(_("текст"), max_length=1024, blank=True)
    gender = models.PositiveSmallIntegerField(_("голос"), choices=Gender, default=Gender.FEMALE)
    file = models.FileField(_("файл"), upload_to=random_path, blank=True)
    file_name = models.CharField(max_length=255, blank=True)  # as the person had it
    kind = models.CharField(max_length=4, blank=True)  # wav, mp3, ogg, m4a: by content
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)  # bytes
    seconds = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    stage = models.CharField(max_length=8, choices=Stage, default=Stage.WAITING)
    error = models.TextField(blank=True)  # for people: what happened and what to do
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when to send, or to ask about it next
    lease = models.CharField(max_length=32, blank=True)  # owner token while a worker holds it
    lease_until = models.DateTimeField(null=True)

    service_id = models.BigIntegerField(null=True)  # the service's record id
    sent_at = models.DateTimeField(null=True)  # the last time it was asked for
    moderation = models.CharField(
        max_length=8, choices=Moderation, default=Moderation.UNKNOWN
    )  # our reading of what the service says
    service_status = models.CharField(max_length=40, blank=True)  # an open word
    needs_moderation = models.BooleanField(null=True)
    moderator_comment = models.TextField(blank=True)
    service_path = models.TextField(blank=True)  # address of the sound at the service
    asked_at = models.DateTimeField(null=True)  # last time the service told its state

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("аудиоролик")
        verbose_name_plural = _("аудиоролики")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="record_newest"),
            models.Index(fields=["stage", "due_at"], name="record_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "service_id"], name="record_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("records:record", args=[self.pk])

    @property
    def is_decided(self) -> bool:
        """Whether moderation is over, as far as the service tells."""
        return self.moderation in {self.Moderation.READY, self.Moderation.REJECTED}

    @property
    def is_on_moderation(self) -> bool:
        return self.stage == self.Stage.SENT and self.moderation == self.Moderation.WAITING

    @property
    def is_untold(self) -> bool:
        """Whether the service does not tell what has become of the record at its moderators."""
        return self.stage == self.Stage.SENT and not self.is_decided and self.due_at is None

    @property
    def can_retry(self) -> bool:
        """Whether a person may send it again: it was refused, or nobody can tell."""
        return self.stage == self.Stage.REFUSED or self.is_in_doubt

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may be at the service already and nobody can find out."""
        return self.stage == self.Stage.UNKNOWN and self.due_at is None

    @property
    def can_remove(self) -> bool:
        return self.stage not in {self.Stage.SENDING, self.Stage.REMOVING, self.Stage.REMOVED}

    @property
    def poll_seconds(self) -> int | None:
        """How often a page asks about it; None when nothing will change by itself."""
        match self.stage:
            case self.Stage.WAITING | self.Stage.SENDING | self.Stage.REMOVING:
                return 3
            case self.Stage.UNKNOWN if not self.is_in_doubt:
                return 5
            case self.Stage.SENT if not self.is_decided and not self.is_untold:
                age = timezone.now() - (self.sent_at or self.created_at)
                return int(ask_again_after(age).total_seconds())
        return None

    def preview_url(self) -> str:
        """Where to hear it, through us; empty when there is nothing to play yet."""
        if not (self.file or self.service_path) or self.stage == self.Stage.REMOVED:
            return ""
        return reverse("records:sound", args=[self.pk])

    @property
    def content_type(self) -> str:
        """Of its file, for a browser."""
        return CONTENT_TYPES.get(self.kind, "application/octet-stream")

    @property
    def badge(self) -> tuple[str, str]:
        """Tone and word: our stage until it is at the service, the moderators' view after that."""
        if self.stage == self.Stage.SENT:
            return MODERATION_TONES[self.moderation], self.get_moderation_display()
        return STAGE_TONES[self.stage], self.get_stage_display()

    @property
    def said(self) -> str:
        """The service's own word when we do not understand it."""
        is_unclear = self.moderation == self.Moderation.UNKNOWN
        return self.service_status if self.stage == self.Stage.SENT and is_unclear else ""
