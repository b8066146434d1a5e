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
    "template.saved": _("Сохранил шаблон сценария"),
    "template.removed": _("Убрал шаблон сценария"),
    "webhook.tested": _("Проверил вебхук сценария"),
    "campaign.launched": _("Запустил обзвон"),
    "campaign.taken_back": _("Остановил обзвон"),
    "campaign.resumed": _("Продолжил обзвон"),
}
# The same for what is told beside it.
DETAILS = {
    "account": _("учётная запись"),
    "base_url": _("адрес"),
    "calls_per_minute": _("звонков в минуту"),
    "campaigns": _("обзвонов"),
    "count": _("номеров"),
    "default_phone": _("номер по умолчанию"),
    "key": _("ключ"),
    "low_balance": _("порог баланса, ₽"),
    "minute_price": _("цена минуты, ₽"),
    "name": _("название"),
    "phones": _("номера"),
    "phones_per_order": _("номеров в одном заказе"),
    "reason": _("почему"),
    "role": _("роль"),
    "sms_price": _("цена СМС, ₽"),
    "synthesis_price": _("цена синтеза, ₽"),
    "use_duty_phone": _("случайный дежурный номер"),
    "was": _("почему внесли"),
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

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The details in words: a name, and a value or what it was and became."""
        details = dict(self.details)
        told: list[tuple[str, str]] = []
        if "before" in details or "after" in details:
            told.append(("", _became(details.pop("before", ""), details.pop("after", ""))))
        changed = details.pop("changed", {})
        told += [(_word(name), _became(*pair)) for name, pair in changed.items()]
        return told + [(_word(name), _text(value)) for name, value in details.items()]


def _word(name: str) -> str:
    return str(DETAILS.get(name, name))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _became(before: Any, after: Any) -> str:
    return f"{_text(before) or '—'} → {_text(after) or '—'}"
