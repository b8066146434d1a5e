"""Campaigns that are being put together, and settings kept for the next one."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.campaign import Campaign


class CampaignDraftQuerySet(models.QuerySet["CampaignDraft"]):
    def open(self) -> Self:
        """Those that have not been launched, the last touched first."""
        return self.filter(campaign=None).order_by("-changed_at", "-pk")


class CampaignDraft(models.Model):
    """A campaign in the wizard. ``answers`` are its forms as they were filled, right or wrong.

    {"list": {field: [values]}, "message": {…}, "time": {…}, "check": {…}}
    """

    launch_token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("название"), max_length=120, blank=True)
    step = models.CharField(max_length=8, default="list")  # where the person was last
    answers = models.JSONField(default=dict)
    # The campaign made of it; a second launch finds it instead of calling again.
    campaign = models.OneToOneField(
        Campaign, null=True, on_delete=models.CASCADE, related_name="draft"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = CampaignDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("черновик обзвона")
        verbose_name_plural = _("черновики обзвонов")
        indexes = [models.Index(fields=["-changed_at", "-id"], name="campaign_draft_newest")]

    def __str__(self) -> str:
        return self.name or str(_("Обзвон без названия"))

    def get_absolute_url(self) -> str:
        return reverse("calls:campaign-draft", args=[self.pk, self.step])


class CampaignPreset(models.Model):
    """Settings of a campaign under a name, without the list: the start of the next draft."""

    name = models.CharField(_("название"), max_length=120, unique=True)
    answers = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("заготовка обзвона")
        verbose_name_plural = _("заготовки обзвонов")

    def __str__(self) -> str:
        return self.name
