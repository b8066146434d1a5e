"""Who did what, for ever."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# What people read; a verb that is not here is shown as it is.
DEEDS = {
    "account.added": _("Добавил учётную запись API"),
    "account.changed": _("Изменил учётную запись API"),
    "account.moved": _("Сменил адрес API"),
    "account.key_replaced": _("Заменил ключ API"),
    "account.made_default": _("Сделал учётную запись API основной"),
    "account.activated": _("Включил учётную запись API"),
    "account.deactivated": _("Отключил учётную запись API"),
    "phone.added": _("Добавил исходящий номер"),
    "phone.relabelled": _("Переименовал исходящий номер"),
    "phone.removed": _("Убрал исходящий номер"),
    "phones.taken": _("Взял номера из сервиса"),
    "person.invited": _("Пригласил человека"),
    "person.role_changed": _("Сменил роль"),
    "person.activated": _("Открыл вход"),
    "person.deactivated": _("Закрыл вход"),
    "person.link_made": _("Выдал ссылку для пароля"),
    "person.password_changed": _("Сменил свой пароль"),
    "record.uploaded": _("Загрузил аудиоролик"),
    "record.spoken": _("Озвучил текст"),
    "record.renamed": _("Переименовал аудиоролик"),
    "record.retried": _("Отправил аудиоролик ещё раз"),
    "record.removed": _("Удалил аудиоролик"),
    "blacklist.added": _("Внёс в чёрный список"),
    "blacklist.removed": _("Убрал из чёрного списка"),
    "scenario.published": _("Опубликовал сценарий"),
    "scenario.archived": _("Убрал сценарий в архив"),
    "scenario.restored": _("Вернул сценарий из архива"),
    "scenario.deleted": _("Удалил сценарий"),
}


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def newest(self) -> Self:
        """The log as people read it."""
        return self.select_related("actor").order_by("-at", "-id")


class AuditEvent(models.Model):
    """One deed of a person (or of the system, without an actor). Never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    verb = models.CharField(max_length=40)  # «account.key_replaced»
    subject = models.CharField(max_length=120)  # what it was done to, in words
    details = models.JSONField(default=dict)  # before and after, without secrets

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("событие аудита")
        verbose_name_plural = _("журнал аудита")
        indexes = [models.Index(fields=["-at", "-id"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.subject}"

    @classmethod
    def note(cls, actor: Any, verb: str, subject: object, **details: Any) -> "AuditEvent":
        """Write one event. ``actor`` is a user or None for the system."""
        return cls.objects.create(
            actor=actor, verb=verb, subject=str(subject)[:120], details=details
        )

    @property
    def deed(self) -> str:
        """The verb in words."""
        return str(DEEDS.get(self.verb, self.verb))
