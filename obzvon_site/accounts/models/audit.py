"""Who did what, for ever."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
