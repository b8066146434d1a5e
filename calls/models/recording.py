"""Recordings: what was said in a call, kept with us; who may be working on one is written on it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call
from calls.models.campaign import Campaign
from obzvon_site.accounts.models import ApiAccount


def recordings_storage() -> Storage:
    """Where the files are: a folder of ours or an S3 bucket, as the settings say."""
    return storages["recordings"]


class RecordingQuerySet(models.QuerySet["Recording"]):
    def kept(self) -> Self:
        """Those that can be listened to."""
        return self.filter(state=Recording.State.KEPT)

    def free_for(self, person: object, now: datetime) -> Self:
        """Those nobody else is reviewing now."""
        is_free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=now)
        return self.filter(is_free | models.Q(leased_by=person))


class Recording(models.Model):
    """The recording of one call.

    A row is made when the file has been fetched, or when there is no hope for it any more; until
    then the call itself says when to fetch it next (``Call.recording_at``).
    """

    class State(models.TextChoices):
        KEPT = "kept", _("Есть")
        MISSING = "missing", _("Не получена")
        REMOVED = "removed", _("Удалена")

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="recording")
    # The call's campaign and its account again, for lists and sums over a million rows.
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="recordings")
    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="recordings")
    at = models.DateTimeField()  # when the conversation ended: the order of the archive
    state = models.CharField(max_length=8, choices=State, default=State.KEPT)
    problem = models.TextField(blank=True)  # for people: why it is missing
    file = models.FileField(upload_to="recordings/%Y/%m/", storage=recordings_storage, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes; 0 when nothing is kept
    sha256 = models.CharField(max_length=64, blank=True)
    seconds = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    peaks = models.BinaryField(null=True)  # loudness 0..255 over equal parts; None: not known
    manager_phone = models.CharField(max_length=11, blank=True)  # whom the scenario connects
    words = models.TextField(blank=True)  # what search looks through, in small letters
    removed_at = models.DateTimeField(null=True)

    # Whoever reviews it holds it for a while, so that two managers never hear the same call.
    leased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    leased_until = models.DateTimeField(null=True)

    tags: "models.ManyToManyField[Tag, models.Model]" = models.ManyToManyField(
        "Tag", related_name="recordings", blank=True
    )

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("запись разговора")
        verbose_name_plural = _("записи разговоров")
        default_permissions = ("delete",)
        permissions = [
            ("review_recording", "Can review recordings"),
            ("download_recording", "Can download recordings"),
            ("share_recording", "Can share recordings"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="recording_newest"),
            models.Index(fields=["campaign", "-at", "-id"], name="recording_campaign"),
            models.Index(fields=["account", "state", "at"], name="recording_account"),
            # Removed, and the file still to be deleted: none, as a rule.
            models.Index(
                fields=["id"],
                condition=models.Q(state="removed") & ~models.Q(file=""),
                name="recording_leftover",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id}"

    def get_absolute_url(self) -> str:
        return reverse("calls:call", args=[self.call_id])


class Listening(models.Model):
    """That a person listened to a recording in an hour: the audit log is told once."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    hour = models.DateTimeField(db_index=True)  # its beginning

    class Meta:
        verbose_name = _("прослушивание")
        verbose_name_plural = _("прослушивания")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "recording", "hour"], name="listening_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.person_id}"


class Tag(models.Model):
    """A word that people put on recordings."""

    name = models.CharField(max_length=40, unique=True)  # in small letters

    class Meta:
        verbose_name = _("метка")
        verbose_name_plural = _("метки")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Transcript(models.Model):
    """What was said, as text, heard by a program on this machine."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Ждёт очереди")
        DONE = "done", _("Готова")
        FAILED = "failed", _("Не получилась")

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="transcript")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    # [{"start": seconds, "end": seconds, "text": …}]
    parts = models.JSONField(default=list)

    class Meta:
        verbose_name = _("расшифровка")
        verbose_name_plural = _("расшифровки")
        indexes = [models.Index(fields=["state", "asked_at"], name="transcript_turn")]

    def __str__(self) -> str:
        return f"{self.recording_id}"


class RecordingShare(models.Model):
    """A link to one recording for somebody without an account, until it ends or is revoked."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)  # the link itself is kept nowhere
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)  # last
    heard_at = models.DateTimeField(null=True)  # when listening was last told to the audit log

    class Meta:
        verbose_name = _("ссылка на запись")
        verbose_name_plural = _("ссылки на записи")

    def __str__(self) -> str:
        return f"{self.recording_id}"

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
