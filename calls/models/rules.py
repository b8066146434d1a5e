"""Calling rules of a purpose as an admin has changed them; the law's own are in ``calls.rules``."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PurposeRules(models.Model):
    """What an admin set instead of a purpose's built-in hours and limits, and confirmed."""

    purpose = models.CharField(max_length=12, unique=True)  # a key of calls.rules.purposes.PRESETS
    hours = models.JSONField()  # Hours.as_json()
    limits = models.JSONField()  # Limits.as_json()
    ground = models.TextField()  # why it is lawful, in the admin's own words
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("правила звонков")
        verbose_name_plural = _("правила звонков")

    def __str__(self) -> str:
        return self.purpose
