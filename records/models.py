"""Audio records: clips to play to subscribers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount


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

    class Gender(models.IntegerChoices):
        FEMALE = 0, _("Женский")
        MALE = 1, _("Мужской")

    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="records")
    name = models.CharField(_("название"), max_length=120)
    source = models.CharField(max_length=4, choices=Source)
    text = models.TextField(_("текст"), max_length=1024, blank=True)
    gender = models.PositiveSmallIntegerField(_("голос"), choices=Gender, default=Gender.FEMALE)
    file = models.FileField(_("файл"), upload_to="records/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=255, blank=True)  # as the person had it
    kind = models.CharField(max_length=4, blank=True)  # wav, mp3, ogg, m4a: by content
    size = models.PositiveIntegerField(null=True)  # bytes
    seconds = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    stage = models.CharField(max_length=8, choices=Stage, default=Stage.WAITING)
    error = models.TextField(blank=True)  # for people: what happened and what to do
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when to send, or to ask about it next
    lease = models.CharField(max_length=32, blank=True)  # owner token while a worker holds it
    lease_until = models.DateTimeField(null=True)

    service_id = models.BigIntegerField(null=True)  # the service's record id
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
