"""Phones that must not be called."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class BlockedPhone(models.Model):
    """A phone nobody may call, and why."""

    class Source(models.TextChoices):
        HAND = "hand", _("Добавлен вручную")
        KEY = "key", _("Абонент отказался в звонке")

    phone = models.CharField(_("номер"), max_length=11, unique=True)
    reason = models.CharField(_("причина"), max_length=200, blank=True)
    source = models.CharField(max_length=4, choices=Source, default=Source.HAND)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("номер в чёрном списке")
        verbose_name_plural = _("чёрный список")

    def __str__(self) -> str:
        return self.phone

    @property
    def explanation(self) -> str:
        """Why it may not be called, as a sentence."""
        since = date_format(timezone.localtime(self.created_at), "j E")
        reason = self.reason or self.get_source_display()
        return _now("Номер в чёрном списке с %(since)s: %(reason)s. Звонить нельзя.") % {
            "since": since,
            "reason": reason,
        }
