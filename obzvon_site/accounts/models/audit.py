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
    "account.webhook_renewed": _("Обновил адрес вебхуков"),
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
    "recording.listened": _("Слушал запись разговора"),
    "recording.downloaded": _("Скачал запись разговора"),
    "recording.removed": _("Удалил запись разговора"),
    "recordings.removed": _("Удалены записи разговоров по сроку"),
    "recording.retention_changed": _("Изменил срок хранения записей"),
    "recording.shared": _("Сделал ссылку на запись разговора"),
    "recording.share_opened": _("Запись разговора открыта по ссылке"),
    "recording.share_listened": _("Запись разговора слушали по ссылке"),
    "recording.share_revoked": _("Отозвал ссылку на запись разговора"),
    "recordings.exported": _("Выгрузил записи разговоров"),
    "blacklist.added": _("Внёс в чёрный список"),
    "blacklist.removed": _("Убрал из чёрного списка"),
    "rules.changed": _("Изменил правила звонков"),
    "rules.reset": _("Вернул правила звонков по закону"),
    "scenario.published": _("Опубликовал сценарий"),
    "scenario.archived": _("Убрал сценарий в архив"),
    "scenario.restored": _("Вернул сценарий из архива"),
    "scenario.deleted": _("Удалил сценарий"),
    "template.saved": _("Сохранил шаблон сценария"),
    "template.removed": _("Убрал шаблон сценария"),
    "doubt.never_made": _("Решил, что звонков не было"),
    "doubt.was_made": _("Нашёл звонок у сервиса"),
    "day_report.asked": _("Попросил сверить день"),
    "webhook.replayed": _("Разобрал вебхуки ещё раз"),
    "webhook.tested": _("Проверил вебхук сценария"),
    "draft.removed": _("Удалил черновик обзвона"),
    "preset.saved": _("Сохранил заготовку обзвона"),
    "preset.removed": _("Удалил заготовку обзвона"),
    "campaign.launched": _("Запустил обзвон"),
    "campaign.taken_back": _("Остановил обзвон"),  # as it was called in older days
    "campaign.stopped": _("Остановил обзвон"),
    "campaign.paused": _("Поставил обзвон на паузу"),
    "campaign.resumed": _("Продолжил обзвон"),
    "campaign.approved": _("Одобрил пробную часть обзвона"),
    "campaign.held": _("Остановил отправку обзвона"),
    "campaign.budget_changed": _("Изменил бюджет обзвона"),
    "campaign.pace_changed": _("Изменил темп обзвона"),
    "campaign.repeated": _("Повторил неотправленные звонки"),
    "list.created": _("Создал список контактов"),
    "list.changed": _("Изменил список контактов"),
    "list.removed": _("Удалил список контактов"),
    "list.uploaded": _("Загрузил файл в список контактов"),
    "list.import_started": _("Начал загрузку контактов"),
    "list.import_resumed": _("Продолжил загрузку контактов"),
    "list.import_canceled": _("Отменил загрузку контактов"),
    "list.numbers_added": _("Добавил номера в список контактов"),
    "contact.added": _("Добавил контакт"),
    "contact.changed": _("Изменил контакт"),
    "contact.mended": _("Исправил строку и добавил контакт"),
    "contact.taken_out": _("Убрал контакт из списка"),
    "contact.forgotten": _("Удалил данные человека"),
}
# The same for what is told beside it.
DETAILS = {
    "account": _("учётная запись"),
    "answers_for": _("ответственность взял"),
    "base_url": _("адрес"),
    "budget": _("бюджет, ₽"),
    "calls_per_minute": _("звонков в минуту"),
    "campaign": _("обзвон"),
    "campaigns": _("обзвонов"),
    "concurrent": _("одновременно"),
    "connections": _("запросов одновременно"),
    "consent_waiver": _("почему без согласия"),
    "count": _("номеров"),
    "day_budget": _("бюджет на день, ₽"),
    "days": _("дней"),
    "default_phone": _("номер по умолчанию"),
    "ground": _("основание"),
    "hours": _("часы"),
    "key": _("ключ"),
    "limits": _("пределы"),
    "low_balance": _("порог баланса, ₽"),
    "minute_price": _("цена минуты, ₽"),
    "fields": _("поля"),
    "file": _("файл"),
    "line": _("строка"),
    "link": _("ссылка №"),
    "list": _("список"),
    "lists": _("списков"),
    "tags": _("метки"),
    "name": _("название"),
    "phones": _("номера"),
    "phones_per_order": _("номеров в одном заказе"),
    "purpose": _("цель"),
    "reason": _("почему"),
    "role": _("роль"),
    "sms_price": _("цена СМС, ₽"),
    "synthesis_price": _("цена синтеза, ₽"),
    "use_duty_phone": _("случайный дежурный номер"),
    "was": _("почему внесли"),
    "webhook_networks": _("откуда принимать вебхуки"),
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
