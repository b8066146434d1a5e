"""Phones that must not be called."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class BlockedPhoneQuerySet(models.QuerySet["BlockedPhone"]):
    def in_force(self, now: datetime) -> Self:
        """Without those whose time is over."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def for_campaign(self, campaign_id: int | None) -> Self:
        """What holds for a campaign: blocked for all, or for it alone."""
        return self.filter(Q(campaign=None) | Q(campaign=campaign_id))


class BlockedPhone(models.Model):
    """A phone that may not be called, and why: by any campaign, or (``campaign``) by one."""

    class Source(models.TextChoices):
        HAND = "hand", _("Добавлен вручную")
        KEY = "key", _("Абонент отказался в звонке")
        IMPORT = "import", _("Загружен списком")
        COMPLAINT = "complaint", _("Жалоба абонента")

    phone = models.CharField(_("номер"), max_length=11)
    campaign = models.ForeignKey(
        "calls.Campaign", null=True, on_delete=models.CASCADE, related_name="blocked_phones"
    )  # None: for all
    reason = models.CharField(_("причина"), max_length=200, blank=True)
    source = models.CharField(max_length=9, choices=Source, default=Source.HAND)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)  # None: for ever

    objects = BlockedPhoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("номер в чёрном списке")
        verbose_name_plural = _("чёрный список")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(campaign=None), name="blocked_once_for_all"
            ),
            models.UniqueConstraint(fields=["phone", "campaign"], name="blocked_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return self.phone

    @property
    def explanation(self) -> str:
        """Why it may not be called, as a sentence."""
        since = date_format(timezone.localtime(self.created_at), "j E")
        reason = self.reason or self.get_source_display()
        if self.last_day is None:
            words = gettext("Номер в чёрном списке с %(since)s: %(reason)s. Звонить нельзя.")
            return words % {"since": since, "reason": reason}
        until = date_format(self.last_day, "j E Y")
        words = gettext(
            "Номер в чёрном списке с %(since)s по %(until)s: %(reason)s. Звонить нельзя."
        )
        return words % {"since": since, "until": until, "reason": reason}

    @property
    def last_day(self) -> date | None:
        """The last day on which it may not be called; None: there is none."""
        if self.expires_at is None:
            return None
        return timezone.localtime(self.expires_at - timedelta(microseconds=1)).date()

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed: the phone may be called again."""
        return self.expires_at is not None and self.expires_at <= now
